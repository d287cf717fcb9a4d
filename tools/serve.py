"""Serve a folder to this machine only, as a good static host would, until SIGINT or SIGTERM.

Files have the MIME types that the page needs, and are gzipped if that makes them smaller. Browsers may keep a file for
good if a hash of its content is in its name. They request all others again each time, which costs a 304. Other sites
may use the files.
"""

from __future__ import annotations

import argparse
import errno
import functools
import io
import os
import re
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, BinaryIO, Final

from tools.compression import Copies, accepts_gzip, version
from tools.runtime import ROOT, SetupError

HOST: Final = "127.0.0.1"
MIME_TYPES: Final = {
    "": "application/octet-stream",
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".mjs": "text/javascript; charset=utf-8",
    ".png": "image/png",
    ".py": "text/x-python; charset=utf-8",
    ".svg": "image/svg+xml",
    ".toml": "application/toml",
    ".wasm": "application/wasm",
    ".webmanifest": "application/manifest+json",
    ".whl": "application/zip",
    ".zip": "application/zip",
}
HASH: Final = re.compile(r"(?<![0-9A-Za-z])[0-9a-f]{8,}(?![0-9A-Za-z])")
FOR_GOOD: Final = "public, max-age=31536000, immutable"


def lasts(address: str) -> bool:
    """Return True if the content of a path can never change, because the name of a folder or the file has a hash.

    A hash is a part of a name, between dots, dashes or underscores, of 8 or more lowercase hex digits. A service worker
    never counts: a browser finds the next version of the page only by the worker's fixed name.
    """
    path = plain(address)
    return path.rpartition("/")[2] != "sw.js" and HASH.search(path) is not None


def plain(address: str) -> str:
    """Return a request's path without query and fragment."""
    return address.partition("?")[0].partition("#")[0]


class Handler(SimpleHTTPRequestHandler):
    """Static files for one Server."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # otherwise a body waits 40 ms until its head is acknowledged
    extensions_map = MIME_TYPES
    server: Server

    def send_head(self) -> BinaryIO | None:
        """Send the head: of a file, a 304, a redirect or an error. Return the body of a file."""
        path = Path(self.translate_path(self.path))
        try:
            if plain(self.path).endswith("/"):
                path /= "index.html"
            elif path.is_dir():
                return super().send_head()  # it redirects to the folder's address
            return self._answer(path, path.stat())
        except ConnectionError:
            raise
        except (OSError, ValueError):  # ValueError: an impossible path, such as one with a null byte
            self.send_error(HTTPStatus.NOT_FOUND)
            return None

    def _answer(self, path: Path, status: os.stat_result) -> BinaryIO | None:
        head = {
            "ETag": f'W/"{status.st_mtime_ns:x}-{status.st_size:x}"',  # weak: the file and its gzipped copy share it
            "Last-Modified": self.date_time_string(int(status.st_mtime)),
            "Vary": "Accept-Encoding",
        }
        if self._is_known(head["ETag"], head["Last-Modified"]):
            self._send(HTTPStatus.NOT_MODIFIED, head)
            return None
        packed = self.server.copies.get(path, version(status)) if self._accepts_gzip() else None
        content = packed or path.read_bytes()
        if packed:
            head["Content-Encoding"] = "gzip"
        self._send(HTTPStatus.OK, {**head, "Content-Type": self.guess_type(path), "Content-Length": str(len(content))})
        return io.BytesIO(content)

    def _send(self, status: HTTPStatus, head: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in head.items():
            self.send_header(name, value)
        self.end_headers()

    def _is_known(self, etag: str, modified: str) -> bool:
        """Return True if the browser's copy is still good. As in nginx, only a date that was sent from here counts."""
        tags = self.headers.get("If-None-Match")
        if tags is None:
            return bool(self.headers.get("If-Modified-Since") == modified)
        known = {tag.strip().removeprefix("W/") for tag in tags.split(",")}  # compared weakly: RFC 9110, 13.1.2
        return "*" in known or etag.removeprefix("W/") in known

    def _accepts_gzip(self) -> bool:
        return accepts_gzip(",".join(self.headers.get_all("Accept-Encoding", [])))

    def send_response(self, code: int, message: str | None = None) -> None:
        """Start a response with the headers that all have. Only files may be kept for good."""
        super().send_response(code, message)
        kept = code in {HTTPStatus.OK, HTTPStatus.NOT_MODIFIED} and lasts(self.path)
        self.send_header("Cache-Control", FOR_GOOD if kept else "no-cache")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header(
            "Access-Control-Allow-Origin", "*"
        )  # nothing here is secret, and any page may use the component

    def list_directory(self, path: Any) -> BinaryIO | None:  # type: ignore[override]  # it never lists
        """Answer 404 for a folder without an index.html."""
        self.send_error(HTTPStatus.NOT_FOUND)
        return None

    def log_message(self, format: str, *args: Any) -> None:
        """Log nothing: the browser's own tools show more."""


class Server(ThreadingHTTPServer):
    """A server with gzipped copies of its files. A connection that the browser closes is not an error."""

    def __init__(self, address: tuple[str, int], handler: Callable[..., Handler]) -> None:
        super().__init__(address, handler)
        self.copies = Copies()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Report all errors except closed connections."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


def open_server(folder: Path, port: int) -> Server:
    """Return a listening server. Raises SetupError if the port cannot be opened."""
    try:
        return Server((HOST, port), functools.partial(Handler, directory=str(folder)))
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise SetupError(f"Port {port} is taken: set another, as in PORT={port + 1} ./serve.sh") from None
        raise SetupError(f"Port {port} can't be opened: {error.strerror}.") from None


def serve(server: Server) -> None:
    """Answer requests until SIGINT or SIGTERM."""

    def stop(_signal: int, _frame: object) -> None:
        # shutdown() waits for the loop to end, so it cannot be called in that loop's thread.
        threading.Thread(target=server.shutdown).start()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    print(f"Gradient Flow Viz: http://{HOST}:{server.server_port}/", flush=True)
    with server:
        server.serve_forever(poll_interval=0.1)


def port_number(text: str) -> int:
    """Read a port from 0 (any free one) to 65535. Raises ArgumentTypeError with a sentence."""
    if not (text.isascii() and text.isdigit() and int(text) <= 65535):
        raise argparse.ArgumentTypeError(f"the port must be a whole number from 0 to 65535, got {text!r}")
    return int(text)


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until a signal; return the exit code."""
    parser = argparse.ArgumentParser(prog="tools.serve", description=__doc__)
    parser.add_argument("--port", type=port_number, default=8000, help="default 8000; 0 for any free one")
    parser.add_argument("--folder", type=Path, default=ROOT / "site", help="default site/")
    options = parser.parse_args(arguments)
    try:
        if not options.folder.is_dir():
            raise SetupError(f"{options.folder} does not exist: build it first, with ./serve.sh --build")
        server = open_server(options.folder, options.port)
        threading.Thread(target=server.copies.make, args=(options.folder,), daemon=True).start()
        serve(server)
    except SetupError as error:
        print(f"tools.serve: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
