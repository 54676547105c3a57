# shellcheck shell=bash
# Sourced. Exports DOORCODE_TEST_CODE_SERVER (its entry.js) and DOORCODE_TEST_NODE (the Node that runs it), for tests and
# measurements: those of the environment if both are there, else a code-server in .tools/, installed once by $DOORCODE_BIN.
# Installed by our own command on purpose: that it works is the first thing a test run finds out.

install_test_editor() {
    local home=$PWD/.tools lock
    local current=$home/data/doorcode/code-server/current
    local entry=$current/app/node_modules/code-server/out/node/entry.js
    mkdir -p "$home/run"
    chmod 700 "$home/run"
    # Two test runs at once: the second one waits for the first one's install and then uses it.
    exec {lock}>"$home/lock"
    flock "$lock"
    # This one and no other: a code-server on PATH has a version of its own.
    printf '[editor]\nprogram = "%s"\n' "$entry" >"$home/settings.toml"
    # The person's own HOME stays: that is where npm and pip have their settings and caches.
    XDG_DATA_HOME=$home/data XDG_STATE_HOME=$home/state XDG_RUNTIME_DIR=$home/run \
        "$DOORCODE_BIN" --settings "$home/settings.toml" install --via npm --if-missing
    exec {lock}>&-
    DOORCODE_TEST_CODE_SERVER=$(realpath "$entry")
    DOORCODE_TEST_NODE=$(realpath "$current/node/bin/node")
    export DOORCODE_TEST_CODE_SERVER DOORCODE_TEST_NODE
}

if [[ -z ${DOORCODE_TEST_CODE_SERVER-} || -z ${DOORCODE_TEST_NODE-} ]]; then
    install_test_editor
fi
for file in "$DOORCODE_TEST_CODE_SERVER" "$DOORCODE_TEST_NODE"; do
    [[ -f $file ]] || { echo "there is no code-server to test with: $file is missing" >&2; return 1; }
done
