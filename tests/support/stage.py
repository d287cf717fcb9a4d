"""Figures on component.html's stage: making them, moving the clock, and reading what they show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.support.pages import Watched

if TYPE_CHECKING:
    from playwright.sync_api import Page


READ = """number => {
  const root = document.querySelectorAll("#stage > *")[number];
  const text = selector => root.querySelector(selector).textContent;
  const layers = [...root.querySelectorAll("[data-layer]")];
  return {
    readout: text("[data-part=readout]"),
    summary: text("[data-part=summary]"),
    tag: text("[data-part=tag]"),
    states: layers.map(layer => layer.dataset.state),
    glows: layers.map(layer => Number(getComputedStyle(layer.querySelector("[data-part=halo]")).opacity)),
  };
}"""
OBSERVE = """() => {
  spy.observer?.disconnect();
  spy.seen = [];
  spy.note = records => spy.seen.push(...records.map(({type, target, attributeName}) =>
    [target.closest("[data-layer]")?.dataset.layer ?? "", target.dataset.part ?? "", attributeName ?? type]
      .join(" ").trim().replace("  ", " ")));
  spy.observer = new MutationObserver(spy.note);
  spy.observer.observe(document.getElementById("stage"),
    { subtree: true, childList: true, attributes: true, characterData: true });
}"""
OBSERVED = "() => { spy.note(spy.observer.takeRecords()); return spy.seen.splice(0); }"
# The newest list of all hears of a change last: when it has, every figure has.
SWITCH = """() => {
  const list = matchMedia("(prefers-reduced-motion: reduce)");
  spy.switched = new Promise(resolve => list.addEventListener("change", resolve, { once: true }));
  return list.matches;
}"""


@dataclass(frozen=True)
class Shown:
    """A figure's texts, and each layer's state and computed opacity, from the input to the output."""

    readout: str
    summary: str
    tag: str
    states: list[str]
    glows: list[float]

    @property
    def cursor(self) -> int:
        """The cursor of the wave, 0 at the loss side."""
        return len(self.states) - 1 - self.states.index("active")

    @property
    def settled(self) -> list[float]:
        """The glows that the states promise."""
        return [{"active": 1.0, "near": 0.55, "far": 0.25, "rest": 0.0}[state] for state in self.states]


class Stage:
    """component.html's stage. Props are Python source, as in `stage.mount("layers=[3, 4, 4, 2]")`."""

    def __init__(self, watched: Watched) -> None:
        self.watched = watched
        self.page: Page = watched.page

    def python(self, code: str) -> Any:
        """Run Python in the page; its last line's value."""
        return self.watched.python(code)

    def mount(self, props: str, name: str = "viz") -> None:
        """Make a figure in a root of its own, called `name` in the page's Python."""
        self.python(f"{name} = mount({props})")

    def update(self, props: str, name: str = "viz") -> None:
        """Change some of its props."""
        self.python(f"{name}.update({props})")

    def shown(self, number: int = 0) -> Shown:
        """The present contents of the figure in root `number`."""
        return Shown(**self.page.evaluate(READ, number))

    def cursor(self) -> int:
        """The cursor of the first figure's wave, as shown."""
        return self.cursor_of(0)

    def cursor_of(self, number: int) -> int:
        """The cursor of the wave in root `number`, as shown."""
        return self.shown(number).cursor

    def html(self, number: int = 0) -> str:
        """Root `number`, with all that is in it."""
        return str(self.page.evaluate("number => document.querySelectorAll('#stage > *')[number].outerHTML", number))

    def run(self, milliseconds: int) -> None:
        """Let so much time pass, frame by frame."""
        self.page.clock.run_for(milliseconds)

    def frames_asked(self) -> int:
        """The number of frames that the page has asked for so far."""
        return int(self.page.evaluate("spy.asked"))

    def timers(self) -> int:
        """The number of running intervals."""
        return int(self.page.evaluate("spy.timers.size"))

    def hold_frames(self) -> None:
        """Let no frame come, as in a hidden tab."""
        self.page.evaluate("() => { spy.held = []; }")

    def release_frames(self) -> None:
        """Let frames come again, those waited for first."""
        self.page.evaluate("() => { const held = spy.held; spy.held = null; held.forEach(requestAnimationFrame); }")

    def observe(self) -> None:
        """Note every change of the document on the stage from here on."""
        self.page.evaluate(OBSERVE)

    def observed(self) -> list[str]:
        """The changes noted since the last look, each as where and what: `3 halo opacity`, `readout childList`."""
        return [str(change) for change in self.page.evaluate(OBSERVED)]

    def prefer_reduced_motion(self, reduced: bool) -> None:
        """Switch the preference, and wait until the page has been told."""
        if self.page.evaluate(SWITCH) != reduced:
            self.page.emulate_media(reduced_motion="reduce" if reduced else "no-preference")
            self.page.evaluate("() => spy.switched.then(() => null)")

    def clear(self) -> None:
        """Take everything off the stage, and prefer motion again."""
        self.python("clear()")
        self.prefer_reduced_motion(False)
        self.page.evaluate("() => { spy.observer?.disconnect(); spy.held = null; }")
