"""What is imported in the memory that return visits start from: all that the page needs but the browser. Pure.

web/pyodide-loader.js has a worker import it. What is missing here costs a return visit only the time to import it then.
"""

from __future__ import annotations

# As they stand, PyScript's own imports and the page's; none is used here, for being imported is all they are for.
import asyncio  # noqa: F401
import base64  # noqa: F401
import html  # noqa: F401
import inspect  # noqa: F401
import json  # noqa: F401
import pathlib  # noqa: F401
import random  # noqa: F401
import traceback  # noqa: F401

from .. import spring  # noqa: F401
from ..figure import handoff, layout, magnitudes, markup, props, wave  # noqa: F401
from ..view import request, settings, snapshot, snippets  # noqa: F401
from . import store  # noqa: F401
