"""Serves a folder to this machine alone, with the MIME types the page needs, until SIGINT or SIGTERM."""

from __future__ import annotations

import argparse
import errno
import functools
import signal
import sys
import threading
from collections.abc import Sequence
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, BinaryIO, Final

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


class Handler(SimpleHTTPRequestHandler):
    """Static files, always revalidated, so that an edit shows at the next reload and the rest costs a 304."""

    protocol_version = "HTTP/1.1"
    extensions_map = MIME_TYPES
    etag: str | None = None

    def send_head(self) -> Any:
        """Answers 304 when the browser's copy is still good, else as the base class does."""
        self.etag = self._etag()
        if self.etag and self.headers.get("If-None-Match") == self.etag:
            self.send_response(HTTPStatus.NOT_MODIFIED)
            self.end_headers()
            return None
        try:
            return super().send_head()
        except ValueError:  # a path that no file can have, as one with a null byte
            self.send_error(HTTPStatus.NOT_FOUND)
            return None

    def _etag(self) -> str | None:
        path = Path(self.translate_path(self.path))
        try:
            status = (path / "index.html" if path.is_dir() else path).stat()
        except (OSError, ValueError):
            return None
        return f'"{status.st_mtime_ns:x}-{status.st_size:x}"'

    def end_headers(self) -> None:
        """Adds what every answer carries."""
        self.send_header("Cache-Control", "no-cache")
        self.send_header("X-Content-Type-Options", "nosniff")
        if self.etag:
            self.send_header("ETag", self.etag)
        super().end_headers()

    def list_directory(self, path: Any) -> BinaryIO | None:  # type: ignore[override]  # it never lists
        """A folder without an index.html is nothing to look at."""
        self.send_error(HTTPStatus.NOT_FOUND)
        return None

    def log_message(self, format: str, *args: Any) -> None:
        """Stays quiet: the browser's own tools tell more."""


class Server(ThreadingHTTPServer):
    """A server that takes a browser's hanging up for what it is, no error."""

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
        serve(open_server(options.folder, options.port))
    except SetupError as error:
        print(f"tools.serve: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
