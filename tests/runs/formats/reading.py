"""Reading small logs for the tests: their layers with their values, their steps, or the sentence of their refusal."""

from __future__ import annotations

from collections.abc import Mapping

from app.runs.collector import LogError
from app.runs.run import Run, combine, read

Values = dict[str, list[float | None]]
TWO: Values = {"fc1": [0.1, 0.3], "fc2": [0.2, 0.4]}  # what most of the tests' logs hold


def one(content: str | bytes, file: str = "log.txt") -> Run:
    """The one run in a file."""
    return together({file: content})


def together(files: Mapping[str, str | bytes]) -> Run:
    """The one run in several files."""
    (run,) = combine([read(file, content) for file, content in files.items()])
    return run


def values(run: Run) -> Values:
    """The layers of a run with their values; NaN is None, so that they can be compared."""
    rows = (zip(row, there, strict=True) for row, there in zip(run.norms.tolist(), run.logged.tolist(), strict=True))
    return {
        name: [round(x, 9) if there and x == x else None for x, there in row]  # noqa: PLR0124  # NaN
        for name, row in zip(run.names, rows, strict=True)
    }


def layers(content: str | bytes, file: str = "log.txt") -> Values:
    """The layers of the one run in a file, with their values."""
    return values(one(content, file))


def steps(content: str | bytes, file: str = "log.txt") -> list[float]:
    """The steps of the one run in a file."""
    found: list[float] = one(content, file).steps.tolist()
    return found


def refusal(content: str | bytes, file: str = "log.txt") -> str:
    """The sentence with which a file is refused; what was read of it if it is not."""
    try:
        return f"read: {layers(content, file)}"
    except LogError as error:
        return str(error)
