#!/usr/bin/env bash
# Measures the whole command beside kubectl, on the same files: time, memory, instructions. Then measures
# it on many rollouts and on 20 MB, beside another binary where BEFORE names one.
#
#   [BEFORE=PATH] benches/compare.sh [RUNS]
#
# Needs kubectl, GNU time, and the static C library for the binary of a release. Uses hyperfine and
# valgrind where they are installed. Only ratios of one run mean anything: they are what README quotes.
set -eu

runs=${1:-10}
root=$(cd "$(dirname "$0")/.." && pwd)
target=${CARGO_TARGET_DIR:-$root/target}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cargo build --quiet --release --manifest-path "$root/Cargo.toml" --bin rollstep --example generate
generate=$target/release/examples/generate
# The binary of a release, and the one that `cargo install` makes. Copies, as what is installed is one: of
# what a linker has written the pages lie apart in memory, and each start takes a tenth longer.
released=$work/released
rollstep=$work/installed
cp "$("$root/packaging/build")" "$released"
cp "$target/release/rollstep" "$rollstep"

# A program that does nothing, linked as each of the two is: by `packaging/build` and by `build.rs`.
bare() {
  printf 'fn main() {}\n' | rustc --crate-name bare --edition 2024 -C opt-level=3 -C panic=abort \
    -C strip=symbols -o "$work/$1" "${@:2}" -
}
bare bare-static -C target-feature=+crt-static
bare bare-dynamic -C link-arg=-no-pie -l static:-bundle=gcc_eh

mkdir "$work/guide"
for name in deployment rollout service virtualservice; do
  cp "$root/fixtures/istio-guide/$name.yaml" "$work/guide/"
done
mkdir "$work/kustomize"
cp "$work/guide/"*.yaml "$work/kustomize/"
printf 'resources: [deployment.yaml, rollout.yaml, service.yaml, virtualservice.yaml]\n' \
  > "$work/kustomize/kustomization.yaml"
"$generate" 685 > "$work/1mb.yaml"
"$generate" 13500 > "$work/20mb.yaml"

# Prints the median seconds of $1 runs of each of the two commands $2 and $3.
if command -v hyperfine > /dev/null; then
  medians() {
    hyperfine --shell=none --warmup 2 --runs "$1" --export-csv "$work/times.csv" "$2" "$3" \
      > /dev/null 2>&1
    awk -F, 'NR > 1 { printf "%s ", $4 }' "$work/times.csv"
  }
else
  # The two by turns, so that what else the machine does meets both.
  medians() {
    : > "$work/one"
    : > "$work/two"
    for _ in $(seq "$1"); do
      seconds "$2" >> "$work/one"
      seconds "$3" >> "$work/two"
    done
    for file in one two; do
      sort -n "$work/$file" | awk '{ t[NR] = $1 } END { printf "%s ", t[int((NR + 1) / 2)] }'
    done
  }
  seconds() {
    local TIMEFORMAT=%R
    # The commands are words without blanks of their own.
    # shellcheck disable=SC2086
    { time $1 > /dev/null 2>&1; } 2>&1
  }
fi

# Prints how $1 compares: `rollstep` as in $3, `kubectl` as in $4, by $2 runs.
compare() {
  local ours theirs
  read -r ours theirs <<< "$(medians "$2" "$3" "$4")"
  awk -v name="$1" -v ours="$ours" -v theirs="$theirs" 'BEGIN {
    if (ours <= 0) ours = 0.0005
    printf "%-42s %9.4f s  %9.4f s  %7.1f times\n", name, theirs, ours, theirs / ours
  }'
}

# Prints how many times as long as the process $3 rollstep takes, which runs as in $2; $1 is the name.
beside_bare() {
  local ours theirs
  read -r ours theirs <<< "$(medians "$((runs * 50))" "$2" "$3")"
  awk -v name="$1" -v ours="$ours" -v theirs="$theirs" 'BEGIN {
    if (theirs <= 0) theirs = 0.0005
    printf "%-42s %9.4f s  %9.4f s  %7.2f times as long\n", name, theirs, ours, ours / theirs
  }'
}

# Prints the peak memory of rollstep on the file $1, which it has reached once it begins to write.
peak_kilobytes() {
  mkfifo "$work/pipe"
  "$rollstep" render -f "$1" --step 2 > "$work/pipe" 2> /dev/null &
  {
    head -c 1 > /dev/null
    awk '/^VmHWM/ { print $2 }' "/proc/$!/status"
    cat > /dev/null
  } < "$work/pipe"
  rm "$work/pipe"
}

instructions() {
  valgrind --tool=callgrind --callgrind-out-file=/dev/null "$@" 2>&1 > /dev/null \
    | awk '/Collected/ { printf "%.1f million", $4 / 1e6 }'
}

printf '%-42s %11s  %11s\n' '' kubectl rollstep
# A short process needs many runs.
compare 'guide, beside kubectl kustomize' "$((runs * 10))" \
  "$released render -f $work/guide --step 2" "kubectl kustomize $work/kustomize"
compare 'the same, by the binary of cargo install' "$((runs * 10))" \
  "$rollstep render -f $work/guide --step 2" "kubectl kustomize $work/kustomize"
beside_bare 'guide, static, beside a bare process' \
  "$released render -f $work/guide --step 2" "$work/bare-static"
beside_bare 'the same, by the binary of cargo install' \
  "$rollstep render -f $work/guide --step 2" "$work/bare-dynamic"
for size in 1mb 20mb; do
  # The large one takes kubectl ten seconds a run.
  [ "$size" = 1mb ] || runs=3
  compare "$size, beside kubectl label --local" "$runs" \
    "$rollstep render -f $work/$size.yaml --step 2" \
    "kubectl label --local -f $work/$size.yaml -o yaml x=y"
done

if [ -r "/proc/$$/status" ]; then
  size=$(($(wc -c < "$work/20mb.yaml") / 1024))
  awk -v peak="$(peak_kilobytes "$work/20mb.yaml")" -v size="$size" 'BEGIN {
    printf "peak memory on 20mb: %.1f MiB, %.2f times the input\n", peak / 1024, peak / size
  }'
fi
if command -v valgrind > /dev/null; then
  printf 'instructions: guide %s, 1mb %s\n' \
    "$(instructions "$rollstep" render -f "$work/guide" --step 2)" \
    "$(instructions "$rollstep" render -f "$work/1mb.yaml" --step 2)"
fi

# What follows takes seconds a run.
few=3

# Prints the median seconds and the most kilobytes of memory of the command behind $1, which it reads.
measure() {
  local input=$1 folder
  shift
  : > "$work/measured"
  for _ in $(seq "$few"); do
    # A folder of its own each time: ext4 is slow to give away what was removed a moment ago.
    folder=$(mktemp -u -p "$work")
    # `check` and `diff` end with 1 where they find anything; time says so on a line of its own.
    env time --quiet -f '%e %M' -a -o "$work/measured" "${@//OUT/$folder}" \
      < "$input" > /dev/null 2>&1 || true
  done
  sort -n "$work/measured" | awk '{ t[NR] = $1; if ($2 > peak) peak = $2 } END {
    print (t[int((NR + 1) / 2)] > 0 ? t[int((NR + 1) / 2)] : 0.005), peak
  }'
}

# Prints a row: the name $1, and what the command takes behind $2, which it reads; beside BEFORE.
row() {
  local name=$1 input=$2 size ours peak theirs=0 their_peak=0
  shift 2
  size=$(wc -c < "$input")
  read -r ours peak <<< "$(measure "$input" "$rollstep" "$@")"
  if [ -n "${BEFORE:-}" ]; then
    read -r theirs their_peak <<< "$(measure "$input" "$BEFORE" "$@")"
  fi
  awk -v name="$name" -v size="$size" -v ours="$ours" -v peak="$peak" -v theirs="$theirs" \
    -v their_peak="$their_peak" 'BEGIN {
    printf "%-42s %9.2f s  %5.1f times the input", name, ours, peak * 1024 / size
    if (theirs > 0) {
      printf "  before: %9.2f s  %5.1f times the input  %7.1f times as long", \
        theirs, their_peak * 1024 / size, theirs / ours
    }
    printf "\n"
  }'
}

"$generate" rollouts 1000 > "$work/1k.yaml"
"$generate" rollouts 10000 > "$work/10k.yaml"
"$generate" rollouts 1000 1000 > "$work/1k-together.yaml"
printf '\n%-42s %11s  %s\n' '' time 'peak memory'
# Alone: of many rollouts an earlier binary may take many minutes.
for input in 1k 1k-together; do
  BEFORE='' row "$input rollouts: render" "$work/$input.yaml" render -f - --step 1
  BEFORE='' row "$input rollouts: check" "$work/$input.yaml" check -f -
  BEFORE='' row "$input rollouts: plan" "$work/$input.yaml" plan -f -
done
BEFORE='' row '10k rollouts: render' "$work/10k.yaml" render -f - --step 1

read -r render plan <<< "$(medians "$((runs * 10))" \
  "$rollstep render -R -f $root/examples/shop/manifests --stable $root/examples/shop/stable" \
  "$rollstep plan -R -f $root/examples/shop/manifests --stable $root/examples/shop/stable")"
awk -v render="$render" -v plan="$plan" \
  'BEGIN { printf "examples/shop: plan takes %.2f times as long as render\n", plan / render }'

# Both less the start of the process, for each document.
read -r start _ <<< "$(medians "$((runs * 50))" "$rollstep --version" "$rollstep --version")"
read -r small large <<< "$(medians "$few" "$rollstep render -f $work/1k.yaml --step 1" \
  "$rollstep render -f $work/10k.yaml --step 1")"
documents() { grep -c '^kind:' "$1"; }
awk -v start="$start" -v small="$small" -v large="$large" -v few="$(documents "$work/1k.yaml")" \
  -v many="$(documents "$work/10k.yaml")" 'BEGIN {
  printf "10k rollouts beside 1k, for each document: %.2f times as long\n", \
    (large - start) / many / ((small - start) / few)
}'

# The items of a ResourceList, and the step of its rollout.
{
  printf 'apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nfunctionConfig:\n'
  printf '  {apiVersion: v1, kind: ConfigMap, metadata: {name: step}, data: {step: "2"}}\nitems:\n'
  awk '/^---$/ { getline; first = 1 } NR == 1 { first = 1 }
    { if (first && !/^#/) { printf "- "; first = 0 } else printf "  "; print }' "$work/20mb.yaml"
} > "$work/20mb-list.yaml"
row '20mb: check' "$work/20mb.yaml" check -f -
row '20mb: diff' "$work/20mb.yaml" diff -f - --to 2
row '20mb: render --output-dir' "$work/20mb.yaml" render -f - --step 2 --output-dir OUT
row '20mb: krm' "$work/20mb-list.yaml" krm
