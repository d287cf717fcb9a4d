"""All lessons by keyboard alone, answered right and wrong, in the engines that the other tests don't run in."""

from __future__ import annotations

import json

from app.network.training import Training
from app.panels.learn.lessons import LESSONS, Lesson, scene_of
from app.panels.learn.question import ESTIMATE_STEP, Question
from tests.support.driver import Driver
from tests.support.engine_page import wait_for

TITLE = "document.getElementById('lesson-title').textContent"
TEXT = "document.getElementById('question-text').textContent"
VERDICT = "document.getElementById('feedback').textContent.split(/[.,]/)[0]"  # the feedback's first word
TOLD = "document.getElementById('lesson-told').textContent"
MAX_TABS = 12  # from a lesson's heading to its last button


def tab_to(driver: Driver, selector: str) -> None:
    """Press Tab until an element that fits has the focus."""
    for _ in range(MAX_TABS):
        driver.press("Tab")
        if driver.js(f"document.activeElement.matches({json.dumps(selector)})"):
            return
    raise AssertionError(f"no {selector} within {MAX_TABS} tabs")


def answer(driver: Driver, question: Question, *, is_right: bool) -> None:
    """Choose an answer, or move the slider, and guess."""
    if question.choices:
        at = question.answer if is_right else (question.answer + 1) % len(question.choices)
        tab_to(driver, f'[data-choice="{at}"]')
    else:
        tab_to(driver, "#estimate")
        steps = round(question.decades / ESTIMATE_STEP) if is_right else 1
        for _ in range(abs(steps)):
            driver.press("ArrowRight" if steps > 0 else "ArrowLeft")
        wait_for(driver, "Number(document.getElementById('estimate').value)", steps * ESTIMATE_STEP)
        tab_to(driver, "#estimate-guess")
    driver.press("Enter")


def take(driver: Driver, number: int, lesson: Lesson) -> None:
    """Answer the lesson that is open: each second one rightly."""
    asked = lesson.asked
    question = lesson.ask(scene_of(Training(lesson.layers, asked), 0, asked))
    assert question is not None
    wait_for(driver, TITLE, f"{number}. {lesson.title}")
    wait_for(driver, TEXT, question.text)
    is_right = number % 2 == 0  # so the estimates, of many keys, are wrong
    answer(driver, question, is_right=is_right)
    wait_for(driver, VERDICT, "Right" if is_right else "Not quite")
    wait_for(driver, TOLD, " ".join(lesson.told(asked)))


def test_the_path_of_lessons_is_walked_by_keyboard_with_right_and_wrong_answers(live: Driver) -> None:
    live.js("void document.getElementById('source-computed').click()")
    live.until("document.querySelector('[data-lesson]') !== null", seconds=60)
    live.js("void document.querySelector('.tabs [data-tab=lesson]').click()")
    live.js("document.querySelector('[data-lesson]').focus()")
    live.press("Enter")
    for number, lesson in enumerate(LESSONS, start=1):
        take(live, number, lesson)
        if number < len(LESSONS):
            tab_to(live, "#learn-next")
            live.press("Enter")
    assert live.js("document.getElementById('learn-next').hidden") is True
