"""The presentation: figure, bars and verdict in large type, worked by single keys. presentation.css has the look."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, Protocol

from js import Event, document

from ...browser.elements import by_id, write, write_in
from ...browser.handles import Listener
from ...browser.mount import bring_styles
from ...view.snapshot import State
from .markup import STEPPED_FIELDS, bar_markup, caption_text, value_text

OF_RUN: Final = "This is a recorded run. Leave, and choose Computed, for lessons and other settings."
NOT_READY: Final = "The network is not there yet."


class Presented(Protocol):
    """The page, as the presentation sees it."""

    @property
    def state(self) -> State:
        """The settings and the snapshot shown for them."""

    def subscribe(self, callback: Callable[[State, State], None]) -> Callable[[], None]:
        """Call `callback` after each change. Returns a function that ends this."""

    async def choose(self, source: str) -> None:
        """Choose a source, and wait until it is shown or has failed."""

    def described(self) -> Mapping[str, Any] | None:
        """The fields of the computed network that is shown; None if none is."""


class Presentation:
    """Shows the page in the look of a presentation until `destroy`. Its keys and its bar change what is set.

    `leave` is called when the visitor wants to leave. `toggle_keys` switches the single keys of the whole page.
    """

    def __init__(
        self, page: Presented, leave: Callable[[], object], toggle_keys: Callable[[bool], object], *, has_keys: bool
    ) -> None:
        bring_styles("panels/present/presentation.css")
        self._page = page
        self._task: asyncio.Future[None] | None = None  # held here: the event loop keeps no reference
        self._focused: Any = document.activeElement
        self._root: Any = document.documentElement
        self._root.dataset.present = ""
        by_id("main").insertAdjacentHTML("beforeend", bar_markup())
        self._bar, stage = by_id("present-bar"), document.querySelector(".stage")
        single = by_id("present-single")
        single.checked = has_keys
        self._listeners = [
            Listener(self._bar, "click", self._click),
            Listener(by_id("present-leave"), "click", lambda _event: leave()),
            Listener(single, "input", lambda _event: toggle_keys(bool(single.checked))),
        ]
        self._unsubscribe = page.subscribe(lambda _before, _now: self._show())
        stage.tabIndex = -1
        stage.focus()  # not a button, so that Space plays and pauses
        self._show()

    def destroy(self) -> None:
        """Restore the look of the page, and give the focus back."""
        self._unsubscribe()
        for listener in self._listeners:
            listener.destroy()
        self._bar.remove()
        document.querySelector(".stage").removeAttribute("tabindex")
        del self._root.dataset.present
        self._focused.focus()

    # Keys and buttons.

    def press(self, key: str, *, back: bool) -> bool:
        """Do what a key means here: a lower-case letter, a digit or `?`. Returns False for another key."""
        if key == "?":
            self._toggle_legend()
        elif key in STEPPED_FIELDS:
            self._start(self._step(STEPPED_FIELDS[key][0], back=back))
        elif key in "123456789":
            self._start(self._begin_lesson(int(key)))
        else:
            return False
        if key != "?" and not by_id("present-legend").hidden:
            self._toggle_legend()  # it may cover what the key changes
        return True

    def _click(self, event: Any) -> None:
        button = event.target.closest("button")
        if not button:
            return
        if field := getattr(button.dataset, "step", ""):
            self._start(self._step(str(field), back=bool(event.shiftKey)))
        elif button.id == "present-keys":
            self._toggle_legend()

    def _toggle_legend(self) -> None:
        legend = by_id("present-legend")
        legend.hidden = not legend.hidden
        by_id("present-keys").setAttribute("aria-expanded", str(not legend.hidden).lower())

    def _start(self, work: Any) -> None:
        """Do one thing after the other."""
        self._task = asyncio.ensure_future(_after(self._task, work))

    async def _has_network(self) -> bool:
        """Show a computed network unless one is shown or a run is. False, with the reason, if none comes."""
        if self._page.state.settings.source == "recorded":
            self._refuse(OF_RUN)
            return False
        if not self._page.described():
            self._say("Loading what computes …")
            await self._page.choose("computed")
        if document.querySelector("#computed-activation"):
            return True
        self._refuse(str(by_id("source-message").textContent) or NOT_READY)
        return False

    async def _step(self, field: str, *, back: bool) -> None:
        """Take the next value of a field, or the former one, in the page's form."""
        if not await self._has_network():
            return
        control, label = by_id(f"computed-{field}"), dict(STEPPED_FIELDS.values())[field]
        if by_id(f"{control.id}-field").hidden:
            self._refuse(f"{label} changes nothing in this network.")
            return
        if control.type == "checkbox":
            control.checked = not control.checked
        else:
            control.selectedIndex = (control.selectedIndex + (-1 if back else 1)) % control.length
        control.dispatchEvent(Event.new("input", bubbles=True))
        if refusal := str(by_id(f"{control.id}-message").textContent):
            self._refuse(refusal)
        elif self._value(field) != (bool(control.checked) if control.type == "checkbox" else control.value):
            self._say(f"{label}: the network is being computed.")
        else:
            self._say(f"{label}: {self._text(field)}.")

    async def _begin_lesson(self, number: int) -> None:
        if await self._has_network():
            document.querySelectorAll("[data-lesson]")[number - 1].click()

    # Display.

    def _show(self) -> None:
        state = self._page.state
        is_computed = self._page.described() is not None
        by_id("present-set").hidden = not is_computed
        is_coming = state.settings.source != state.snapshot.source
        write("present-caption", NOT_READY if is_coming else caption_text(state.snapshot))
        if is_computed and document.querySelector("#computed-activation"):
            for button in self._bar.querySelectorAll("[data-step]"):
                write_in(button.querySelector("[data-value]"), self._text(str(button.dataset.step)))

    def _value(self, field: str) -> object:
        return (self._page.described() or {})[field]

    def _text(self, field: str) -> str:
        """The words for the value that a field has in the network that is shown."""
        value = self._value(field)
        option = document.querySelector(f'#computed-{field} option[value="{value}"]')
        words = str(option.textContent) if option else ""
        return value_text(value, words, float((self._page.described() or {})["sigma"]))

    def _say(self, text: str) -> None:
        by_id("present-said").className = "visually-hidden"  # the bar shows it
        write("present-said", text)

    def _refuse(self, reason: str) -> None:
        by_id("present-said").className = "message"
        write("present-said", reason)


async def _after(former: Awaitable[None] | None, work: Awaitable[None]) -> None:
    if former is not None:
        await former
    await work
