"""A question on the page: shows its choices or its slider, takes one guess, and shows the feedback beside it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from js import document

from ...browser.elements import by_id, write
from ...browser.handles import Listener, Pointer
from .glossary import with_terms
from .markup import question_markup
from .question import Feedback, Question, choose, decades_at, estimate, place_of, write_share


class QuestionCard:
    """Shows one question at a time in the learner's panel. `answered` gets the feedback to a guess."""

    def __init__(self, answered: Callable[[Question, Feedback], None]) -> None:
        self._answered = answered
        self._question: Question | None = None
        self._is_open = False
        self._pointer: Pointer | None = None  # on the bar of an estimate
        root = by_id("question")
        self._listeners = [Listener(root, "click", self._click), Listener(root, "input", lambda _event: self._slide())]

    @property
    def question(self) -> Question | None:
        """The question that is shown."""
        return self._question

    @property
    def is_open(self) -> bool:
        """True while a guess is awaited."""
        return self._is_open

    def show(self, question: Question | None) -> None:
        """Show a question and await a guess; None removes it. A question hides what would tell its answer."""
        self._question, self._is_open = question, question is not None
        by_id("question-text").innerHTML = with_terms(question.text) if question else ""
        by_id("question").innerHTML = question_markup(question) if question else ""
        write("feedback", "")
        self._release()
        if question and not question.choices:
            self._pointer = Pointer(by_id("estimate-bar"), self._drag)
            self._slide()
        self._hide(question is not None and question.hides)

    def give_up(self) -> None:
        """Show the answer without a guess."""
        question = self._question
        if question is not None and self._is_open:
            text = question.choices[question.answer].reply if question.choices else question.reply
            self._end(question, Feedback(False, text), None)

    def forget_feedback(self) -> None:
        """Remove the reply to a guess and its marks: they were about another network."""
        write("feedback", "")
        for button in document.querySelectorAll("[data-result]"):
            button.removeAttribute("data-result")

    def destroy(self) -> None:
        """Show what was hidden, and release the listeners."""
        self._hide(False)
        self._release()
        for listener in self._listeners:
            listener.destroy()

    def _release(self) -> None:
        if self._pointer is not None:
            self._pointer.destroy()
            self._pointer = None

    @staticmethod
    def _hide(is_hidden: bool) -> None:
        """Hide or show bars, tags and texts that tell the answer. learn.css has the rules."""
        if is_hidden:
            document.documentElement.dataset.guess = "open"
        else:
            document.documentElement.removeAttribute("data-guess")

    def _slide(self) -> None:
        decades = float(by_id("estimate").value)
        write("estimate-value", f"{write_share(decades)} of it")
        by_id("estimate-fill").style.width = f"{100 * place_of(decades):.1f}%"

    def _drag(self, place: float) -> None:
        """Let the bar end at a place, 0 to 1, and the slider with it."""
        if self._is_open:
            by_id("estimate").value = str(decades_at(place))
            self._slide()

    def _click(self, event: Any) -> None:
        question, button = self._question, event.target.closest("[data-choice], #estimate-guess")
        if question is None or not button or not self._is_open:
            return
        if button.id == "estimate-guess":
            self._end(question, estimate(question, float(by_id("estimate").value)), None)
        else:
            guess = int(button.dataset.choice)
            self._end(question, choose(question, guess), guess)

    def _end(self, question: Question, feedback: Feedback, guess: int | None) -> None:
        self._is_open = False
        self._hide(False)
        for at, button in enumerate(document.querySelectorAll("[data-choice]")):
            button.setAttribute("aria-disabled", "true")
            if at in (question.answer, guess):
                button.dataset.result = "right" if at == question.answer else "wrong"
        for control in document.querySelectorAll("#estimate, #estimate-guess"):
            control.disabled = True
        by_id("feedback").innerHTML = with_terms(feedback.text)
        self._answered(question, feedback)
