"""Where the magnitudes come from: given or synthesised, computed by a network, or recorded in a training run.

What computes and what reads runs is brought when it is chosen.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from ..browser.elements import by_id
from ..browser.handles import Listener
from ..figure import wave
from ..view.settings import RECORDED, SOURCES, Settings, parse_step

if TYPE_CHECKING:
    from .controller import Page

PLAIN: Final[dict[str, Any]] = {
    "label": wave.LABEL,
    "names": None,
    "activations": None,
}  # unless told


def given_props(settings: Settings) -> dict[str, Any]:
    """What the figure is to say of magnitudes that are not computed."""
    return PLAIN | {"label": settings.label, "names": settings.names}


class SourceRequest(NamedTuple):
    """What an address asks for: its parameters, and where the wave shall stand, if it says."""

    parameters: Mapping[str, str] = MappingProxyType({})
    cursor: int | None = None


class Sources:
    """The choice in the form, and what was brought for it; lives as long as the page does."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._lab: Any = None  # app/panels/computed/model.py's, while the magnitudes are computed
        self._recorded: Any = None  # app/panels/recorded/model.py's, once it was asked for
        self._lab_names: tuple[str, ...] = ()  # its parameters in the address, once it has been there
        self._coming: asyncio.Future[None] | None = None  # kept: a loop holds it weakly
        self._hint = str(by_id("source-hint").textContent)
        self._listeners = [
            Listener(by_id("source"), "input", lambda _event: self._choose()),
            Listener(by_id("open-run"), "click", lambda _event: self._ask()),
        ]

    @property
    def names(self) -> tuple[str, ...]:
        """The parameters in the address that are theirs, and not those of what is still on its way."""
        made = self._page.settings.computed or self._page.settings.recorded
        is_coming = made is None and not by_id("source-synthesised").checked
        return (*self._lab_names, *(() if is_coming else ("source", *RECORDED)))

    def begin(self, source: str, parameters: Mapping[str, str], cursor: int | None) -> None:
        """Choose what an address asks for; `cursor` is where the wave shall stand, or None."""
        if source in SOURCES[1:]:
            by_id(f"source-{source}").checked = True
            self._choose(SourceRequest(parameters, cursor))

    def receive(self, files: Sequence[Any]) -> None:
        """Show the run in files, JavaScript's, that were dropped on the page, or pasted."""
        self._mark("recorded")
        self._choose(files=files)

    def follow(self, settings: Settings) -> None:
        """Make what other settings ask for, or leave off. Raises ValueError, and then nothing has changed."""
        if self._lab is not None and settings.computed is not None:
            self._lab.compute(settings.layers, settings.computed)
        elif self._lab is not None:
            lab, self._lab = self._lab, None
            lab.destroy()
            self._mark("synthesised")
        if self._page.settings.recorded is not None and settings.recorded is None:
            self._recorded.leave()
            self._mark("synthesised")
        if settings.gradients is not None and settings.computed is None and settings.recorded is None:
            self._mark("synthesised")  # also where others are on their way

    def tell(self, settings: Settings) -> dict[str, Any]:
        """What the figure is to say of the magnitudes, its props; puts them into `settings` where they are computed."""
        if self._lab is None:
            return given_props(settings)
        settings.gradients = self._lab.gradients
        return PLAIN | dict(self._lab.told)

    def show(self) -> None:
        """Show all that belongs to them, but for the figure."""
        settings = self._page.settings
        for name in ("architecture-field", "presets"):
            by_id(name).hidden = settings.recorded is not None
        by_id("gradients-field").hidden = settings.computed is not None or settings.recorded is not None
        if self._lab is not None:
            self._lab.show()

    def show_layer(self, cursor: int) -> None:
        """The wave has come to another layer."""
        for each in (self._lab, self._recorded if self._page.settings.recorded is not None else None):
            if each is not None:
                each.show_layer(cursor)

    @staticmethod
    def _mark(source: str) -> None:
        by_id(f"source-{source}").checked = True

    def _ask(self) -> None:
        """Choose Recorded, and bring its chooser of files into view, ready to be used."""
        self._mark("recorded")
        self._choose(ask=True)

    def _choose(self, asked: SourceRequest | None = None, files: Sequence[Any] = (), *, ask: bool = False) -> None:
        """As the form says; `asked` is what an address says besides, `files` what is to be read.

        `ask`: the chooser of files gets the focus.
        """
        by_id("source-message").textContent = ""
        chosen = next(name for name in SOURCES if by_id(f"source-{name}").checked)
        if self._recorded is not None and chosen != "recorded":
            self._recorded.leave()
        settings = self._page.settings
        is_left = (settings.computed and chosen != "computed") or (settings.recorded and chosen != "recorded")
        if is_left or chosen == "synthesised":
            self._page.go_back()
            self._mark(chosen)
        if chosen == "computed" and self._lab is None:
            self._start(self._bring_lab(asked or SourceRequest()))
        elif chosen == "recorded":
            self._start(self._bring_recorded(asked or SourceRequest(), files, ask))

    def _start(self, coming: Coroutine[Any, Any, None]) -> None:
        self._coming = asyncio.ensure_future(coming)

    async def _bring(self, group: str, what: str) -> None:
        """Bring what a source needs, saying so meanwhile. Raises OSError."""
        from .lazy_bundles import NUMPY, bring  # noqa: PLC0415  # here, as all it brings: few visitors need it

        by_id("source-hint").textContent = f"Loading what {what} …"
        try:
            await bring(NUMPY, "charts", group)
        finally:
            by_id("source-hint").textContent = self._hint

    def _fail(self, error: Exception, name: str) -> None:
        """Say what went wrong; the magnitudes are those of the form again."""
        self._mark("synthesised")
        by_id("source-message").textContent = f"{error} The magnitudes are synthesised; choose {name} to try again."
        self._page.go_back()

    async def _bring_lab(self, asked: SourceRequest) -> None:
        try:
            await self._bring("computed", "computes")
            if by_id("source-computed").checked and self._lab is None:
                self._open_lab(asked)
                await asyncio.sleep(0)  # the picture is there, and comes first
                if self._lab is not None and not self._page.is_embedded:
                    self._lab.open()
        except (OSError, ValueError) as error:
            self._fail(error, "Computed")

    def _open_lab(self, asked: SourceRequest) -> None:
        from ..network.config import PARAMETER_NAMES  # noqa: PLC0415  # here, as they have only just been brought
        from ..panels.computed.model import ComputedModel  # noqa: PLC0415  # the same

        settings = self._page.settings
        self._lab = ComputedModel(self._page, settings.layers, asked.parameters)
        self._lab_names = PARAMETER_NAMES
        layer = settings.layer if asked.cursor is None else asked.cursor
        self._page.adopt(replace(settings, computed=self._lab.computed, layer=layer))

    async def _bring_recorded(self, asked: SourceRequest, files: Sequence[Any], ask: bool) -> None:
        try:
            await self._bring("recorded", "reads training logs")
        except OSError as error:
            self._fail(error, "Recorded")
            return
        if not by_id("source-recorded").checked:
            return
        from ..panels.recorded.model import RecordedModel  # noqa: PLC0415  # it has only just been brought

        if self._recorded is None:
            self._recorded = RecordedModel(self._page)
        if not self._page.is_embedded:
            self._recorded.open()
        if ask:
            by_id("source").scrollIntoView(behavior="auto")
            by_id("run-files").focus(preventScroll=True)
        if files:
            self._recorded.read(files)
        elif "run" in asked.parameters:
            self._fetch(asked.parameters)

    def _fetch(self, parameters: Mapping[str, str]) -> None:
        step = None
        try:
            step = parse_step(parameters["step"]) if "step" in parameters else None
        except ValueError as error:
            self._page.notice([f"{error}. This came from “step” in the address; the last one is shown."])
        self._recorded.fetch(parameters["run"], step)
