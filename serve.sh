#!/usr/bin/env bash
# Fetches the pinned runtime, lays out site/ and serves it on http://127.0.0.1:8000/ (PORT changes the port).
# ./serve.sh --build lays out site/ and stops.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")"

case "${1-}" in
  "" | --build) ;;
  *) echo "usage: [PORT=8000] ./serve.sh [--build]" >&2; exit 2 ;;
esac

missing=()
if ! command -v python3 >/dev/null; then
  missing+=("python3, 3.11 or later: https://www.python.org/downloads/ or your system's package python3")
elif ! python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
  missing+=("python3, 3.11 or later (found $(python3 --version 2>&1)): https://www.python.org/downloads/")
fi
if ! command -v node >/dev/null; then
  missing+=("node, 20 or later: https://nodejs.org/")
elif ! node -e 'process.exit(parseInt(process.versions.node, 10) < 20 ? 1 : 0)'; then
  missing+=("node, 20 or later (found $(node --version 2>&1)): https://nodejs.org/")
fi
if ! command -v npm >/dev/null; then
  missing+=("npm: it comes with node from https://nodejs.org/, or as your system's package npm")
fi
if [ "${#missing[@]}" -gt 0 ]; then
  echo "Missing:" >&2
  printf '  - %s\n' "${missing[@]}" >&2
  exit 1
fi

python3 -m tools.build
if [ "${1-}" != --build ]; then
  exec python3 -m tools.serve --port "${PORT:-8000}"
fi
