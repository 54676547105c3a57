#!/usr/bin/env bash
# Installs what tests/browser/package-lock.json names, unless that is what is installed already.
set -euo pipefail
cd "$(dirname "$0")/../tests/browser"

# npm ci empties the folder first: two runs at once take turns.
exec 9<package-lock.json
flock 9
stamp=node_modules/.installed-from
if ! cmp --silent package-lock.json "$stamp"; then
    npm ci --ignore-scripts
    cp package-lock.json "$stamp"
fi
