# The names of the browser's global scope that app/ imports. What is behind them is JavaScript's to know.
from typing import Any

CSSStyleSheet: Any
Event: Any
IntersectionObserver: Any
KeyboardEvent: Any
URL: Any
URLSearchParams: Any
console: Any
document: Any
history: Any
location: Any
performance: Any

def cancelAnimationFrame(request: int) -> None: ...
def clearInterval(timer: int) -> None: ...
def getComputedStyle(element: Any) -> Any: ...
def matchMedia(query: str) -> Any: ...
def requestAnimationFrame(callback: Any) -> int: ...
def setInterval(callback: Any, milliseconds: float) -> int: ...
