# The names of Pyodide's module that app/ imports.
from collections.abc import Callable
from typing import Any

def create_proxy(value: Callable[..., Any]) -> Any: ...
