# The names of PyScript's module that app/ imports.
from typing import Any

document: Any
window: Any
