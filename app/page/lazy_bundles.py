"""Lazy bundles: what the page does without until it is asked for, brought then, so that no other visit pays for it.

tools/modules.py says by rule which file is in which bundle. The built site has each as one file, and numpy as another,
which the service worker keeps once it has been asked for. In the tree each file comes by itself. The loader,
web/pyodide-loader.js, fetches either.
"""

from __future__ import annotations

import asyncio
from importlib import invalidate_caches
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from js import window
from pyodide.ffi import JsException, to_js
from pyscript import config

NUMPY: Final = "numpy"  # a package of Pyodide's, not a bundle of our modules
FOLDERS: Final = {
    "charts": "charts",
    "computed": "panels/computed",
    "recorded": "panels/recorded",
}  # there once it came
TITLES: Final = {
    NUMPY: "numpy",
    "charts": "What draws bars and maps",
    "computed": "What computes gradients",
    "recorded": "What reads recorded runs",
}
_APP: Final = Path(__file__).parents[1]


async def bring(*bundles: str) -> None:
    """Bring bundles, or NUMPY, side by side, each once however many ask for it: an import finds their modules then.

    Raises OSError, with a sentence that says which file did not come and why; it may be tried again. Raises KeyError
    for an unknown bundle.
    """
    await asyncio.gather(*(_bring(bundle) for bundle in bundles if not _is_there(bundle)))


def _is_there(bundle: str) -> bool:
    if bundle == NUMPY:
        spec = find_spec(NUMPY)
        return spec is not None and spec.origin is not None  # a folder alone is not yet the package
    return (_APP / FOLDERS[bundle]).is_dir()  # a bundle's files are written only when all of them have come


async def _bring(bundle: str) -> None:
    names = [] if bundle == NUMPY else config.get("lazy", {}).get(bundle, [])
    try:
        await window.gradientFlow.loadLazyBundle(bundle, to_js(names), str(_APP))
    except JsException as error:
        raise OSError(f"{TITLES[bundle]} is missing: {error.message}.") from None
    invalidate_caches()  # Python has read these folders before the files came
