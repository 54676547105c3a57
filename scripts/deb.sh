#!/usr/bin/env bash
# Builds the Debian package of both programs: scripts/deb.sh release|debug. Prints its path, last.
# debug is for the tests: what Cargo has built for them anyway, stripped, hardly compressed; else the same package.
set -euo pipefail
cd "$(dirname "$0")/.."

main() {
    local profile=${1-} version architecture package
    case $profile in
        release) local -r cargo=(--release) compression=(-Zxz) ;;
        debug) local -r cargo=() compression=(-Zgzip -z1) ;;
        *) fail "usage: scripts/deb.sh release|debug" ;;
    esac
    version=$(cargo metadata --format-version 1 --no-deps --locked |
        node -p 'JSON.parse(require("fs").readFileSync(0)).packages.find(({ name }) => name === "doorcode").version')
    [[ $version == "$(dpkg-parsechangelog --file packaging/deb/changelog --show-field Version)" ]] ||
        fail "packaging/deb/changelog has no entry for $version"
    grep --quiet "<release version=\"$version\"" packaging/dev.doorcode.desktop.metainfo.xml ||
        fail "packaging/dev.doorcode.desktop.metainfo.xml has no release $version"
    architecture=$(dpkg --print-architecture)

    scripts/ui.sh >&2
    cargo build --locked "${cargo[@]}" --package doorcode --package doorcode-desktop

    built=$(realpath "${CARGO_TARGET_DIR:-target}/$profile")
    package=$built/doorcode_${version}_$architecture.deb
    # Times inside are the changelog's, so that the same sources and programs give the same package.
    SOURCE_DATE_EPOCH=$(dpkg-parsechangelog --file packaging/deb/changelog --show-field Timestamp)
    export SOURCE_DATE_EPOCH
    umask 022
    stage=$(mktemp --directory)
    # shellcheck disable=SC2064  # the path as it is now
    trap "rm -rf '$stage'" EXIT
    chmod 755 "$stage"
    root=$stage/root
    put_programs
    put_desktop
    put_documentation "$version"
    put_completions
    put_control "$version" "$architecture"
    dpkg-deb "${compression[@]}" --root-owner-group --build "$root" "$stage/new.deb" >&2
    mv "$stage/new.deb" "$package"
    echo "$package"
}

put_programs() {
    local program
    for program in doorcode doorcode-desktop; do
        install -D --strip --mode 755 "$built/$program" "$root/usr/bin/$program"
    done
    put packaging/doorcode.service usr/lib/systemd/user/doorcode.service
}

put_desktop() {
    local entry size
    for entry in packaging/*.desktop; do
        put "$entry" "usr/share/applications/${entry##*/}"
    done
    put packaging/dev.doorcode.desktop.metainfo.xml usr/share/metainfo/dev.doorcode.desktop.metainfo.xml
    for size in 16 32 64 128 256 512; do
        put "icons/$size.png" "usr/share/icons/hicolor/${size}x$size/apps/doorcode.png"
    done
    put icons/icon.svg usr/share/icons/hicolor/scalable/apps/doorcode.svg
}

put_documentation() {
    local documents=$root/usr/share/doc/doorcode manual=$root/usr/share/man/man1
    put packaging/deb/copyright usr/share/doc/doorcode/copyright
    put packaging/deb/changelog usr/share/doc/doorcode/changelog
    node packaging/licences.mjs >"$documents/third-party-licences"
    gzip --best --no-name "$documents/changelog" "$documents/third-party-licences"
    "$built/doorcode" man-pages "$manual"
    sed "s/@version@/$1/" packaging/doorcode-desktop.1 >"$manual/doorcode-desktop.1"
    gzip --best --no-name "$manual"/*
}

put_completions() {
    complete_for bash usr/share/bash-completion/completions/doorcode
    complete_for zsh usr/share/zsh/vendor-completions/_doorcode
    complete_for fish usr/share/fish/vendor_completions.d/doorcode.fish
}

complete_for() {
    mkdir -p "$(dirname "$root/$2")"
    "$built/doorcode" completions "$1" >"$root/$2"
}

# Depends are the packages of the libraries that the programs are linked with, in the versions whose symbols they use.
put_control() {
    local libraries
    mkdir "$root/DEBIAN" "$stage/debian"
    printf 'Source: doorcode\n\nPackage: doorcode\nArchitecture: any\n' >"$stage/debian/control"
    libraries=$(cd "$stage" && dpkg-shlibdeps -O root/usr/bin/doorcode root/usr/bin/doorcode-desktop)
    libraries=${libraries#shlibs:Depends=}
    sed -e "s/@version@/$1/" -e "s/@architecture@/$2/" -e "s/@libraries@/$libraries/" \
        -e "s/@kilobytes@/$(du --summarize --block-size=1024 --apparent-size "$root" | cut --fields=1)/" \
        packaging/deb/control >"$root/DEBIAN/control"
    (cd "$root" && find usr -type f -print0 | LC_ALL=C sort --zero-terminated | xargs --null md5sum) >"$root/DEBIAN/md5sums"
}

put() {
    install -D --mode 644 "$1" "$root/$2"
}

fail() {
    echo "deb: $1" >&2
    exit 1
}

main "$@"
