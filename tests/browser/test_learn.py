"""Learn, in a real browser: lessons by keyboard, questions that hide their answers, the address, tooltips."""

from __future__ import annotations

import re
from dataclasses import replace

from playwright.sync_api import Page, Route, expect

from app.network.config import NetworkConfig
from app.network.training import Training
from app.panels.learn.lessons import LESSONS, LESSONS_BY_NAME, scene_of
from app.panels.learn.quiz import QUESTIONS
from tests.support.accessibility import assert_no_sideways_scrolling, assert_no_violation
from tests.support.pages import ALL_PANELS, Opener
from tests.support.places import HOME
from tests.support.recorded_panel import jsonl

MAX_TABS = 12  # from a lesson's heading to its last button
OPEN = re.compile("open")
GUESS_WHILE_TRAINING = """async () => {
  document.querySelector("[data-mode=predict]").click();
  const run = document.getElementById("train-run");
  run.click();
  while (!/^step [1-9]/.test(document.querySelector("#timeline [data-part=readout]").textContent)) {
    await new Promise(requestAnimationFrame);
  }
  document.querySelector("[data-choice], #estimate-guess").click();
  run.click();
}"""
BEFORE_TRAINING = "These are the numbers before the training."


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until an element that fits has the focus."""
    for _ in range(MAX_TABS):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"no {selector} within {MAX_TABS} tabs")


def drag_estimate(page: Page) -> None:
    """Drag the predicted bar with the mouse, and tap on it: the slider goes with it."""
    box = page.locator("#estimate-bar").bounding_box()
    assert box
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] / 2, middle)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 4, middle, steps=3)
    page.mouse.up()
    expect(page.locator("#estimate")).to_have_value("-6")
    expect(page.locator("#estimate-value")).to_have_text("10⁻⁶ of it")
    page.touchscreen.tap(box["x"] + box["width"] * 3 / 4, middle)
    expect(page.locator("#estimate")).to_have_value("6")


def is_in_view(page: Page, selector: str) -> bool:
    box = page.locator(selector).first.bounding_box()
    size = page.viewport_size
    return bool(box and size and box["y"] >= 0 and box["y"] + box["height"] <= size["height"])


def test_each_lesson_is_done_by_keyboard_and_goes_with_its_network(open_page: Opener) -> None:
    watched = open_page(f"{HOME}?lesson=travels", viewport={"width": 1280, "height": 720}, has_touch=True)
    page, root = watched.page, watched.page.locator("html")
    for number, lesson in enumerate(LESSONS, start=1):
        expect(page.locator("#lesson-title")).to_have_text(f"{number}. {lesson.title}")
        expect(page).to_have_url(re.compile(f"lesson={lesson.name}"))
        asked = lesson.asked
        question = lesson.ask(scene_of(Training(lesson.layers, asked), 0, asked))
        assert question is not None
        expect(page.locator("#question-text")).to_have_text(question.text)
        if question.hides:
            expect(root).to_have_attribute("data-guess", OPEN)
            for hidden in ("#verdict", "#bars svg", "#figure [data-part=readout]"):
                expect(page.locator(hidden).first).to_be_hidden()
        assert is_in_view(page, "#question")
        if not question.choices:
            drag_estimate(page)
        if number == 1 or not question.choices:
            page.locator("#lesson-title").focus()
        tab_to(page, "[data-choice]" if question.choices else "#estimate-guess")
        page.keyboard.press("Enter")
        replies = [choice.reply for choice in question.choices[:1]] or [question.reply]
        expect(page.locator("#feedback")).to_contain_text(replies[0])
        expect(page.locator("#lesson-told")).to_have_text(" ".join(lesson.told(asked)))
        expect(root).not_to_have_attribute("data-guess", OPEN)
        expect(page.locator("#verdict")).to_be_visible()
        if number < len(LESSONS):
            assert is_in_view(page, "#learn-next")
            tab_to(page, "#learn-next")
            page.keyboard.press("Enter")
    expect(page.locator("#learn-next")).to_be_hidden()
    page.locator("#more-fields > summary").click()
    page.get_by_label("Seed", exact=True).fill("3")  # the lesson holds for any seed, and tells its numbers
    told = " ".join(LESSONS[-1].told(replace(LESSONS[-1].computed, seed=3)))
    expect(page.locator("#lesson-told")).to_have_text(told)
    expect(page.locator("#feedback")).to_be_empty()
    expect(page.locator("#lesson-title")).to_contain_text("Fix this network")
    page.locator("#train-step").evaluate("button => button.click()")
    expect(page.locator("#lesson-told")).to_have_text(f"{told} {BEFORE_TRAINING}")
    page.locator("#learn-further").click()
    expect(page.locator("#lesson-title")).to_be_empty()
    expect(page.locator("#lesson-told")).to_be_empty()
    expect(page).not_to_have_url(re.compile("lesson="))
    assert watched.errors == []


def test_a_round_of_questions_hides_answers_keeps_the_score_and_can_be_sent_to_others(open_page: Opener) -> None:
    layers = LESSONS_BY_NAME["sigmoid"].layers
    query = f"?source=computed&layers={'-'.join(map(str, layers))}&mode=predict&quiz=7"
    watched = open_page(f"{HOME}{query}")
    page = watched.page
    first = page.locator("#question-text").text_content()
    page.set_viewport_size({"width": 1280, "height": 720})
    assert_no_violation(page)  # what is hidden until the guess leaves nothing to scroll to
    right = 0
    for done in range(1, QUESTIONS + 1):
        expect(page.locator("#lesson-title")).to_have_text(f"Question {done}")
        page.locator("[data-choice], #estimate-guess").first.click()
        expect(page.locator("#feedback")).not_to_be_empty()
        right += (page.locator("#feedback").text_content() or "").startswith("Right")
        expect(page.locator("#learn-dots")).to_have_attribute("aria-label", f"{right} of {done} right so far")
        if done == 1:
            assert_no_violation(page)
        if done < QUESTIONS:
            page.locator("#learn-next").click()
    expect(page.locator("#lesson-title")).to_have_text(f"{right} of {QUESTIONS} right")
    expect(page.locator(".round-card li")).to_have_count(QUESTIONS)
    expect(page.locator("#learn-copy")).to_be_visible()
    expect(page.locator("#snippet-link")).to_contain_text("mode=predict&quiz=7")
    expect(page.locator("#snippet-iframe")).not_to_contain_text("quiz")
    other = open_page(f"{HOME}?{page.url.partition('?')[2]}", viewport={"width": 320, "height": 700})
    expect(other.page.locator("#question-text")).to_have_text(first or "")
    assert_no_violation(other.page)
    assert_no_sideways_scrolling(other.page)
    assert watched.errors == other.errors == []


def test_explore_narrates_changes_the_network_and_explains_terms(open_page: Opener) -> None:
    watched = open_page(
        f"{HOME}?source=computed&layers=2-8-8-8-2&lesson=none&mode=guess&playing=0&layer=2", viewport=ALL_PANELS
    )
    page = watched.page
    expect(page.locator("#notices")).to_contain_text("Mode: must be one of")
    shown = Training((2, 8, 8, 8, 2), NetworkConfig()).shown(0)
    expect(page.locator("#narration")).to_contain_text("Hidden 2 gets")
    expect(page.locator("#narration")).to_contain_text("from hidden 3")
    page.get_by_role("button", name="Take ReLU").click()
    expect(page.locator("#computed-activation")).to_have_value("relu")
    scale = page.locator("#learn-scale")
    scale.fill("0")
    expect(page.locator("#computed-initialisation")).to_have_value("normal")
    expect(page.locator("#learn-scale-value")).to_have_text("1.00")
    expect(page.locator("#verdict")).not_to_contain_text(shown.verdict.text)
    readout = page.locator("#bars [data-part=readout]")
    own = readout.inner_text().split(" · ")[1]
    scale.hover()  # in its middle
    page.mouse.down()
    box = scale.bounding_box()
    assert box
    for share in (0.4, 0.3, 0.2):
        page.mouse.move(box["x"] + share * box["width"], box["y"] + box["height"] / 2)
    page.mouse.up()
    expect(readout).to_contain_text(f"before {own}")  # the whole drag is one change
    term = page.locator("#training [data-term]").first
    term.focus()
    tip = page.get_by_role("tooltip")
    expect(tip).to_be_visible()
    expect(term).to_have_attribute("aria-describedby", "term-tip")
    assert_no_violation(page)
    page.keyboard.press("Escape")
    expect(tip).to_be_hidden()
    term.click()
    expect(tip).to_be_visible()
    page.evaluate(GUESS_WHILE_TRAINING)
    expect(page.locator("#feedback")).to_contain_text("The view has changed since the question was asked.")
    page.locator("#source-synthesised").check()
    expect(page.locator("#learn")).to_be_hidden()
    expect(page).not_to_have_url(re.compile("mode="))
    assert watched.errors == []


def test_a_recorded_run_is_narrated_and_asked_about(open_page: Opener) -> None:
    def serve(route: Route) -> None:
        route.fulfill(body=jsonl(), content_type="application/json")

    query = "?run=logs/run.jsonl&step=100&mode=predict&quiz=3&playing=0"
    watched = open_page(f"{HOME}{query}", routes={"**/logs/run.jsonl": serve})
    page = watched.page
    texts = []
    for done in range(1, QUESTIONS + 1):
        expect(page.locator("#lesson-title")).to_have_text(f"Question {done}")
        texts.append(page.locator("#question-text").text_content())
        page.locator("[data-choice]").first.click()
        if done < QUESTIONS:
            page.locator("#learn-next").click()
    assert len(set(texts)) > 4
    assert not any("way to the input" in (text or "") for text in texts)  # biases alone do not show it
    expect(page).to_have_url(re.compile(r"run=logs/run\.jsonl.*mode=predict&quiz=3"))
    page.get_by_role("button", name="Explore").click()
    expect(page.locator("#narration")).to_contain_text("L2 ∂L/∂W")
    assert_no_violation(page)
    page.locator("#source-synthesised").check()
    expect(page.locator("#learn")).to_be_hidden()
    assert watched.errors == []
