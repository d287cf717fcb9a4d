"""Lines that frameworks print of each layer: Caffe's debug info, MXNet's Monitor, TransformerEngine's log. Pure."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from .number_text import NUMBER_PATTERN
from .steps import NO_LABELS, Labels

_CAFFE: Final = re.compile(
    r"\[(?P<pass>Forward|Backward|Update)\] Layer (?P<layer>\S{1,200}), "
    r"(?:(?:top|bottom) blob (?P<blob>\S{1,200})|param(?: blob)? (?P<param>\d+)) "
    rf"(?:data: [^;]{{1,40}}; )?(?:data|diff): (?P<number>{NUMBER_PATTERN})",
    re.IGNORECASE,
)
_CAFFE_TOTAL: Final = re.compile(r"\[(?:Forward|Backward|Update)\] All net params")
_CAFFE_STEP: Final = re.compile(rf"Iteration (?P<step>\d+)\b.{{0,60}}?, loss = (?P<loss>{NUMBER_PATTERN})")
_MXNET: Final = re.compile(
    rf"Batch:\s+(?P<step>\d+)\s+(?P<name>\S{{1,200}})\s+\[?(?P<number>{NUMBER_PATTERN})\]?\s*(?:\[?{NUMBER_PATTERN}\]?\s*)*$",
    re.IGNORECASE,
)
_MXNET_NAME: Final = re.compile(r"^(?P<layer>.+)_backward_(?P<of>[a-z]\w*)$")
_ENGINE: Final = re.compile(
    rf"(?P<name>[\w.\[\]/]{{1,200}})\s+iteration=(?P<step>\d+)\s+value=(?P<number>{NUMBER_PATTERN})", re.IGNORECASE
)
_ENGINE_NAME: Final = re.compile(
    r"^(?P<layer>.+?)_(?P<tensor>gradient|wgrad|dgrad|activation|weight|output|input|qkv|s|o|dp|dqkv)_(?P<statistic>\w+)$"
)
_ENGINE_STATISTICS: Final = {"l2_norm": "norm", "l1_norm": "l1", "cur_amax": "max", "amax": "max", "max": "max"}
MONITOR_NOTE: Final = (
    "MXNet's Monitor writes the norm divided by the root of the number of elements, unless it was given another "
    "function; the log doesn't tell which."
)


class Line(NamedTuple):
    """A framework's line: the name for the collector, None for what is no gradient; its number and step."""

    key: str | None
    number: str
    labels: Labels
    is_alone: bool = False  # it has the step and the loss, and stands before or after the step's values
    note: str = ""


def framework_line(text: str) -> Line | None:
    """Read a framework's own line; None for any other line."""
    if "] Layer " in text or "] All net" in text:
        return _caffe(text)
    if "Batch:" in text:
        return _mxnet(text)
    if "iteration=" in text and "value=" in text:
        return _engine(text)
    step = _CAFFE_STEP.search(text) if "Iteration " in text else None
    return Line(None, step["loss"], Labels(float(step["step"]), None), is_alone=True) if step else None


def _caffe(text: str) -> Line | None:
    found = _CAFFE.search(text)
    if not found:
        return Line(None, "", NO_LABELS) if _CAFFE_TOTAL.search(text) else None
    if found["pass"].casefold() != "backward":
        return Line(None, "", NO_LABELS)  # what an update adds is scaled by the learning rate
    if found["blob"]:
        return Line(f"activation_grad_abs_mean/{found['blob']}", found["number"], NO_LABELS)
    part = {"0": "weight", "1": "bias"}.get(found["param"], f"param{found['param']}")
    return Line(f"grad_abs_mean/{found['layer']}.{part}", found["number"], NO_LABELS)


def _mxnet(text: str) -> Line | None:
    found = _MXNET.search(text)
    if not found:
        return None
    labels = Labels(float(found["step"]), None)
    name = _MXNET_NAME.match(found["name"])
    if name:
        of = name["of"]
        key = f"activation_grad/{name['layer']}" if of.startswith("data") else f"grad/{name['layer']}.{of}"
        return Line(key, found["number"], labels, note=MONITOR_NOTE)
    if found["name"].endswith("_grad"):
        return Line(f"grad/{found['name'].removesuffix('_grad')}", found["number"], labels, note=MONITOR_NOTE)
    return Line(None, found["number"], labels)


def _engine(text: str) -> Line | None:
    found = _ENGINE.search(text)
    if not found:
        return None
    labels = Labels(float(found["step"]), None)
    name = _ENGINE_NAME.match(found["name"])
    if not name:
        return Line(found["name"], found["number"], labels)
    if name["tensor"] not in {"gradient", "wgrad", "dgrad"}:
        return Line(None, found["number"], labels)
    statistic = _ENGINE_STATISTICS.get(name["statistic"], name["statistic"])
    if name["tensor"] == "wgrad":
        return Line(f"grad_{statistic}/{name['layer']}.weight", found["number"], labels)
    return Line(f"activation_grad_{statistic}/{name['layer']}", found["number"], labels)
