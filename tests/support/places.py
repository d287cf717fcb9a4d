"""The places of the built site, its parts and the public runtime, and their addresses on a test server."""

from __future__ import annotations

from pathlib import Path
from typing import Final

HOME: Final = "/gradient-flow-viz/"  # the built site, as on a sub-path of a host
DOCS: Final = f"{HOME}docs.html"
TREE: Final = "/tree/"  # the source tree as it is
COMPONENT: Final = f"{HOME}component.html"  # a page of the tests, with an empty stage for figures
ROOT = Path(__file__).resolve().parents[2]
SITE = ROOT / "site"
RUNTIME = next(SITE.glob("runtime/*"), SITE)  # its name is a hash of what is in it
BUNDLE = next(SITE.glob("app-*.bundle"), SITE)
SNAPSHOT = {name: next(SITE.glob(f"{name}-*.bundle"), SITE) for name in ("snapshot", "start", "library")}
NUMPY = next(RUNTIME.glob("pyodide/numpy-*.bundle"), SITE)
PUBLIC = {  # as npm has them, which is what stands at these addresses
    "https://pyscript.net/releases/2026.7.3/": ROOT / "node_modules" / "@pyscript" / "core" / "dist",
    "https://cdn.jsdelivr.net/pyodide/v314.0.4/full/": ROOT / "node_modules" / "pyodide",
}
