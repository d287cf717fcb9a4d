"""The choices in the form around a recorded run: which run, beside which, which magnitude, which order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from js import document

from ...browser.elements import by_id, element
from . import markup
from .markup import choice_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .arrangement import View

NOTHING: Final = "none"  # to compare with


def show_choices(view: View, titles: Sequence[str]) -> None:
    """Show what can be chosen, and what is chosen. `titles`: of all runs that were read."""
    runs = list(titles)
    plan = view.plan
    others = [(str(at), title) for at, title in enumerate(runs) if at != plan.run]
    _options("shown", [(str(at), title) for at, title in enumerate(runs)], str(plan.run))
    _options("beside", [(NOTHING, "nothing"), *others], NOTHING if plan.beside is None else str(plan.beside))
    chosen = (view.main.run.kind, view.main.run.reduction)
    choices = [(str(at), choice_text(each)) for at, each in enumerate(view.choices)]
    _options("choice", choices, str(view.choices.index(chosen)))
    _options("order", markup.order_options(view.order, view.guess_source), view.order)
    _options("scale", markup.LOSS_SCALES, "divided" if plan.is_unscaled else "")
    by_id("run-scale-field").hidden = not view.has_scale
    by_id("run-choices").hidden = False
    if len(runs) < (2 if plan.beside is None else 3):
        hide(by_id("run-forget"))
    else:
        by_id("run-forget").hidden = False
    by_id("run-beside-field").hidden = len(runs) < 2
    by_id("run-shown-field").hidden = len(runs) < 2


def hide(element: Any) -> None:
    """Hide it; where the focus was in it, the chooser of files has it."""
    if not element.hidden and element.contains(document.activeElement):
        by_id("run-files").focus(preventScroll=True)
    element.hidden = True


def _options(name: str, pairs: Iterable[tuple[str, str]], chosen: str) -> None:
    select, made = by_id(f"run-{name}"), []
    for value, text in pairs:
        option = element("option", text)
        option.value = value
        made.append(option)
    select.replaceChildren(*made)
    select.value = chosen
