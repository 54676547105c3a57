#!/usr/bin/env bash
# The window's pages in ui/dist, which are compiled into doorcode-desktop; and what ui/ needs to check and test them.
# Does only what is not done already: Cargo compiles the pages in again whenever one of their files is new.
set -euo pipefail
cd "$(dirname "$0")/../ui"

# npm ci empties the folder first: two runs at once take turns.
exec 9<package-lock.json
flock 9

if ! cmp --silent package-lock.json node_modules/.installed-from; then
    npm ci --ignore-scripts
    cp package-lock.json node_modules/.installed-from
fi

sources=$(find . \( -path ./node_modules -o -path './dist*' \) -prune -o -type f -print0 | LC_ALL=C sort --zero-terminated |
    xargs --null sha256sum)
if [[ ! -f dist/index.html ]] || ! cmp --silent - node_modules/.built-from <<<"$sources"; then
    npm run build
    echo "$sources" >node_modules/.built-from
fi
