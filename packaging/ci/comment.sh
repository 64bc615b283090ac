#!/bin/sh
# Shows the plan of a tree, and what differs from the base, where a change is reviewed.
#
# It writes Markdown to the summary of the job, and keeps one comment up to date with it: on a pull
# request of GitHub by `gh`, on a merge request of GitLab by `curl` and `jq`. It asks of the tree no
# more than `rollstep plan` and `rollstep diff` do, and installs nothing.
#
#   ROLLSTEP_PATH     file or directory with the manifests
#   ROLLSTEP_BASE     the same of the base, such as a checkout of the main branch
#   ROLLSTEP_STABLE   the old version of the workloads, as `--stable`; may be empty
#   ROLLSTEP_COMMENT  `true` to comment
#   ROLLSTEP_SUMMARY  file that the Markdown is appended to; else GITHUB_STEP_SUMMARY
#
# To comment, GitHub needs GH_TOKEN, GITHUB_REPOSITORY and ROLLSTEP_PULL_REQUEST (the number); GitLab
# needs ROLLSTEP_GITLAB_TOKEN, CI_API_V4_URL, CI_MERGE_REQUEST_PROJECT_ID and CI_MERGE_REQUEST_IID.
#
# Anyone may write a comment that begins as ours does, and could change what we write to it later. So
# only what a bot wrote is taken for ours on GitHub, where jobs comment as one, and on GitLab what the
# owner of the token wrote.
set -eu

# What a comment may hold, in bytes: 65,536 characters on GitHub, less some for our own words.
room=65000
# Each comment as its number and its first line, by which ours is found again.
# The word is a program of jq, which has no variables of this shell.
# shellcheck disable=SC2016
first_lines='[.id, ((.body // "") | split("\n")[0] // "" | rtrimstr("\r"))] | @tsv'

path=${ROLLSTEP_PATH:?says where the manifests are}
base=${ROLLSTEP_BASE:?says where the manifests of the base are}
summary=${ROLLSTEP_SUMMARY:-${GITHUB_STEP_SUMMARY:?is the file for the summary}}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

# `show COMMAND ARGUMENT...` runs a command of rollstep on the tree.
show() {
  command=$1
  shift
  if [ -n "${ROLLSTEP_STABLE:-}" ]; then
    set -- --stable="$ROLLSTEP_STABLE" "$@"
  fi
  code=0
  rollstep "$command" --recursive --filename="$path" --output markdown "$@" 2> "$work/said" || code=$?
  say "$work/said"
  return "$code"
}

# Shows a file in the log. GitHub takes lines of a log for commands; between these two it does not, and
# the word that ends them cannot be known to who wrote the manifests.
say() {
  if [ "${GITHUB_ACTIONS:-}" = true ] && [ -s "$1" ]; then
    word=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
    printf '::stop-commands::%s\n' "$word" >&2
    cat "$1" >&2
    printf '\n::%s::\n' "$word" >&2
  else
    cat "$1" >&2
  fi
}

compare() {
  if [ -e "$base" ]; then
    # Exit code 1 says that something differs, which is what a pull request is for.
    show diff --base="$base" --max-length="$1" > "$work/diff.md" || [ $? -eq 1 ]
    return
  fi
  # Compared with itself a tree has nothing to show but the first line, which marks the comment.
  show diff --base="$path" > "$work/same.md"
  head -n 1 "$work/same.md" > "$work/diff.md"
  echo 'The base does not have these manifests yet.' >> "$work/diff.md"
}

# The first line of the diff marks the comment, and stays the first.
compose() {
  head -n 1 "$work/diff.md"
  printf '\n'
  cat "$1"
  printf '\n### Against the base\n\n'
  tail -n +2 "$work/diff.md"
}

# Reads numbers and first lines, and says the number of the first comment that is ours.
ours() {
  mark=$(head -n 1 "$work/comment.md")
  tab=$(printf '\t')
  while IFS="$tab" read -r id line; do
    if [ "$line" = "$mark" ]; then
      echo "$id"
      return
    fi
  done < "$work/comments"
}

on_github() {
  comments=repos/${GITHUB_REPOSITORY:?}/issues
  gh api --paginate "$comments/$ROLLSTEP_PULL_REQUEST/comments?per_page=100" \
    --jq ".[] | select(.user.type == \"Bot\") | $first_lines" > "$work/comments"
  id=$(ours)
  if [ -n "$id" ]; then
    gh api --method PATCH "$comments/comments/$id" --field body=@"$work/comment.md" --silent
  else
    gh api --method POST "$comments/$ROLLSTEP_PULL_REQUEST/comments" \
      --field body=@"$work/comment.md" --silent
  fi
}

# The token goes by standard input, since arguments are seen by every process of the machine.
gitlab() {
  printf 'header = "PRIVATE-TOKEN: %s"\n' "$ROLLSTEP_GITLAB_TOKEN" \
    | curl --config - --silent --show-error --fail "$@"
}

on_gitlab() {
  # A merge request of a fork is that of the project it goes to, whoever runs the job.
  project=${CI_API_V4_URL:?}/projects/${CI_MERGE_REQUEST_PROJECT_ID:?}
  notes=$project/merge_requests/$CI_MERGE_REQUEST_IID/notes
  gitlab "$CI_API_V4_URL/user" > "$work/user"
  me=$(jq .id "$work/user")
  page=1
  : > "$work/comments"
  while :; do
    gitlab "$notes?per_page=100&page=$page" > "$work/page"
    if [ "$(jq length "$work/page")" -eq 0 ]; then
      break
    fi
    jq -r --argjson me "$me" ".[] | select(.author.id == \$me) | $first_lines" "$work/page" \
      >> "$work/comments"
    page=$((page + 1))
  done
  id=$(ours)
  if [ -n "$id" ]; then
    gitlab --request PUT "$notes/$id" --data-urlencode body@"$work/comment.md" > "$work/answer"
  else
    gitlab --request POST "$notes" --data-urlencode body@"$work/comment.md" > "$work/answer"
  fi
}

show plan > "$work/plan.md"
compare "$room"
compose "$work/plan.md" >> "$summary"
if [ "${ROLLSTEP_COMMENT:-}" != true ]; then
  exit 0
fi

# Half of the room is the diff's whatever happens; a plan longer than the other half is left out.
length=$(wc -c < "$work/plan.md")
if [ "$length" -gt $((room / 2)) ]; then
  echo 'The plan is too long for a comment; the summary of the job has it.' > "$work/plan.md"
  length=$(wc -c < "$work/plan.md")
fi
compare $((room - length - 100))
compose "$work/plan.md" > "$work/comment.md"

if [ -n "${ROLLSTEP_PULL_REQUEST:-}" ]; then
  on_github
elif [ -n "${CI_MERGE_REQUEST_IID:-}" ]; then
  on_gitlab
else
  echo 'rollstep: not a pull request, so there is nothing to comment on' >&2
fi
