"""GradientFlowFigure: the figure as an SVG picture, for notebooks and scripts without a browser. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from os import PathLike
from pathlib import Path
from typing import Any

from ..spring import SPRINGS, Transition
from .props import Props, make_props
from .shading import WAVE, Domain
from .svg import write_svg
from .wave import LABEL


@dataclass(frozen=True, kw_only=True, repr=False)
class GradientFlowFigure:
    """A network with a wave that travels from the loss side to the input, as an immutable picture.

    Jupyter, JupyterLite and marimo display it and play it, also in a notebook exported to HTML: the picture needs no
    kernel, no network and no script.

    - `layers`: neurons per layer, input first: 1 to 256 layers of 1 to 1024 neurons. Required.
    - `gradients`: one magnitude per layer, shape (depth,): ≥ 0, NaN, infinity, or None for a layer without one. The
      default is the series 0.55^(depth − 1 − l).
    - `label`: the name of the magnitudes, 1 to 24 printable characters.
    - `names`: the names of the layers, shape (depth,), 1 to 200 printable characters each. The default is `input`,
      `hidden 1` … `output`.
    - `activations`: the root mean square of each layer's activations, shape (depth,), for a forward pass before each
      backward one. The default is no forward pass.
    - `play_speed`: milliseconds between two advances; less than 80 counts as 80.
    - `transition`: a `Spring`, a `Tween` or `INSTANT` for the fades.
    - `shading`: `wave`, or `magnitude` for nodes that show the logarithm of their layer's magnitude, with a legend.
    - `domain`: the two magnitudes at the ends of the shading's colour scale. The default is the whole decades around
      the magnitudes.

    Raises ValueError for a wrong value, as GradientFlowViz does: the message names the prop, the rule and the value.
    """

    layers: Iterable[int]
    gradients: Iterable[float | None] | None = None
    label: str = LABEL
    names: Iterable[str] | None = None
    activations: Iterable[float | None] | None = None
    play_speed: float = 500.0
    transition: Transition = SPRINGS.smooth
    shading: str = WAVE
    domain: Domain | None = None

    def __post_init__(self) -> None:
        checked = self._props()
        for field in fields(self):
            object.__setattr__(self, field.name, getattr(checked, field.name))

    def to_svg(self, animated: bool = True, current_layer: int = 0) -> str:
        """The text of an SVG file that plays, or that stands still with the wave at `current_layer`.

        `current_layer`: 0 at the loss side, depth − 1 at the input; with `activations`, −depth … −1 in the forward
        pass. It is clamped.

        Raises ValueError for a wrong `current_layer`.
        """
        props = self._props(current_layer=current_layer)
        return write_svg(props, None if animated else props.current_layer)

    def save(self, path: str | PathLike[str], animated: bool = True, current_layer: int = 0) -> None:
        """Write `to_svg()` to a file. Raises ValueError unless the name ends in .svg, OSError if writing fails."""
        target = Path(path)
        if target.suffix.lower() != ".svg":
            raise ValueError(f"path: must end in .svg, got {str(path)!r}")
        target.write_text(self.to_svg(animated, current_layer), encoding="utf-8")

    def _repr_html_(self) -> str:
        return self.to_svg()

    def __repr__(self) -> str:
        values = {field.name: (getattr(self, field.name), field.default) for field in fields(self)}
        changed = {name: value for name, (value, default) in values.items() if name == "layers" or value != default}
        return f"GradientFlowFigure({', '.join(f'{name}={value!r}' for name, value in changed.items())})"

    def _props(self, **others: Any) -> Props:
        return make_props({field.name: getattr(self, field.name) for field in fields(self)} | others)
