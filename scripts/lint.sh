#!/usr/bin/env bash
# Formatting and static checks of everything: Rust, shell, the window's pages, JavaScript. Warnings are errors.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/setup.sh lint
cargo fmt --all --check
# What doorcode-desktop is compiled with.
scripts/ui.sh
cargo clippy --workspace --all-targets --locked -- -D warnings
shellcheck --external-sources scripts/*.sh .ci/run
npm --prefix ui run lint
npm --prefix ui run check
for folder in tests/browser tests/desktop tests/proxies; do
    scripts/node-packages.sh "$folder"
    npm --prefix "$folder" run lint
done
# They have no packages of their own.
for folder in tests/packaging tests/recipes; do
    npm --prefix "$folder" run lint
done
echo "lint: clean"
