"""Lines that are like former ones but for their numbers: they are read as if each were the first of its kind."""

from __future__ import annotations

from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from app.runs.collector import LogError, ParsedLog
from app.runs.formats.printed_repeats import RepeatedLines
from app.runs.run import read
from tests.runs.formats.reading import TWO, layers

LINES = [
    "fc1.weight grad norm: {}",
    "fc2.weight grad norm: {}",
    "  fc2.weight: {}",
    "fc1: {}",
    "Layer: fc1 | Gradient norm: {} | Gradient mean: {}",
    "2024-01-01 12:00:00 INFO fc3: grad norm {}",
    "loss: {}, fc1=0.5",
    "loss: {}",
    "step {}",
    "update: {}",
    "Epoch 1, step {}: fc1: {}",
    "lr {}",
    "Gradients:",
    "Weights:",
    "encoder.layer1:",
    "nothing to see",
    "step fc1 fc2",
    "{} {} {}",
    "dense/kernel:0: {}",
    "fc1 ratio: {}",
    "[{}] fc1.weight: {}",
    "Iteration {}, loss = 0.5",
    "{{'fc1': {}}}",
    "grad norms: [{}, {}]",
]
NUMBERS = ["0.5", "1", "0", "12", "1e-3", "-0.25", "nan", "inf", "12:30", "1_000", "0.5%", "7."]

lines = st.builds(
    lambda line, numbers: line.format(*numbers),
    st.sampled_from(LINES),
    st.lists(st.sampled_from(NUMBERS), min_size=3, max_size=3),
)


def outcome(text: str) -> object:
    """All that is read of a text, or the sentence of its refusal."""
    try:
        log: ParsedLog = read("log.txt", text)
    except LogError as error:
        return str(error)
    tables = {
        key: (list(map(repr, table.rows)), {name: list(map(repr, one.values)) for name, one in table.columns.items()})
        for key, table in log.tables.items()
    }
    return tables, repr(log.losses), log.problems


@settings(max_examples=150)
@given(st.lists(st.lists(lines, min_size=1, max_size=4), min_size=1, max_size=4))
def test_a_repeated_line_is_read_as_if_it_were_the_first_of_its_kind(blocks: list[list[str]]) -> None:
    text = "\n".join(line for block in blocks for line in block * 3)
    remembered = outcome(text)
    with patch.object(RepeatedLines, "find", lambda *_: None):
        assert outcome(text) == remembered


def test_most_lines_of_a_long_print_are_found_to_be_like_former_ones() -> None:
    found = []
    find = RepeatedLines.find

    def watched(lines: RepeatedLines, text: str) -> object:
        found.append(find(lines, text))
        return found[-1]

    text = "".join(f"Step {step}\nfc1: grad norm {step}.5\nfc2: grad norm {step}.25\n" for step in range(50))
    with patch.object(RepeatedLines, "find", watched):
        run = layers(text)
    assert run["fc2"] == [step + 0.25 for step in range(50)]
    assert sum(one is not None for one in found) >= 70


def test_a_number_without_a_mark_before_the_first_layer_is_no_part_of_its_name() -> None:
    assert layers("step 0: loss 0.5 fc1: 0.1 fc2: 0.2\nstep 1: loss 0.4 fc1: 0.3 fc2: 0.4") == TWO
