#!/usr/bin/env bash
# Draws every PNG of icons/ from the SVGs, and docs/images/tray-icons.png: the tray's on a dark and on a light panel.
# Only after a change of an SVG: what it draws is committed. Needs rsvg-convert (package librsvg2-bin).
set -euo pipefail
cd "$(dirname "$0")/.."

readonly states=(stopped starting running attention failed) tray_sizes=(22 24 32 44) panels=('#2b2b2b' '#f0f0f0')
readonly cell=64 shown_large=44

main() {
    command -v rsvg-convert >/dev/null || { echo "icons: needs rsvg-convert: apt-get install librsvg2-bin" >&2; exit 1; }
    local state size
    for size in 16 32 64 128 256 512; do
        draw icons/icon.svg "$size" "icons/$size.png"
    done
    draw icons/icon.svg 256 icons/128@2x.png
    for state in "${states[@]}"; do
        for size in "${tray_sizes[@]}"; do
            draw "icons/tray/$state.svg" "$size" "icons/tray/$state-$size.png"
        done
    done
    sheet | rsvg-convert --zoom 2 --output docs/images/tray-icons.png
}

draw() {
    rsvg-convert --width "$2" --height "$2" --output "$3" "$1"
}

# A row for each panel, a column for each state, each state as small as a panel shows it and twice as large.
sheet() {
    local width=$((cell * 2 * ${#states[@]})) row column panel x y
    printf '<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d">\n' "$width" "$((cell * ${#panels[@]}))"
    for row in "${!panels[@]}"; do
        panel=${panels[row]} y=$((row * cell))
        printf '<rect y="%d" width="%d" height="%d" fill="%s"/>\n' "$y" "$width" "$cell" "$panel"
        for column in "${!states[@]}"; do
            x=$((column * cell * 2))
            place "$((x + 21))" "$((y + 21))" 22 "${states[column]}"
            place "$((x + cell + 6))" "$((y + 10))" "$shown_large" "${states[column]}"
        done
    done
    echo '</svg>'
}

place() {
    printf '<image x="%d" y="%d" width="%d" height="%d" href="data:image/png;base64,%s"/>\n' \
        "$1" "$2" "$3" "$3" "$(base64 --wrap=0 "icons/tray/$4-$3.png")"
}

main
