#!/usr/bin/env bash
# Sets up all that the checks need, then runs them: lint, format, types, tests. Arguments go to pytest.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")"

./serve.sh --build
python3 -m tools.runtime # for axe-core, should node_modules have gone since site/ was built

if ! .venv/bin/python -c '' 2>/dev/null; then
  rm -rf .venv
  python3 -m venv .venv
fi
if ! cmp -s requirements-dev.txt .venv/requirements-dev.txt; then
  echo "Installing requirements-dev.txt into .venv …"
  .venv/bin/python -m pip install -q --disable-pip-version-check -r requirements-dev.txt
  cp requirements-dev.txt .venv/requirements-dev.txt # last: only a finished install counts
fi
export PATH="$PWD/.venv/bin:$PATH"

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else command -v sudo >/dev/null && sudo -n "$@"; fi
}
find_chromium() {
  CHROMIUM="$(command -v chromium || true)"
  [ -n "$CHROMIUM" ] && "$CHROMIUM" --version >/dev/null 2>&1
}
apt_chromium() {
  command -v apt-get >/dev/null || return 1
  echo "Installing Chromium with apt-get …"
  local install=(env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium)
  as_root "${install[@]}" >/dev/null 2>&1 ||
    { as_root apt-get update -qq >/dev/null 2>&1 && as_root "${install[@]}" >/dev/null 2>&1; }
}
if ! find_chromium && ! { apt_chromium && find_chromium; }; then
  echo "Installing Chromium with Playwright …"
  as_root "$PWD/.venv/bin/playwright" install-deps chromium >/dev/null 2>&1 || true # it may do without
  playwright install chromium
  CHROMIUM=""
fi
export CHROMIUM # empty: the one that Playwright installed

code=()
for folder in app tools tests bench; do
  if [ -n "$(find "$folder" -name '*.py' -print -quit 2>/dev/null)" ]; then code+=("$folder"); fi
done

ruff check "${code[@]}"
ruff format --check "${code[@]}"
mypy "${code[@]}"
pytest -q -n 2 --dist loadgroup "$@"
