#!/usr/bin/env bash
# Writes requirements.lock and requirements-dev.lock: every version with its hashes, for all platforms and Python 3.11 or newer.
# No setting of this machine is used or written: no registry address, no folder of wheels, no local build.
set -euo pipefail
cd "$(dirname "$0")/.."

for name in $(compgen -e | grep -E '^(PIP|UV)_' | grep -vE '_CERT$'); do
    unset "$name"
done

compile() {
    .venv/bin/uv pip compile --quiet --no-config --upgrade --universal --python-version 3.11 --generate-hashes \
        --no-emit-index-url --no-emit-find-links --no-annotate --custom-compile-command "make lock" "$@"
}

# The build backend is locked too, because the project is built without isolation.
compile --output-file requirements.lock pyproject.toml - <<< "setuptools>=80"
compile --output-file requirements-dev.lock --constraint requirements.lock --group dev pyproject.toml - <<< "setuptools>=80"

scripts/check-lock.sh
