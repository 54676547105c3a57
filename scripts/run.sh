#!/usr/bin/env bash
# From a fresh machine to the address in the terminal: packages, build, a code-server, then Doorcode in the foreground:
# in the tray where there is a display, otherwise the engine alone.
set -euo pipefail
cd "$(dirname "$0")/.."

readonly answer_tries=240 answer_pause=0.5

main() {
    local release=${CARGO_TARGET_DIR:-target}/release
    doorcode=$release/doorcode
    if ! has_display; then
        scripts/setup.sh run
        cargo build --release --locked --package doorcode
        "$doorcode" install --if-missing
        exec "$doorcode" up
    fi
    scripts/setup.sh run-desktop
    scripts/ui.sh
    cargo build --release --locked --package doorcode --package doorcode-desktop
    "$doorcode" install --if-missing
    say_where_to_go &
    exec "$release/doorcode-desktop"
}

has_display() {
    [[ -n ${DISPLAY-} || -n ${WAYLAND_DISPLAY-} || $(uname) == Darwin ]]
}

# Once the engine answers that the editor runs; never when the program in the foreground has ended before.
say_where_to_go() {
    local try status
    for ((try = 0; try < answer_tries; try++)); do
        if status=$("$doorcode" status 2>/dev/null) && [[ $status == running* ]]; then
            printf '\nDoorcode is in the tray. Its menu opens the editor in the browser, signed in; so does: %s open\n' "$doorcode"
            printf 'Without a tray: the window that is open now. Ctrl-C here ends both.\n\n'
            echo "$status"
            return
        fi
        kill -0 $$ 2>/dev/null || return 0
        sleep "$answer_pause"
    done
}

main
