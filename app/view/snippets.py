"""The snippets for the current view: a Python program, a link, an iframe and a command. Pure.

They are made of checked settings and the page's own address. A playing view has no layer in them, because its wave
moves on; a paused view has one.
"""

from __future__ import annotations

import html
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from ..figure.magnitudes import Magnitude
from ..figure.shading import MAGNITUDE, WAVE
from ..figure.text import write_number
from ..figure.wave import LABEL, TITLE
from .settings import (
    LEARN_PARAMETERS,
    SYNTHESISED,
    Settings,
    write_address,
    write_gradients,
    write_layers,
    write_names,
    write_query,
    write_speed,
)

if TYPE_CHECKING:
    from .source import Source

MAX_CALL_CHARS: Final = 79  # of a call on one line, as in PEP 8
_PLAIN: Final = re.compile(r"[A-Za-z0-9_.,:/@%+-]+")  # characters that need no quotes in a shell
IFRAME_SIZE_PX: Final = (640, 420)  # for the figure with its transport


@dataclass(frozen=True)
class Snippets:
    """One view in four forms. The page uses the names of the fields."""

    python: str
    link: str
    iframe: str
    command: str


def write_snippets(
    settings: Settings, base: str, theme: str = "", source: Source | None = None, show: str = ""
) -> Snippets:
    """The four texts for a view. `base` is the page's address without a query, `theme` is `light`, `dark` or empty.

    `show` has the parts of an embedded page, with spaces; empty for the default.
    `source` has made the magnitudes and writes what makes them again; None: the magnitudes themselves are written. A
    recorded run from a local file has no address, so the texts have the magnitudes of the current step.
    """
    own, shading = source.address() if source else [], WAVE if settings.source == SYNTHESISED else MAGNITUDE
    if not own:
        settings = replace(settings, source=SYNTHESISED)
    return Snippets(
        (source.program(settings) if source else None) or write_python(settings, shading),
        write_link(settings, base, own),
        write_iframe(settings, base, theme, own, show),
        write_command(settings, source.command() if source else None, shading),
    )


def write_python(settings: Settings, shading: str = WAVE) -> str:
    """A program for a page with PyScript. It shows the view in that page's element `here`."""
    props = [f"layers=[{', '.join(map(str, settings.layers))}]"]
    if settings.gradients is not None:
        props.append(f"gradients=[{', '.join(map(_python_number, settings.gradients))}]")
        if settings.label != LABEL:
            props.append(f"label={write_python_string(settings.label)}")
    if settings.names is not None:
        props.append(f"names=[{', '.join(map(write_python_string, settings.names))}]")
    props += [f'shading="{shading}"'] if shading != WAVE else []
    made = write_call("GradientFlowViz", ['"#here"', *props, *write_motion_props(settings)])
    return f"from gradient_flow_viz import GradientFlowViz\n\n{made}"


def write_motion_props(settings: Settings) -> list[str]:
    """The arguments for the wave's speed or its fixed position."""
    props = []
    if settings.speed != Settings.speed:
        props.append(f"play_speed={write_speed(settings.speed)}")
    if not settings.playing:
        props.append("playing=False")
        if settings.layer != Settings.layer:
            props.append(f"default_current_layer={settings.layer}")
    return props


def write_call(name: str, arguments: list[str]) -> str:
    """A call in Python, on one line if that is not too long."""
    line = f"{name}({', '.join(arguments)})"
    if len(line) <= MAX_CALL_CHARS:
        return line
    return "\n".join((f"{name}(", *(f"    {argument}," for argument in arguments), ")"))


def _python_number(value: Magnitude) -> str:
    if value is None:
        return "None"
    return write_number(value) if math.isfinite(value) else f'float("{write_number(value)}")'


def write_python_string(text: str) -> str:
    """A string of printable characters in Python."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def write_link(settings: Settings, base: str, own: Iterable[tuple[str, str]] = ()) -> str:
    """The page's address with this view. `own` are the parameters of its source."""
    return _address(base, write_address(settings, own))


def write_iframe(
    settings: Settings, base: str, theme: str = "", own: Iterable[tuple[str, str]] = (), show: str = ""
) -> str:
    """An iframe for any page, with the figure and its transport, or with the parts in `show`.

    With a theme it has that theme's `color-scheme`, because a frame with another scheme than its page is opaque
    (https://drafts.csswg.org/css-color-adjust-1/#color-scheme-effect).
    """
    parameters = {"embed": "1"}
    if settings.source != "recorded":
        parameters["layers"] = write_layers(settings.layers)
    parameters |= dict(write_address(settings, (pair for pair in own if pair[0] not in LEARN_PARAMETERS)))
    if show:
        parameters["show"] = show.replace(" ", ",")
    style = "border:0"
    if theme:
        parameters["theme"] = theme
        style += f"; color-scheme: {theme}"
    source, (width, height) = html.escape(_address(base, list(parameters.items()))), IFRAME_SIZE_PX
    return (
        f'<iframe src="{source}" title="{TITLE}" width="{width}" height="{height}" style="{style}" '
        'loading="lazy"></iframe>'
    )


def _address(base: str, pairs: list[tuple[str, str]]) -> str:
    return base + ("?" + write_query(pairs) if pairs else "")


def write_command(settings: Settings, own: Sequence[str] | None = None, shading: str = WAVE) -> str:
    """A shell command that writes the view as an SVG, which plays if the view plays.

    `own` are the options that make the magnitudes; None: the magnitudes themselves are written.
    """
    words = ["python -m gradient_flow_viz", write_layers(settings.layers)]
    words.extend(_given_words(settings) if own is None else own)
    words += [f"--shading {shading}"] if shading != WAVE else []
    if not settings.playing:
        words.append(f"--still {settings.layer}")
    elif settings.speed != Settings.speed:
        words.append(f"--speed {write_speed(settings.speed)}")
    return " ".join((*words, "-o wave.svg"))


def _given_words(settings: Settings) -> list[str]:
    """The options for given magnitudes and names."""
    words = []
    if settings.gradients is not None:
        words.append(f"--gradients {write_gradients(settings.gradients)}")
        if settings.label != LABEL:
            words.append(_option("label", settings.label))
    if settings.names is not None:
        words.append(_option("names", write_names(settings.names)))
    return words


def _option(name: str, text: str) -> str:
    """An option with a text, quoted for a POSIX shell. A text that begins with a dash needs an equals sign."""
    between = "=" if text.startswith("-") else " "
    return f"--{name}{between}{text if _PLAIN.fullmatch(text) else _in_quotes(text)}"


def _in_quotes(text: str) -> str:
    return "'" + text.replace("'", "'\"'\"'") + "'"
