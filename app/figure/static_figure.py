"""GradientFlowFigure: the figure as a value, for where no browser runs Python. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from os import PathLike
from pathlib import Path
from typing import Any

from ..spring import SPRINGS, Transition
from .props import Props, make_props
from .svg import static_svg
from .wave import LABEL


@dataclass(frozen=True, kw_only=True, repr=False)
class GradientFlowFigure:
    """A network with a wave that travels from the loss side to the input, as a picture; it never changes.

    In Jupyter, JupyterLite and marimo it displays itself, playing, and goes on doing so in a notebook exported to HTML:
    what is displayed needs no kernel, no network and no script.

    - `layers`: neurons per layer, left to right; 1 to 256 layers of 1 to 1024 neurons. Required.
    - `gradients`: one magnitude (≥ 0, NaN, infinity, None for none) a layer, shape (depth,), or None for
      0.55^(depth − 1 − l).
    - `label`: what a magnitude is called, in 1 to 24 printable characters.
    - `names`: what the layers are called, in 1 to 200 printable characters each, shape (depth,); None is `input`,
      `hidden 1` … `output`.
    - `activations`: the root mean square of each layer's activations, shape (depth,), for a forward pass before each
      wave; None is none.
    - `play_speed`: milliseconds between advances; at least 80, a smaller one counts as 80.
    - `transition`: a `Spring`, a `Tween` or `INSTANT` for the fades.

    Raises ValueError for a wrong value, as GradientFlowViz does: the message names prop, rule and value.
    """

    layers: Iterable[int]
    gradients: Iterable[float | None] | None = None
    label: str = LABEL
    names: Iterable[str] | None = None
    activations: Iterable[float | None] | None = None
    play_speed: float = 500.0
    transition: Transition = SPRINGS.smooth

    def __post_init__(self) -> None:
        checked = self._props()
        for field in fields(self):
            object.__setattr__(self, field.name, getattr(checked, field.name))

    def to_svg(self, animated: bool = True, current_layer: int = 0) -> str:
        """The text of an SVG file, playing; or not, with the wave at `current_layer`, 0 at the loss side, clamped.

        With `activations`, −depth … −1 is the forward pass.

        Raises ValueError for a wrong `current_layer`.
        """
        props = self._props(current_layer=current_layer)
        return static_svg(props, None if animated else props.current_layer)

    def save(self, path: str | PathLike[str], animated: bool = True, current_layer: int = 0) -> None:
        """Write `to_svg()` to a file. Raises ValueError unless its name ends in .svg, OSError where it can't be."""
        target = Path(path)
        if target.suffix.lower() != ".svg":
            raise ValueError(f"path: must end in .svg, for that is what is written, got {str(path)!r}")
        target.write_text(self.to_svg(animated, current_layer), encoding="utf-8")

    def _repr_html_(self) -> str:
        return self.to_svg()

    def __repr__(self) -> str:
        told = [field for field in fields(self) if field.name == "layers" or getattr(self, field.name) != field.default]
        return f"GradientFlowFigure({', '.join(f'{field.name}={getattr(self, field.name)!r}' for field in told)})"

    def _props(self, **others: Any) -> Props:
        return make_props({field.name: getattr(self, field.name) for field in fields(self)} | others)
