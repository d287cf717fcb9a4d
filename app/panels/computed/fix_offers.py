"""The part of the panel that offers fixes: each is tried first, in slices of time, and can be undone."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final, NamedTuple

from js import document

from ...browser.elements import by_id, element, write
from ...browser.handles import Listener
from ...browser.time_slicing import Cancelled, CancelToken, run_in_slices
from ...network.config import COMPUTED_FIELDS, OWN, NetworkConfig, is_same_run
from . import fixes, markup
from .fixes import Fix, Trial
from .model import ComputedModel

WAIT_S: Final = 0.2  # before a trial begins: somebody may be typing


class Applied(NamedTuple):
    """A fix that was applied, with the configurations before and after it."""

    fix: Fix
    before: NetworkConfig
    after: NetworkConfig


class FixOffers:
    """Tries fixes for the network of a model and offers those that improve it. `apply` shows another configuration.

    `apply` may raise ValueError.
    """

    def __init__(self, model: ComputedModel, apply: Callable[[NetworkConfig], None]) -> None:
        self._model, self._apply = model, apply
        self._tried: tuple[tuple[int, ...], NetworkConfig] | None = None  # of the trial that is shown or running
        self._token: CancelToken | None = None  # while a trial runs
        self._applied: list[Applied] = []
        self._listeners = [
            Listener(by_id("fixes"), "click", self._click),
            Listener(by_id("undo-fix"), "click", lambda _event: self._undo()),
        ]

    def destroy(self) -> None:
        """Cancel the trial, and release the buttons."""
        self.hold()
        for listener in self._listeners:
            listener.destroy()

    def show(self) -> None:
        """Try the fixes for another network. A change of the view changes nothing here."""
        layers, config = self._model.layers, self._model.config
        self._show_undo()
        if self._tried is None or self._tried[0] != layers or not is_same_run(self._tried[1], config):
            self.hold()
            self.release()

    def hold(self) -> None:
        """Cancel a trial that is running; `release` begins it again."""
        if self._token:
            self._token.stop()
            self._token = self._tried = None
            write("fix-status", "Fixes are tried when the training stops.")

    def release(self) -> None:
        """Begin a trial if there is none for the present network."""
        model = self._model
        if self._token or (
            self._tried and self._tried[0] == model.layers and is_same_run(self._tried[1], model.config)
        ):
            return
        self._tried = model.layers, model.config
        self._token = CancelToken()
        by_id("fixes").dataset.busy = ""
        by_id("fix-rest").dataset.busy = ""
        write("fix-status", "Trying fixes …")
        asyncio.ensure_future(self._try(self._token))  # noqa: RUF006  # its token ends it

    async def _try(self, token: CancelToken) -> None:
        layers, config = self._model.layers, self._model.config
        await asyncio.sleep(WAIT_S)
        if token.stopped:
            return
        steps = fixes.affordable_steps(layers, config)
        if steps is None:
            self._token = None
            self._show_untried()
            return
        try:
            trial = await run_in_slices(fixes.trying(layers, config, steps), self._show_progress, token)
        except Cancelled:
            return
        self._token = None
        self._show_trial(trial, steps)

    def forget(self) -> None:
        """Forget the fixes that were applied: another network is shown."""
        self._applied.clear()
        self._show_undo()

    # Actions of the visitor.

    def _click(self, event: Any) -> None:
        button = event.target.closest("[data-fix]")
        if not button:
            return
        fix = next(fix for fix in fixes.FIXES if fix.name == button.dataset.fix)
        before = self._model.wanted.config
        if self._change_to(fix.change(before)):
            self._applied.append(Applied(fix, before, self._model.wanted.config))
            self._show_undo()
            by_id("undo-fix").focus()  # the button that had the focus is going

    def _undo(self) -> None:
        own = [field.name for field in COMPUTED_FIELDS if field.part == OWN]
        applied = self._applied.pop()
        if self._change_to(replace(self._model.wanted.config, **{name: getattr(applied.before, name) for name in own})):
            self._show_undo()
            if by_id("undo-fix").hidden:
                by_id("fixes-heading").focus()

    def _change_to(self, config: NetworkConfig) -> bool:
        message = ""
        try:
            self._apply(config)
        except ValueError as error:
            message = str(error)
        write("fix-message", message)
        return not message

    # Display.

    def _show_undo(self) -> None:
        last = self._applied[-1] if self._applied else None
        button = by_id("undo-fix")
        button.hidden = last is None or not is_same_run(last.after, self._model.config)
        if last and not button.hidden:
            write("undo-fix", f"Undo: {last.fix.label}")

    def _show_progress(self, share: float) -> None:
        write("fix-status", f"Trying fixes: {100 * share:.0f} %")

    def _show_trial(self, trial: Trial, steps: int) -> None:
        offered, refused = trial.offered(), trial.refused()
        write("fix-status", markup.trial_text(trial, steps))
        self._show_buttons([(fix, str(trial.outcomes[fix.name])) for fix in offered])
        write("fix-rest-summary", f"Tried and no better: {len(refused)}")
        lines = [element("li", f"{fix.label}: {trial.outcomes[fix.name]}") for fix in refused]
        by_id("fix-rest-list").replaceChildren(*lines)
        by_id("fix-rest").hidden = not refused
        del by_id("fix-rest").dataset.busy

    def _show_untried(self) -> None:
        model = self._model
        write("fix-status", markup.untried_text(fixes.trial_ms(model.layers, model.config, 0)))
        self._show_buttons([(fix, "untried") for fix in fixes.candidates(model.layers, model.config)])
        by_id("fix-rest").hidden = True
        del by_id("fix-rest").dataset.busy

    def _show_buttons(self, offers: list[tuple[Fix, str]]) -> None:
        items = []
        for fix, outcome in offers:
            button, text, item = element("button", fix.label), element("span", outcome), document.createElement("li")
            button.dataset.fix, text.id = fix.name, f"fix-{fix.name}-outcome"
            button.setAttribute("aria-describedby", text.id)
            item.append(button, text)
            items.append(item)
        by_id("fixes").replaceChildren(*items)
        by_id("fixes").hidden = not items
        del by_id("fixes").dataset.busy
