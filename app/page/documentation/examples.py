"""The address to install the component from, and examples that run the code they show."""

from __future__ import annotations

import asyncio
import sys
import traceback
from typing import Any, Final

from js import URL, console, document, location

from ...backprop_flow import BackpropFlow
from ...browser.handles import InView, Listener
from ...viz import GradientFlowViz

HOST: Final = "https://HOST/gradient-flow-viz/"  # as tools/sections.py writes it into docs.html
START_MARGIN: Final = "160px"  # below the view: an example runs from there on
PLAYING: Final = (GradientFlowViz, BackpropFlow)
PACKAGE: Final = "gradient_flow_viz"


class Examples:
    """All examples of the page. They live as long as its tab."""

    def __init__(self) -> None:
        # The examples import the component by its public name. Here it is an alias of this package.
        sys.modules.setdefault(PACKAGE, sys.modules[__name__.partition(".")[0]])
        name_host()
        self._examples = [Example(element) for element in document.querySelectorAll("[data-example]")]


def name_host() -> None:
    """Write the page's address into the lines to install from. Only the built site has the wheel."""
    here = URL.new(".", location.href).href
    is_built = document.documentElement.hasAttribute("data-release")
    for code in document.querySelectorAll("code[data-host]"):
        if is_built or code.dataset.host != "built":
            code.textContent = code.textContent.replace(HOST, here)


class Example:
    """An example. Its code runs once, when it is near the view; its figures play while they are in view."""

    def __init__(self, element: Any) -> None:
        self._name = str(element.dataset.example)
        self._code: Any = element.querySelector(f"#{self._name}-python")
        self._bundle = str(getattr(element.dataset, "bundle", ""))
        self._coming: asyncio.Future[None] | None = None  # held here: the event loop keeps no reference
        self._message: Any = element.querySelector(".message")
        self._pause: Any = element.querySelector(".example-pause")
        self._space: dict[str, Any] | None = None
        self._paused = False
        self._seen = False
        self._listeners = [Listener(self._pause, "click", lambda _event: self._toggle())] if self._pause else []
        self._view = InView(element.querySelector(".example-live"), self._see, START_MARGIN)

    def _see(self, seen: bool) -> None:
        self._seen = seen
        if seen and self._space is None and self._coming is None:
            if self._bundle:
                self._coming = asyncio.ensure_future(self._bring_and_run())
            else:
                self._run()
        self._show()

    async def _bring_and_run(self) -> None:
        """Run the example when the bundle that it needs has been loaded. If it can't be loaded, say so."""
        from ..lazy_bundles import bring  # noqa: PLC0415  # imported here: most examples need it not

        try:
            await bring(self._bundle)
        except OSError as error:
            self._message.textContent = f"This example could not run: {error}"
            self._coming = None  # it is tried again when it comes into view again
        else:
            self._message.textContent = ""
            self._run()

    def _run(self) -> None:
        self._space = {"__name__": f"example_{self._name}"}
        source = str(self._code.textContent)
        try:
            exec(compile(source, f"examples/{self._name}.py", "exec"), self._space)
        except Exception as error:  # noqa: BLE001  # any error: the text may have been changed on its way here
            self._message.textContent = f"This example could not run: {type(error).__name__}: {error}"
            console.error(f"examples/{self._name}.py raised.\n{traceback.format_exc()}")

    def _toggle(self) -> None:
        self._paused = not self._paused
        self._show()

    def _show(self) -> None:
        figures = [value for value in (self._space or {}).values() if isinstance(value, PLAYING)]
        if not self._pause or not figures:
            return  # an example that doesn't play can't be paused
        self._pause.textContent = "Play this example" if self._paused else "Pause this example"
        self._pause.dataset.live = ""
        for figure in figures:
            figure.update(playing=self._seen and not self._paused)
