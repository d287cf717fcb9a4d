#!/usr/bin/env bash
# Sets up all that the checks need, then runs them: lint, format, types, tests. Arguments go to pytest.
#   ./test.sh --fast      lint, types, the tests of pure modules and of the tools, one smoke test in Chromium
#   ./test.sh --chromium  the browser tests in Chromium alone
#   ./test.sh --engines   the browser tests in Firefox and WebKit alone
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")"

unset PYTHONDONTWRITEBYTECODE # or each of many processes compiles PyTorch and the rest anew

part=all
case "${1:-}" in
  --fast | --chromium | --engines) part="${1#--}"; shift ;;
esac

pip_install() {
  cmp -s "$1" ".venv/${1##*/}" && return
  echo "Installing $1 into .venv …"
  .venv/bin/python -m pip install -q --disable-pip-version-check --no-compile -r "$1" || return 1
  cp "$1" .venv/ # last: only a finished install counts
}
install_packages() {
  if ! .venv/bin/python -c '' 2>/dev/null; then
    rm -rf .venv
    python3 -m venv .venv
  fi
  pip_install requirements/dev.txt
  if ! pip_install requirements/oracle.txt; then
    echo "Left out: PyTorch and scikit-learn, for they can't be installed here. The tests that need them are skipped."
  fi
  if ! pip_install requirements/tools.txt; then
    echo "Left out: the tools whose logs are read, for they can't be installed here. Their tests are skipped."
  fi
}
trap wait EXIT # whatever fails, nothing of this runs on
install_packages & # beside the build: either leaves a core to the other
packages=$!
./serve.sh --build
python3 -m tools.runtime # for axe-core, should node_modules have gone since site/ was built
wait "$packages"
export PATH="$PWD/.venv/bin:$PATH"

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else command -v sudo >/dev/null && sudo -n "$@"; fi
}
runs() { [ -n "$1" ] && "$1" --version >/dev/null 2>&1; }
find_chromium() {
  CHROMIUM="$(command -v chromium || true)"
  runs "$CHROMIUM"
}
find_headless_shell() { runs "$(command -v chromium-headless-shell || true)"; }
find_firefox() {
  FIREFOX="$(command -v firefox-esr || true)"
  # Playwright asks things of it that the ESR before, 140, does not know.
  runs "$FIREFOX" && [ "$("$FIREFOX" --version | sed 's/[^0-9]*\([0-9]*\).*/\1/')" -ge 153 ]
}
find_webkit() {
  local browsers=(/usr/lib/*/webkit*gtk-*/MiniBrowser) # it comes with the library
  MINIBROWSER="${browsers[0]}"
  WEBKIT_DRIVER="$(command -v WebKitWebDriver || true)"
  XVFB="$(command -v Xvfb || true)"
  [ -x "$MINIBROWSER" ] && [ -n "$XVFB" ] && [ -n "$WEBKIT_DRIVER" ] && "$WEBKIT_DRIVER" --help >/dev/null 2>&1
}
apt_install() {
  command -v apt-get >/dev/null || return 1
  echo "Installing $* with apt-get …"
  local install=(env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq -o DPkg::Lock::Timeout=120 "$@")
  as_root apt-get update -qq >/dev/null 2>&1 || true # an old list leads to an old browser, or to none
  as_root "${install[@]}" >/dev/null 2>&1
}
set_up_chromium() {
  if ! find_chromium && ! { apt_install chromium && find_chromium; }; then
    echo "Installing Chromium with Playwright …"
    as_root "$PWD/.venv/bin/playwright" install-deps chromium >/dev/null 2>&1 || true # it may do without
    playwright install chromium
    CHROMIUM=""
  fi
  if [ -n "$CHROMIUM" ] && ! find_headless_shell && ! { apt_install chromium-headless-shell && find_headless_shell; }; then
    echo "Left out: Chromium's headless shell, for it can't be installed here. The whole of Chromium takes its place."
  fi
}
set_up_engines() {
  if ! find_firefox && ! { apt_install firefox-esr && find_firefox; }; then
    echo "Left out: Firefox, for there is no firefox-esr here, 153 or later, that runs. Its tests are skipped."
    FIREFOX=""
  fi
  if ! find_webkit && ! { apt_install webkit2gtk-driver xvfb && find_webkit; }; then
    echo "Left out: WebKitGTK, for WebKitWebDriver, MiniBrowser and Xvfb are not all here. Its tests are skipped."
    WEBKIT_DRIVER=""
  fi
}
CHROMIUM="" FIREFOX="" WEBKIT_DRIVER="" MINIBROWSER="" XVFB=""
case "$part" in all | fast | chromium) set_up_chromium ;; esac
case "$part" in all | engines) set_up_engines ;; esac
export CHROMIUM # empty: those that Playwright installed
export FIREFOX WEBKIT_DRIVER MINIBROWSER XVFB # empty: left out

check_code() {
  local code=(recorder) folder
  for folder in app tools tests bench; do
    if [ -n "$(find "$folder" -name '*.py' -print -quit 2>/dev/null)" ]; then code+=("$folder"); fi
  done
  ruff check "${code[@]}" examples
  ruff format --check "${code[@]}" examples
  mypy "${code[@]}"
}
smoke=tests/browser/test_page.py::TestOpening::test_opens_on_3_4_4_2_at_500_ms_playing
# A worker a core: threads of PyTorch and numpy would only take turns.
run_tests() { OMP_NUM_THREADS=1 pytest -q -n auto --maxprocesses 4 --dist loadgroup "$@"; }

case "$part" in
  all)
    check_code
    run_tests "$@"
    ;;
  fast)
    check_code
    mapfile -t pure < <(find tests -mindepth 1 -maxdepth 1 ! -name browser ! -name support \
      \( -name 'test_*.py' -o -type d ! -name '_*' \) | sort)
    run_tests "${pure[@]}" "$smoke" "$@"
    ;;
  chromium) run_tests tests/browser --ignore=tests/browser/engines "$@" ;;
  engines) run_tests tests/browser/engines "$@" ;;
esac
