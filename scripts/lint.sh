#!/usr/bin/env bash
# Formatting and static checks of everything: Rust, shell, JavaScript. Warnings are errors.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/setup.sh lint
cargo fmt --all --check
cargo clippy --workspace --all-targets --locked -- -D warnings
shellcheck --external-sources scripts/*.sh .ci/run
scripts/browser-packages.sh
npm --prefix tests/browser run lint
echo "lint: clean"
