# shellcheck shell=bash
# Sourced. Exports DOORCODE_TEST_CODE_SERVER (its entry.js) and DOORCODE_TEST_NODE (the Node that runs it), for tests and
# measurements: those of the environment if both are there, else a code-server in .tools/, installed once by $DOORCODE_BIN.
# Installed by our own command on purpose: that it works is the first thing a test run finds out.

install_test_editor() {
    local home=$PWD/.tools
    mkdir -p "$home/run"
    chmod 700 "$home/run"
    # Two test runs at once: the second one waits for the first one's install and then uses it.
    # The person's own HOME stays: that is where npm and pip have their settings and caches.
    flock "$home/lock" env XDG_DATA_HOME="$home/data" XDG_STATE_HOME="$home/state" XDG_RUNTIME_DIR="$home/run" \
        "$DOORCODE_BIN" --settings "$home/settings.toml" install --via npm --if-missing
    local current
    current=$(realpath "$home/data/doorcode/code-server/current")
    export DOORCODE_TEST_CODE_SERVER=$current/app/node_modules/code-server/out/node/entry.js
    export DOORCODE_TEST_NODE=$current/node/bin/node
}

if [[ -z ${DOORCODE_TEST_CODE_SERVER-} || -z ${DOORCODE_TEST_NODE-} ]]; then
    install_test_editor
fi
for file in "$DOORCODE_TEST_CODE_SERVER" "$DOORCODE_TEST_NODE"; do
    [[ -f $file ]] || { echo "there is no code-server to test with: $file is missing" >&2; return 1; }
done
