#!/usr/bin/env bash
# Every test there is: the crates' own, end to end with a real code-server, real browsers, real proxies,
# a real desktop session, and the Debian package. No step is ever skipped.
set -euo pipefail
cd "$(dirname "$0")/.."

step() {
    printf '\n== %s (after %d min %d s)\n' "$1" $((SECONDS / 60)) $((SECONDS % 60))
}

step "Packages"
scripts/setup.sh test

step "Build"
scripts/ui.sh
# As scripts/deb.sh builds them, so that it finds them built.
cargo build --locked --package doorcode --package doorcode-desktop
DOORCODE_BIN=$(realpath "${CARGO_TARGET_DIR:-target}/debug/doorcode")
export DOORCODE_BIN

step "A code-server to test with"
# shellcheck source=scripts/editor.sh
source scripts/editor.sh
echo "$DOORCODE_TEST_CODE_SERVER"

step "Rust"
cargo test --workspace --locked

step "The window's pages"
npm --prefix ui test
npm --prefix ui run test:browser

step "Browsers"
scripts/node-packages.sh tests/browser
npm --prefix tests/browser test

step "Recipes"
npm --prefix tests/recipes test

step "Proxies"
scripts/node-packages.sh tests/proxies
npm --prefix tests/proxies test

step "Desktop"
npm --prefix tests/desktop test

step "Debian package"
npm --prefix tests/packaging test

printf '\n== All tests passed, in %d min %d s\n' $((SECONDS / 60)) $((SECONDS % 60))
