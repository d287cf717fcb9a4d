"""The only adapter to the browser's callbacks: timers, frames, listeners, media queries, observers.

Each handle makes its proxy once and owns it. `destroy` cancels first and frees then; a second call is harmless.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable
from typing import Any

from js import (
    IntersectionObserver,
    MutationObserver,
    ResizeObserver,
    cancelAnimationFrame,
    clearInterval,
    console,
    matchMedia,
    performance,
    requestAnimationFrame,
    setInterval,
)
from pyodide.ffi import create_proxy, to_js

REDUCED_MOTION = "(prefers-reduced-motion: reduce)"


def now() -> float:
    """The time in seconds, on the clock of the frames' time stamps."""
    return float(performance.now()) / 1000.0


def animated_since(element: Any) -> float | None:
    """The start of the element's CSS animation, with its delay, on the clock of `now`; None if it has none."""
    animation = next(iter(element.getAnimations()), None)
    if animation is None:
        return None
    if not animation.startTime:  # null: paused, or not started yet
        return now() - float(animation.currentTime or 0.0) / 1000.0
    return float(animation.startTime) / 1000.0


class Interval:
    """A setInterval that can be restarted with another interval."""

    def __init__(self, callback: Callable[[], object]) -> None:
        self._callback = callback
        self._proxy: Any = create_proxy(self._run)
        self._timer: int | None = None
        self._next: float | None = None  # the interval after a different first one, in ms

    def start(self, milliseconds: float, first: float | None = None) -> None:
        """Call back every `milliseconds` from now on, and the first time after `first`. A former interval ends."""
        self.stop()
        self._next = None if first is None else milliseconds
        self._timer = setInterval(self._proxy, milliseconds if first is None else first)

    def _run(self) -> None:
        if self._next is not None:
            self.start(self._next)  # before the callback, which may stop it
        self._callback()

    @property
    def is_running(self) -> bool:
        """True if it will call back."""
        return self._timer is not None

    def stop(self) -> None:
        """Pause until the next start."""
        if self._timer is not None:
            clearInterval(self._timer)
            self._timer = None

    def destroy(self) -> None:
        """Stop for good and free the proxy."""
        self.stop()
        if self._proxy is not None:
            self._proxy.destroy()
            self._proxy = None


class Frames:
    """A requestAnimationFrame loop that runs as long as its callback returns True."""

    def __init__(self, callback: Callable[[float], bool]) -> None:
        self._callback = callback
        self._proxy: Any = create_proxy(self._run)
        self._request: int | None = None

    def start(self) -> None:
        """Request a frame, unless one is requested."""
        if self._request is None and self._proxy is not None:
            self._request = requestAnimationFrame(self._proxy)

    def stop(self) -> None:
        """Cancel the requested frame."""
        if self._request is not None:
            cancelAnimationFrame(self._request)
            self._request = None

    def _run(self, milliseconds: float) -> None:
        self._request = None  # before the callback: an exception there must not prevent later frames
        if self._callback(milliseconds / 1000.0):
            self.start()

    def destroy(self) -> None:
        """Stop for good and free the proxy."""
        self.stop()
        if self._proxy is not None:
            self._proxy.destroy()
            self._proxy = None


class Listener:
    """An event listener on any target."""

    def __init__(self, target: Any, event: str, callback: Callable[[Any], object]) -> None:
        self._target, self._event = target, event
        self._proxy: Any = create_proxy(callback)
        target.addEventListener(event, self._proxy)

    def destroy(self) -> None:
        """Remove the listener and free the proxy."""
        if self._proxy is not None:
            self._target.removeEventListener(self._event, self._proxy)
            self._proxy.destroy()
            self._proxy = None


class Pointer:
    """The place at which a pointer is pressed or dragged on an element: 0 at its left side, 1 at its right."""

    def __init__(self, element: Any, point: Callable[[float], object]) -> None:
        self._element, self._point = element, point
        self._listeners = [
            Listener(element, "pointerdown", lambda event: self._place(event) if event.button == 0 else None),
            Listener(element, "pointermove", lambda event: self._place(event) if event.buttons == 1 else None),
        ]

    def _place(self, event: Any) -> None:
        box = self._element.getBoundingClientRect()
        if box.width:
            self._point((event.clientX - box.left) / box.width)

    def destroy(self) -> None:
        """Remove the listeners and free the proxies."""
        for listener in self._listeners:
            listener.destroy()


class MediaQuery:
    """A watched media query. `callback` gets True or False each time its result changes."""

    def __init__(self, query: str, callback: Callable[[bool], object]) -> None:
        self._list: Any = matchMedia(query)
        self._listener = Listener(self._list, "change", lambda event: callback(bool(event.matches)))

    @property
    def matches(self) -> bool:
        """The current result."""
        return bool(self._list.matches)

    def destroy(self) -> None:
        """Stop watching."""
        self._listener.destroy()


class _Observed:
    """An element watched by one of the browser's observers. `observer` is its class; it gets a proxy of `callback`."""

    def __init__(self, observer: Any, callback: Callable[[Any, Any], object], options: dict[str, Any]) -> None:
        self._proxy: Any = create_proxy(callback)
        self._observer: Any = observer.new(self._proxy, **options)

    def destroy(self) -> None:
        """Stop watching and free the proxy."""
        if self._proxy is not None:
            self._observer.disconnect()
            self._proxy.destroy()
            self._proxy = None


class Callback:
    """A caller's callback, the prop `name` of `owner`. Its exceptions are logged once and stop nothing else."""

    def __init__(self, owner: str, name: str) -> None:
        self._called = f"{owner}: {name}"
        self._failed: Callable[[int], object] | None = None  # the one whose exception has been logged

    def __call__(self, callback: Callable[[int], object] | None, value: int) -> None:
        """Call it with the value, if there is a callback."""
        if callback is None:
            return
        try:
            callback(value)
        except Exception:  # noqa: BLE001 - the component must go on after any exception of the caller's code
            if callback is not self._failed:
                self._failed = callback
                console.error(f"{self._called} raised.\n{traceback.format_exc()}")


class InView(_Observed):
    """An element watched for being in view. `callback` gets True or False at first and after each change.

    `margin`: the distance from the view that still counts as in view, a CSS length.
    """

    def __init__(self, element: Any, callback: Callable[[bool], object], margin: str = "0px") -> None:
        def report(entries: Any, _observer: Any) -> None:
            callback(bool(entries[-1].isIntersecting))

        super().__init__(IntersectionObserver, report, {"rootMargin": margin})
        self._observer.observe(element)


class Attribute(_Observed):
    """A watched attribute of an element. `callback` is called each time it has been set or removed."""

    def __init__(self, element: Any, name: str, callback: Callable[[], object]) -> None:
        super().__init__(MutationObserver, lambda _changes, _observer: callback(), {})
        self._observer.observe(element, attributeFilter=to_js([name]))


class Resize(_Observed):
    """An element watched for its size. `callback` is called at first and after each change."""

    def __init__(self, element: Any, callback: Callable[[], object]) -> None:
        super().__init__(ResizeObserver, lambda _entries, _observer: callback(), {})
        self._observer.observe(element)
