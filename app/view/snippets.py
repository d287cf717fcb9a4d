"""What brings the present view back elsewhere: as Python, as a link, as an iframe, as a command. Pure.

Each is made of checked settings and of the page's own address. A view that plays says nothing of the layer: the wave
has moved on before anyone reads it. One that waits says where.
"""

from __future__ import annotations

import html
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from ..figure.magnitudes import Magnitude
from ..figure.text import write_number
from ..figure.wave import LABEL, TITLE
from .settings import (
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

LONGEST_CALL: Final = 79  # characters of a call on one line, as PEP 8 has it
_PLAIN: Final = re.compile(r"[A-Za-z0-9_.,:/@%+-]+")  # what a shell takes as it is
FRAME: Final = (640, 420)  # px: the figure with its transport


@dataclass(frozen=True)
class Snippets:
    """One view in four ways; the fields' names are what the page calls them."""

    python: str
    link: str
    iframe: str
    command: str


def write_snippets(settings: Settings, base: str, theme: str = "", source: Source | None = None) -> Snippets:
    """The four texts for a view. `base` is the page's address without a query, `theme` is `light`, `dark` or empty.

    `source` made the magnitudes, and writes what makes them again; None: they are given. A recorded run that is a file
    on the visitor's disk has no address: the texts give the magnitudes of the step in view.
    """
    own = source.address() if source else []
    if not own:
        settings = replace(settings, source=SYNTHESISED)
    return Snippets(
        (source.program(settings) if source else None) or write_python(settings),
        write_link(settings, base, own),
        write_iframe(settings, base, theme, own),
        write_command(settings, source.command() if source else None),
    )


def write_python(settings: Settings) -> str:
    """A program for a page with PyScript; it shows the view in that page's element `here`."""
    props = [f"layers=[{', '.join(map(str, settings.layers))}]"]
    if settings.gradients is not None:
        props.append(f"gradients=[{', '.join(map(_python_number, settings.gradients))}]")
        if settings.label != LABEL:
            props.append(f"label={python_text(settings.label)}")
    if settings.names is not None:
        props.append(f"names=[{', '.join(map(python_text, settings.names))}]")
    made = call("GradientFlowViz", ['"#here"', *props, *motion_props(settings)])
    return f"from gradient_flow_viz import GradientFlowViz\n\n{made}"


def motion_props(settings: Settings) -> list[str]:
    """The arguments that say how the wave moves, or where it stands."""
    props = []
    if settings.speed != Settings.speed:
        props.append(f"play_speed={write_speed(settings.speed)}")
    if not settings.playing:
        props.append("playing=False")
        if settings.layer != Settings.layer:
            props.append(f"default_current_layer={settings.layer}")
    return props


def call(name: str, arguments: list[str]) -> str:
    """A call as a program has it, on one line where that is not too long."""
    line = f"{name}({', '.join(arguments)})"
    if len(line) <= LONGEST_CALL:
        return line
    return "\n".join((f"{name}(", *(f"    {argument}," for argument in arguments), ")"))


def _python_number(value: Magnitude) -> str:
    if value is None:
        return "None"
    return write_number(value) if math.isfinite(value) else f'float("{write_number(value)}")'


def python_text(text: str) -> str:
    """A string of printable characters as a program has it."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def write_link(settings: Settings, base: str, own: Iterable[tuple[str, str]] = ()) -> str:
    """The page's address with this view; `own` are the parameters of its source."""
    return _address(base, write_address(settings, own))


def write_iframe(settings: Settings, base: str, theme: str = "", own: Iterable[tuple[str, str]] = ()) -> str:
    """An element for a page of any host, with the figure and its transport alone.

    With a theme it has that theme's `color-scheme`: a frame of another scheme than its page is never transparent
    (https://drafts.csswg.org/css-color-adjust-1/#color-scheme-effect).
    """
    told = {"embed": "1"} if settings.source == "recorded" else {"embed": "1", "layers": write_layers(settings.layers)}
    told |= dict(write_address(settings, own))
    style = "border:0"
    if theme:
        told["theme"] = theme
        style += f"; color-scheme: {theme}"
    source, (width, height) = html.escape(_address(base, list(told.items()))), FRAME
    return (
        f'<iframe src="{source}" title="{TITLE}" width="{width}" height="{height}" style="{style}" '
        'loading="lazy"></iframe>'
    )


def _address(base: str, pairs: list[tuple[str, str]]) -> str:
    return base + ("?" + write_query(pairs) if pairs else "")


def write_command(settings: Settings, own: Sequence[str] | None = None) -> str:
    """A line for a shell; it writes the view as an SVG, which plays where the view plays.

    `own` are the options that make the magnitudes; None: they are given.
    """
    words = ["python -m gradient_flow_viz", write_layers(settings.layers)]
    words.extend(_given_words(settings) if own is None else own)
    if not settings.playing:
        words.append(f"--still {settings.layer}")
    elif settings.speed != Settings.speed:
        words.append(f"--speed {write_speed(settings.speed)}")
    return " ".join((*words, "-o wave.svg"))


def _given_words(settings: Settings) -> list[str]:
    """The options that say what is given of magnitudes and layers."""
    words = []
    if settings.gradients is not None:
        words.append(f"--gradients {write_gradients(settings.gradients)}")
        if settings.label != LABEL:
            words.append(_option("label", settings.label))
    if settings.names is not None:
        words.append(_option("names", write_names(settings.names)))
    return words


def _option(name: str, text: str) -> str:
    """An option with any text, as a POSIX shell reads it; one that begins with a dash would be taken for another."""
    between = "=" if text.startswith("-") else " "
    return f"--{name}{between}{text if _PLAIN.fullmatch(text) else _in_quotes(text)}"


def _in_quotes(text: str) -> str:
    return "'" + text.replace("'", "'\"'\"'") + "'"
