#!/usr/bin/env bash
# Doorcode beside nginx, Caddy and code-server's own TLS, as release builds. Arguments go to doorcode-bench (see its --help).
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/setup.sh bench
cargo build --release --locked --package doorcode --package doorcode-bench
release=$(realpath "${CARGO_TARGET_DIR:-target}/release")
DOORCODE_BIN=$release/doorcode
# shellcheck source=scripts/editor.sh
source scripts/editor.sh
exec "$release/doorcode-bench" --doorcode "$DOORCODE_BIN" \
    --code-server "$DOORCODE_TEST_CODE_SERVER" --node "$DOORCODE_TEST_NODE" "$@"
