"""Lines of the lists around a recorded run: its events, and its layers with the buttons that fold and move them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from js import document

from ...browser.elements import element
from ...figure.text import write_step

if TYPE_CHECKING:
    from ...runs.events import Event
    from ...runs.layer_groups import Entry


def event_item(at: int, event: Event) -> Any:
    """A line of the list of events: a button that leads to its step, and its sentence."""
    item, button = document.createElement("li"), element("button", f"Go to step {write_step(event.step)}")
    button.type, button.dataset.event = "button", str(at)
    text = element("span", f"{event}.")
    text.id = f"run-event-{at}"
    button.setAttribute("aria-describedby", text.id)
    item.append(button, text)
    return item


def layer_item(entry: Entry, at: int, row: int | None, rows: int) -> Any:
    """One line of the list: a layer or a block, what opens it, and what moves it."""
    item = document.createElement("li")
    item.style.setProperty("--depth", str(entry.depth))
    name = element("span", entry.name)
    name.className = "run-layer-name"
    if entry.is_block:
        button = element("button", "Fold" if entry.opened else "Unfold")
        button.dataset.block = str(at)
        button.setAttribute("aria-label", f"{button.textContent} {entry.name}")
        button.setAttribute("aria-expanded", "true" if entry.opened else "false")
        count = element("small", f"{len(entry.members)} layers")
        item.append(name, count, button)
    else:
        item.append(name)
    if row is not None:
        item.append(_mover(entry.name, row, -1, row == 0), _mover(entry.name, row, 1, row == rows - 1))
    return item


def _mover(name: str, row: int, by: int, ended: bool) -> Any:
    button = element("button", "↑" if by < 0 else "↓")
    button.setAttribute("aria-label", f"Move {name} {'up, towards the input' if by < 0 else 'down, towards the loss'}")
    button.setAttribute("aria-disabled", "true" if ended else "false")
    button.dataset.row, button.dataset.by = str(row), str(by)
    return button


def button_key(button: Any) -> str:
    """The label of a button, the same whether its block is folded or not."""
    return str(button.getAttribute("aria-label")).removeprefix("Unfold ").removeprefix("Fold ")
