"""The one adapter to what the browser calls back: timers, frames, listeners, media queries, observers.

Each is a handle that makes its proxy once and owns it: `destroy` cancels first, frees then, and may be called twice.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable
from typing import Any

from js import (
    IntersectionObserver,
    MutationObserver,
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
    """Seconds on the clock that frames are stamped with."""
    return float(performance.now()) / 1000.0


def animated_since(element: Any) -> float | None:
    """When the element's CSS animation was started, its delay counted in, as `now` tells; None where it has none."""
    animation = next(iter(element.getAnimations()), None)
    if animation is None:
        return None
    if not animation.startTime:  # null: paused, or not begun yet
        return now() - float(animation.currentTime or 0.0) / 1000.0
    return float(animation.startTime) / 1000.0


class Interval:
    """A setInterval that can be started anew at another pace."""

    def __init__(self, callback: Callable[[], object]) -> None:
        self._callback = callback
        self._proxy: Any = create_proxy(self._run)
        self._timer: int | None = None
        self._pace: float | None = None  # to be taken up after the first time

    def start(self, milliseconds: float, first: float | None = None) -> None:
        """Call back every so many milliseconds from now on, and no longer at any former pace; `first` in so many."""
        self.stop()
        self._pace = None if first is None else milliseconds
        self._timer = setInterval(self._proxy, milliseconds if first is None else first)

    def _run(self) -> None:
        if self._pace is not None:
            self.start(self._pace)  # before the callback: that may well stop it
        self._callback()

    @property
    def is_running(self) -> bool:
        """Whether it will call back."""
        return self._timer is not None

    def stop(self) -> None:
        """Call back no more until the next start."""
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
    """A requestAnimationFrame loop that runs while its callback answers True and asks for nothing when it doesn't."""

    def __init__(self, callback: Callable[[float], bool]) -> None:
        self._callback = callback
        self._proxy: Any = create_proxy(self._run)
        self._request: int | None = None

    def start(self) -> None:
        """See to it that a frame is coming."""
        if self._request is None and self._proxy is not None:
            self._request = requestAnimationFrame(self._proxy)

    def stop(self) -> None:
        """Call off the frame that is coming."""
        if self._request is not None:
            cancelAnimationFrame(self._request)
            self._request = None

    def _run(self, milliseconds: float) -> None:
        self._request = None  # before the callback: one that raises must not keep later frames from coming
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
        """Listen no more and free the proxy."""
        if self._proxy is not None:
            self._target.removeEventListener(self._event, self._proxy)
            self._proxy.destroy()
            self._proxy = None


class Pointer:
    """Where a pointer is pressed or dragged on an element, from its left side, 0, to its right, 1."""

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
        """Listen no more and free the proxies."""
        for listener in self._listeners:
            listener.destroy()


class MediaQuery:
    """A media query that is watched: `callback` gets whether it matches, each time that changes."""

    def __init__(self, query: str, callback: Callable[[bool], object]) -> None:
        self._list: Any = matchMedia(query)
        self._listener = Listener(self._list, "change", lambda event: callback(bool(event.matches)))

    @property
    def matches(self) -> bool:
        """Whether it matches now."""
        return bool(self._list.matches)

    def destroy(self) -> None:
        """Watch no more."""
        self._listener.destroy()


class _Observed:
    """An element watched by one of the browser's observers, whose `observer` class gets the proxy of `callback`."""

    def __init__(self, observer: Any, callback: Callable[[Any, Any], object], options: dict[str, Any]) -> None:
        self._proxy: Any = create_proxy(callback)
        self._observer: Any = observer.new(self._proxy, **options)

    def destroy(self) -> None:
        """Watch no more and free the proxy."""
        if self._proxy is not None:
            self._observer.disconnect()
            self._proxy.destroy()
            self._proxy = None


class Callback:
    """Somebody's callback, the prop `name` of `owner`: what it raises is told once, and stops nothing else."""

    def __init__(self, owner: str, name: str) -> None:
        self._called = f"{owner}: {name}"
        self._failed: Callable[[int], object] | None = None  # which one has been told of

    def __call__(self, callback: Callable[[int], object] | None, value: int) -> None:
        """Call it with the value, where there is one."""
        if callback is None:
            return
        try:
            callback(value)
        except Exception:  # noqa: BLE001 - whatever it raises, what called it goes on
            if callback is not self._failed:
                self._failed = callback
                console.error(f"{self._called} raised.\n{traceback.format_exc()}")


class InView(_Observed):
    """An element that is watched: `callback` gets whether it is in view, at first and each time that changes.

    `margin`, a CSS length, is how near to the view counts as in it.
    """

    def __init__(self, element: Any, callback: Callable[[bool], object], margin: str = "0px") -> None:
        def report(entries: Any, _observer: Any) -> None:
            callback(bool(entries[-1].isIntersecting))

        super().__init__(IntersectionObserver, report, {"rootMargin": margin})
        self._observer.observe(element)


class Attribute(_Observed):
    """An element's attribute that is watched: `callback` is called each time it has been set or removed."""

    def __init__(self, element: Any, name: str, callback: Callable[[], object]) -> None:
        super().__init__(MutationObserver, lambda _changes, _observer: callback(), {})
        self._observer.observe(element, attributeFilter=to_js([name]))
