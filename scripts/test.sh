#!/usr/bin/env bash
# Every test there is: the crates' own, end to end with a real code-server, and real browsers. No step is ever skipped.
set -euo pipefail
cd "$(dirname "$0")/.."

step() {
    printf '\n== %s\n' "$1"
}

step "Packages"
scripts/setup.sh test

step "Build"
cargo build --locked --package doorcode
DOORCODE_BIN=$(realpath "${CARGO_TARGET_DIR:-target}/debug/doorcode")
export DOORCODE_BIN

step "A code-server to test with"
# shellcheck source=scripts/editor.sh
source scripts/editor.sh
echo "$DOORCODE_TEST_CODE_SERVER"

step "Rust"
cargo test --workspace --locked

step "Browsers"
scripts/browser-packages.sh
npm --prefix tests/browser test

step "All tests passed, in $((SECONDS / 60)) min $((SECONDS % 60)) s"
