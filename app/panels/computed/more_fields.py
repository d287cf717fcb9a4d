"""The fold of rarely used fields in the form of a computed network."""

from __future__ import annotations

from typing import Any

from ...browser.elements import by_id
from ...browser.handles import Listener
from ...network.config import NetworkConfig
from .markup import RARE_FIELDS


class MoreFields:
    """Opens the fold if a field in it is not at its default, and keeps it open while a field in it has an error.

    The form's element remembers the visitor's choice until the page is left.
    """

    def __init__(self, config: NetworkConfig) -> None:
        self._fold: Any = by_id("more-fields")
        self._form: Any = by_id("computed")
        default = NetworkConfig()
        is_used = any(getattr(config, name) != getattr(default, name) for name in RARE_FIELDS)
        kept = getattr(self._form.dataset, "more", "")
        self._fold.open = kept == "open" or (is_used and not kept)
        self._listener = Listener(self._fold, "toggle", lambda _event: self._keep())

    def destroy(self) -> None:
        """Remove the listener."""
        self._listener.destroy()

    def _keep(self) -> None:
        if self._fold.querySelector("[aria-invalid='true']"):
            self._fold.open = True
        self._form.dataset.more = "open" if self._fold.open else "closed"
