"""Gradient Flow Viz: a wave of gradient magnitudes that travels back through a drawn neural network.

`GradientFlowViz`, `BackpropFlow` and `GradientDecayExplorer` draw into a page and need a browser with PyScript or
Pyodide. `GradientFlowFigure` is a picture and needs none. All are imported only when they are used, so that a page
starts fast.
"""

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .backprop_flow import BackpropFlow as BackpropFlow  # exported on each platform
    from .charts.bar_chart import GradientDecayExplorer as GradientDecayExplorer
    from .figure.static_figure import GradientFlowFigure
    from .spring import INSTANT, SPRINGS, Spring, Tween
    from .viz import GradientFlowViz as GradientFlowViz

__version__ = "1.0.0"
_NEED_BROWSER = ("BackpropFlow", "GradientDecayExplorer", "GradientFlowViz")
__all__ = ["INSTANT", "SPRINGS", "GradientFlowFigure", "Spring", "Tween"]
if sys.platform == "emscripten":
    __all__ += ["BackpropFlow", "GradientDecayExplorer", "GradientFlowViz"]

# Moved modules keep their former names: `gradient_flow_viz.datasets`.
__path__.append(f"{__path__[0]}/former")

_HOMES = {
    "BackpropFlow": "backprop_flow",
    "GradientDecayExplorer": "charts.bar_chart",
    "GradientFlowFigure": "figure.static_figure",
    "GradientFlowViz": "viz",
    "INSTANT": "spring",
    "SPRINGS": "spring",
    "Spring": "spring",
    "Tween": "spring",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    if name in _NEED_BROWSER and sys.platform != "emscripten":
        raise ImportError(
            f"{name} draws into a page, so it needs a browser (PyScript or Pyodide); "
            "here GradientFlowFigure shows the same as a picture."
        )
    from importlib import import_module  # noqa: PLC0415  # here, so that importing the package costs nothing

    value = getattr(import_module(f".{_HOMES[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
