"""Somebody else's page: on an origin of its own, with the PyScript that everybody has, answered from local copies."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Route

from tools import runtime
from tools.runtime import ROOT

PYODIDE: Final = ROOT / "node_modules" / "pyodide"
PYSCRIPT: Final = ROOT / "node_modules" / "@pyscript" / "core" / "dist"
WHEELS: Final = ROOT / ".cache" / "wheels"
TYPES: Final = {".js": "text/javascript", ".mjs": "text/javascript", ".wasm": "application/wasm", ".css": "text/css"}


def micropip() -> Path:
    """The micropip that Pyodide's lock file names, from the package index; Pyodide's own copy is not on npm."""
    known = runtime.read_json(PYODIDE / "pyodide-lock.json")["packages"]["micropip"]
    wheel = WHEELS / str(known["file_name"])
    if not wheel.is_file():
        pip = [
            sys.executable,
            "-m",
            "pip",
            "download",
            "-q",
            "--no-deps",
            "--only-binary=:all:",
            "--python-version",
            "3.14",
        ]
        subprocess.run([*pip, "-d", str(WHEELS), f"micropip=={known['version']}"], check=True)
    return wheel


def lock_file() -> str:
    """Pyodide's lock file, with the checksum of the micropip there is here: the same code, packed by somebody else."""
    lock = runtime.read_json(PYODIDE / "pyodide-lock.json")
    lock["packages"]["micropip"]["sha256"] = hashlib.sha256(micropip().read_bytes()).hexdigest()
    return json.dumps(lock)


@dataclass
class PublicRuntime:
    """Answers what a page asks of PyScript's and Pyodide's hosts, whole as they are there."""

    missing: list[str] = field(default_factory=list)

    def __call__(self, route: Route) -> None:
        name = route.request.url.partition("?")[0].rpartition("/")[2]
        headers = {"Access-Control-Allow-Origin": "*"}
        if name == "pyodide-lock.json":
            route.fulfill(body=lock_file(), headers={**headers, "Content-Type": "application/json"})
            return
        for folder in (PYSCRIPT, PYODIDE, ROOT / ".cache", WHEELS):
            if (folder / name).is_file():
                kind = TYPES.get(Path(name).suffix, "application/octet-stream")
                route.fulfill(path=folder / name, headers={**headers, "Content-Type": kind})
                return
        self.missing.append(route.request.url)
        route.abort()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing."""


class _Open(_Quiet):
    def end_headers(self) -> None:
        """Lets pages of all origins read."""
        self.send_header("Access-Control-Allow-Origin", "*")
        super().end_headers()


class OtherOrigin:
    """A folder served from another origin, until `stop`; pages of other origins may read it where it is open."""

    def __init__(self, folder: Path, *, is_open: bool = False) -> None:
        handler = partial(_Open if is_open else _Quiet, directory=str(folder))
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.origin = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def stop(self) -> None:
        """Be gone."""
        self._server.shutdown()
        self._server.server_close()
