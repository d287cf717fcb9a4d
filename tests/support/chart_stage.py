"""The charts on component.html's stage. They come with a lazy bundle."""

from __future__ import annotations

from tests.support.lazy_bundles import bring_lazy
from tests.support.stage import Stage

MOUNT = """
import numpy as np
from app.charts.bar_chart import GradientDecayExplorer
from app.charts.timeline import Timeline
from app.charts.series import RunSeries

def mounted(make, **props):
    root = document.createElement("div")
    root.className = "theirs"
    document.getElementById("stage").append(root)
    try:
        figures.append(make(root, **props))
    except Exception:
        root.remove()
        raise
    return figures[-1]

def explore(**props):
    return mounted(GradientDecayExplorer, **props)

def timeline(**props):
    return mounted(Timeline, **props)
"""


def bring_drawing(stage: Stage) -> None:
    """Bring it, once a page."""
    if not stage.python("'explore' in globals()"):
        assert bring_lazy(stage.page) == ""
        stage.python(MOUNT)
