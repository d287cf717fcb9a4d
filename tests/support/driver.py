"""The actions that the tests need from a browser, few enough that the driver of each engine can do them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

# Both are JavaScript functions without arguments that may be called twice.
NOTE_VIOLATIONS = """() => {
  if (window.violations) return;
  window.violations = [];
  addEventListener("securitypolicyviolation",
    ({ effectiveDirective, blockedURI }) => violations.push(`${effectiveDirective} ${blockedURI}`));
}"""
NOTE_COMPLAINTS = """() => {
  if (window.complaints) return;
  window.complaints = [];
  addEventListener("error",
    ({ message, target }) => complaints.push(message ?? `${target.src ?? target.href} did not load`), true);
  addEventListener("unhandledrejection", ({ reason }) => complaints.push(String(reason)));
  for (const level of ["error", "warn"]) {
    const say = console[level];
    console[level] = (...what) => { complaints.push(what.join(" ")); say.apply(console, what); };
  }
}"""


class Driver(ABC):
    """A browser with a profile of its own and one page in it.

    An expression is JavaScript whose value JSON can hold. A selector names one element that can be seen.
    """

    @abstractmethod
    def open(self, address: str) -> None:
        """Load an address, as far as its document."""

    @abstractmethod
    def reload(self) -> None:
        """Load the same address again. Where nothing answers, an engine may raise, or show a page of its own."""

    @abstractmethod
    def js(self, expression: str) -> Any:
        """The present value of an expression."""

    @abstractmethod
    def until(self, expression: str, seconds: float = 30) -> None:
        """Wait until an expression holds; raises AssertionError, which names it, if it never does."""

    @abstractmethod
    def click(self, selector: str) -> None:
        """Click an element."""

    @abstractmethod
    def fill(self, selector: str, text: str) -> None:
        """Type a text into a field, in place of what was there; the page is told of each character."""

    @abstractmethod
    def press(self, key: str) -> None:
        """Press a key where the focus is: a character, `Space`, or one of KeyboardEvent.key's names."""

    @abstractmethod
    def requests(self) -> list[str]:
        """Addresses asked for since the last `open`: all of the page's in Firefox; see webkit.py for WebKitGTK."""

    @abstractmethod
    def complaints(self) -> list[str]:
        """Errors and warnings of the page since the last `open`, as far as the engine tells."""

    def violations(self) -> list[str]:
        """The requests that the document's policy has refused, as `directive address`, as far as the engine tells."""
        return list(self.js("window.violations"))

    @abstractmethod
    def close(self) -> None:
        """Close the browser, and end all that was started for it."""
