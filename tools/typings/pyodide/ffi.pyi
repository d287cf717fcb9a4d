# The names of Pyodide's module that app/ imports.
from collections.abc import Callable
from typing import Any

jsnull: Any

def create_proxy(value: Callable[..., Any]) -> Any: ...
def to_js(value: Any, *, dict_converter: Callable[..., Any] = ...) -> Any: ...

class JsProxy:
    def __getattr__(self, name: str) -> Any: ...

class JsException(Exception):
    message: str
    name: str
