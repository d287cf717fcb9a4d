"""Form controls for a table of fields: they show values, and hand on what people enter as text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from js import document

from .handles import Listener


class Controls:
    """The controls in `root` that panels.py wrote, each with its message.

    `change` gets a field's name and its text; the sentence of a ValueError stands beneath that field, and nothing else
    has changed.
    """

    def __init__(self, root: Any, change: Callable[[str, str], None]) -> None:
        self._change = change
        self._inputs = {str(each.dataset.field): each for each in root.querySelectorAll("[data-field]")}
        self._listener = Listener(root, "input", self._read)

    def show(self, texts: Mapping[str, str], applying: Callable[[str], bool]) -> None:
        """Show the values, written as an address writes them; those fields are hidden that mean nothing now."""
        for name, control in self._inputs.items():
            if control.type == "checkbox":
                control.checked = texts[name] == "1"
            elif control.value != texts[name] and control.getAttribute("aria-invalid") != "true":
                control.value = texts[name]
            document.getElementById(f"{control.id}-field").hidden = not applying(name)

    def forget(self) -> None:
        """Take back what was refused: all of it gives way to other values."""
        for control in self._inputs.values():
            self._complain(control, "")

    def destroy(self) -> None:
        """Listen no more."""
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
            self._complain(control, str(error))
        else:
            self._complain(control, "")

    def _complain(self, control: Any, message: str) -> None:
        document.getElementById(f"{control.id}-message").textContent = message
        control.setAttribute("aria-invalid", "true" if message else "false")
