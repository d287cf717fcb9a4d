"""The learner's panel: Explore with lessons and narration, or Predict with a round of questions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, Protocol

from js import Math, document

from ...browser.elements import by_id, empty, fill, write
from ...browser.handles import Interval, Listener
from ...browser.mount import bring_styles
from ...figure.text import quote
from ...figure.validation import check_choice
from . import markup
from .card import QuestionCard
from .glossary import with_terms
from .question import Feedback, Question, Scene
from .quiz import MAX_ROUND_SEED, QuizRound, parse_round
from .tips import Tips

if TYPE_CHECKING:
    from ...view.snapshot import State
    from .lessons import Lesson
    from .questions import Ask

EXPLORE, PREDICT = "explore", "predict"
SETTLED_MS: Final = 400.0  # without a change of the view, until an open question is drawn from it anew
CHANGED_SINCE: Final = "The view has changed since the question was asked."
NO_QUESTION: Final = "This view has no clear answer to ask for. Change it, or look at another step."


class Learner(Protocol):
    """A source, as the learner's panel sees it."""

    @property
    def pool(self) -> Mapping[str, Ask]:
        """The kinds of question about this source."""

    @property
    def lessons(self) -> Sequence[Lesson]:
        """The lessons; empty if the source has none."""

    def scene(self) -> Scene | None:
        """The present view; None if there is nothing to ask about."""

    def narrate(self, layer: int | None) -> str:
        """The line about a layer, or about all."""

    def ask(self, lesson: Lesson) -> bool:
        """Show the network that a lesson asks about. Return False if it is the one that is shown."""

    def tell(self, lesson: Lesson, question: Question | None) -> Sequence[str]:
        """Show the network at the end of a lesson, and return its sentences."""

    def retell(self, lesson: Lesson) -> Sequence[str]:
        """Return the sentences of a lesson about the network that is shown now."""

    def speaks_of(self, lesson: Lesson) -> bool:
        """True if a lesson is about the network that is shown."""

    def go_further(self, lesson: Lesson) -> None:
        """Do what a lesson offers to try."""

    def reveal(self, layer: int | None) -> None:
        """Let the wave begin anew; a paused one goes to a layer."""

    def publish(self) -> None:
        """Tell the page that the address has changed."""


class LearnPanel:
    """Shows lessons and questions about a source, until `destroy`.

    `current_layer` returns the layer in view, or None while the wave plays.
    """

    def __init__(self, learner: Learner, current_layer: Callable[[], int | None]) -> None:
        bring_styles("panels/learn/learn.css")
        self._learner, self._current_layer = learner, current_layer
        self._lesson: Lesson | None = None
        self._next: Lesson | None = learner.lessons[0] if learner.lessons else None
        self._round: QuizRound | None = None
        self._scene: Scene | None = None  # that the open question is about
        self._told = ""  # the sentences after the answer to a lesson
        self._is_busy = False  # while a lesson changes the view
        fill("learn", markup.panel_markup(learner.lessons, has_controls=bool(learner.lessons)))
        self._card = QuestionCard(self._take)
        self._tips = Tips()
        self._settle = Interval(self._draw_anew)
        self._listeners = [Listener(by_id("learn"), "click", self._click)]
        self._show()

    def destroy(self) -> None:
        """Remove the panel from the page."""
        self._settle.destroy()
        self._card.destroy()
        self._tips.destroy()
        for listener in self._listeners:
            listener.destroy()
        empty("learn")

    @property
    def lesson_text(self) -> tuple[str, ...]:
        """The paragraphs of the lesson or the question: title, opening, question, its choices or the lesson's end."""
        question = self._card.question
        if self._lesson is None and (self._round is None or question is None):
            return ()
        choices = (
            "   ".join(f"☐ {choice.text}" for choice in question.choices) if question and self._card.is_open else ""
        )
        opening, asked = self._lesson.opening if self._lesson else "", question.text if question else ""
        return tuple(filter(None, (self._title(), opening, asked, choices, self._told)))

    @property
    def awaits_guess(self) -> bool:
        """True while the page hides what tells the answer to the open question."""
        question = self._card.question
        return self._card.is_open and question is not None and question.hides

    # The address.

    def address(self) -> list[tuple[str, str]]:
        """Return the parameters that lead to the lesson, or to the same round of questions."""
        if self._round is not None:
            return [("mode", PREDICT), ("quiz", str(self._round.seed))]
        return [("lesson", self._lesson.name)] if self._lesson else []

    def open_address(self, parameters: Mapping[str, str]) -> list[str]:
        """Begin the lesson or the round that an address asks for; return a sentence for each wrong parameter."""
        wrong, lessons = [], {lesson.name: lesson for lesson in self._learner.lessons}
        try:
            mode = check_choice(parameters.get("mode", EXPLORE), (EXPLORE, PREDICT), "Mode", quote)
            seed = parse_round(parameters["quiz"]) if "quiz" in parameters else None
            if mode == PREDICT:
                self._begin_round(seed)
            elif "lesson" in parameters and lessons:
                self._begin_lesson(lessons[check_choice(parameters["lesson"], tuple(lessons), "Lesson", quote)])
            elif "mode" in parameters and (self._lesson or self._round):
                self._explore()
        except ValueError as error:
            wrong.append(f"{error}. This came from the address; the page begins with Explore.")
        return wrong

    # Actions of the learner.

    def _click(self, event: Any) -> None:
        button = event.target.closest("button")
        if not button:
            return
        mode, name = getattr(button.dataset, "mode", None), getattr(button.dataset, "lesson", None)
        if mode == EXPLORE:
            self._explore()
        elif mode == PREDICT:
            self._begin_round(None)
        elif name is not None:
            self._begin_lesson(next(lesson for lesson in self._learner.lessons if lesson.name == name))
        elif button.id == "learn-show":
            self._card.give_up()
        elif button.id == "learn-next":
            self._go_on()
        elif button.id == "learn-further" and self._lesson:
            self._learner.go_further(self._lesson)

    def _explore(self) -> None:
        self._round = self._lesson = self._scene = None
        self._card.show(None)
        self._tell_nothing()
        self._show()
        self._learner.publish()

    def _begin_lesson(self, lesson: Lesson) -> None:
        self._round, self._lesson = None, lesson
        at = self._learner.lessons.index(lesson) + 1
        self._next = self._learner.lessons[at] if at < len(self._learner.lessons) else None
        self._is_busy = True
        try:
            is_other = self._learner.ask(lesson)  # which tells the page of the lesson's address, too
        finally:
            self._is_busy = False
        self._ask()
        if not is_other:
            self._learner.publish()
        by_id("lesson-title").focus()  # last: the browser lays out the page for it

    def _begin_round(self, seed: int | None) -> None:
        self._lesson = None
        chosen = int(Math.random() * (MAX_ROUND_SEED + 1)) if seed is None else seed
        self._round = QuizRound(self._learner.pool, chosen)
        self._ask()
        self._learner.publish()

    def _go_on(self) -> None:
        if self._round is not None:
            if self._round.is_over:
                self._begin_round(None)
            else:
                self._ask()
            by_id("lesson-title").focus()
        elif self._next is not None:
            self._begin_lesson(self._next)

    def _take(self, question: Question, feedback: Feedback) -> None:
        """Keep a guess, and show what it was about."""
        now = self._learner.scene()
        if self._scene is not None and (now is None or _numbers(now) != _numbers(self._scene)):  # as in training
            by_id("feedback").insertAdjacentText("beforeend", f" {CHANGED_SINCE}")
        if self._round is not None:
            self._round.answer(question, feedback)
        elif self._lesson:
            self._is_busy = True
            try:
                told = self._learner.tell(self._lesson, question)
            finally:
                self._is_busy = False
            self._tell(" ".join(told))
            self._scene = self._learner.scene()
        self._learner.reveal(question.layer)
        self._show()
        by_id("feedback").scrollIntoView(block="nearest")

    # Display.

    def follow(self, before: State, now: State) -> None:
        """Follow the page: another view ends a lesson that is not about it, and an open question is drawn anew."""
        if now.snapshot is not before.snapshot and not self._is_busy:
            if self._lesson and not self._learner.speaks_of(self._lesson):
                self._explore()
            elif self._lesson or (self._round and self._card.is_open):
                self._settle.start(SETTLED_MS)
        self._narrate()

    def _draw_anew(self) -> None:
        """Draw the open question from a view that has changed, and a lesson's sentences from its numbers."""
        self._settle.stop()
        scene = self._learner.scene()
        if scene is None or self._scene is None or _numbers(scene) == _numbers(self._scene):
            return
        if self._card.is_open:
            self._ask()
        elif self._lesson and self._told:
            self._scene = scene
            told, before = " ".join(self._learner.retell(self._lesson)), self._told
            if not (told.startswith(before) or before.startswith(told)):  # another network, not another step of it
                self._card.forget_feedback()
            self._tell(told)

    def _tell(self, text: str) -> None:
        self._told = text
        by_id("lesson-told").innerHTML = with_terms(text)

    def _tell_nothing(self) -> None:
        self._told = ""
        write("lesson-told", "")

    def _ask(self) -> None:
        """Ask the next question about the present view."""
        scene = self._scene = self._learner.scene()
        question = None
        if scene is not None:
            question = self._lesson.ask(scene) if self._lesson else self._round.ask(scene) if self._round else None
        self._tell_nothing()
        self._card.show(question)
        if question is None and self._round and not self._round.is_over:
            write("question-text", NO_QUESTION)
        self._show()

    def _show(self) -> None:
        lesson, round_ = self._lesson, self._round
        for button in document.querySelectorAll("[data-mode]"):
            chosen = PREDICT if round_ else EXPLORE
            button.setAttribute("aria-pressed", "true" if button.dataset.mode == chosen else "false")
        for button in document.querySelectorAll("[data-lesson]"):
            if lesson and button.dataset.lesson == lesson.name:
                button.setAttribute("aria-current", "step")
            else:
                button.removeAttribute("aria-current")
        self._show_round(round_)
        state = by_id("learn").dataset
        state.state = "lesson" if lesson else PREDICT if round_ else EXPLORE
        state.answered = "yes" if self._card.question and not self._card.is_open else "no"
        by_id("lesson-title").textContent = self._title()
        by_id("lesson-opening").innerHTML = with_terms(lesson.opening) if lesson else ""
        self._show_buttons()
        self._narrate()

    def _title(self) -> str:
        if self._round:
            done = len(self._round.answered) + (1 if self._card.is_open else 0)
            return f"{self._round.score} of {done} right" if self._round.is_over else f"Question {max(done, 1)}"
        return f"{self._learner.lessons.index(self._lesson) + 1}. {self._lesson.title}" if self._lesson else ""

    def _show_round(self, round_: QuizRound | None) -> None:
        dots = by_id("learn-dots")
        dots.hidden = round_ is None
        if round_ is not None:
            dots.textContent = markup.dots_text(round_.answered)
            dots.setAttribute("aria-label", f"{round_.score} of {len(round_.answered)} right so far")
            if round_.is_over:
                by_id("lesson-told").innerHTML = markup.card_markup(round_.answered)

    def _show_buttons(self) -> None:
        is_over, lesson = self._round is not None and self._round.is_over, self._lesson
        by_id("learn-show").hidden = not self._card.is_open
        following, further = by_id("learn-next"), by_id("learn-further")
        if self._round:
            following.hidden, following.textContent = self._card.is_open, "New round" if is_over else "Next question"
        else:
            following.hidden = self._next is None
            following.textContent = f"Next: {self._next.title}" if self._next else ""
        further.hidden = lesson is None or self._card.is_open
        further.textContent = f"Try: {lesson.further[0]}" if lesson else ""
        by_id("learn-copy").hidden = not is_over

    def _narrate(self) -> None:
        if not self._lesson and not self._round:
            write("narration", self._learner.narrate(self._current_layer()))


def _numbers(scene: Scene) -> object:
    """A value that equal views share. As a text NaN is equal to NaN."""
    return scene.names, str(scene.magnitudes), scene.label
