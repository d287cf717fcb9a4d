"""The present view as files: what they are called, and the magnitudes as CSV and JSON. Pure.

Both hold one record a layer, the input first: `layer`, 0 at the input, `name`, `neurons` and `magnitude`, the last in
full precision.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from typing import Any, Final

from ..figure.magnitudes import Magnitude, synthesise
from ..figure.text import write_number
from ..figure.wave import LABEL, layer_at, layer_name
from .settings import Settings, write_layers

COLUMNS: Final = ("layer", "name", "neurons", "magnitude")
MAX_FILE_NAME_CHARS: Final = 60  # characters of an architecture in a file's name: file systems take 255 bytes


def file_name(settings: Settings, suffix: str, *, still: bool = False) -> str:
    """`gradient-flow-3-4-4-2.svg`; of a picture that stands still with its layer as the readout counts it, 1 the input.

    A long architecture is told by its depth.
    """
    architecture, depth = write_layers(settings.layers), len(settings.layers)
    if len(architecture) > MAX_FILE_NAME_CHARS:
        architecture = f"{depth}-layers"
    at = f"-layer-{layer_at(settings.layer, depth) + 1}" if still else ""
    return f"gradient-flow-{architecture}{at}{suffix}"


def magnitudes_csv(settings: Settings) -> str:
    """A table with a header. NaN and infinity are `NaN` and `inf`, as numpy and pandas read them; none is no text."""
    rows = (
        f"{layer},{_csv_text(name)},{neurons},{_csv_number(magnitude)}"
        for layer, name, neurons, magnitude in _records(settings)
    )
    return "\n".join((",".join(COLUMNS), *rows, ""))


def magnitudes_json(settings: Settings, computed: Mapping[str, object] | None = None) -> str:
    """An object with `architecture`, `synthesised` (whether no magnitudes were given) and `layers`, the records.

    `label` says what they are, unless that is the usual. `computed` are the fields of a network that computed them.

    JSON has neither NaN nor infinity. They are the strings `"NaN"` and `"Infinity"`, which Python's `float` and
    JavaScript's `Number` take for what they are; null is a layer that has no magnitude.
    """
    layers = [
        dict(zip(COLUMNS, (*record[:-1], _json_number(record[-1])), strict=True)) for record in _records(settings)
    ]
    whole = {
        "architecture": write_layers(settings.layers),
        "synthesised": settings.gradients is None and computed is None,
        **({} if computed is None else {"computed": computed}),
        **({} if settings.label == LABEL else {"label": settings.label}),
        "layers": layers,
    }
    return json.dumps(whole, indent=1, allow_nan=False) + "\n"


def _records(settings: Settings) -> Iterator[tuple[Any, ...]]:
    depth = len(settings.layers)
    magnitudes = synthesise(depth) if settings.gradients is None else settings.gradients
    for layer, (neurons, magnitude) in enumerate(zip(settings.layers, magnitudes, strict=True)):
        yield layer, layer_name(layer, depth, settings.names), neurons, magnitude


def _csv_text(text: str) -> str:
    """A cell: in quotes where it would be read as something else (https://www.rfc-editor.org/rfc/rfc4180)."""
    return '"' + text.replace('"', '""') + '"' if any(mark in text for mark in ',"') else text


def _csv_number(magnitude: Magnitude) -> str:
    if magnitude is None:
        return ""
    return "inf" if math.isinf(magnitude) else write_number(magnitude)


def _json_number(magnitude: Magnitude) -> Magnitude | str:
    return magnitude if magnitude is None or math.isfinite(magnitude) else write_number(magnitude)
