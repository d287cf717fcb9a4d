"""Bad files: each is refused with a sentence, or read as far as it goes and the rest counted. Nothing else happens."""

from __future__ import annotations

import io
import json
import os
import pickle
import random
import re
import struct
import tracemalloc
import zipfile
from itertools import pairwise

import numpy as np
import pytest

from app.runs.collector import MAX_NAMES, LogError
from app.runs.formats.crc32c import masked_crcs
from app.runs.reader import HEAD
from app.runs.run import Reader, Run, combine, read
from tests.support import log_samples, tracker_samples
from tests.support.bad_logs import BadLog, bomb
from tests.support.log_samples import VERSION, archive, event, field, histogram, scalar, sealed

SAMPLES = log_samples.SAMPLES | tracker_samples.SAMPLES
TOKENS = (
    *(
        b"\0",
        b"\xff",
        b"{",
        b"}",
        b"[",
        b'"',
        b"'",
        b",",
        b":",
        b"\n",
        b"-1",
        b"NaN",
        b"1e999",
        b"9" * 400,
        b"null",
        b"true",
    ),
    *(
        b"[" * 2000,
        b'{"a":' * 300,
        b"step",
        b"grad_norm/",
        b"PK\x03\x04",
        b"\xff" * 8,
        b"\x80" * 10,
        b" - ",
        b"0" * 5000,
    ),
)
# Of 3,390 lines that 30,000 files reach, 20,000 reach 3,383. A build server, which sets CI, tries as many.
ROUNDS = int(os.environ.get("DAMAGED_FILES", "20000" if os.environ.get("CI") else "10000"))


@pytest.mark.parametrize("name", SAMPLES)
def test_the_samples_are_whole(name: str) -> None:
    log = read(name, SAMPLES[name])
    assumed = ("all were taken for gradients", "No step is told")
    assert not [problem for problem in log.problems if not any(text in problem for text in assumed)]
    assert all(run.norms.size for run in combine([log]))


def damaged(chance: random.Random) -> tuple[str, bytes]:
    """A sample with a few things wrong."""
    name = chance.choice(list(SAMPLES))
    data = bytearray(SAMPLES[name])
    for _ in range(chance.choice((1, 1, 2, 4, 8))):
        at, end = sorted((chance.randrange(len(data) + 1), chance.randrange(len(data) + 1)))
        match chance.randrange(7):
            case 0 if data:
                data[min(at, len(data) - 1)] = chance.randrange(256)
            case 1:
                del data[end:]
            case 2:
                del data[at : min(end, at + 20)]
            case 3:
                data[at:at] = chance.choice(TOKENS)
            case 4:
                data[at:at] = data[at : min(end, at + 200)]
            case 5:
                other = SAMPLES[chance.choice(list(SAMPLES))]
                data[at:at] = other[: chance.randrange(len(other))]
            case _:
                data[at : min(end, at + 8)] = bytes(chance.randrange(256) for _ in range(min(end - at, 8)))
    return name, bytes(data)


def resealed(chance: random.Random) -> tuple[str, bytes]:
    """An event file whose checksums are right and whose messages are not."""
    message = bytearray(event(3, scalar("grad_norm/a", 0.5), histogram("gradients/b.weight", -1.0, 2.0, 4.0, 9.0)))
    for _ in range(chance.choice((1, 2, 4))):
        message[chance.randrange(len(message))] = chance.choice((0, 0x7F, 0x80, 0xFF, chance.randrange(256)))
    return "events", sealed(VERSION, bytes(message), event(4, scalar("grad_norm/a", 1.0)))


def rewritten(chance: random.Random) -> tuple[str, bytes]:
    """A log of W&B whose checksums are right and of which one message is not."""
    items = [tracker_samples.item("grad_norm/a.weight", 0.5), *tracker_samples.histogram_items("gradients/b.weight")]
    message = bytearray(tracker_samples.history(3, items))
    for _ in range(chance.choice((1, 2, 4))):
        message[chance.randrange(len(message))] = chance.choice((0, 0x7F, 0x80, 0xFF, chance.randrange(256)))
    return "run-a1b2.wandb", tracker_samples.wandb_run(bytes(message))


def try_to_use(name: str, data: bytes, cut: int) -> bool:
    """Reads a file in two pieces and does what is done with a run; whether there was one."""
    refused = ""
    runs: tuple[Run, ...] = ()
    try:
        reader = Reader(name, len(data))
        reader.feed(data[:cut])
        reader.feed(data[cut:])
        runs = combine([reader.finish()])
    except LogError as error:
        refused = str(error)
    assert bool(runs) != refused.startswith(f"{name}: ")
    for run in runs:
        assert run.norms.shape == run.logged.shape == (len(run.names), len(run.steps))
        assert not (run.norms < 0).any()
        assert np.isnan(run.norms[~run.logged]).all()
    return bool(runs)


@pytest.mark.parametrize("seed", range(10))
def test_thousands_of_damaged_files_raise_nothing_else(seed: int) -> None:
    chance = random.Random(seed)
    used = 0
    for _ in range(ROUNDS // 10):
        (make,) = chance.choices((damaged, resealed, rewritten), (8, 1, 1))
        name, data = make(chance)
        used += try_to_use(name, data, chance.randrange(len(data) + 1))
    assert ROUNDS // 40 < used < ROUNDS // 10  # some can still be read, some can't


def test_each_bad_file_gets_its_sentence_and_what_can_be_read_is(bad_logs: list[BadLog]) -> None:
    for path, sentence, layers in bad_logs:
        runs: tuple[Run, ...] = ()
        try:
            runs = combine([read(path.name, path.read_bytes())])
            said = " ".join(problem for run in runs for problem in run.problems)
        except LogError as error:
            said = str(error)
        assert re.search(sentence, said, re.DOTALL), f"{path.name}: {said}"
        assert said.startswith(f"{path.name}: ") or not sentence
        assert sum(len(run.names) for run in runs) == layers, path.name


def problems(name: str, data: bytes | str) -> tuple[str, ...]:
    return read(name, data).problems


def refusal(name: str, data: bytes | str) -> str:
    with pytest.raises(LogError) as refused:
        read(name, data)
    return str(refused.value)


def test_lines_that_are_not_json_are_counted_and_the_first_is_named() -> None:
    lines = [json.dumps({"step": at, "grad_norm/a": 1}) for at in range(1204)]
    lines[87] = lines[87][:9]
    lines[500] = "Epoch 3 done"
    lines[1203] = lines[1203][:20]
    log = read("run.jsonl", "\n".join(lines))
    assert log.problems == ("3 of 1,204 lines were not JSON; first at line 88.",)
    assert len(combine([log])[0].steps) == 1201


@pytest.mark.parametrize("size", [0, 1, 5])
def test_an_empty_file_is_refused(size: int) -> None:
    assert refusal("run.jsonl", b"\n" * size) == (
        'run.jsonl: is empty. Expected are names as in {"step": 120, "grad_norm/fc1.weight": 3.1e-4}.'
    )


def test_a_trainer_state_is_refused_with_the_reason_and_the_recorder() -> None:
    state = {"best_metric": None, "global_step": 10, "log_history": [{"grad_norm": 1.5, "loss": 2.0, "step": 10}]}
    for text in (json.dumps(state), json.dumps(state, indent=2), json.dumps(state, indent=2)[:90]):
        assert refusal("trainer_state.json", text) == (
            "trainer_state.json: is a trainer_state.json, which holds one grad_norm over all layers and so nothing of "
            "where gradients vanish. Record each layer's own with gradient_flow_recorder.py."
        )


def test_a_table_without_gradients_is_refused_with_its_columns() -> None:
    assert refusal("metrics.csv", "epoch,train_acc,lr\n1,2,3\n") == (
        "metrics.csv: no gradients in it. Its names are epoch, train_acc, lr. "
        "Expected are columns as in step,grad_norm/fc1.weight,grad_norm/fc2.weight."
    )


def test_rows_of_another_length_are_counted() -> None:
    assert problems("m.csv", "step,grad_norm/a\n1,2\n3\n4,5,6\n7,8\n") == (
        "2 of 5 lines were without the 2 cells of the first line; first at line 3, which has 1.",
    )


def test_values_that_are_no_magnitudes_are_counted() -> None:
    assert problems("m.csv", "step,grad_norm/a\n1,2\n2,-3\n3,much\nx,4\n") == (
        "2 values were no magnitude (a number of at least 0, NaN or Infinity); first at line 3, grad_norm/a.",
        "1 value was without a step that is a number; at line 5, grad_norm/a.",
    )


def test_ten_thousand_columns_are_read_up_to_a_limit_and_said_to_be() -> None:
    header = ",".join(["step", *(f"grad_norm/layer.{at}.weight" for at in range(10_000))])
    log = read("wide.csv", f"{header}\n{','.join(['1'] * 10_001)}\n")
    assert log.problems == (
        "Only the first 4,096 names were read, of 10,000: layer.4096.weight is among those left out. "
        "Log one norm a layer.",
    )
    assert len(combine([log])[0].names) == MAX_NAMES == 4096


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (bytes(range(256)) * 4, "has a zero byte at byte 0, so it is no text, nor a format known here; "),
        (b"\x7fELF" + bytes(100), "has a zero byte at byte 4"),
        (
            b"\xde\xad\xbe\xef" * 40,
            "is neither text nor any format known here; JSON lines, CSV, TensorBoard's event files, W&B's .wandb, "
            "MLflow's and trackio's databases, safetensors and NumPy's .npz are read. 1 of 1 line was not UTF-8 "
            "text (byte 0xbe); at line 1.",
        ),
        (
            pickle.dumps({"a": 1}),
            "is a pickle, which can run any code, so it is not opened. Save gradients with np.savez.",
        ),
        (b"\x1f\x8b\x08\x00", "is compressed by gzip. Unpack it first."),
        (b"\x93NUMPY\x01\x00", "is one NumPy array without names. Save gradients by name with np.savez."),
        (b"PK\x05\x06" + bytes(18), "is an empty archive. Expected is what np.savez writes."),
        (b":W&B\x01", "no gradients in it. The last record, at byte 0, is cut off; "),
        (b"SQLite format 3\0", "no gradients in it. SQLite could not read all of it: "),
    ],
    ids=["bytes", "program", "junk", "pickle", "gzip", "array", "zip", "wandb", "sqlite"],
)
def test_what_is_something_else_is_called_by_its_name(data: bytes, said: str) -> None:
    assert refusal("file", data).startswith(f"file: {said}")


def test_bytes_that_are_no_text_are_counted_by_line() -> None:
    assert problems("x", b'{"grad_norm/a":1}\n\xff\xfe\n{"grad_norm/a":2}\n' + b'{"grad\0') == (
        "1 of 4 lines was not UTF-8 text (byte 0xff); at line 2.",
        "1 of 4 lines was not text (it has a zero byte); at line 4.",
        "No step is told, so the records were counted.",
    )


def test_a_line_that_never_ends_is_not_kept() -> None:
    reader = Reader("x")
    reader.feed(b'{"grad_norm/a":1}\n' + b"x" * HEAD)
    tracemalloc.start()
    for _ in range(40):
        reader.feed(b"y" * (1 << 20))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 24 << 20
    assert reader.finish().problems == ("1 of 2 lines was longer than 8 MB; at line 2.",)


def test_a_document_that_is_cut_off_keeps_what_came_and_says_why() -> None:
    log = read("d.json", '{\n "fc1.weight": 1,\n "fc2.weight": 2,\n "fc3.wei')
    assert combine([log])[0].names == ("fc1", "fc2")
    assert log.problems[0] == "1 of 4 lines was without a name and a number; at line 4."
    assert log.problems[1].startswith("As JSON it is wrong: Unterminated string ")


def test_formats_that_are_mixed_are_read_as_the_first_and_the_rest_is_counted() -> None:
    log = read("m", '{"step":1,"grad_norm/a":1}\nepoch,grad_norm/a\n2,3\n{"step":4,"grad_norm/a":1}\n')
    assert combine([log])[0].steps.tolist() == [1, 4]
    assert log.problems == ("2 of 4 lines were not JSON; first at line 2.",)


def test_more_values_than_there_is_room_for_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.runs.collector.MAX_CELLS", 10)
    log = read("x", "\n".join(f'{{"step":{at},"grad_norm/a.weight":1,"grad_norm/b.weight":2}}' for at in range(9)))
    assert log.problems == (
        "Only the first 10 values were read: steps times names may be no more. "
        "Log every tenth step, or a norm a layer.",
    )
    assert combine([log])[0].norms.tolist() == [[1] * 5, [2] * 5]
    monkeypatch.setattr("app.runs.run.MAX_CELLS", 9)
    with pytest.raises(LogError, match=r"^x: 2 layers by 5 steps are more than the 9 values there is room for\. "):
        combine([log])


def test_json_nested_without_end_is_one_more_bad_line() -> None:
    assert problems("x", '{"grad_norm/a":1}\n' + "[" * 100_000 + "\n") == (
        "1 of 2 lines was nested more than 32 levels deep; at line 2.",
    )


def records() -> list[bytes]:
    return [sealed(VERSION), *(sealed(event(step, scalar("grad_norm/a", step))) for step in range(1, 5))]


def test_a_record_with_a_wrong_checksum_is_left_out() -> None:
    made = records()
    start = len(made[0]) + len(made[1])
    data = bytearray(b"".join(made))
    data[start + 12 + 5] ^= 1
    log = read("events", bytes(data))
    assert combine([log])[0].steps.tolist() == [1, 3, 4]
    assert log.problems == (f"1 of 5 records was damaged (its checksum doesn't agree); at byte {start}.",)


def test_after_a_damaged_length_nothing_is_read() -> None:
    made = records()
    start = sum(map(len, made[:3]))
    data = bytearray(b"".join(made))
    data[start] ^= 1
    log = read("events", bytes(data))
    assert combine([log])[0].steps.tolist() == [1, 2]
    assert log.problems == (
        f"The record at byte {start} has a length that doesn't agree with its checksum; nothing after it was read. "
        "Copy the file anew from where it was written.",
    )


@pytest.mark.parametrize("cut", [1, 5, 13, 30])
def test_a_cut_off_event_file_keeps_its_whole_records(cut: int) -> None:
    made = records()
    log = read("events", b"".join(made)[:-cut])
    assert combine([log])[0].steps.tolist() == [1, 2, 3]
    assert log.problems == (
        f"The last record, at byte {sum(map(len, made[:-1]))}, is cut off; "
        f"the {len(made[-1]) - cut} bytes of it that are there were left.",
    )


def test_an_event_file_without_gradients_is_refused_with_its_tags() -> None:
    assert refusal("events", sealed(VERSION, event(1, scalar("accuracy", 1)))) == (
        "events: no gradients in it. Its names are accuracy. Expected are scalars as in "
        "add_scalar('grad_norm/fc1.weight', …) or histograms as in add_histogram('gradients/fc1.weight', …)."
    )


def test_a_histogram_without_its_sum_of_squares_has_no_norm() -> None:
    data = sealed(VERSION, event(1, histogram("gradients/a", -1.0, 1.0, 5.0, 0.0), scalar("grad_norm/a", 1)))
    assert problems("events", data) == (
        f"1 value was a histogram without its sum of squares; at byte {len(sealed(VERSION))}, gradients/a.",
    )


def test_pictures_in_an_event_file_are_neither_kept_nor_checked() -> None:
    picture = event(1, field(1, "picture") + field(4, field(4, bytes(50 << 20))))
    wrong = struct.pack("<I", 0)
    length = struct.pack("<Q", len(picture))
    head = sealed(VERSION) + length + struct.pack("<I", masked_crcs([length])[0])
    reader = Reader("events")
    tracemalloc.start()
    reader.feed(head)
    for start in range(0, len(picture), 65_536):
        reader.feed(picture[start : start + 65_536])
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    reader.feed(wrong + sealed(event(2, scalar("grad_norm/a", 1.0))))
    log = reader.finish()
    assert peak < 1 << 20
    assert combine([log])[0].steps.tolist() == [2]
    assert log.problems == (f"1 of 3 records was longer than 4 MB and passed over; at byte {len(sealed(VERSION))}.",)


def test_negative_steps_are_steps() -> None:
    assert combine([read("e", sealed(VERSION, event(-5, scalar("grad_norm/a", 1.0))))])[0].steps.tolist() == [-5]


def test_a_zip_bomb_is_let_go_of() -> None:
    data = bomb(10**9, 120 << 20)
    reader = Reader("g-1.npz")
    tracemalloc.start()
    for start in range(0, len(data), 65_536):
        reader.feed(data[start : start + 65_536])
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 32 << 20
    with pytest.raises(
        LogError, match="1 of 1 member was a zip bomb, inflating to more than 100 times its size; at bomb"
    ):
        reader.finish()


def test_an_array_of_zeros_is_none() -> None:
    data = archive({"dead.weight": np.zeros(4_000_000), "b.weight": np.ones(4)})
    assert combine([read("g-1.npz", data)], order="natural")[0].norms.tolist() == [[2], [0]]


def test_objects_are_not_unpickled() -> None:
    class Trap:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return pytest.fail, ("it was unpickled",)

    data = archive({"a.weight": np.ones(4), "trap": np.array([Trap()], object)})
    log = read("g-1.npz", data)
    assert combine([log])[0].names == ("a",)
    assert re.fullmatch(
        r"1 of 2 members was a pickle of Python objects, which is not opened; at trap\.npy, byte \d+\.", log.problems[0]
    )


def test_a_checkpoint_of_pytorch_is_refused() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as members:
        members.writestr("model/data.pkl", b"\x80\x02}q\x00.")
    assert refusal("model.pt", buffer.getvalue()) == (
        "model.pt: is a checkpoint, which holds a pickle. That can run any code, so it is not opened. "
        "Save gradients with np.savez."
    )


def test_another_archive_is_refused_with_what_is_in_it() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as members:
        members.writestr("word/document.xml", "<x/>")
    assert "1 of 1 member was no NumPy array; at word/document.xml, byte 0." in refusal("a.docx", buffer.getvalue())


def test_a_cut_off_archive_keeps_its_whole_arrays() -> None:
    data = archive({"a.weight": np.ones(4), "b.weight": np.random.default_rng(0).normal(size=1000)}, packed=False)
    log = read("g-1.npz", data[: len(data) // 2])
    assert combine([log])[0].names == ("a",)
    assert re.fullmatch(r"1 of 2 members was cut off; at b\.weight\.npy, byte \d+\.", log.problems[0])


@pytest.mark.parametrize("packed", [True, False])
def test_every_way_to_cut_an_archive_is_survived(packed: bool) -> None:
    data = archive(log_samples.GRADIENTS, packed)
    found = [try_to_use("g-1.npz", data[:cut], cut // 2) for cut in range(len(data))]
    assert found[-1]
    assert all(later >= before for before, later in pairwise(found))
