"""Training that goes on by itself, as many steps a frame as there is time for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from ...browser.handles import Frames, now
from .model import ComputedModel

SLICE_S: Final = 0.010  # s of a frame that training may take; the rest is for showing it, and for the browser
MAX_STEPS_A_FRAME: Final = 8  # so that a small network's training can be watched as well


class TrainingRunner:
    """Advances a model from `start` to `stop`, or until it is trained: then `ended` is called."""

    def __init__(self, model: ComputedModel, ended: Callable[[], object]) -> None:
        self._model, self._ended = model, ended
        self._frames = Frames(self._advance)
        self._is_running = False

    @property
    def is_running(self) -> bool:
        """True while the training goes on."""
        return self._is_running

    def start(self) -> None:
        """Train from the next frame on."""
        self._is_running = True
        self._frames.start()

    def stop(self) -> None:
        """Train no further."""
        self._is_running = False
        self._frames.stop()

    def destroy(self) -> None:
        """Stop for good."""
        self.stop()
        self._frames.destroy()

    def _advance(self, _seconds: float) -> bool:
        """Take some steps in one frame, and show the last of them in the next: both take too long together."""
        model = self._model
        if model.step < model.run.steps:
            model.look_at(model.run.steps)
            if model.run.finished:
                self._is_running = False
                self._ended()
            return self._is_running
        until = now() + SLICE_S
        for _ in range(MAX_STEPS_A_FRAME):
            model.advance()
            if model.run.finished or now() >= until:
                break
        return True
