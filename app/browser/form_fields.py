"""Form controls for a table of fields: they show values and pass on entered texts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .elements import by_id, show_error, write_value
from .handles import Listener


class Controls:
    """The controls in `root`, which the markup of a panel has made, each with its message.

    `change` gets the name and the text of a changed field. If it raises ValueError, the field shows that sentence, and
    nothing has changed.
    """

    def __init__(self, root: Any, change: Callable[[str, str], None]) -> None:
        self._change = change
        self._inputs = {str(each.dataset.field): each for each in root.querySelectorAll("[data-field]")}
        self._listener = Listener(root, "input", self._read)

    def show(self, texts: Mapping[str, str], applying: Callable[[str], bool]) -> None:
        """Show the values, as texts of an address. Hide the fields for which `applying` is false."""
        for name, control in self._inputs.items():
            if control.type == "checkbox":
                control.checked = texts[name] == "1"
            elif control.getAttribute("aria-invalid") != "true":
                write_value(control, texts[name])
            by_id(f"{control.id}-field").hidden = not applying(name)

    def forget(self) -> None:
        """Remove all error messages, because other values replace the refused ones."""
        for control in self._inputs.values():
            show_error(control, "")

    def destroy(self) -> None:
        """Remove the listener."""
        self._listener.destroy()

    def _read(self, event: Any) -> None:
        control = event.target
        name = getattr(control.dataset, "field", None)
        if name not in self._inputs:
            return
        text = ("1" if control.checked else "0") if control.type == "checkbox" else str(control.value)
        try:
            self._change(str(name), text)
        except ValueError as error:
            show_error(control, str(error))
        else:
            show_error(control, "")
