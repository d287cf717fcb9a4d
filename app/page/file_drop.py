"""Files that are dropped anywhere on the page, and pasted files or text.

web/before-paint.js listens, because they may arrive before Python runs. It passes on what it has kept, and later
whatever arrives.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from js import window
from pyodide.ffi import create_proxy


class FileDrop:
    """Passes each list of files (JavaScript's `File`s) to `receive`. Pasted text is a file named `pasted text`."""

    def __init__(self, receive: Callable[[list[Any]], object]) -> None:
        self._proxy: Any = create_proxy(lambda files: receive(list(files)))
        kept = list(window.gradientFlow.fileDrop.listen(self._proxy))
        if kept:
            receive(kept)

    def destroy(self) -> None:
        """Receive nothing more. Files that arrive are kept for the next listener."""
        if self._proxy is not None:
            window.gradientFlow.fileDrop.listen(None)
            self._proxy.destroy()
            self._proxy = None
