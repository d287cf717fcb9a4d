# The names of PyScript's module that app/ imports.
from typing import Any

config: dict[str, Any]
document: Any
window: Any
