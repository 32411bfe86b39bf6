#!/usr/bin/env bash
# Checks that the locks contain only packages, versions and hashes, and nothing about the machine that made them.
set -euo pipefail
cd "$(dirname "$0")/.."

# shellcheck disable=SC2046
if grep -nHE '://|^ *--?(index|extra|find|trusted|e |f |i )|(^|[ @])[./][^ ]*/|\+(cpu|cu[0-9])' $(git ls-files '*.lock'); then
    echo "The lines above tie a lock to one machine or registry. Run 'make lock' and look at what pip and uv are set to." >&2
    exit 1
fi
