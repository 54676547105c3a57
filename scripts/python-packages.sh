#!/usr/bin/env bash
# Installs what FOLDER/requirements.txt names, by its hashes, into a virtual environment, unless that is what is installed
# already, and prints where its programs are: scripts/python-packages.sh FOLDER
set -euo pipefail
cd "$(dirname "$0")/.."

requirements=$1/requirements.txt
environment=$PWD/.tools/python/$(sha256sum "$requirements" | cut --characters=1-16)
mkdir --parents .tools/python
# Two runs at once take turns.
exec 9<"$requirements"
flock 9
if [[ ! -e $environment/.complete ]]; then
    rm -rf "$environment"
    python3 -m venv "$environment" >&2
    "$environment/bin/pip" --quiet --disable-pip-version-check install --require-hashes --only-binary :all: \
        --requirement "$requirements" >&2
    touch "$environment/.complete"
fi
echo "$environment/bin"
