"""Markup and texts of the presentation's bar: the caption of what is set, and the legend of the keys. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING, Final

from ...figure.text import write_number
from ...view.settings import write_layers

if TYPE_CHECKING:
    from ...view.snapshot import Snapshot

# The fields of a computed network that a key steps through, with their names for people.
STEPPED_FIELDS: Final = {
    "a": ("activation", "Activation"),
    "i": ("initialisation", "Initialisation"),
    "r": ("residual", "Residual"),
    "n": ("normalisation", "Normalisation"),
}
MAX_WIDTHS_LISTED: Final = 6  # layers whose widths the caption lists
_STEP_BUTTON: Final = (
    '<button type="button" data-step="{field}" aria-keyshortcuts="{key}" title="Key {key}">'
    "{label} <b data-value></b></button>"
)
_KEYS: Final = (
    ("A I", "next activation, initialisation; with Shift the former"),
    ("R N", "residual connections, normalisation on or off"),
    ("1 … 9", "lesson"),
    ("Space", "play or pause"),
    ("← →", "step"),
    ("Home End", "go to the ends"),
    ("?", "this list"),
    ("Esc", "leave"),
)
_BAR: Final = """<section id="present-bar" class="present-bar" aria-label="Presentation">
<h1 class="visually-hidden">Gradient Flow Viz</h1>
<div id="present-legend" class="present-legend" role="region" aria-label="Keys" hidden><dl>{keys}</dl>
<label><input type="checkbox" id="present-single"> Single keys, also <kbd>F</kbd> on the page</label></div>
<div id="present-set" class="present-set" role="group" aria-label="The network">{buttons}</div>
<p id="present-caption" class="present-caption"></p>
<p id="present-said" role="status"></p>
<button type="button" id="present-keys" aria-expanded="false" aria-controls="present-legend" \
aria-keyshortcuts="?">Keys</button>
<button type="button" id="present-leave" aria-keyshortcuts="Escape">Leave</button>
</section>"""


def bar_markup() -> str:
    """Return the bar, with a button for each field that a key steps through."""
    keys = "".join(f"<div><dt><kbd>{escape(key)}</kbd></dt><dd>{escape(text)}</dd></div>" for key, text in _KEYS)
    buttons = "".join(
        _STEP_BUTTON.format(field=field, key=key.upper(), label=label) for key, (field, label) in STEPPED_FIELDS.items()
    )
    return _BAR.format(keys=keys, buttons=buttons)


def caption_text(snapshot: Snapshot) -> str:
    """Return what is shown beside the buttons: `10 layers, 8 hidden of 16`."""
    layers = layers_text(snapshot.layers)
    if snapshot.source == "computed":
        return layers
    if snapshot.source == "recorded":
        return f"Recorded run · {len(snapshot.layers)} rows"
    kind = "Synthesised series" if snapshot.gradients is None else "Given magnitudes"
    return f"{kind} · {layers}"


def layers_text(layers: Sequence[int]) -> str:
    """Return an architecture in a few words: `3-4-4-2`, `10 layers, 8 hidden of 16`, `12 layers of 2 to 64`."""
    depth, hidden = len(layers), layers[1:-1]
    if depth <= MAX_WIDTHS_LISTED:
        return write_layers(tuple(layers))
    if len(set(hidden)) == 1:
        return f"{depth} layers, {len(hidden)} hidden of {hidden[0]}"
    return f"{depth} layers of {min(layers)} to {max(layers)}"


def value_text(value: object, option: str, sigma: float) -> str:
    """Return the value of a stepped field: `on`, or the words of its option, with the number in place of σ."""
    if isinstance(value, bool):
        return "on" if value else "off"
    return option.replace("σ", write_number(sigma))
