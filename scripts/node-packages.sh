#!/usr/bin/env bash
# Installs what FOLDER/package-lock.json names, unless that is what is installed already: scripts/node-packages.sh FOLDER
set -euo pipefail
cd "$(dirname "$0")/../$1"

# npm ci empties the folder first: two runs at once take turns.
exec 9<package-lock.json
flock 9
stamp=node_modules/.installed-from
if ! cmp --silent package-lock.json "$stamp"; then
    npm ci --ignore-scripts
    cp package-lock.json "$stamp"
fi
