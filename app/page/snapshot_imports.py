"""Imports for the memory snapshot that return visits start from: all modules of the start that need no browser. Pure.

A worker of web/pyodide-loader.js imports this module. A module that is missing here is imported later, by each visit.
"""

from __future__ import annotations

# The imports of PyScript and of the page. They are not used here.
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
