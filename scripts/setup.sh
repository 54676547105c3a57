#!/usr/bin/env bash
# Installs the Debian packages that a target of the Makefile needs: scripts/setup.sh run|run-desktop|lint|test|bench|deb
# Asks first what is there: nothing missing costs milliseconds and no rights.
set -euo pipefail

readonly node_major=20 apt_attempts=5 apt_pause=10 dpkg_lock_seconds=300

# C compiler: the TLS library. The rest: code-server compiles a few of its modules when it is installed.
build=(gcc g++ make pkg-config python3 python3-venv libkrb5-dev libx11-dev libxkbfile-dev libsecret-1-dev curl ca-certificates)
# What doorcode-desktop is linked with.
desktop_build=(libwebkit2gtk-4.1-dev libdbus-1-dev)
browsers=(chromium firefox-esr libnss3-tools)
tls_clients=(openssl gnutls-bin sslscan p11-kit python3-gi gir1.2-webkit2-4.1 xauth)
proxies=(nginx-light caddy)
# What reads a Compose file as Compose does; no engine behind it.
recipe_checks=(docker-compose)
# A session of its own: screen, window manager, panel, keyring, notifications, and the hands and eyes of a person.
desktop=(xvfb dbus openbox xfce4-panel xfconf gnome-keyring libsecret-tools dunst xdotool xclip xdg-utils webkit2gtk-driver)
package_build=(dpkg-dev)
package_checks=(lintian desktop-file-utils appstream man-db zsh fish systemd)
system=(iproute2 procps util-linux)

main() {
    case ${1-} in
        run) require "${build[@]}" ;;
        run-desktop) require "${build[@]}" "${desktop_build[@]}" ;;
        lint) require "${build[@]}" "${desktop_build[@]}" shellcheck ;;
        test)
            require "${build[@]}" "${desktop_build[@]}" "${browsers[@]}" "${tls_clients[@]}" "${proxies[@]}" \
                "${recipe_checks[@]}" "${desktop[@]}" "${package_build[@]}" "${package_checks[@]}" "${system[@]}"
            ;;
        bench) require "${build[@]}" "${proxies[@]}" "${system[@]}" ;;
        deb) require "${build[@]}" "${desktop_build[@]}" "${package_build[@]}" ;;
        *) fail "usage: scripts/setup.sh run|run-desktop|lint|test|bench|deb" ;;
    esac
    require_tool cargo "install Rust: https://rustup.rs"
    require_tool npm "install Node $node_major or newer, with npm: https://nodejs.org"
    require_node
}

require() {
    if ! command -v dpkg-query >/dev/null; then
        echo "setup: this is no Debian-like system; install what it calls: $*" >&2
        return
    fi
    local missing
    mapfile -t missing < <(not_installed "$@")
    if ((${#missing[@]} == 0)); then return; fi
    echo "setup: installing with apt-get: ${missing[*]}"
    become_root "${missing[@]}"
    local service_guard=/usr/sbin/policy-rc.d guarded=false
    if [[ ! -e $service_guard ]]; then
        # A package's services must not start just because its program is needed.
        printf '#!/bin/sh\nexit 101\n' | as_root install -m 755 /dev/stdin "$service_guard"
        # shellcheck disable=SC2064  # the path as it is now
        trap "as_root rm -f $service_guard" EXIT
        guarded=true
    fi
    apt_get update
    apt_get install --yes --no-install-recommends "${missing[@]}"
    if $guarded; then
        as_root rm -f "$service_guard"
        trap - EXIT
    fi
    leave_services_off "${missing[@]}"
}

# Those of the packages named that are not installed, and whose program does not come from somewhere else either.
not_installed() {
    local installed package
    installed=$(dpkg-query --show --showformat='${db:Status-Status} ${Package}\n' "$@" 2>/dev/null || true)
    for package in "$@"; do
        grep --quiet --line-regexp --fixed-strings "installed $package" <<<"$installed" && continue
        provided_otherwise "$package" || echo "$package"
    done
}

provided_otherwise() {
    case $1 in
        nginx-light) PATH=$PATH:/usr/sbin command -v nginx >/dev/null ;;
        chromium | caddy) command -v "$1" >/dev/null ;;
        *) return 1 ;;
    esac
}

# Debian enables a server's unit when its package arrives; only the program is wanted here.
leave_services_off() {
    command -v systemctl >/dev/null || return 0
    local package
    for package in "$@"; do
        case $package in
            nginx-light) as_root systemctl --quiet disable nginx.service ;;
            caddy) as_root systemctl --quiet disable caddy.service ;;
        esac
    done
}

become_root() {
    if ((EUID == 0)); then
        as_root() { "$@"; }
    elif command -v sudo >/dev/null; then
        as_root() { sudo "$@"; }
    else
        fail "needs root or sudo; run as root: apt-get install --no-install-recommends $*"
    fi
}

# Waits for another package manager at work, and tries again when the network fails.
apt_get() {
    local attempt
    for ((attempt = 1; ; attempt++)); do
        as_root env DEBIAN_FRONTEND=noninteractive \
            apt-get --quiet --quiet -o "DPkg::Lock::Timeout=$dpkg_lock_seconds" "$@" && return
        ((attempt < apt_attempts)) || fail "apt-get $1 failed $apt_attempts times; its messages are above"
        echo "setup: apt-get $1 failed; again in $apt_pause s" >&2
        sleep "$apt_pause"
    done
}

require_node() {
    local version
    version=$(node --version) || fail "node cannot be run; install Node $node_major or newer"
    version=${version#v}
    ((${version%%.*} >= node_major)) || fail "Node $version is too old; install Node $node_major or newer: https://nodejs.org"
}

require_tool() {
    command -v "$1" >/dev/null || fail "$1 is missing; $2"
}

fail() {
    echo "setup: $1" >&2
    exit 1
}

main "$@"
