"""The exports of the current view: file names, and the magnitudes as CSV and JSON. Pure.

Both have one record per layer, the input first: `layer` (0 at the input), `name`, `neurons` and `magnitude` in full
precision.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from ..figure.magnitudes import Magnitude, synthesise
from ..figure.text import write_number
from ..figure.wave import LABEL, layer_at, layer_name
from .settings import SYNTHESISED, Settings, write_layers
from .snapshot import Snapshot

RECORD_FIELDS: Final = ("layer", "name", "neurons", "magnitude")
# A cell that a spreadsheet would run as a formula begins like this, in half or full width. Some spreadsheets begin
# another cell at a semicolon or a tab. (https://owasp.org/www-community/attacks/CSV_Injection)
_FORMULA_START: Final = re.compile(r"(^|[;\t])(?=[=+\-@\t\r\n＝＋－＠])")
MAX_FILE_NAME_CHARS: Final = 60  # of the architecture in a file name: file systems allow 255 bytes


def file_name(settings: Settings, suffix: str, words: Sequence[str] = (), *, still: bool = False) -> str:
    """The name of an exported file: `gradient-flow-3-4-4-2.svg`, `gradient-flow-sigmoid-8-layers-step-40.csv`.

    `words`: the words of the source for it, instead of the architecture. The name of a still picture has the layer,
    counted as in the readout: 1 is the input. A long architecture is replaced by its depth.
    """
    architecture, depth = write_layers(settings.layers), len(settings.layers)
    if len(architecture) > MAX_FILE_NAME_CHARS:
        architecture = f"{depth}-layers"
    named = "-".join(words) or architecture
    at = f"-layer-{layer_at(settings.layer, depth) + 1}" if still else ""
    return f"gradient-flow-{named}{at}{suffix}"


def without_magnitudes(snapshot: Snapshot) -> Snapshot:
    """The snapshot while a question awaits a guess: its layers without a magnitude, shaded by the wave."""
    hidden = (None,) * len(snapshot.layers)
    return snapshot._replace(gradients=hidden, activations=None, domain=None, source=SYNTHESISED)


def magnitudes_csv(settings: Settings) -> str:
    """The magnitudes as a table with a header. As in pandas, infinity is `inf`, and None is an empty cell.

    An apostrophe stands before a name that begins like a formula.
    """
    rows = (
        f"{layer},{_csv_text(name)},{neurons},{_csv_number(magnitude)}"
        for layer, name, neurons, magnitude in _records(settings)
    )
    return "\n".join((",".join(RECORD_FIELDS), *rows, ""))


def magnitudes_json(settings: Settings, computed: Mapping[str, object] | None = None) -> str:
    """The magnitudes as a JSON object with `architecture`, `synthesised` (true or false) and `layers`, the records.

    `label` is there if it isn't the default. `computed` are the fields of the network that computed the magnitudes.

    JSON has neither NaN nor infinity. They become the strings `"NaN"` and `"Infinity"`, which Python's `float` and
    JavaScript's `Number` can read. A layer without a magnitude has null.
    """
    layers = [
        dict(zip(RECORD_FIELDS, (*record[:-1], _json_number(record[-1])), strict=True)) for record in _records(settings)
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
    """A cell of a CSV file, in quotes if it needs them (https://www.rfc-editor.org/rfc/rfc4180)."""
    safe = _FORMULA_START.sub(r"\1'", text)
    has_marks = safe != text or any(mark in text for mark in ',"\r\n')
    return '"' + safe.replace('"', '""') + '"' if has_marks else text


def _csv_number(magnitude: Magnitude) -> str:
    if magnitude is None:
        return ""
    return "inf" if math.isinf(magnitude) else write_number(magnitude)


def _json_number(magnitude: Magnitude) -> Magnitude | str:
    return magnitude if magnitude is None or math.isfinite(magnitude) else write_number(magnitude)
