#!/usr/bin/env bash
# Chromium for the browser tests: the machine's, else by apt where that may be done without asking, else the command to run.
set -euo pipefail

for name in chromium chromium-browser google-chrome google-chrome-stable; do
    command -v "$name" >/dev/null && exit 0
done

install="apt-get install -y --no-install-recommends chromium"
if command -v apt-get >/dev/null; then
    if [ "$(id -u)" = 0 ]; then
        apt-get update -qq && DEBIAN_FRONTEND=noninteractive $install -qq >/dev/null && exit 0
    elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
        sudo -n apt-get update -qq && sudo -n env DEBIAN_FRONTEND=noninteractive $install -qq >/dev/null && exit 0
    fi
fi

echo "The browser tests need Chromium. Run this once: sudo $install" >&2
exit 1
