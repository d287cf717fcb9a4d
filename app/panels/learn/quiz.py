"""A round of questions about the view. The same seed brings the same questions to others. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from random import Random
from typing import Final, NamedTuple

from ...figure.text import quote
from .question import Feedback, Question, Scene
from .questions import Ask

QUESTIONS: Final = 6  # in a round
MAX_ROUND_SEED: Final = 999_999


class Answered(NamedTuple):
    """A question that was answered, and the feedback."""

    question: Question
    feedback: Feedback


class QuizRound:
    """The questions of one seed, drawn from a pool by kind. Each is drawn from the view when it is asked."""

    def __init__(self, pool: Mapping[str, Ask], seed: int) -> None:
        self._pool, self.seed = pool, seed
        self._answered: list[Answered] = []

    @property
    def answered(self) -> tuple[Answered, ...]:
        """The questions that were answered."""
        return tuple(self._answered)

    @property
    def is_over(self) -> bool:
        """True after the last question."""
        return len(self._answered) >= QUESTIONS

    @property
    def score(self) -> int:
        """The number of right answers."""
        return sum(each.feedback.is_right for each in self._answered)

    def ask(self, scene: Scene) -> Question | None:
        """Return the next question about this view; None if it is over, or if the view has no clear answer to any.

        A kind comes again only when all others were asked.
        """
        if self.is_over:
            return None
        at = len(self._answered)
        used = [each.question.kind for each in self._answered]
        chance = Random(f"{self.seed} kinds {at}")
        order = sorted(self._pool, key=lambda kind: (used.count(kind), chance.random()))
        for kind in order:
            question = self._pool[kind](scene, Random(f"{self.seed} {kind} {at}"))
            if question is not None:
                return question
        return None

    def answer(self, question: Question, feedback: Feedback) -> None:
        """Keep an answer."""
        self._answered.append(Answered(question, feedback))


def parse_round(text: str) -> int:
    """Read the seed of a round from an address. Raises ValueError."""
    if not re.fullmatch(r"[0-9]{1,6}", text.strip()):
        raise ValueError(f"Quiz: must be a whole number from 0 to {MAX_ROUND_SEED}, got {quote(text)}")
    return int(text)
