"""JavaScript that tests run in a page."""

from __future__ import annotations

from typing import Final

COLLECT_VIOLATIONS: Final = """
  window.violations = [];
  document.addEventListener("securitypolicyviolation", event =>
    violations.push([event.effectiveDirective, event.blockedURI, event.sourceFile].join(" ")));
"""  # as directive, address and file

# Buffered: it is also told of all that moved before it was there, from the first paint on.
WATCH_SHIFTS: Final = """
  window.shifts = [];
  new PerformanceObserver(list => shifts.push(...list.getEntries().map(entry => entry.value)))
    .observe({ type: "layout-shift", buffered: true });
"""

# The view the page opens on, reached from any other by the page's own controls; but it waits at the loss.
SET_BACK: Final = """() => {
  document.activeElement.blur();
  const synthesised = document.getElementById("source-synthesised");
  if (!synthesised.checked) synthesised.click();
  for (const [id, value] of [["gradients", ""], ["architecture", "3-4-4-2"], ["playback", "500"], ["layer", "4"]]) {
    const field = document.getElementById(id);
    field.value = value;
    field.dispatchEvent(new InputEvent("input", { bubbles: true }));
  }
}"""

# The time limits of fetches, as pairs of ms and an AbortController, which are over when a test says so.
HOLD_TIMEOUTS: Final = """window.patience = [];
AbortSignal.timeout = ms => { patience.push([ms, new AbortController()]); return patience.at(-1)[1].signal; }"""
