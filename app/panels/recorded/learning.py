"""A recorded run as a source of questions for the learner's panel."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ...figure import wave
from ...figure.magnitudes import write_magnitude
from ...figure.mentions import mention
from ...runs.reductions import OUTPUT
from ..learn.question import Scene, write_share
from ..learn.questions import ORDERLESS, PLAIN, Ask
from .arrangement import GUESSED

if TYPE_CHECKING:
    from ...view.source import Host
    from ..learn.lessons import Lesson
    from ..learn.panel import Learner
    from ..learn.question import Question
    from .model import RecordedModel


class RecordedLearner:
    """Answers the learner's panel from the step of the run in view. There are no lessons about a run."""

    def __init__(self, model: RecordedModel, host: Host) -> None:
        self._model, self._host = model, host

    @property
    def pool(self) -> Mapping[str, Ask]:
        """The kinds of question: about the way of the gradient only if the rows show it, in an order that is known."""
        view = self._model.view
        if view is None or view.main.run.kind != OUTPUT or view.order == GUESSED:
            return ORDERLESS
        is_folded = any(row.folded for row in view.rows)  # a row of several layers has no factor a layer
        return ORDERLESS if is_folded else {**ORDERLESS, **PLAIN}

    @property
    def lessons(self) -> Sequence[Lesson]:
        """None."""
        return ()

    @property
    def current_layer(self) -> int | None:
        """The row in view; None while the wave plays."""
        state, view = self._host.state, self._model.view
        if view is None or (state.settings.playing and not state.is_parked):
            return None
        return wave.layer_at(state.settings.layer, len(view.rows))

    def scene(self) -> Scene | None:
        """The step in view; None without a verdict, as for anything but gradients."""
        view, step = self._model.view, self._model.step
        verdict = view.main.verdict(step) if view else None
        if view is None or verdict is None:
            return None
        earlier = view.main.gradients(0) if step else None
        return Scene(view.names, view.main.gradients(step), view.label, verdict, earlier=earlier)

    def narrate(self, layer: int | None) -> str:
        """The line about a row, or the verdict. It tells no way of the gradient: rows may be of several kinds."""
        scene = self.scene()
        if scene is None:
            return "These are no gradients, or nothing was logged at this step."
        if layer is None or layer >= len(scene.names):
            return f"{scene.verdict.text}."
        size = scene.size(layer)
        own = f"{scene.names[layer]}: {scene.label} {write_magnitude(scene.magnitudes[layer])}"
        if not scene.known or not 0.0 < size < math.inf:
            return f"{own}."
        most = max(scene.known, key=scene.size)
        if most == layer:
            return f"{own}, the largest at this step."
        share = write_share(math.log10(size) - math.log10(scene.size(most)))
        return f"{own}, {share} of the largest, which {mention(scene.names[most])} has."

    def ask(self, lesson: Lesson) -> bool:
        """Return False: there are no lessons."""
        return False

    def tell(self, lesson: Lesson, question: Question | None) -> Sequence[str]:  # the panel's protocol
        """Return nothing: there are no lessons."""
        return ()

    def retell(self, lesson: Lesson) -> Sequence[str]:  # the panel's protocol
        """Return nothing: there are no lessons."""
        return ()

    def speaks_of(self, lesson: Lesson) -> bool:  # the panel's protocol
        """False: there are no lessons."""
        return False

    def go_further(self, lesson: Lesson) -> None:
        """Do nothing: there are no lessons."""

    def reveal(self, layer: int | None) -> None:
        """Let the wave begin at the loss; a paused one goes to the row."""
        view = self._model.view
        if view is not None:
            is_still = self.current_layer is not None and layer is not None
            cursor = len(view.rows) - 1 - layer if is_still and layer is not None else 0
            self._host.publish(self._model.snapshot, layer=cursor)

    def publish(self) -> None:
        """Tell the page that the address has changed: a new snapshot is a change of the view."""
        self._model.look_at(self._model.step)


if TYPE_CHECKING:

    def _has_the_shape(learner: RecordedLearner) -> Learner:
        return learner
