#!/usr/bin/env bash
# Prints a Python that can install Feedforward, or exits with the one command that installs what is missing.
set -euo pipefail

if ! command -v git >/dev/null; then
    echo "git is needed. On Debian or Ubuntu: sudo apt-get install -y git make python3-venv" >&2
    exit 1
fi

for python in "${PYTHON:-python3}" python3 python3.13 python3.12 python3.11; do
    if "$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        echo "$python"
        exit 0
    fi
done

echo "Python 3.11 or newer with its venv module is needed. On Debian or Ubuntu: sudo apt-get install -y git make python3-venv" >&2
exit 1
