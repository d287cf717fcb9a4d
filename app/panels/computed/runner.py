"""Automatic training, with as many steps per frame as time allows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from ...browser.handles import Frames, now
from .model import ComputedModel

SLICE_S: Final = 0.010  # of each frame, for training; the rest is for the display and the browser
MAX_STEPS_A_FRAME: Final = 8  # so that the training of a small network stays visible


class TrainingRunner:
    """Advances a model from `start` until `stop`, or until the training ends, and then calls `ended`."""

    def __init__(self, model: ComputedModel, ended: Callable[[], object]) -> None:
        self._model, self._ended = model, ended
        self._frames = Frames(self._advance)
        self._is_running = False

    @property
    def is_running(self) -> bool:
        """True while the model is being trained."""
        return self._is_running

    def start(self) -> None:
        """Start training with the next frame."""
        self._is_running = True
        self._frames.start()

    def stop(self) -> None:
        """Stop training."""
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
