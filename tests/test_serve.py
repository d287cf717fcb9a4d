"""The static server as its user starts it, asked over real connections."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import Message
from pathlib import Path

import pytest

from tools import serve
from tools.runtime import ROOT

INDEX = "<!doctype html><title>page</title>"


def write(path: Path, content: str | bytes = "") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())


@contextmanager
def serving(folder: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The server as its user starts it, on a free port, with its address once it listens."""
    command = [sys.executable, "-m", "tools.serve", "--port", "0", "--folder", str(folder)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            line = process.stdout.readline()  # the server prints it when it listens, not before
            assert line.startswith("Gradient Flow Viz: http://127.0.0.1:")
            yield process, line.split(": ", 1)[1].strip()
        finally:
            process.kill()


def get(address: str, **headers: str) -> tuple[int, Message]:
    request = urllib.request.Request(address, headers={k.replace("_", "-"): v for k, v in headers.items()})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.headers
    except urllib.error.HTTPError as answer:
        with answer:
            return answer.code, answer.headers


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("served")
    for suffix in serve.MIME_TYPES:
        write(folder / f"file{suffix}", "content")
    write(folder / "index.html", INDEX)
    write(folder / "empty" / "file.txt")
    with serving(folder) as (_, served):
        yield served


@pytest.mark.parametrize(
    ("suffix", "expected"),
    [
        (".css", "text/css"),
        (".html", "text/html"),
        (".js", "text/javascript"),
        (".json", "application/json"),
        (".mjs", "text/javascript"),
        (".py", "text/x-python"),
        (".svg", "image/svg+xml"),
        (".toml", "application/toml"),
        (".wasm", "application/wasm"),
        (".whl", "application/zip"),
        (".zip", "application/zip"),
    ],
)
def test_files_are_served_with_their_types(address: str, suffix: str, expected: str) -> None:
    status, headers = get(f"{address}file{suffix}")
    assert (status, headers.get_content_type()) == (200, expected)


def test_an_unchanged_file_costs_a_304(address: str) -> None:
    status, headers = get(address)
    assert (status, headers["Cache-Control"]) == (200, "no-cache")
    assert headers["Last-Modified"]
    assert get(address, If_None_Match=headers["ETag"])[0] == 304
    assert get(address, If_Modified_Since=headers["Last-Modified"])[0] == 304
    assert get(address, If_None_Match='"another"', If_Modified_Since=headers["Last-Modified"])[0] == 200


@pytest.mark.parametrize("path", ["empty/", "nothing.js", "..%2f..%2fetc/passwd", "%00"])
def test_nothing_but_the_files_is_served(address: str, path: str) -> None:
    assert get(address + path)[0] == 404


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_server_cleanly(tmp_path: Path, number: signal.Signals) -> None:
    write(tmp_path / "index.html", INDEX)
    with serving(tmp_path) as (process, served):
        assert get(served)[0] == 200
        process.send_signal(number)
        rest, _ = process.communicate(timeout=10)
        assert (process.returncode, rest) == (0, "")


def test_a_taken_port_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert serve.main(["--port", str(port), "--folder", str(tmp_path)]) == 1
    assert capsys.readouterr().err.startswith(f"tools.serve: Port {port} is taken")


@pytest.mark.parametrize("port", ["-1", "65536", "http", "8000.5", "٣"])
def test_a_port_that_is_none_is_refused(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        serve.main([f"--port={port}"])
    assert "whole number from 0 to 65535" in capsys.readouterr().err
