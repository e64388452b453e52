#!/bin/sh
# Installs a real Bluesky server (PDS) for tests/connectors/test_bluesky_real.py into a cache folder, once: about two
# minutes and 400 MB. The tests skip, and say so, where it is not. Needs npm, python3, make and a C++ compiler.
#   scripts/pds.sh          installs what is missing, and prints the folder
#   scripts/pds.sh where    only prints the folder
# Another version in tests/platforms/pds/package-lock.json makes another folder; old ones may be deleted.
set -eu
cd "$(dirname "$0")/.."
from=tests/platforms/pds
folder=${XDG_CACHE_HOME:-$HOME/.cache}/folkmoot/pds-$(cat "$from/package.json" "$from/package-lock.json" | cksum | cut -d ' ' -f 1)
if [ "${1:-}" = where ] || [ -f "$folder/.ready" ]; then
    echo "$folder"
    exit
fi
for each in npm python3 make c++; do
    command -v $each >/dev/null || { echo "scripts/pds.sh needs $each." >&2; exit 1; }
done
echo "Installing a Bluesky server into $folder (about two minutes)" >&2
mkdir -p "$(dirname "$folder")"
work=$(mktemp -d "$folder.XXXXXX")
trap 'rm -rf "$work"' EXIT
cp "$from/package.json" "$from/package-lock.json" .npmrc "$work"
# No package's own script runs. The Node beside it is the one that the server needs, and brings its headers.
(cd "$work" && npm ci --ignore-scripts --loglevel=error >&2)
node=$(echo "$work"/node_modules/node-linux-*)
[ -x "$node/bin/node" ] || { echo "There is no Node from npm for this machine: the server cannot be had here." >&2; exit 1; }
(cd "$work/node_modules/better-sqlite3" && "$node/bin/node" ../node-gyp/bin/node-gyp.js rebuild --release --jobs 2 --nodedir "$node" >"$work/build.log" 2>&1) ||
    { tail -20 "$work/build.log" >&2; exit 1; }
rm -rf "$work/node_modules/better-sqlite3/deps" "$work"/node_modules/better-sqlite3/build/Release/obj* "$node/include" "$node/share"
touch "$work/.ready"
# Whoever was first has it; the other's copy goes.
mv -T "$work" "$folder" 2>/dev/null || [ -f "$folder/.ready" ]
echo "$folder"
