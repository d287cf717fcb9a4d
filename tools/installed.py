"""The sha256 of each file that the build takes from node_modules or runs.

npm checks an archive when it installs it. A file that is changed afterwards is found by its sum. `python -m
tools.installed` writes the sums anew, after the pinned packages have changed and npm has installed them.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
SUMS: Final = "requirements/node_modules.sha256"  # as sha256sum writes it: `sha256sum --check` reads it too
PYODIDE_FILES: Final = (
    *("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm"),
    *("python_stdlib.zip", "pyodide-lock.json"),
)
WASM_OPT: Final = "binaryen/bin/wasm-opt"  # shortens WebAssembly modules
BUILD_TOOLS: Final = ("acorn/dist/acorn.mjs", "terser/dist/bundle.min.js", WASM_OPT)  # the others: scripts


def used_files(root: Path) -> Iterator[Path]:
    """Yield the files in node_modules that the build takes or runs."""
    packages = root / "node_modules"
    yield from (packages / "pyodide" / name for name in PYODIDE_FILES)
    yield from (packages / name for name in BUILD_TOOLS)
    yield from pyscript_files(packages)


def pyscript_files(packages: Path) -> list[Path]:
    """Return PyScript's files in the folder node_modules, without the source maps."""
    package = packages / "@pyscript" / "core"
    files = [*sorted((package / "dist").iterdir()), package / "LICENSE"]
    return [path for path in files if path.suffix != ".map"]


def changed_files(root: Path) -> list[str]:
    """Return the files that are missing, that have another sum, or that have none, relative to the root folder."""
    lines = (root / SUMS).read_text(encoding="utf-8").splitlines()
    wanted = {name: total for total, _, name in (line.partition("  ") for line in lines)}
    used = [path.relative_to(root).as_posix() for path in used_files(root)]
    return [name for name in dict.fromkeys((*wanted, *used)) if wanted.get(name) != _sum(root / name)]


def write_sums(root: Path) -> None:
    """Write the sums of the present files."""
    lines = (f"{_sum(path)}  {path.relative_to(root).as_posix()}\n" for path in used_files(root))
    (root / SUMS).write_text("".join(lines), encoding="utf-8")


def _sum(path: Path) -> str:
    """Return a file's sha256, or nothing for a missing file."""
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""


def main() -> int:
    """Write the sums; return the exit code."""
    write_sums(ROOT)
    return 0


if __name__ == "__main__":
    sys.exit(main())
