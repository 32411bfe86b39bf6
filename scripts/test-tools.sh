#!/usr/bin/env bash
# What the tests need on the machine itself: Chromium, curl, and docker-compose to check the compose file (no engine runs).
# Installs what is missing with apt if that needs no password; otherwise exits with the command to run.
set -euo pipefail

have_chromium() {
    command -v chromium || command -v chromium-browser || command -v google-chrome || command -v google-chrome-stable
} >/dev/null

missing() {
    have_chromium || echo chromium
    command -v curl >/dev/null || echo curl
    command -v docker-compose >/dev/null || echo docker-compose
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

may_install() {
    command -v apt-get >/dev/null && { [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null; }
}

packages="$(missing | xargs)"
[ -z "$packages" ] && exit 0

if may_install; then
    echo "Installing $packages with apt, for the tests"
    # shellcheck disable=SC2086
    as_root apt-get update -qq && as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-install-recommends $packages >/dev/null
    exit
fi

echo "The tests need $packages. Run this once: sudo apt-get install -y --no-install-recommends $packages" >&2
# Without docker-compose one test is skipped, and says so; without Chromium there is no testing the pages.
have_chromium
