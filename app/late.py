"""What the page does without until gradients are to be computed: brought then, so that no other visit pays for it.

The built site has all of it in one bundle, which the service worker keeps with the rest; in the tree as it is each
file comes by itself. python.js fetches either.
"""

from __future__ import annotations

import sys
from importlib.util import find_spec
from typing import Final

from js import window
from pyodide.ffi import JsException, to_js

# Read by the build too. Style sheets are laid beside the modules, which find them there as they do in a package.
LATE: Final = (
    "activations.py",
    "arrays.py",
    "bars.py",
    "chain.py",
    "checks.py",
    "computed.py",
    "controls.py",
    "curve.py",
    "datasets.py",
    "explorer.css",
    "explorer.py",
    "heat.py",
    "initialisations.py",
    "lab.css",
    "lab.py",
    "labview.py",
    "lessons.py",
    "measures.py",
    "network.py",
    "operations.py",
    "optimisers.py",
    "options.py",
    "panels.py",
    "recipes.py",
    "scales.py",
    "splitmix.py",
    "timeline.css",
    "timeline.py",
    "training.py",
    "verdict.py",
)


async def bring() -> None:
    """Bring what is in `LATE`, once, whoever asks meanwhile: an import finds it then.

    Raises OSError, with a sentence that says which file did not come and what became of it; it may be tried again.
    """
    modules = [name.removesuffix(".py") for name in LATE if name.endswith(".py")]
    if all(find_spec(f".{name}", __package__) for name in modules):
        return
    folder = __file__.rpartition("/")[0]
    try:
        await window.gradientFlowLate(to_js(LATE), folder)
    except JsException as error:
        raise OSError(f"What computes gradients is missing: {error.message}.") from None
    sys.path_importer_cache.pop(folder, None)  # the folder was read before they came
