"""safetensors of gradients: every norm of every tensor, whatever its type; checkpoints of weights are refused."""

from __future__ import annotations

import json
import struct
import tracemalloc
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from app.runs.collector import LogError, ParsedLog, finished
from app.runs.formats.safetensors import GRADIENTS_ASSUMED, SafetensorsReader, is_safetensors
from app.runs.reductions import L2, MAX, MEAN, RMS
from tests.support.tracker_samples import bfloat16, safetensors_file

NAME = "gradients-120.safetensors"
NUMBERS = np.arange(-3.0, 9.0).reshape(3, 4)


def read(data: bytes, file: str = NAME, piece: int = 1 << 20) -> ParsedLog:
    reader = SafetensorsReader(file)
    for start in range(0, len(data), piece):
        finished(reader.feeding(data[start : start + piece]))
    return finished(reader.finishing())


def refusal(data: bytes, file: str = NAME) -> str:
    with pytest.raises(LogError) as refused:
        read(data, file)
    return str(refused.value)


def norms(log: ParsedLog, reduction: str = L2) -> dict[str, float]:
    return {
        name: column.values[0]
        for key, table in log.tables.items()
        for name, column in table.columns.items()
        if key.reduction == reduction
    }


def steps(log: ParsedLog) -> list[float]:
    return list(next(iter(log.tables.values())).rows)


def with_header(header: Any, body: bytes = b"") -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + body


@pytest.mark.parametrize(
    ("dtype", "values"),
    [
        ("F64", NUMBERS),
        ("F32", NUMBERS.astype("<f4")),
        ("F16", NUMBERS.astype("<f2")),
        ("BF16", bfloat16(NUMBERS)),
        ("I32", NUMBERS.astype("<i4")),
        ("C64", (NUMBERS * 1j).astype("<c8")),
    ],
)
@pytest.mark.parametrize("piece", [7, 1 << 20])
def test_every_type_of_number_has_its_norms(dtype: str, values: Any, piece: int) -> None:
    log = read(safetensors_file({"a.weight": (dtype, values)}), piece=piece)
    sizes = np.abs(NUMBERS)
    assert norms(log) == {"a.weight": pytest.approx(float(np.linalg.norm(sizes)))}
    assert norms(log, RMS) == {"a.weight": pytest.approx(float(np.sqrt(np.square(sizes).mean())))}
    assert norms(log, MEAN) == {"a.weight": pytest.approx(float(sizes.mean()))}
    assert norms(log, MAX) == {"a.weight": 8}
    assert (log.sizes, steps(log), log.problems) == ({"a.weight": 12}, [120], ())


def test_bfloat16_keeps_nan_infinity_and_small_numbers() -> None:
    values = np.array([1e-38, 3e38, np.inf, np.nan], "<f4")
    tensors = {f"layer.{at}.weight": ("BF16", bfloat16(values[at : at + 1])) for at in range(4)}
    found = list(norms(read(safetensors_file(tensors))).values())
    np.testing.assert_allclose(found, [1e-38, 3e38, np.inf, np.nan], rtol=0.01)


def test_layers_keep_the_order_of_the_header_whatever_that_of_their_bytes() -> None:
    header = {
        "b.weight": {"dtype": "F32", "shape": [1], "data_offsets": [4, 8]},
        "a.weight": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]},
    }
    log = read(with_header(header, struct.pack("<2f", 1, 2)))
    assert list(norms(log).items()) == [("b.weight", 2), ("a.weight", 1)]


def test_the_step_in_the_metadata_goes_before_that_in_the_name() -> None:
    tensors = {"a.weight": ("F32", np.ones(2, "<f4"))}
    assert steps(read(safetensors_file(tensors, {"step": "30"}))) == [30]
    assert steps(read(safetensors_file(tensors, {"step": "many"}))) == [120]
    assert steps(read(safetensors_file(tensors), "gradients.safetensors")) == [0]


@pytest.mark.parametrize(
    ("file", "metadata"),
    [
        ("model.safetensors", None),
        ("model-00001-of-00002.safetensors", {"format": "pt"}),
        ("adapter_model.safetensors", None),
        ("diffusion_pytorch_model.safetensors", None),
        ("step-100.safetensors", {"format": "pt"}),
    ],
)
def test_a_checkpoint_is_refused_with_what_to_save_instead(file: str, metadata: dict[str, str] | None) -> None:
    said = refusal(safetensors_file({"a.weight": ("F32", np.ones(2, "<f4"))}, metadata), file)
    assert said.startswith(f"{file}: looks like a checkpoint, which holds weights and no gradients. Expected is what ")
    assert "p.grad" in said


@pytest.mark.parametrize(
    ("file", "name", "metadata"),
    [
        ("model-grads.safetensors", "a.weight", None),
        ("model.safetensors", "a.weight.grad", {"format": "pt"}),
        ("model.safetensors", "a.weight", {"content": "gradients"}),
    ],
)
def test_a_file_that_speaks_of_gradients_is_read_without_a_remark(
    file: str, name: str, metadata: dict[str, str] | None
) -> None:
    assert read(safetensors_file({name: ("F32", np.ones(2, "<f4"))}, metadata), file).problems == ()


def test_a_file_that_says_nothing_is_taken_for_gradients_and_said_to_be() -> None:
    log = read(safetensors_file({"a.weight": ("F32", np.ones(4, "<f4"))}), "step-7.safetensors")
    assert norms(log) == {"a.weight": 2}
    assert log.problems == (GRADIENTS_ASSUMED,)


def test_types_that_are_not_read_and_wrong_descriptions_are_counted() -> None:
    header: dict[str, Any] = {
        "a.weight": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]},
        "b.weight": {"dtype": "F8_E4M3", "shape": [4], "data_offsets": [4, 8]},
        "c.weight": {"dtype": "F32", "shape": [2], "data_offsets": [8, 12]},
        "d.weight": {"dtype": "F32", "shape": [-1], "data_offsets": [8, 4]},
        "e.weight": {"dtype": "F32", "shape": [1], "data_offsets": [8]},
        "f.weight": [],
        "g.weight": {"dtype": "F32", "shape": [1], "data_offsets": [2, 6]},
    }
    log = read(with_header(header, struct.pack("<3f", 1, 2, 3)))
    assert norms(log) == {"a.weight": 1}
    assert log.problems == (
        "1 of 7 tensors was stored as F8_E4M3, which is not read; at b.weight.",
        "4 of 7 tensors were described wrongly in the header; first at c.weight.",
        "1 of 7 tensors was laid over another one; at g.weight.",
    )


def test_an_empty_tensor_has_no_norm() -> None:
    tensors = {"a.weight": ("F32", np.ones(0, "<f4")), "b.weight": ("F32", np.ones(4, "<f4"))}
    assert norms(read(safetensors_file(tensors))) == {"b.weight": 2}


def test_norms_by_their_names_are_no_gradients() -> None:
    tensors = {"grad_norm/a.weight": ("F32", np.ones(1, "<f4")), "b.weight": ("F32", np.ones(4, "<f4"))}
    log = read(safetensors_file(tensors))
    assert norms(log) == {"b.weight": 2}
    assert log.problems == ("1 of 2 tensors was norms by their names, not raw gradients; at grad_norm/a.weight.",)


def test_every_way_to_cut_a_file_keeps_its_whole_tensors() -> None:
    tensors = {f"layer.{at}.weight": ("F32", np.ones(4, "<f4")) for at in range(3)}
    data = safetensors_file(tensors)
    body = len(data) - 48
    for cut in range(body):
        assert "cut off in its header" in refusal(data[:cut]) or "no tensors" in refusal(data[:cut])
    found = [0 if cut < body + 16 else len(norms(read(data[:cut], piece=5))) for cut in range(body, len(data) + 1)]
    assert found[-1] == 3
    assert all(later >= before for before, later in pairwise(found))
    assert read(data[:-1]).problems == ("1 of 3 tensors was cut off; at layer.2.weight.",)


@pytest.mark.parametrize(
    "header",
    [
        b"{",
        b"[]",
        b"{}}",
        b'{"a":' * 5000 + b"1" + b"}" * 5000,
        b'{"a":' + b"[" * 100_000,
        b"{\xff}",
        b'{"a": 1e99999}x',
    ],
)
def test_a_damaged_header_is_refused(header: bytes) -> None:
    assert refusal(with_header(header)).startswith(f"{NAME}: has a damaged header. Expected is ")


def test_brackets_in_a_name_are_no_nesting() -> None:
    log = read(safetensors_file({"['a']" + "[" * 50 + '"{': ("F32", np.ones(4, "<f4"))}))
    assert list(norms(log).values()) == [2]


def test_an_empty_file_and_too_long_a_header_are_refused() -> None:
    assert "holds no tensors" in refusal(with_header({"__metadata__": {"about": "gradients"}}))
    assert "has a header of 1,000,000,000 bytes" in refusal(struct.pack("<Q", 10**9) + b"{" + bytes(100))


def test_a_large_tensor_is_let_go_of_as_it_comes() -> None:
    header = {"a.weight": {"dtype": "F32", "shape": [10_000_000], "data_offsets": [0, 40_000_000]}}
    reader = SafetensorsReader(NAME)
    finished(reader.feeding(with_header(header)))
    piece = np.ones(16_384, "<f4").tobytes()
    tracemalloc.start()
    for start in range(0, 40_000_000, len(piece)):
        finished(reader.feeding(piece[: 40_000_000 - start]))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2 << 20
    assert norms(finished(reader.finishing())) == {"a.weight": pytest.approx(10_000_000**0.5)}


def test_its_beginning_tells_it_from_other_files() -> None:
    assert is_safetensors(safetensors_file({"a.weight": ("F32", np.ones(2, "<f4"))})[:64])
    assert not is_safetensors(b'{"step": 1, "grad_norm/fc1": 0.5}')
    assert not is_safetensors(b"1234567\n{")
    assert not is_safetensors(b"")
