"""Bad files of every kind, made here, each with the sentence that its user must get."""

from __future__ import annotations

import io
import json
import pickle
import struct
import zipfile
from pathlib import Path
from typing import NamedTuple

import numpy as np

from tests.support.log_samples import VERSION, archive, event, scalar, sealed

SCRIPT = "<img src=x onerror=alert(1)><script>alert(2)</script>"  # as part of a layer's name


class Bad(NamedTuple):
    """A bad file: what the sentences about it, joined by spaces, must match, and how many layers are read of it."""

    content: bytes
    sentence: str
    layers: int = 0


class BadLog(NamedTuple):
    """A bad file in a folder; the rest as in `Bad`."""

    path: Path
    sentence: str
    layers: int


def bomb(shape: int, zeros: int) -> bytes:
    """An archive of one array of zeros, of which so many bytes are there."""
    buffer = io.BytesIO()
    header = f"{{'descr': '<f8', 'fortran_order': False, 'shape': ({shape},), }}".ljust(117).encode() + b"\n"
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as members, members.open("bomb.npy", "w") as member:
        member.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header)
        for _ in range(zeros >> 20):
            member.write(bytes(1 << 20))
    return buffer.getvalue()


def _lines(count: int, **more: float) -> bytes:
    """JSON lines of two layers."""
    records = ({"step": at, "grad_norm/a.weight": 0.5, "grad_norm/b.weight": 1.0, **more} for at in range(count))
    return b"".join(json.dumps(record).encode() + b"\n" for record in records)


def _records() -> list[bytes]:
    """An event file's records, of two layers and four steps."""
    values = (scalar("grad_norm/a.weight", 0.5), scalar("grad_norm/b.weight", 1.0))
    return [sealed(VERSION), *(sealed(event(step, *values)) for step in range(4))]


def _flipped(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def _wide(columns: int) -> bytes:
    header = ",".join(["step", *(f"grad_norm/layer.{at}.weight" for at in range(columns))])
    return f"{header}\n{','.join(['1'] * (columns + 1))}\n".encode()


def _nested_header() -> bytes:
    """An archive of one array whose header is 9,000 signs and brackets."""
    buffer = io.BytesIO()
    header = b"{'descr': '<f8', 'shape': " + b"(" * 4_500 + b"-" * 4_500 + b"\n"
    with zipfile.ZipFile(buffer, "w") as members:
        members.writestr("nested.npy", b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header)
    return buffer.getvalue()


def _checkpoint() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as members:
        members.writestr("model/data.pkl", b"\x80\x02}q\x00.")
    return buffer.getvalue()


def _trap() -> bytes:
    """An array of objects among arrays of numbers."""
    return archive({"a.weight": np.ones(4), "b.weight": np.ones(4), "trap": np.array([{"pickled"}], object)})


def bad_files() -> dict[str, Bad]:
    """All of them, by name."""
    records = _records()
    second = len(records[0]) + len(records[1])  # where the second step's record begins
    whole, events = _lines(40), b"".join(records)
    state = {"best_metric": None, "log_history": [{"grad_norm": 1.5, "loss": 2.0, "step": 10}]}
    return {
        "truncated.jsonl": Bad(whole[:-20], r"truncated\.jsonl: 1 of 40 lines was not JSON; at line 40\.", 2),
        "mixed.jsonl": Bad(
            whole + b"Epoch 3 done\nepoch,grad_norm/a\n2,3\n" + _lines(2),
            r"mixed\.jsonl: 3 of 45 lines were not JSON; first at line 41\.",
            2,
        ),
        "script.jsonl": Bad(json.dumps({"step": 1, f"grad_norm/{SCRIPT}.weight": 0.5}).encode(), r"", 1),
        "empty.jsonl": Bad(b"", r"empty\.jsonl: is empty\. Expected are names as in \{\"step\": 120, "),
        "trainer_state.json": Bad(
            json.dumps(state, indent=2).encode(),
            r"trainer_state\.json: is a trainer_state\.json, which holds one grad_norm over all layers .*"
            r"gradient_flow_recorder",
        ),
        "nested.json": Bad(
            b"[" * 10_000, r"nested\.json: .*1 of 1 line was nested more than 32 levels deep; at line 1\."
        ),
        "objects.json": Bad(
            b'{"a":' * 5_000 + b"1" + b"}" * 5_000,
            r"objects\.json: .*1 of 1 line was nested more than 32 levels deep; at line 1\.",
        ),
        "document.json": Bad(
            b'{\n"a":' + b"[" * 10_000 + b"]" * 10_000 + b"\n}",
            r"document\.json: is JSON nested more than 32 levels deep, which is not read\.",
        ),
        "nested-1.npz": Bad(
            _nested_header(), r"1 of 1 member was an array with a damaged header; at nested\.npy, byte 0\."
        ),
        "page.jsonl": Bad(
            b"<!DOCTYPE html>\n<html><body>404: not found</body></html>\n",
            r"page\.jsonl: is a web page \(HTML or XML\), not a log: .*Use the address of the raw file\.",
        ),
        "columns.csv": Bad(
            b"epoch,train_acc,lr\n1,0.5,0.1\n",
            r"columns\.csv: no gradients in it\. Its names are epoch, train_acc, lr\. "
            r"Expected are columns as in step,grad_norm/fc1\.weight",
        ),
        "ragged.csv": Bad(
            b"step,grad_norm/a,grad_norm/b\n1,2,3\n2,3\n3,4,5,6\n4,-1,much\n",
            r"2 of 5 lines were without the 3 cells of the first line; first at line 3, which has 2\..*"
            r"2 values were no magnitude \(a number of at least 0, NaN or Infinity\); first at line 5, grad_norm/a\.",
            2,
        ),
        "wide.csv": Bad(
            _wide(10_000),
            r"wide\.csv: Only the first 4,096 names were read, of 10,000: layer\.4096\.weight is among those left out\."
            r" Log one norm a layer\.",
            4096,
        ),
        "damaged.tfevents": Bad(
            _flipped(events, second + 20),
            rf"1 of 5 records was damaged \(its checksum doesn't agree\); at byte {second}\.",
            2,
        ),
        "broken.tfevents": Bad(
            _flipped(events, second),
            rf"The record at byte {second} has a length that doesn't agree with its checksum; nothing after it was "
            r"read\. Copy the file anew",
            2,
        ),
        "truncated.tfevents": Bad(
            events[:-9],
            rf"The last record, at byte {len(events) - len(records[-1])}, is cut off; ",
            2,
        ),
        "accuracy.tfevents": Bad(
            sealed(VERSION, event(1, scalar("accuracy", 1))),
            r"accuracy\.tfevents: no gradients in it\. Its names are accuracy\. Expected are scalars as in ",
        ),
        "bomb-1.npz": Bad(
            bomb(10**9, 120 << 20),
            r"bomb-1\.npz: no gradients in it\. .*1 of 1 member was a zip bomb, inflating to more than 100 times its "
            r"size; at bomb\.npy, byte 0\.",
        ),
        "truncated-1.npz": Bad(
            archive({"a.weight": np.ones(4), "b.weight": np.random.default_rng(0).normal(size=1000)}, False)[:-5000],
            r"1 of 2 members was cut off; at b\.weight\.npy, byte \d+\.",
            1,
        ),
        "objects-1.npz": Bad(
            _trap(),
            r"1 of 3 members was a pickle of Python objects, which is not opened; at trap\.npy, byte \d+\.",
            2,
        ),
        "gradients.pkl": Bad(
            pickle.dumps({"a.weight": 1.0}),
            r"gradients\.pkl: is a pickle, which can run any code, so it is not opened\. Save gradients with np\.savez",
        ),
        "model.pt": Bad(_checkpoint(), r"model\.pt: is a checkpoint, which holds a pickle\. .*np\.savez"),
        "program.bin": Bad(
            b"\x7fELF" + bytes(100),
            r"program\.bin: has a zero byte at byte 4, so it is no text, nor a format known here; JSON lines, CSV",
        ),
        "junk.bin": Bad(
            b"\xde\xad\xbe\xef" * 40,
            r"junk\.bin: is neither text nor any format known here; JSON lines, CSV, .* are read\. "
            r"1 of 1 line was not UTF-8 text \(byte 0xbe\); at line 1\.",
        ),
    }


def write(folder: Path) -> list[BadLog]:
    """Writes all of them into a folder."""
    written = []
    for name, bad in bad_files().items():
        (folder / name).write_bytes(bad.content)
        written.append(BadLog(folder / name, bad.sentence, bad.layers))
    return written
