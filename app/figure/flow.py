"""The props of BackpropFlow, and their translation into those of GradientFlowViz. Pure.

BackpropFlow's cursor counts from the beginning of a round: 0 to depth − 1 is the forward pass, input first, and depth
to 2·depth − 1 the backward pass, output first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, cast

from .props import PROP_CHECKS
from .validation import check_props, optional, to_whole_number

if TYPE_CHECKING:
    from .props import GivenProps

FLOW_NAME: Final = "BackpropFlow"
CURSORS: Final = ("current_layer", "default_current_layer")


def change_flow_props(before: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """The props `before` with some changed.

    Raises TypeError for an unknown or missing name, ValueError for a wrong value: prop, rule, value.
    """
    props = {**before, **check_props(given, _FLOW_CHECKS, FLOW_NAME)}
    if "layers" not in props:
        raise TypeError(f"{FLOW_NAME}: the prop layers is required")
    return props


def to_wave_props(flow: Mapping[str, Any]) -> GivenProps:
    """The props of a GradientFlowViz that shows this flow, without a callback."""
    depth = len(flow["layers"])
    props = {name: value for name, value in flow.items() if name != "on_current_layer_change"}
    if props.get("activations") is None:
        props["activations"] = (None,) * depth  # the forward pass is shown, its magnitudes are unknown
    for name in CURSORS:
        if props.get(name) is not None:
            props[name] -= depth
    return cast("GivenProps", props)


def _check_cursor(field: str) -> Callable[[Any], int]:
    def check(value: Any) -> int:
        whole = to_whole_number(value)
        if whole is None:
            raise ValueError(f"{field}: must be a whole number, 0 at the input of the forward pass, got {value!r}")
        return whole

    return check


_FLOW_CHECKS: Final[dict[str, Callable[[Any], Any]]] = {
    **PROP_CHECKS,
    "current_layer": optional(_check_cursor("current_layer")),
    "default_current_layer": _check_cursor("default_current_layer"),
}
