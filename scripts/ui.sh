#!/usr/bin/env bash
# The window's pages in ui/dist, which are compiled into doorcode-desktop.
# Does only what is not done already: Cargo compiles the pages in again whenever one of their files is new.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/node-packages.sh ui
cd ui
# Two runs at once take turns.
exec 9<package.json
flock 9
built_from=node_modules/.built-from
sources=$(find . \( -path ./node_modules -o -path './dist*' \) -prune -o -type f -print0 | LC_ALL=C sort --zero-terminated |
    xargs --null sha256sum)
if [[ ! -f dist/index.html ]] || ! cmp --silent - "$built_from" <<<"$sources"; then
    npm run build
    echo "$sources" >"$built_from"
fi
