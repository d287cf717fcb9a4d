"""The snapshot of a source, which the page shows with the settings. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from ..figure.shading import MAGNITUDE, WAVE
from ..figure.wave import LABEL
from .settings import SYNTHESISED, Settings

if TYPE_CHECKING:
    from ..figure.magnitudes import Magnitude
    from ..figure.props import GivenProps
    from ..figure.shading import Domain


class Snapshot(NamedTuple):
    """The magnitudes that a source shows now, one per layer, with the other props of the figure."""

    layers: tuple[int, ...]
    gradients: tuple[Magnitude, ...] | None = None
    label: str = LABEL
    names: tuple[str, ...] | None = None
    activations: tuple[Magnitude, ...] | None = None
    source: str = SYNTHESISED
    domain: Domain | None = None

    @property
    def shading(self) -> str:
        """The shading of the figure: its nodes show magnitudes that were measured, and otherwise the wave."""
        return WAVE if self.source == SYNTHESISED else MAGNITUDE

    @property
    def has_forward(self) -> bool:
        """True if a round begins with a forward pass; then there are cursors below 0."""
        return self.activations is not None

    def props(self) -> GivenProps:
        """The snapshot as the figure's props."""
        return {
            "layers": self.layers,
            "gradients": self.gradients,
            "label": self.label,
            "names": self.names,
            "activations": self.activations,
            "shading": self.shading,
            "domain": self.domain,
        }


class SourceRequest(NamedTuple):
    """A request for opening a source.

    `parameters` and `cursor` come from the address; `cursor` is None if it has no layer. `files` are JavaScript's
    `File`s to read. `focus`: the source's first control gets the focus.
    """

    parameters: Mapping[str, str] = {}
    cursor: int | None = None
    files: Sequence[object] = ()
    focus: bool = False


class State(NamedTuple):
    """The settings and the snapshot shown for them. `is_parked`: reduced motion holds the wave at the input."""

    settings: Settings
    snapshot: Snapshot
    is_parked: bool = False
