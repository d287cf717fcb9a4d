"""The page's elements by id, and functions that write text or this project's own markup into them."""

from __future__ import annotations

from typing import Any

from js import document


def by_id(name: str) -> Any:
    """The element of the page with that id."""
    return document.getElementById(name)


def write(name: str, text: str) -> None:
    """Write an element's text if it changes: a live region announces nothing twice."""
    write_in(by_id(name), text)


def write_in(element: Any, text: str) -> None:
    """Write a text if it changes into an element that was looked up before."""
    if element.textContent != text:
        element.textContent = text


def write_value(control: Any, text: str) -> None:
    """Write a form control's value if it changes: the caret stays where it is."""
    if control.value != text:
        control.value = text


def show_error(control: Any, message: str) -> None:
    """Show beneath a form control what is wrong with it; nothing wrong is the empty string."""
    write(f"{control.id}-message", message)
    control.setAttribute("aria-invalid", "true" if message else "false")


def fill(name: str, markup: str) -> None:
    """Put markup into an element and show it. The markup must contain nothing from outside."""
    by_id(name).innerHTML = markup
    by_id(name).hidden = False


def empty(name: str) -> None:
    """Empty an element and hide it."""
    by_id(name).replaceChildren()
    by_id(name).hidden = True


def element(tag: str, text: str) -> Any:
    """A new element with a text."""
    made = document.createElement(tag)
    made.textContent = text
    if tag == "button":
        made.type = "button"
    return made
