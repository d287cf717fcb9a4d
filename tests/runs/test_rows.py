"""Tables whose rows are put whole where that can be done: the same as value by value, whatever the cells hold."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.runs import collector as logs
from app.runs.collector import LogError, ParsedLog, Paused, RowWriter, SeriesCollector
from app.runs.run import read

COLUMNS = ("grad_norm/fc1.weight", "grad_norm/fc2.weight", "l1_grad/fc1", "fc9.bias", "loss", "lr")
CELLS = st.sampled_from(
    ["0.5", "1e-3", "0", "7", "-0.0", "-2", "nan", "inf", "-inf", "1_0", " 3 ", "", "none", "1e400"]
)
USUAL = st.sampled_from(["0.5", "1e-3", "0", "7"])
STEPS = st.sampled_from(["0", "1", "2", "3", "4", "5", "6", "7", "", "x"])


@st.composite
def tables(draw: st.DrawFn) -> str:
    """A table of some columns, with rows of which most are as usual."""
    header = draw(st.lists(st.sampled_from(COLUMNS), min_size=1, max_size=6))
    is_counted = draw(st.booleans())
    lines = [",".join(["step", *header] if is_counted else header)]
    for number in range(draw(st.integers(1, 8))):
        cells = draw(st.lists(draw(st.sampled_from([USUAL, USUAL, CELLS])), min_size=len(header), max_size=len(header)))
        step = draw(st.sampled_from([str(number), draw(STEPS)]))
        lines.append(",".join([step, *cells] if is_counted else cells))
    return "\n".join(lines)


def found(text: str) -> object:
    """All that a log holds, or what was wrong."""
    try:
        log: ParsedLog = read("table.csv", text)
    except LogError as error:
        return str(error)
    told = {
        key: (table.rows, {name: (one.values.tobytes(), one.logged) for name, one in table.columns.items()})
        for key, table in log.tables.items()
    }
    return repr((told, log.losses, log.problems))


@given(tables())
def test_rows_put_whole_are_rows_put_value_by_value(text: str) -> None:
    whole = found(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SeriesCollector, "row_writer", lambda _collector, _keys: None)
        assert found(text) == whole


@given(tables(), st.integers(1, 30))
def test_the_room_there_is_ends_at_the_same_value(text: str, room: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(logs, "MAX_CELLS", room)
        whole = found(text)
        patch.setattr(SeriesCollector, "row_writer", lambda _collector, _keys: None)
        assert found(text) == whole


def test_rows_after_the_first_are_put_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[bool] = []
    putting = RowWriter.putting

    def noted(writer: RowWriter, step: float, cells: list[str]) -> Paused[bool]:
        done.append((yield from putting(writer, step, cells)))
        return done[-1]

    monkeypatch.setattr(RowWriter, "putting", noted)
    read("table.csv", "step,loss,grad/fc1,grad/fc2\n0,1,0.5,0.5\n1,1,0.5,0.5\n2,1,0.5,nan\n3,1,0.5,0.5\n3,1,0.4,0.4\n")
    assert done == [True, False, True, False]
