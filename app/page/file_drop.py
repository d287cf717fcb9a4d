"""Files that are dropped anywhere on the page, and what is pasted into it, as files too.

web/before-paint.js listens, for they may come before Python does. It hands over what it has kept, and from then on
all that comes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from js import window
from pyodide.ffi import create_proxy


class FileDrop:
    """Hands each lot of files, JavaScript's `File`s, to `receive`. Pasted text is a file called `pasted text`."""

    def __init__(self, receive: Callable[[list[Any]], object]) -> None:
        self._proxy: Any = create_proxy(lambda files: receive(list(files)))
        kept = list(window.gradientFlow.fileDrop.listen(self._proxy))
        if kept:
            receive(kept)

    def destroy(self) -> None:
        """Receive no more; what comes is kept for the next who asks."""
        if self._proxy is not None:
            window.gradientFlow.fileDrop.listen(None)
            self._proxy.destroy()
            self._proxy = None
