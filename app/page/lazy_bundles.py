"""Lazy bundles: code that is loaded only when it is needed, so that other visits don't pay for it.

tools/modules.py decides by rule which file is in which bundle. The built site has one file per bundle and one for
numpy; the service worker keeps them after their first use. In the tree each module is a file of its own. The loader,
web/pyodide-loader.js, fetches both.
"""

from __future__ import annotations

import asyncio
from importlib import invalidate_caches
from pathlib import Path
from typing import Final

from js import window
from pyodide.ffi import JsException, to_js
from pyscript import config

NUMPY: Final = "numpy"  # a package of Pyodide, not a bundle
SHEET_BUNDLES: Final = ("charts", "sheet")  # draw the whole view
TITLES: Final = {
    NUMPY: "numpy",
    "charts": "What draws bars and maps",
    "computed": "What computes gradients",
    "recorded": "What reads recorded runs",
    "present": "What presents the page",
    "documentation": "What runs the examples",
    "sheet": "What draws the whole view",
}
_APP: Final = Path(__file__).parents[1]


async def bring(*bundles: str) -> None:
    """Load bundles, or NUMPY, in parallel, each only once. Their modules can be imported afterwards.

    Raises OSError with a sentence that names the missing file and the reason; it may be tried again. Raises KeyError
    for an unknown bundle.
    """
    await asyncio.gather(*map(_bring, bundles))


async def _bring(bundle: str) -> None:
    names = [] if bundle == NUMPY else config.get("lazy", {}).get(bundle, [])
    try:
        # It does this once. A later call waits until the last file is written, which takes several turns of the page.
        await window.gradientFlow.loadLazyBundle(bundle, to_js(names), str(_APP))
    except JsException as error:
        raise OSError(f"{TITLES[bundle]} is missing: {error.message}.") from None
    invalidate_caches()  # Python has listed these folders before
