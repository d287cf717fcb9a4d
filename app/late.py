"""What the page does without until it is asked for: brought then, in groups, so that no other visit pays for it.

The built site has each group in one bundle, and numpy in another, which the service worker keeps with the rest; in the
tree as it is each file comes by itself. python.js fetches either.
"""

from __future__ import annotations

import asyncio
from importlib import invalidate_caches
from importlib.util import find_spec
from typing import Final

from js import window
from pyodide.ffi import JsException, to_js

# Read by the build too. Style sheets are laid beside the modules, which find them there as they do in a package.
LATE: Final = {
    "views": (  # what is drawn beneath the figure, whatever its magnitudes come from
        "bars.py",
        "checks.py",
        "controls.py",
        "curve.py",
        "explorer.css",
        "explorer.py",
        "heat.py",
        "lab.css",
        "scales.py",
        "timeline.css",
        "timeline.py",
        "track.py",
        "verdict.py",
    ),
    "computed": (
        "activations.py",
        "arrays.py",
        "chain.py",
        "computed.py",
        "datasets.py",
        "initialisations.py",
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
        "splitmix.py",
        "training.py",
    ),
    "recorded": (
        "aligning.py",
        "arrayfile.py",
        "eventfile.py",
        "folding.py",
        "logs.py",
        "reading.py",
        "recorded.py",
        "recordedpanels.py",
        "recordedview.py",
        "runs.py",
        "runview.py",
        "slices.py",
        "tags.py",
        "textlog.py",
        "trend.py",
    ),
}
NUMPY: Final = "numpy"  # a package, and no group of files
WORDS: Final = {
    NUMPY: "numpy",
    "views": "What draws bars and maps",
    "computed": "What computes gradients",
    "recorded": "What reads recorded runs",
}


async def bring(*groups: str) -> None:
    """Bring groups of `LATE`, or NUMPY, side by side, each once, whoever asks meanwhile: an import finds them then.

    Raises OSError, with a sentence that says which file did not come and what became of it; it may be tried again.
    Raises KeyError for a group that there isn't.
    """
    await asyncio.gather(*(_bring(group) for group in groups if not _is_there(group)))


def _is_there(group: str) -> bool:
    if group == NUMPY:
        spec = find_spec(NUMPY)
        return spec is not None and spec.origin is not None  # a folder alone is not yet it
    modules = [name.removesuffix(".py") for name in LATE[group] if name.endswith(".py")]
    return all(find_spec(f".{name}", __package__) for name in modules)


async def _bring(group: str) -> None:
    folder = __file__.rpartition("/")[0]
    try:
        await window.gradientFlowLate(group, to_js(() if group == NUMPY else LATE[group]), folder)
    except JsException as error:
        raise OSError(f"{WORDS[group]} is missing: {error.message}.") from None
    invalidate_caches()  # folders were read before they came
