"""The embedded page: applies messages from the page around it, and reports the cursor to it.

web/before-paint.js keeps messages that arrive before Python runs. It accepts messages only from that page.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from js import Array, ArrayBuffer, Object, window
from pyodide.ffi import JsProxy, create_proxy, jsnull, to_js

from ..browser.elements import by_id
from ..figure.props import MAX_LAYERS
from ..view.messages import Foreign, Refusal, error_message, layer_message, read_message
from .controller import Page
from .embed_parts import EmbedParts, OpenLink


class Embed:
    """Connects the embedded page with the page around it. It lives as long as its tab."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._told: int | None = None
        self._parts = EmbedParts(page)
        self._link = OpenLink(page)
        by_id("open-page").after(by_id("notices"))  # the form around them is hidden
        self._frame: Any = getattr(window.gradientFlow, "frame", None)
        if self._frame:  # missing if the address was opened in a tab of its own
            page.subscribe(lambda _before, now: self._tell_layer(now.settings.layer))
            self._tell_layer(page.state.settings.layer)
            self._hear = create_proxy(self._obey)
            self._obey(self._frame.listen(self._hear))

    def _obey(self, messages: Iterable[Any]) -> None:
        """Apply messages in their order, and show the result of all at once."""
        store = self._page.store
        view, (_, snapshot, is_parked) = store.view, store.state
        for data in messages:
            view, refusals = read_message(plain(data), view, parked=is_parked, forward=snapshot.has_forward)
            for refusal in refusals:
                self._say(error_message(refusal))
        if view != store.view:
            try:
                store.apply_view(view)
            except ValueError as error:  # a network of these layers can't be computed
                self._say(error_message(Refusal("layers", str(error))))

    def _tell_layer(self, cursor: int) -> None:
        if cursor != self._told:
            self._told = cursor
            self._say(layer_message(cursor))

    def _say(self, message: Mapping[str, object]) -> None:
        self._frame.post(to_js(message, dict_converter=Object.fromEntries))


def plain(data: Any) -> Any:
    """Convert a message to Python values. null becomes None, and undefined is left out.

    The length of a list is looked at first: to convert a list of millions takes a minute.
    """
    if not isinstance(data, JsProxy) or _length(data) is not None:
        return None
    value = data.to_py(depth=1)
    if not isinstance(value, dict):
        return None
    return {name: _plain_field(each) for name, each in value.items() if each is not None}


def _length(value: Any) -> int | None:
    """The length of a list or a typed array; None for any other value."""
    return int(value.length) if Array.isArray(value) or ArrayBuffer.isView(value) else None


def _plain_field(value: Any) -> Any:
    if not isinstance(value, JsProxy):
        return None if value is jsnull else value
    count = _length(value)
    if count is None or count > MAX_LAYERS:
        return Foreign(count)
    listed = value.to_py(depth=1)
    return [_plain_item(item) for item in listed] if isinstance(listed, list) else listed


def _plain_item(value: Any) -> Any:
    if isinstance(value, JsProxy):
        return Foreign()
    return None if value is jsnull else value
