#!/bin/sh
# Sees that `rollstep` is on PATH: the one that is there, or one built by `cargo install`.
#
#   ROLLSTEP_VERSION  version that it must be; empty takes what is there
#   ROLLSTEP_SOURCE   checkout of rollstep to build where no version is asked for
#
# What runs is not decided by the checkout that is reviewed: cargo and rustup look for `rust-toolchain.toml`
# and `.cargo/config.toml` in the current folder and above it, so they run in an empty one elsewhere, with
# the toolchain of the machine.
#
# Where GITHUB_PATH names a file, the later steps of the job find what was built by it.
set -eu

version=${ROLLSTEP_VERSION:-}
if command -v rollstep > /dev/null; then
  found=$(rollstep --version)
  if [ -z "$version" ] || [ "$found" = "rollstep $version" ]; then
    echo "rollstep: $found is there"
    exit 0
  fi
fi
source=${ROLLSTEP_SOURCE:-}
if [ -z "$version" ]; then
  : "${source:?ROLLSTEP_SOURCE is a checkout of rollstep, where no version is asked for}"
  source=$(cd "$source" && pwd)
fi
here=$(pwd)
empty=$(mktemp -d)
trap 'rm -rf "$empty"' EXIT
cd "$empty"
if [ -n "$version" ]; then
  # It may stand in the place of one that is there with another version.
  cargo install --locked --force rollstep --version "$version"
else
  cargo install --locked --path "$source"
fi
cd "$here"
if [ -n "${GITHUB_PATH:-}" ]; then
  echo "${CARGO_INSTALL_ROOT:-${CARGO_HOME:-$HOME/.cargo}}/bin" >> "$GITHUB_PATH"
fi
