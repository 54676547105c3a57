#!/usr/bin/env bash
# From a fresh machine to the address in the terminal: packages, build, a code-server, then the engine in the foreground.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/setup.sh run
cargo build --release --locked --package doorcode
doorcode=${CARGO_TARGET_DIR:-target}/release/doorcode
"$doorcode" install --if-missing
exec "$doorcode" up
