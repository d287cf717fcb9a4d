"""The pinned runtime: PyScript and Pyodide out of npm, and the numpy wheel that Pyodide's lock file names.

npm checks its packages against the integrities in `package-lock.json`. The wheel is in no registry as a
package of its own, so it is looked for in two places, Pyodide's own address first. In both cases its sha256 must be
the one in the lock file that npm installed. `python -m tools.runtime` fetches all of it and stops.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import Any, Final

from tools import installed

ROOT: Final = Path(__file__).resolve().parent.parent

PYODIDE_VERSION: Final = "314.0.4"
PYODIDE_ADDRESS: Final = f"https://cdn.jsdelivr.net/pyodide/v{PYODIDE_VERSION}/full/"
PYSCRIPT_RELEASE: Final = "2026.7.3"  # by the calendar on PyScript's site …
PYSCRIPT_VERSION: Final = "0.7.31"  # … and the same bytes by npm's count
PYSCRIPT_ADDRESS: Final = f"https://pyscript.net/releases/{PYSCRIPT_RELEASE}/"
PINS: Final = {"pyodide": PYODIDE_VERSION, "@pyscript/core": PYSCRIPT_VERSION}

ADDRESS_TIMEOUT: Final = 5.0  # seconds without a byte before the second place is tried
CARRIER: Final = "open-webui==0.12.4"  # a PyPI package whose wheel carries Pyodide's numpy wheel …
CARRIER_FOLDER: Final = "open_webui/frontend/pyodide/"  # … in this folder …
CARRIER_PYTHON: Final = "3.12"  # … and that is offered to this Python
REMOTEZIP: Final = ROOT / "requirements" / "build.txt"  # reads one member of a remote zip by range requests
READ_MEMBER: Final = """
import sys
from remotezip import RemoteZip
with RemoteZip(sys.argv[1], timeout=60) as archive:
    sys.stdout.buffer.write(archive.read(sys.argv[2]))
"""


class SetupError(Exception):
    """An expected problem that stops the build; the message is one sentence for the user."""


class ReadOnlyError(SetupError):
    """The checkout can't be written to. What has been built already can still be served."""


@dataclass(frozen=True)
class Wheel:
    """A wheel in Pyodide's lock file."""

    file_name: str
    sha256: str


def read_json(path: Path) -> Any:
    """Return the parsed JSON file. Raises SetupError if it is missing or not JSON."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SetupError(f"{path.name} is missing: {path} does not exist.") from None
    except ValueError as error:
        raise SetupError(f"{path.name} is not valid JSON: {error}.") from None


def check_pins(lock: Mapping[str, Any]) -> None:
    """Raise SetupError unless npm's lock file holds the versions that the public addresses name."""
    for name, version in PINS.items():
        locked = lock.get("packages", {}).get(f"node_modules/{name}", {}).get("version")
        if locked != version:
            raise SetupError(
                f"package-lock.json pins {name} {locked or '(not at all)'}, but the page's address stands "
                f"for {version}: change tools/runtime.py, the page and package-lock.json together."
            )


def _versions(lock: Mapping[str, Any]) -> dict[str, tuple[str | None, str | None]]:
    packages: Mapping[str, Mapping[str, Any]] = lock.get("packages", {})
    return {path: (p.get("version"), p.get("integrity")) for path, p in packages.items() if path}


def npm_packages_are_current(root: Path) -> bool:
    """Return True if node_modules holds what package-lock.json lists, by npm's own record of its last install."""
    record = root / "node_modules" / ".package-lock.json"
    if not record.is_file():
        return False
    wanted = _versions(read_json(root / "package-lock.json"))
    return wanted == _versions(read_json(record)) and all((root / path).is_dir() for path in wanted)


def _last_lines(text: str, count: int = 2) -> str:
    lines = [line.strip() for line in text.splitlines()]
    telling = [line for line in lines if line and not line.startswith(("WARNING:", "npm warn", "[notice]"))]
    return " | ".join(telling[-count:]) or "no output"


def run(command: Sequence[str], purpose: str, cwd: Path, env: Mapping[str, str] | None = None) -> bytes:
    """Return the standard output of a command. Raises SetupError naming the purpose if it fails."""
    try:
        done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, check=False)
    except OSError as error:
        raise SetupError(f"{purpose} failed: {command[0]} did not start ({error.strerror}).") from None
    if done.returncode:
        reason = _last_lines(done.stderr.decode(errors="replace") or done.stdout.decode(errors="replace"))
        raise SetupError(f"{purpose} failed (exit code {done.returncode}): {reason}")
    return done.stdout


def ensure_npm_packages(root: Path) -> None:
    """Run `npm ci` in the root folder unless node_modules is already current and unchanged.

    Raises SetupError if a file has another sha256 after that than the one in requirements/.
    """
    if npm_packages_are_current(root) and not _changed(root):
        return
    print("Fetching PyScript and Pyodide with npm …", flush=True)
    run(["npm", "ci"], "npm ci", root)
    if changed := _changed(root):
        raise SetupError(
            f"{', '.join(changed[:3])}: not as pinned by {installed.SUMS}. If the pinned packages have "
            "changed on purpose, run python -m tools.installed."
        )


def _changed(root: Path) -> list[str]:
    """Return the installed files that are not those of the pinned packages. Raises SetupError without the sums."""
    try:
        return installed.changed_files(root)
    except OSError as error:
        raise SetupError(f"{error.filename} can't be read ({error.strerror}).") from None


def numpy_wheel(pyodide_lock: Mapping[str, Any]) -> Wheel:
    """Return numpy's entry in Pyodide's lock file."""
    try:
        entry = pyodide_lock["packages"]["numpy"]
        return Wheel(entry["file_name"], entry["sha256"])
    except KeyError as error:
        raise SetupError(f"pyodide-lock.json has no {error} for numpy.") from None


def check_sha256(data: bytes, wheel: Wheel, origin: str) -> None:
    """Raise SetupError unless the bytes have the sha256 in the lock file."""
    found = hashlib.sha256(data).hexdigest()
    if found != wheel.sha256:
        raise SetupError(
            f"{wheel.file_name} from {origin} was refused: its sha256 is {found}, "
            f"pyodide-lock.json wants {wheel.sha256}."
        )


def _from_pyodide(wheel: Wheel) -> bytes:
    address = PYODIDE_ADDRESS + wheel.file_name
    try:
        with urllib.request.urlopen(address, timeout=ADDRESS_TIMEOUT) as answer:
            data: bytes = answer.read()
    except urllib.error.URLError as error:
        raise SetupError(f"{address} did not answer ({error.reason}).") from None
    except (OSError, HTTPException) as error:
        raise SetupError(f"{address} broke off ({error}).") from None
    check_sha256(data, wheel, address)
    return data


def _carrier_address(cwd: Path) -> str:
    """Return the address from which pip would download the carrier; nothing is installed."""
    pip = [sys.executable, "-m", "pip", "install", "-q", "--dry-run", "--no-deps", "--ignore-installed"]
    # pip accepts another Python's wheel only with a target folder. A dry run writes nothing into it.
    other = ["--python-version", CARRIER_PYTHON, "--only-binary=:all:", "--target", str(cwd / "unused")]
    report = run([*pip, *other, "--report", "-", CARRIER], f"Asking pip for {CARRIER}", cwd)
    address: str = json.loads(report)["install"][0]["download_info"]["url"]
    return address


def _from_carrier(wheel: Wheel, cache: Path) -> bytes:
    with tempfile.TemporaryDirectory(dir=cache, prefix="remotezip-") as folder:
        here = Path(folder)
        address = _carrier_address(here)
        library = here / "library"
        pip = [sys.executable, "-m", "pip", "install", "-q", "--target", str(library), "--require-hashes"]
        pure = ["--no-deps", "--only-binary=:all:", "--platform", "any"]  # the files whose hashes are listed
        run([*pip, *pure, "-r", str(REMOTEZIP)], f"Installing {REMOTEZIP.name} for the time of the build", here)
        reader = [sys.executable, "-c", READ_MEMBER, address, CARRIER_FOLDER + wheel.file_name]
        env = {**os.environ, "PYTHONPATH": str(library)}
        data = run(reader, f"Reading {wheel.file_name} out of {CARRIER}", here, env)
    check_sha256(data, wheel, CARRIER)
    return data


def _fetch(wheel: Wheel, cache: Path) -> bytes:
    try:
        return _from_pyodide(wheel)
    except SetupError as first:
        try:
            return _from_carrier(wheel, cache)
        except SetupError as second:
            raise SetupError(f"numpy's wheel could not be fetched: {first} {second}") from None


def ensure_numpy_wheel(root: Path) -> Path:
    """Return the path of the checked wheel in the cache. It is fetched if it is missing or damaged."""
    wheel = numpy_wheel(read_json(root / "node_modules" / "pyodide" / "pyodide-lock.json"))
    cache = cache_folder(root)
    path = cache / wheel.file_name
    if path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == wheel.sha256:
        return path
    print("Fetching numpy's wheel for Pyodide …", flush=True)
    data = _fetch(wheel, cache)
    partial = path.with_suffix(".partial")
    partial.write_bytes(data)
    partial.replace(path)
    return path


def cache_folder(root: Path) -> Path:
    """Return the git-ignored folder for fetched files; it is created if it is missing."""
    cache = root / ".cache"
    cache.mkdir(exist_ok=True)
    return cache


@contextlib.contextmanager
def only_one(root: Path) -> Iterator[None]:
    """Hold a lock on the checkout: two builds at once would break each other's node_modules.

    Raises ReadOnlyError if the lock file cannot be written.
    """
    with contextlib.ExitStack() as stack:
        try:
            handle = stack.enter_context((cache_folder(root) / "lock").open("w"))
        except OSError as error:
            raise ReadOnlyError(f"{error.filename} can't be written ({error.strerror}).") from None
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def main() -> int:
    """Fetch what is missing; return the exit code."""
    try:
        with only_one(ROOT):
            check_pins(read_json(ROOT / "package-lock.json"))
            ensure_npm_packages(ROOT)
            ensure_numpy_wheel(ROOT)
    except SetupError as error:
        print(f"tools.runtime: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
