"""Serves a folder to this machine alone, as a good static host would, until SIGINT or SIGTERM.

That is: with the MIME types the page needs, gzipped where that makes a file smaller, a name that holds its content's
hash kept for good, and everything else asked for again each time, which costs a 304. Other pages may use what is here.
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
    """Whether what a path leads to can never change, because a folder's or the file's name holds a hash.

    A hash is a part of a name, between dots, dashes or underscores, of 8 or more lowercase hex digits. A service
    worker is never one of these: by its own name alone does a browser find the next version of the page.
    """
    path = plain(address)
    return path.rpartition("/")[2] != "sw.js" and HASH.search(path) is not None


def plain(address: str) -> str:
    """A request's path without query and fragment."""
    return address.partition("?")[0].partition("#")[0]


class Handler(SimpleHTTPRequestHandler):
    """Static files for one Server."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # or a body waits 40 ms for its head to be acknowledged
    extensions_map = MIME_TYPES
    server: Server

    def send_head(self) -> BinaryIO | None:
        """Answers all but the body: a file's head, 304, a redirect or an error; hands back the body of a file."""
        path = Path(self.translate_path(self.path))
        try:
            if plain(self.path).endswith("/"):
                path /= "index.html"
            elif path.is_dir():
                return super().send_head()  # it redirects to the folder's address
            return self._answer(path, path.stat())
        except ConnectionError:
            raise
        except (OSError, ValueError):  # a ValueError: a path that no file can have, as one with a null byte
            self.send_error(HTTPStatus.NOT_FOUND)
            return None

    def _answer(self, path: Path, status: os.stat_result) -> BinaryIO | None:
        head = {
            "ETag": f'W/"{status.st_mtime_ns:x}-{status.st_size:x}"',  # weak: one for the file and its gzipped copy
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
        """Whether the browser's copy is still good; a date that it didn't get from here is none (as nginx has it)."""
        tags = self.headers.get("If-None-Match")
        if tags is None:
            return bool(self.headers.get("If-Modified-Since") == modified)
        known = {tag.strip().removeprefix("W/") for tag in tags.split(",")}  # compared weakly: RFC 9110, 13.1.2
        return "*" in known or etag.removeprefix("W/") in known

    def _accepts_gzip(self) -> bool:
        return accepts_gzip(",".join(self.headers.get_all("Accept-Encoding", [])))

    def send_response(self, code: int, message: str | None = None) -> None:
        """Starts an answer with what every one carries; nothing but a file itself is kept for good."""
        super().send_response(code, message)
        kept = code in {HTTPStatus.OK, HTTPStatus.NOT_MODIFIED} and lasts(self.path)
        self.send_header("Cache-Control", FOR_GOOD if kept else "no-cache")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header(
            "Access-Control-Allow-Origin", "*"
        )  # nothing here is secret, and the component is for any page

    def list_directory(self, path: Any) -> BinaryIO | None:  # type: ignore[override]  # it never lists
        """A folder without an index.html is nothing to look at."""
        self.send_error(HTTPStatus.NOT_FOUND)
        return None

    def log_message(self, format: str, *args: Any) -> None:
        """Stays quiet: the browser's own tools tell more."""


class Server(ThreadingHTTPServer):
    """A server with the gzipped copies of its files, that takes a browser's hanging up for what it is, no error."""

    def __init__(self, address: tuple[str, int], handler: Callable[..., Handler]) -> None:
        super().__init__(address, handler)
        self.copies = Copies()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Reports anything but a closed connection."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


def open_server(folder: Path, port: int) -> Server:
    """A listening server; raises SetupError when the port can't be had."""
    try:
        return Server((HOST, port), functools.partial(Handler, directory=str(folder)))
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise SetupError(f"Port {port} is taken: set another, as in PORT={port + 1} ./serve.sh") from None
        raise SetupError(f"Port {port} can't be opened: {error.strerror}.") from None


def serve(server: Server) -> None:
    """Answers requests until SIGINT or SIGTERM comes."""

    def stop(_signal: int, _frame: object) -> None:
        # shutdown() waits for the loop it ends, so it can't be called from within that loop's thread.
        threading.Thread(target=server.shutdown).start()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    print(f"Gradient Flow Viz: http://{HOST}:{server.server_port}/", flush=True)
    with server:
        server.serve_forever(poll_interval=0.1)


def port_number(text: str) -> int:
    """A port from 0 (any free one) to 65535; raises ArgumentTypeError with a sentence for anything else."""
    if not (text.isascii() and text.isdigit() and int(text) <= 65535):
        raise argparse.ArgumentTypeError(f"the port must be a whole number from 0 to 65535, got {text!r}")
    return int(text)


def main(arguments: Sequence[str] | None = None) -> int:
    """Serves until told to stop; the process's exit code."""
    parser = argparse.ArgumentParser(prog="tools.serve", description=__doc__)
    parser.add_argument("--port", type=port_number, default=8000, help="8000 unless told; 0: any free one")
    parser.add_argument("--folder", type=Path, default=ROOT / "site", help="site/ unless told")
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
