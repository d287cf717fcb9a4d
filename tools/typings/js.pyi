# The names of the browser's global scope that app/ imports. Their types are not checked.
from typing import Any

Array: Any
ArrayBuffer: Any
Blob: Any
CSSStyleSheet: Any
Error: Any
Event: Any
File: Any
Image: Any
ImageData: Any
IntersectionObserver: Any
KeyboardEvent: Any
Math: Any
MessageChannel: Any
MutationObserver: Any
Object: Any
OffscreenCanvas: Any
Promise: Any
ResizeObserver: Any
URL: Any
URLSearchParams: Any
console: Any
document: Any
history: Any
location: Any
navigator: Any
performance: Any
window: Any

def cancelAnimationFrame(request: int) -> None: ...
def clearInterval(timer: int) -> None: ...
def decodeURIComponent(text: str) -> str: ...
def encodeURIComponent(text: str) -> str: ...
def fetch(address: str) -> Any: ...
def getComputedStyle(element: Any) -> Any: ...
def getSelection() -> Any: ...
def matchMedia(query: str) -> Any: ...
def requestAnimationFrame(callback: Any) -> int: ...
def setInterval(callback: Any, milliseconds: float) -> int: ...
