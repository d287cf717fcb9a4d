"""W&B's transaction logs, whole, cut off and damaged."""

from __future__ import annotations

import json
import math
import random
from itertools import pairwise

import pytest

from app.runs.collector import Key, LogError, ParsedLog, Table, finished
from app.runs.formats import wandb
from app.runs.formats.wandb import WandbReader
from app.runs.norm_bounds import bounding_tables
from app.runs.reductions import ESTIMATE
from tests.support.log_samples import field
from tests.support.tracker_samples import HISTOGRAM, histogram_items, history, item, run_record, scalars, wandb_log


def read(data: bytes, piece: int = 1 << 20) -> ParsedLog:
    reader = WandbReader("run-a1b2.wandb")
    for start in range(0, len(data), piece):
        finished(reader.feeding(data[start : start + piece]))
    return finished(reader.finishing())


def values(log: ParsedLog) -> dict[str, list[float]]:
    return columns(log.tables)


def columns(tables: dict[Key, Table]) -> dict[str, list[float]]:
    """Each name's values."""
    return {name: column.values.tolist() for table in tables.values() for name, column in table.columns.items()}


def bounds(log: ParsedLog) -> list[dict[Key, Table]]:
    """Tables of the lower bounds and of the upper ones."""
    return [bounding_tables(log.tables, side) for side in (0, 1)]


def steps(log: ParsedLog) -> list[float]:
    return list(next(iter(log.tables.values())).rows)


def test_scalars_come_by_step_with_the_runs_name_and_the_loss() -> None:
    records = [scalars(step, {"grad_norm/a.weight": step / 2, "loss": 1.5, "lr": 0.1}) for step in range(0, 30, 10)]
    log = read(wandb_log(field(1, 1), run_record(), *records))
    assert {key.run for key in log.tables} == {"sunny (a1b2)"}
    assert values(log) == {"a.weight": [0, 5, 10]}
    assert steps(log) == [0, 10, 20]
    assert log.losses == {"sunny (a1b2)": {0: 1.5, 10: 1.5, 20: 1.5}}
    assert log.problems == ()


@pytest.mark.parametrize(("ident", "name", "run"), [("a1b2", "", "a1b2"), ("", "sunny", "sunny"), ("", "", "")])
def test_a_run_without_a_name_has_its_id(ident: str, name: str, run: str) -> None:
    log = read(wandb_log(run_record(ident, name), scalars(0, {"grad_norm/a.weight": 1})))
    assert {key.run for key in log.tables} == {run}


@pytest.mark.parametrize("seed", range(6))
def test_a_histogram_comes_in_three_items_in_any_order(seed: int) -> None:
    items = [*histogram_items("gradients/a.weight"), item("_runtime", 3)]
    random.Random(seed).shuffle(items)
    log = read(wandb_log(history(7, items)))
    (estimate,), (low,), (high,) = (columns(tables)["a.weight"] for tables in (log.tables, *bounds(log)))
    assert low == pytest.approx(math.sqrt(9 + 0 + 9), rel=1e-5)
    assert high == pytest.approx(math.sqrt(16 + 2 + 16), rel=1e-5)
    assert low < estimate < high
    assert {key.reduction for key in log.tables} == {ESTIMATE}
    assert log.sizes == {"a.weight": 4}


def test_a_histogram_in_one_item_is_the_same() -> None:
    whole = item("gradients/a.weight", {"_type": "histogram", **HISTOGRAM})
    parts = histogram_items("gradients/a.weight")
    one, other = (read(wandb_log(history(0, items))) for items in ([whole], parts))
    assert values(one) == values(other)
    assert [columns(tables) for tables in bounds(one)] == [columns(tables) for tables in bounds(other)]


def test_a_histogram_of_weights_is_no_gradient() -> None:
    log = read(wandb_log(history(0, [*histogram_items("parameters/a.weight"), item("grad_norm/a.weight", 1)])))
    assert values(log) == {"a.weight": [1]}


def test_a_damaged_histogram_is_counted_and_named() -> None:
    wrong = histogram_items("gradients/a.weight", {"values": [1, 2], "bins": [0, 1]})
    log = read(wandb_log(history(0, [*wrong, item("grad_norm/b.weight", 1)])))
    assert log.problems == (
        "1 value was a histogram with 2 counts and 2 edges, which don't fit; at byte 7, gradients/a.weight.",
    )


def test_a_record_longer_than_a_block_is_put_together() -> None:
    many = {f"grad_norm/layer.{at}.weight": at for at in range(4000)}
    data = wandb_log(run_record(), scalars(0, {"grad_norm/a.weight": 1}), scalars(1, many), scalars(2, many))
    assert len(data) > 4 * wandb.BLOCK
    for piece in (997, 65_536, len(data)):
        log = read(data, piece)
        assert log.problems == ()
        assert len(values(log)) == 4001
        assert steps(log) == [0, 1, 2]


@pytest.mark.parametrize("room", range(9))
def test_a_block_ends_with_padding_where_no_header_fits(room: int) -> None:
    filler = 20_000
    filler += wandb.BLOCK - room - len(wandb_log(scalars(0, {"grad_norm/a.weight": 1, "note": "x" * filler})))
    padded = scalars(0, {"grad_norm/a.weight": 1, "note": "x" * filler})
    assert len(wandb_log(padded)) == wandb.BLOCK - room
    log = read(wandb_log(padded, scalars(1, {"grad_norm/a.weight": 2})))
    assert (steps(log), log.problems) == ([0, 1], ())


def test_nan_and_infinity_are_read_as_numbers_or_texts() -> None:
    data = wandb_log(scalars(0, {"grad_norm/a.weight": "NaN", "grad_norm/b.weight": "Infinity", "loss": "-Infinity"}))
    log = read(data)
    assert math.isnan(values(log)["a.weight"][0])
    assert values(log)["b.weight"] == [math.inf]
    assert log.losses == {"": {0: -math.inf}}


def test_what_is_no_magnitude_is_counted() -> None:
    log = read(wandb_log(*(scalars(at, {"grad_norm/a.weight": -1, "grad_norm/b.weight": 1}) for at in range(3))))
    assert values(log) == {"b.weight": [1, 1, 1]}
    (said,) = log.problems
    assert said.startswith("3 values were no magnitude (a number of at least 0, NaN or Infinity); first at byte 7, ")


def test_keys_in_keys_are_joined_with_a_dot() -> None:
    log = read(wandb_log(history(0, [item(("grad_norm", "a", "weight"), 1), item("grad_norm", {"b": {"weight": 2}})])))
    assert values(log) == {"a.weight": [1], "b.weight": [2]}


def test_the_step_may_stand_in_its_own_field() -> None:
    value = field(1, field(2, "grad_norm/a.weight") + field(16, "1"))
    records = (field(2, value + field(2, field(1, 40))), field(2, value + field(2, b"")), field(2, value))
    log = read(wandb_log(*records))
    assert steps(log) == [40, 0]
    assert log.problems == (
        f"1 of 3 records was a history record without a step; at byte {7 + 2 * 7 + len(records[0]) + len(records[1])}.",
    )


def layers(shuffled: bool) -> list[str]:
    names = ["stem", "body10", "body9"]
    chance = random.Random(0)
    records = []
    for step in range(12):
        order = chance.sample(names, 3) if shuffled else names
        records.append(scalars(step, {f"grad_norm/{name}.weight": 1 for name in order}))
    return [name.partition(".")[0] for name in values(read(wandb_log(*records)))]


def test_the_order_is_kept_where_it_is_always_the_same_and_sorted_where_it_is_shuffled() -> None:
    assert layers(shuffled=False) == ["stem", "body10", "body9"]
    assert layers(shuffled=True) == ["body10", "body9", "stem"]


def test_few_steps_show_no_order() -> None:
    record = scalars(0, {"grad_norm/b.weight": 1, "grad_norm/a.weight": 1})
    assert list(values(read(wandb_log(record)))) == ["a.weight", "b.weight"]


def records() -> list[bytes]:
    return [run_record(), *(scalars(step, {"grad_norm/a.weight": step}) for step in range(4))]


def test_every_way_to_cut_a_log_keeps_its_whole_records_and_says_so() -> None:
    made = records()
    data = wandb_log(*made)
    ends = [len(wandb_log(*made[: 1 + count])) for count in range(len(made))]
    found = []
    for cut in range(ends[1], len(data)):
        log = read(data[:cut], 101)
        found.append(len(steps(log)))
        start = max(end for end in ends if end <= cut)
        said = (
            f"The last record, at byte {start:,}, is cut off; the {cut - start:,} bytes of it that are there were left."
        )
        assert log.problems == (() if cut in ends else (said,))
    assert found[-1] == 3
    assert all(later >= before for before, later in pairwise(found))


def test_a_log_cut_off_within_a_record_of_several_parts_says_where_that_begins() -> None:
    first = scalars(0, {"grad_norm/a.weight": 1})
    data = wandb_log(first, scalars(1, {"grad_norm/a.weight": 1, "note": "x" * 100_000}))[:-9]
    start = 7 + wandb.RECORD_HEADER + len(first)
    rest = f"{len(data) - start:,}"
    assert read(data).problems == (
        f"The last record, at byte {start}, is cut off; the {rest} bytes of it that are there were left.",
    )


@pytest.mark.parametrize("damage", ["sum", "content", "type"])
def test_a_damaged_record_is_left_out_and_counted(damage: str) -> None:
    made = records()
    start = len(wandb_log(*made[:3]))
    data = bytearray(wandb_log(*made))
    data[start + {"sum": 0, "content": 20, "type": 6}[damage]] ^= 1
    log = read(bytes(data))
    assert steps(log) == [0, 1, 3]
    assert log.problems == (f"1 of 5 records was damaged (its checksum doesn't agree); at byte {start}.",)


def test_a_damaged_length_costs_the_rest_of_its_block() -> None:
    made = [run_record(), *(scalars(step, {"grad_norm/a.weight": step, "note": "x" * 1000}) for step in range(100))]
    data = bytearray(wandb_log(*made))
    data[len(wandb_log(*made[:3])) + 5] = 0xFF
    log = read(bytes(data))
    assert steps(log)[:2] == [0, 1]
    assert 60 < len(steps(log)) < 80
    assert "damaged (its checksum doesn't agree)" in log.problems[0]


def test_a_part_without_its_end_is_counted() -> None:
    large = scalars(1, {"grad_norm/a.weight": 1, "note": "x" * 50_000})
    first = wandb_log(scalars(0, {"grad_norm/a.weight": 0}), large)[: wandb.BLOCK]
    data = first + wandb_log(scalars(2, {"grad_norm/a.weight": 2}), at=wandb.BLOCK)
    log = read(data)
    assert steps(log) == [0, 2]
    start = len(wandb_log(scalars(0, {"grad_norm/a.weight": 0})))
    assert log.problems == (f"1 of 3 records was without its end; at byte {start}.",)


def test_a_reserved_block_is_passed_over() -> None:
    data = wandb_log(*records())
    assert read(data + bytes(3 * wandb.BLOCK)).problems == ()
    more = bytes(-len(data) % wandb.BLOCK)
    assert len(steps(read(data + more + wandb_log(scalars(9, {"grad_norm/a.weight": 1}), at=wandb.BLOCK)))) == 5


def test_a_record_without_end_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wandb, "MAX_RECORD_BYTES", 100_000)
    large = scalars(1, {"grad_norm/a.weight": 1, "note": "x" * 200_000})
    log = read(wandb_log(scalars(0, {"grad_norm/a.weight": 0}), large, scalars(2, {"grad_norm/a.weight": 2})))
    assert steps(log) == [0, 2]
    assert len(log.problems) == 1
    assert "and passed over; at byte" in log.problems[0]


def test_a_message_that_is_none_is_counted() -> None:
    log = read(wandb_log(scalars(0, {"grad_norm/a.weight": 1}), b"\xff\xff", field(2, b"\x0a\x7f")))
    assert log.problems == (
        f"2 of 3 records were no Record message; first at byte {7 + 7 + len(scalars(0, {'grad_norm/a.weight': 1}))}.",
    )


def test_json_that_is_nested_without_end_is_no_value() -> None:
    deep = field(1, field(2, "grad_norm/a.weight") + field(16, "[" * 100_000))
    log = read(wandb_log(history(0, [deep, item("grad_norm/b.weight", 1)])))
    assert values(log) == {"b.weight": [1]}
    assert log.problems[0].startswith("1 value was no magnitude ")


def test_a_log_without_gradients_is_refused_with_its_names() -> None:
    with pytest.raises(LogError) as refused:
        read(wandb_log(run_record(), scalars(0, {"accuracy": 0.5, "media": json.dumps({"_type": "image-file"})})))
    assert str(refused.value) == (
        "run-a1b2.wandb: no gradients in it. Its names are accuracy, media. Expected are values as in "
        "run.log({'grad_norm/fc1.weight': …}) or histograms as in wandb.watch(model, log='gradients')."
    )


@pytest.mark.parametrize("data", [b"", b":W&B", b":W&B\xe1\xbe\x00"])
def test_a_log_that_has_only_begun_is_refused(data: bytes) -> None:
    with pytest.raises(LogError, match=r"^run-a1b2\.wandb: no gradients in it"):
        read(data)
