"""Automatic training, with as many steps per frame as time allows. A large network has many frames per step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from ...browser.handles import Frames, now
from ...network.training import Shares, Training
from .background import NO_MEMORY, SlicedBackground
from .model import ComputedModel

SLICE_S: Final = 0.010  # of each frame, for training; the rest is for the display and the browser
MAX_STEPS_A_FRAME: Final = 8  # so that the training of a small network stays visible


class TrainingRunner:
    """Advances a model from `start` until `stop`, or until the training ends, and then calls `ended`.

    `background` shows the progress within a step of a large network. A step that `stop` interrupts goes on at the next
    `start`, unless the network has changed. `failed` gets the reason if there is not enough memory.
    """

    def __init__(
        self,
        model: ComputedModel,
        background: SlicedBackground,
        ended: Callable[[], object],
        failed: Callable[[str], object],
    ) -> None:
        self._model, self._background, self._ended, self._failed = model, background, ended, failed
        self._frames = Frames(self._advance)
        self._is_running = self._is_one_step = self._shows_progress = False
        self._begun: tuple[Training, Training | None, int, Shares[None]] | None = None  # a step, and of which networks

    @property
    def is_running(self) -> bool:
        """True while the model is being trained."""
        return self._is_running

    def start(self, *, one_step: bool = False) -> None:
        """Start training with the next frame. `one_step`: until one step is made and shown."""
        self._is_running, self._is_one_step = True, one_step
        self._frames.start()

    def stop(self) -> None:
        """Stop training."""
        self._hide_progress()
        self._is_running = False
        self._frames.stop()

    def destroy(self) -> None:
        """Stop, and release the frames."""
        self.stop()
        self._frames.destroy()

    def _advance(self, _seconds: float) -> bool:
        """Make some steps in one frame, and show the last in the next frame: together they take too long."""
        model = self._model
        if model.step < model.run.steps:
            model.look_at(model.run.steps)
            if model.run.finished or self._is_one_step:
                self.stop()
                self._ended()
            return self._is_running
        try:
            self._advance_until(now() + SLICE_S)
        except MemoryError:
            self._begun = None
            self.stop()
            self._failed(NO_MEMORY)
        return self._is_running

    def _advance_until(self, end: float) -> None:
        if self._model.is_large:
            self._advance_in_pieces(end)
            return
        self._hide_progress()  # another architecture may have come while a large network was trained
        for _ in range(1 if self._is_one_step else MAX_STEPS_A_FRAME):
            self._model.advance()
            if self._model.run.finished or now() >= end:
                break

    def _hide_progress(self) -> None:
        if self._shows_progress:  # else the line may be of a network that is computed
            self._shows_progress = False
            self._background.hide()

    def _advance_in_pieces(self, end: float) -> None:
        """Go on with one step, and show how far it is."""
        model = self._model
        networks = model.run, model.other, model.run.steps
        if self._begun is None or self._begun[:3] != networks:
            self._begun = *networks, model.advancing()
        for share in self._begun[3]:
            if now() >= end:
                self._shows_progress = True
                self._background.show(share, f"Training step {model.run.steps + 1}")
                return
        self._begun = None
