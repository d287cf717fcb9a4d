"""Markup of the learner's panel: modes, lessons, a question with its choices, the card at the end. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from html import escape
from typing import TYPE_CHECKING, Final

from .glossary import with_terms
from .question import ESTIMATE_DECADES, ESTIMATE_STEP, Question
from .quiz import QUESTIONS, Answered

if TYPE_CHECKING:
    from .lessons import Lesson

LEARN_PANEL: Final = """<h2 class="visually-hidden">Learn</h2>
<div class="learn-head"><div class="learn-modes" role="group" aria-label="Mode">\
<button type="button" data-mode="explore" aria-pressed="true">Explore</button>\
<button type="button" data-mode="predict" aria-pressed="false">Predict</button></div>
<span id="learn-dots" class="learn-dots" role="img" hidden></span></div>
{lessons}<p id="narration" class="narration"></p>
{controls}<div id="lesson" class="lesson">
<h3 id="lesson-title" tabindex="-1"></h3>
<p id="lesson-opening"></p>
<p id="question-text" class="question-text"></p>
<div id="question" role="group" aria-labelledby="question-text"></div>
<p id="feedback" class="feedback" role="status"></p>
<p id="lesson-told"></p>
<p class="learn-buttons"><button type="button" id="learn-show">Show me</button>
<button type="button" id="learn-next" hidden></button><button type="button" id="learn-further" hidden></button>
<button type="button" id="learn-copy" data-copy="snippet-link" hidden>Copy the link to this round</button></p>
</div>"""
LESSON_BUTTONS: Final = '<div class="learn-lessons" role="group" aria-label="Lessons">{buttons}</div>\n'
LESSON_BUTTON: Final = """<button type="button" data-lesson="{name}" aria-label="Lesson {number}: {title}" \
title="{title}"><span>{number}</span></button>"""
CONTROLS: Final = """<div id="learn-controls" class="learn-controls">
<div role="group" aria-label="Hidden units">{activations}</div>
<span><label for="learn-scale">Weights, σ</label> <output id="learn-scale-value" for="learn-scale"></output></span>
<input type="range" id="learn-scale" min="-2" max="0.5" step="0.05"></div>
"""
QUICK_ACTIVATIONS: Final = (("sigmoid", "Sigmoid"), ("tanh", "tanh"), ("relu", "ReLU"))
CHOICE_BUTTON: Final = '<button type="button" data-choice="{at}">{text}</button>'
ESTIMATE_SLIDER: Final = """<span id="estimate-bar" class="estimate-bar" aria-hidden="true"><i id="estimate-fill"></i>\
</span><input type="range" id="estimate" min="-{decades}" max="{decades}" step="{step}" value="0" \
aria-labelledby="question-text" aria-describedby="estimate-value">
<span class="estimate"><output id="estimate-value" for="estimate"></output>
<button type="button" id="estimate-guess">Guess</button></span>"""
CURVE: Final = """<figure><svg class="curve" viewBox="0 0 100 60" role="img" aria-label="Curve {letter}: {described}">\
<path d="M{points}"/></svg><figcaption>{letter}</figcaption></figure>"""
DOTS: Final = {True: "●", False: "✕", None: "○"}


def panel_markup(lessons: Sequence[Lesson], *, has_controls: bool) -> str:
    """Return the panel, with a button for each lesson, and with controls of a network if it is computed."""
    buttons = "".join(
        LESSON_BUTTON.format(name=escape(lesson.name), number=at, title=escape(lesson.title))
        for at, lesson in enumerate(lessons, start=1)
    )
    activations = "".join(
        f'<button type="button" data-activation="{name}" aria-label="Take {text}" aria-pressed="false">{text}</button>'
        for name, text in QUICK_ACTIVATIONS
    )
    return LEARN_PANEL.format(
        lessons=LESSON_BUTTONS.format(buttons=buttons) if lessons else "",
        controls=CONTROLS.format(activations=activations) if has_controls else "",
    )


def question_markup(question: Question) -> str:
    """Return the choices of a question, with its curves; or the slider of an estimate."""
    if not question.choices:
        return ESTIMATE_SLIDER.format(decades=f"{ESTIMATE_DECADES:.0f}", step=ESTIMATE_STEP)
    curves = _curves_markup(question.curves) if question.curves else ""
    buttons = "".join(
        CHOICE_BUTTON.format(at=at, text=escape(choice.text)) for at, choice in enumerate(question.choices)
    )
    return f'{curves}<div class="choices">{buttons}</div>'


def _curves_markup(curves: Sequence[Sequence[float]]) -> str:
    logarithms = [[math.log10(size) for size in curve] for curve in curves]
    low, high = min(map(min, logarithms)), max(map(max, logarithms))
    drawn = "".join(_curve(letter, curve, low, high) for letter, curve in zip("ABC", logarithms, strict=False))
    return f'<div class="curves">{drawn}</div>'


def _curve(letter: str, curve: Sequence[float], low: float, high: float) -> str:
    """Return a curve on the logarithmic axis that all share, from the input at the left to the output."""
    spread, last = (high - low) or 1.0, max(len(curve) - 1, 1)
    places = ((5 + 90 * at / last, 55 - 50 * (value - low) / spread) for at, value in enumerate(curve))
    change = curve[0] - curve[-1]
    described = f"{abs(change):.1f} decades {'lower' if change < 0 else 'higher'} at the input than at the output"
    points = "L".join(f"{x:.1f} {y:.1f}" for x, y in places)
    return CURVE.format(letter=letter, described=described, points=points)


def dots_text(answered: Iterable[Answered]) -> str:
    """Return a dot for each question of a round: `● ✕ ○ ○ ○ ○`."""
    given: list[bool | None] = [each.feedback.is_right for each in answered]
    return " ".join(DOTS[each] for each in [*given, *[None] * (QUESTIONS - len(given))])


def card_markup(answered: Sequence[Answered]) -> str:
    """Return the card at the end of a round: each question, and how it was answered."""
    items = "".join(
        f"<li>{'Right' if each.feedback.is_right else 'Not right'}: {with_terms(each.question.text)}</li>"
        for each in answered
    )
    return f'<ol class="round-card">{items}</ol>'
