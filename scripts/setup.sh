#!/bin/sh
# Makes what the other commands need, once: .venv from the lock file, and node_modules with the browser assets and fonts.
#   scripts/setup.sh          to run Folkmoot
#   scripts/setup.sh dev      to test and change it as well
# Safe to run at any time. A stamp in each folder names the lock file it was made from, so nothing is done twice.
# PYTHON=/path/to/python chooses the Python.
set -eu
cd "$(dirname "$0")/.."
kind=${1:-run}

stop() {
    echo "$1" >&2
    exit 1
}

recent() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

stamp() { # what a folder is made from: the set, the place (.venv holds absolute paths), and the text on stdin
    { echo "$1"; pwd; cat; } | cksum
}

python_stamp() {
    if [ "$1" = dev ]; then lock=requirements-dev.lock; else lock=requirements.lock; fi
    { cat "$lock"; sed '/^\[tool\./,$d' pyproject.toml; } | stamp "$1"
}

assets_stamp() { cat package-lock.json .npmrc scripts/fonts.mjs | stamp "$1"; }

ready() { # folder, stamp function: is it made for this set, or for the larger one that holds it?
    for each in "$kind" dev; do
        if [ -f "$1/.stamp" ] && [ "$(cat "$1/.stamp")" = "$($2 "$each")" ]; then return 0; fi
    done
    return 1
}

find_python() {
    if [ -n "${PYTHON:-}" ]; then
        recent "$PYTHON" || stop "Folkmoot needs Python 3.11 or newer, and PYTHON=$PYTHON is not: name another one and run make again."
        echo "$PYTHON"
        return
    fi
    for each in python3 python3.13 python3.12 python3.11 python3.14 python; do
        if command -v "$each" >/dev/null 2>&1 && recent "$each"; then
            command -v "$each"
            return
        fi
    done
    if command -v python3 >/dev/null 2>&1; then
        stop "Folkmoot needs Python 3.11 or newer, and python3 here is $(python3 -c 'import platform; print(platform.python_version())' 2>/dev/null || echo older): install python3.11 (or name one with PYTHON=/path/to/python) and run make again."
    fi
    stop "Folkmoot needs Python 3.11 or newer, and none was found: install python3 with python3-venv and run make again."
}

# Everything that could be missing is looked for first, so that nothing is left half done.
if .venv/bin/python -c '' 2>/dev/null && recent .venv/bin/python; then
    python=.venv/bin/python
else
    python=$(find_python) || exit 1
    "$python" -c 'import venv, ensurepip' 2>/dev/null ||
        stop "The Python at $python cannot make virtual environments: install python3-venv (on Debian and Ubuntu: apt install python3-venv) and run make again."
fi
command -v node >/dev/null 2>&1 ||
    stop "Folkmoot needs Node.js 18 or newer with npm to fetch its browser assets, and none was found: install nodejs and npm and run make again."
[ "$(node -p 'process.versions.node.split(".")[0]' 2>/dev/null || echo 0)" -ge 18 ] ||
    stop "Folkmoot needs Node.js 18 or newer, and node here is $(node --version 2>/dev/null || echo older): install a newer nodejs and run make again."
command -v npm >/dev/null 2>&1 ||
    stop "Folkmoot needs npm to fetch its browser assets, and only node was found: install npm and run make again."

if ! ready .venv python_stamp; then
    rm -f .venv/.stamp
    if [ "$python" != .venv/bin/python ] || ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
        [ "$python" != .venv/bin/python ] || python=$(find_python) || exit 1
        echo "Making .venv with $("$python" --version)"
        "$python" -m venv --clear .venv
    fi
    if [ "$kind" = dev ]; then lock=requirements-dev.lock; else lock=requirements.lock; fi
    echo "Installing what $lock names into .venv"
    .venv/bin/python -m pip install -qq --disable-pip-version-check --require-hashes -r "$lock" ||
        stop "The Python packages could not be installed, for the reason above: mend it and run make again."
    # Its build tools are in the lock file too, so this fetches nothing.
    .venv/bin/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation -e . ||
        stop "Folkmoot itself could not be installed into .venv, for the reason above: mend it and run make again."
    python_stamp "$kind" >.venv/.stamp
fi

if ! ready node_modules assets_stamp; then
    rm -f node_modules/.stamp
    echo "Fetching browser assets and fonts into node_modules"
    if [ "$kind" = dev ]; then set --; else set -- --omit=dev; fi
    npm ci --loglevel=error --ignore-scripts "$@" ||
        stop "The browser assets could not be fetched, for the reason above: mend it and run make again."
    node scripts/fonts.mjs
    assets_stamp "$kind" >node_modules/.stamp
fi
