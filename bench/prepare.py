"""Lay out the pages that the benchmark compares: ours, the stock PyScript page, the React page."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Final

from tools import build, runtime

ROOT: Final = Path(__file__).resolve().parent.parent
BENCH: Final = ROOT / "bench"
STOCK_RUNTIME: Final = (
    "pyodide.mjs",
    "pyodide.asm.mjs",
    "pyodide.asm.wasm",
    "python_stdlib.zip",
    "pyodide-lock.json",
)


def lay_out_pages() -> dict[str, Path]:
    """Build the pages that are out of date; return each name with its folder. Raises SetupError."""
    build.build(ROOT)
    return {"ours": ROOT / "site", "stock": _stock(), "peer": _peer()}


def _stock() -> Path:
    """Lay out PyScript and Pyodide from npm, and numpy from Pyodide's lock file."""
    page, packages = ROOT / ".cache" / "stock", ROOT / "node_modules"
    runtime.ensure_npm_packages(ROOT)
    wheel = runtime.ensure_numpy_wheel(ROOT)
    shutil.rmtree(page, ignore_errors=True)
    shutil.copytree(BENCH / "stock", page)
    shutil.copytree(
        packages / "@pyscript" / "core" / "dist",
        page / "runtime" / "pyscript",
        ignore=shutil.ignore_patterns("*.map"),
    )
    (page / "runtime" / "pyodide").mkdir()
    for name in STOCK_RUNTIME:
        shutil.copyfile(packages / "pyodide" / name, page / "runtime" / "pyodide" / name)
    shutil.copyfile(wheel, page / "runtime" / "pyodide" / wheel.name)
    return page


def _peer() -> Path:
    peer = BENCH / "peer"
    if not (peer / "node_modules" / "react").is_dir():
        subprocess.run(["npm", "ci", "--no-audit", "--no-fund"], cwd=peer, check=True, stdout=subprocess.DEVNULL)
    subprocess.run(["npm", "run", "build", "--silent"], cwd=peer, check=True, stdout=subprocess.DEVNULL)
    return peer / "dist"
