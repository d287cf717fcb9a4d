"""The static server, started as a user starts it, over real connections."""

from __future__ import annotations

import gzip
import http.client
import itertools
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from email.message import Message
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools import compression, serve
from tools.runtime import ROOT

INDEX = "<!doctype html><title>page</title>"
TEXT = "a line that comes again\n" * 400
NOISE = random.Random(1).randbytes(9_000)  # no compression makes this smaller
HASHED = "runtime/3f2a9c1b7d0e/pyodide"
FOR_GOOD = "public, max-age=31536000, immutable"
CLOCK = itertools.count(1)  # ns
TAKES_GZIP = "gzip, deflate, br, zstd"  # what Chromium sends


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


class Answer(NamedTuple):
    status: int
    headers: Message
    body: bytes  # as it came over the wire


def ask(address: str, path: str, accept: str | None = None, method: str = "GET", **headers: str) -> Answer:
    """Send a request with only Host and these headers; `If_None_Match` means If-None-Match."""
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    if accept is not None:
        sent["Accept-Encoding"] = accept
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=10)
    try:
        connection.putrequest(method, "/" + path, skip_accept_encoding=True)
        for name, value in sent.items():
            connection.putheader(name, value)
        connection.endheaders()
        answer = connection.getresponse()
        return Answer(answer.status, answer.headers, answer.read())
    finally:
        connection.close()


def archive(path: Path, method: int, content: str | bytes) -> None:
    with zipfile.ZipFile(path, "w", method) as made:
        made.writestr("content", content)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("served")
    for suffix in serve.MIME_TYPES:
        write(made / f"file{suffix}", "content")
    write(made / "index.html", INDEX)
    write(made / "empty" / "file.txt")
    for name in (
        "long.html",
        "long.js",
        "long.mjs",
        "long.py",
        "long.wasm",
        f"{HASHED}/pyodide.mjs",
        f"{HASHED}/sw.js",
    ):
        write(made / name, TEXT)
    write(made / "noise.wasm", NOISE)
    archive(made / "stored.zip", zipfile.ZIP_STORED, TEXT)
    archive(made / "deflated.zip", zipfile.ZIP_DEFLATED, NOISE + TEXT.encode())
    return made


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
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


def test_pages_of_other_origins_may_use_the_files(address: str) -> None:
    _, headers = get(address)
    for answer in (headers, get(address, If_None_Match=headers["ETag"])[1], get(address + "missing")[1]):
        assert answer.get_all("Access-Control-Allow-Origin") == ["*"]


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
def test_an_invalid_port_is_refused(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        serve.main([f"--port={port}"])
    assert "whole number from 0 to 65535" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["long.html", "long.js", "long.mjs", "long.py", "long.wasm", "stored.zip"])
def test_a_file_that_shrinks_is_gzipped_for_clients_that_accept_it(address: str, folder: Path, name: str) -> None:
    answer = ask(address, name, TAKES_GZIP)
    assert (answer.status, answer.headers["Content-Encoding"]) == (200, "gzip")
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert int(answer.headers["Content-Length"]) == len(answer.body) < (folder / name).stat().st_size / 5
    assert gzip.decompress(answer.body) == (folder / name).read_bytes()
    assert answer.headers.get_content_type() == ask(address, name).headers.get_content_type()


@pytest.mark.parametrize("accept", [None, "", "identity", "br", "gzip;q=0", "br, *;q=0", "*, gzip;q=0.000"])
def test_clients_that_do_not_accept_gzip_get_the_file_itself(address: str, folder: Path, accept: str | None) -> None:
    answer = ask(address, "long.js", accept)
    assert answer.body == (folder / "long.js").read_bytes()
    assert (answer.headers["Content-Encoding"], answer.headers["Vary"]) == (None, "Accept-Encoding")


@pytest.mark.parametrize("name", ["deflated.zip", "noise.wasm", "file.js", "empty/file.txt"])
def test_a_file_that_gzip_does_not_shrink_is_sent_uncompressed(address: str, folder: Path, name: str) -> None:
    answer = ask(address, name, TAKES_GZIP)
    assert answer.body == (folder / name).read_bytes()
    assert answer.headers["Content-Encoding"] is None


@pytest.mark.parametrize("accept", ["gzip", "GZIP", "x-gzip", "*", "br;q=1.0, gzip;q=0.001", "gzip ; q=1, *;q=0"])
def test_gzip_is_accepted_by_name_or_by_star(accept: str) -> None:
    assert compression.accepts_gzip(accept)


@given(st.text())
def test_any_accept_encoding_field_is_read(text: str) -> None:
    assert compression.accepts_gzip(f"{text},gzip")
    assert not compression.accepts_gzip(f"{text},gzip;q=0")


@given(st.binary(max_size=300), st.integers(1, 100), st.sampled_from([TAKES_GZIP, "gzip;q=0", "identity"]))
def test_whatever_the_file_its_content_arrives(
    address: str, folder: Path, part: bytes, times: int, accept: str
) -> None:
    write(folder / "changing.wasm", part * times)
    os.utime(folder / "changing.wasm", ns=(0, next(CLOCK)))  # the file system's own is too coarse for this
    answer = ask(address, "changing.wasm", accept)
    packed = answer.headers["Content-Encoding"] == "gzip"
    assert (gzip.decompress(answer.body) if packed else answer.body) == part * times
    assert len(answer.body) <= len(part * times)


@pytest.mark.parametrize("first", [TAKES_GZIP, "identity"])
@pytest.mark.parametrize("then", [TAKES_GZIP, "identity"])
def test_one_etag_serves_both_encodings(address: str, first: str, then: str) -> None:
    tag = ask(address, "long.js", first).headers["ETag"]
    for tags in (tag, tag.removeprefix("W/"), f'"another", {tag}', "*"):
        again = ask(address, "long.js", then, If_None_Match=tags)
        assert (again.status, again.body, again.headers["ETag"]) == (304, b"", tag)
        assert (again.headers["Vary"], again.headers["Cache-Control"]) == ("Accept-Encoding", "no-cache")


@pytest.mark.parametrize("accept", [TAKES_GZIP, "identity"])
def test_a_changed_file_is_sent_again(address: str, folder: Path, accept: str) -> None:
    write(folder / "edited.js", TEXT)
    tag = ask(address, "edited.js", accept).headers["ETag"]
    edited = TEXT.replace("line", "LINE")  # of the same size
    write(folder / "edited.js", edited)
    os.utime(folder / "edited.js", ns=(0, next(CLOCK)))
    answer = ask(address, "edited.js", accept, If_None_Match=tag)
    body = gzip.decompress(answer.body) if accept == TAKES_GZIP else answer.body
    assert (answer.status, body.decode()) == (200, edited)


@pytest.mark.parametrize("accept", [TAKES_GZIP, "identity"])
@pytest.mark.parametrize("path", ["", "long.js", "deflated.zip", "nothing.js"])
def test_head_has_the_headers_of_get(address: str, accept: str, path: str) -> None:
    head, got = (ask(address, path, accept, method) for method in ("HEAD", "GET"))
    assert (head.status, head.body) == (got.status, b"")
    assert {**dict(head.headers), "Date": ""} == {**dict(got.headers), "Date": ""}


def test_a_range_request_gets_the_whole_file(address: str) -> None:
    answer = ask(address, "long.js", Range="bytes=0-9")
    assert (answer.status, len(answer.body)) == (200, len(TEXT))


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (f"{HASHED}/pyodide.mjs", FOR_GOOD),
        (f"{HASHED}/pyodide.mjs?v=2", FOR_GOOD),
        (f"{HASHED}/sw.js", "no-cache"),
        (f"{HASHED}/missing.mjs", "no-cache"),
        (HASHED, "no-cache"),  # a redirect
        ("long.js", "no-cache"),
        ("long.js?v=3f2a9c1b7d0e", "no-cache"),
        ("", "no-cache"),
    ],
)
def test_only_a_file_under_a_hashed_name_is_kept_for_good(address: str, path: str, expected: str) -> None:
    assert ask(address, path).headers["Cache-Control"] == expected


def test_a_304_keeps_a_file_for_good_too(address: str) -> None:
    tag = ask(address, f"{HASHED}/pyodide.mjs").headers["ETag"]
    again = ask(address, f"{HASHED}/pyodide.mjs", If_None_Match=tag)
    assert (again.status, again.headers["Cache-Control"]) == (304, FOR_GOOD)


@given(st.text("0123456789abcdef", min_size=8, max_size=64), st.sampled_from(["/{}/a.js", "/a.{}.js", "/b/a-{}.css"]))
def test_a_name_with_a_hash_lasts_and_a_service_worker_never(digits: str, pattern: str) -> None:
    assert serve.lasts(pattern.format(digits))
    assert not serve.lasts(f"/{digits}/sw.js?{digits}")


@pytest.mark.parametrize(
    "path",
    ["/core-C9KDLldu.js", "/3f2a9c1/a.js", "/3F2A9C1B/a.js", "/numpy-2.4.3-cp314-cp314-pyemscripten_2026_0_wasm32.whl"],
)
def test_a_name_without_a_hash_does_not_last(path: str) -> None:
    assert not serve.lasts(path)


def test_simultaneous_requests_compress_a_file_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []
    together = threading.Barrier(8)
    copies = compression.Copies()

    def shrunk(content: bytes) -> bytes:
        made.append(len(content))
        return gzip.compress(content)

    def get(_: int) -> bytes | None:
        together.wait(timeout=10)
        return copies.get(path, compression.version(path.stat()))

    monkeypatch.setattr(compression, "shrunk", shrunk)
    path = folder / "long.js"
    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(get, range(8)))) == 1
    assert made == [len(TEXT)]


def test_copies_made_in_advance_are_served(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copies = compression.Copies()
    copies.make(folder)
    monkeypatch.setattr(compression, "shrunk", lambda _content: pytest.fail("made again"))
    path = folder / "long.js"
    packed = copies.get(path, compression.version(path.stat()))
    assert packed is not None
    assert gzip.decompress(packed).decode() == TEXT
