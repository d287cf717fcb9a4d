"""Objects in objects, as trackers of experiments keep values in JSON: keys are joined, histograms stay whole. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ..histograms import is_logged_histogram
from .json_decoding import MAX_DEPTH


def flat_values(key: str, value: object) -> Iterator[tuple[str, object]]:
    """A value with its key, or of an object those in it, their keys joined with a dot. Other media are passed over."""
    pending = [(key, value, 0)]
    while pending:
        key, value, depth = pending.pop()
        if not isinstance(value, Mapping) or is_logged_histogram(value):
            yield key, value
        elif "_type" not in value and depth < MAX_DEPTH:
            inner = [(f"{key}.{name}", each, depth + 1) for name, each in value.items()]
            pending += reversed(inner)
