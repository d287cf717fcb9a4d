"""The content of a sheet: the view in figures and words. Pure."""

from __future__ import annotations

from typing import Any, NamedTuple

from ..charts.bars import BarProps, make_bar_props
from ..figure.magnitudes import DECAY, synthesise
from ..figure.props import Props, make_props
from ..view.export import without_magnitudes
from ..view.settings import Settings
from ..view.shown import Shown, short_architecture
from ..view.snapshot import Snapshot


class SheetContent(NamedTuple):
    """A view: its settings, the figure's snapshot, what is shown around the figure, and the address of the view."""

    settings: Settings
    snapshot: Snapshot
    around: Shown | None
    address: str

    @property
    def shown(self) -> Shown:
        """The content around the figure; for a view without a panel it is made of its settings."""
        return self.around or _shown_alone(self.settings, self.snapshot)

    @property
    def figure(self) -> Props:
        """The props of the figure. While a question awaits a guess, the layers have no magnitudes."""
        snapshot = without_magnitudes(self.snapshot) if self.shown.is_hidden else self.snapshot
        return make_props(snapshot.props())

    @property
    def bars(self) -> BarProps:
        """The props of the bars."""
        return make_bar_props(self.shown.bars)


def _shown_alone(settings: Settings, snapshot: Snapshot) -> Shown:
    is_given = snapshot.gradients is not None
    magnitudes = "as given" if is_given else f"synthesised: each layer has {DECAY} times the next layer’s"
    gradients = snapshot.gradients if is_given else synthesise(len(snapshot.layers))
    bars: dict[str, Any] = {"layers": snapshot.layers, "gradients": gradients, "label": snapshot.label}
    facts = (("Architecture", short_architecture(settings.layers)), ("Magnitudes", magnitudes))
    return Shown((), "", facts, {**bars, "names": snapshot.names})
