"""The computed network as a source of lessons and questions, and the controls beside the narration."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from js import document

from ...browser.elements import by_id, write
from ...browser.handles import Listener
from ...figure import wave
from ...figure.magnitudes import write_magnitude
from ...network.initialisers import NORMAL
from ..learn.lessons import LESSONS, Lesson, scene_of
from ..learn.narration import narrate
from ..learn.network_questions import OF_NETWORKS
from .model import OTHER_PARAMETER, SAME_DRAG
from .why import explain

if TYPE_CHECKING:
    from ...network.config import NetworkConfig
    from ...view.source import Host
    from ..learn.panel import Learner
    from ..learn.question import Question, Scene
    from ..learn.questions import Ask
    from .model import ComputedModel
    from .panel import ComputedPanel


BEFORE_TRAINING: Final = "These are the numbers before the training."


class ComputedLearner:
    """Answers the learner's panel from a model, and changes the network through the computed panel."""

    def __init__(self, model: ComputedModel, panel: ComputedPanel, host: Host) -> None:
        self._model, self._panel, self._host = model, panel, host

    @property
    def pool(self) -> Mapping[str, Ask]:
        """All kinds of question."""
        return OF_NETWORKS

    @property
    def lessons(self) -> Sequence[Lesson]:
        """The path of lessons."""
        return LESSONS

    @property
    def current_layer(self) -> int | None:
        """The layer in view; None while the wave plays."""
        state = self._host.state
        if state.settings.playing and not state.is_parked:
            return None
        return wave.layer_at(state.settings.layer, len(self._model.layers))

    def scene(self) -> Scene:
        """The step in view."""
        return scene_of(self._model.run, self._model.step, self._model.config, self._model.shown)

    def narrate(self, layer: int | None) -> str:
        """The line about a layer, with the factor that changes the gradient most."""
        model = self._model
        if layer is None:
            return f"{model.shown.verdict.text}."  # also once a frame in training, so without a scene
        shown, scene = model.shown, self.scene()
        explained = explain(shown.links, layer, scene.network.config, loss=shown.loss, widths=model.layers)
        return narrate(scene, layer, explained)

    def ask(self, lesson: Lesson) -> bool:
        """Show the network that a lesson asks about, with the seed and the view of the present one."""
        if lesson.layers == self._model.layers and self._model.config == self._asked(lesson):
            return False
        self._panel.show_network(lesson.layers, self._asked(lesson))
        return True

    def _asked(self, lesson: Lesson) -> NetworkConfig:
        is_own = lesson.speaks_of(self._model.layers, self._model.config)
        return lesson.with_seed_of(self._model.config)[0] if is_own else lesson.asked

    def tell(self, lesson: Lesson, question: Question | None) -> Sequence[str]:
        """Show the network at the end of a lesson, and return its sentences."""
        end = lesson.with_seed_of(self._model.config)[1]
        if end != self._model.config:
            self._panel.show_network(lesson.layers, end)
        return self.retell(lesson)

    def retell(self, lesson: Lesson) -> Sequence[str]:
        """Return the sentences of a lesson about the network that is shown. Their numbers are those before training."""
        told = lesson.told(self._model.config)
        return (*told, BEFORE_TRAINING) if self._model.step else told

    def speaks_of(self, lesson: Lesson) -> bool:
        """True if a lesson is about the network that is shown."""
        return lesson.speaks_of(self._model.layers, self._model.config)

    def go_further(self, lesson: Lesson) -> None:
        """Make the change that a lesson offers to try."""
        config, changes = self._model.config, dict(lesson.further[1])
        if "seed" in changes:  # another one each time
            changes["seed"] = config.seed + 1
        self._panel.apply(replace(config, **changes))

    def reveal(self, layer: int | None) -> None:
        """Let the wave begin at the loss; a paused one goes to the layer."""
        is_moving = self.current_layer is None
        depth = len(self._model.layers)
        cursor = 0 if is_moving or layer is None else depth - 1 - layer
        self._host.publish(self._model.snapshot, layers=self._model.layers, layer=cursor)

    def publish(self) -> None:
        """Tell the page that the address has changed: a new snapshot is a change of the view."""
        self._model.look_at(self._model.step)


class QuickControls:
    """The activation and the size of the weights, beside the narration."""

    def __init__(self, model: ComputedModel, panel: ComputedPanel) -> None:
        self._model, self._panel = model, panel
        self._is_sliding = False
        self._listeners = [
            Listener(by_id("learn-controls"), "click", self._choose),
            Listener(by_id("learn-scale"), "input", self._scale),
            *(
                Listener(by_id("learn-scale"), ends, lambda _event: self._end_sliding())
                for ends in ("pointerdown", "change")
            ),
        ]
        self.show()

    def destroy(self) -> None:
        """Release the listeners."""
        for listener in self._listeners:
            listener.destroy()

    def show(self) -> None:
        """Show the network's activation and the standard deviation of its first weights."""
        config = self._model.config
        for button in document.querySelectorAll("[data-activation]"):
            button.setAttribute("aria-pressed", str(button.dataset.activation == config.activation).lower())
        is_normal = config.initialisation == NORMAL
        write("learn-scale-value", write_magnitude(config.sigma) if is_normal else "by the initialisation")
        if is_normal and config.sigma > 0.0:
            by_id("learn-scale").value = f"{math.log10(config.sigma):.2f}"

    def _choose(self, event: Any) -> None:
        button = event.target.closest("[data-activation]")
        if button:
            self._panel.apply(replace(self._model.config, activation=str(button.dataset.activation)))

    def _scale(self, event: Any) -> None:
        sigma = float(f"{10.0 ** float(event.target.value):.2g}")
        kind = SAME_DRAG if self._is_sliding else OTHER_PARAMETER
        self._is_sliding = True
        self._panel.apply(replace(self._model.config, initialisation=NORMAL, sigma=sigma), kind)

    def _end_sliding(self) -> None:
        self._is_sliding = False


if TYPE_CHECKING:

    def _has_the_shape(learner: ComputedLearner) -> Learner:
        return learner
