"""BackpropFlow: a forward and a backward pass through a network, with one cursor over both."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .browser.handles import Callback
from .browser.mount import find_element
from .figure.flow import FLOW_NAME, change_flow_props, to_wave_props
from .viz import GradientFlowViz

if TYPE_CHECKING:
    from typing import Unpack

    from .figure.magnitudes import Magnitude
    from .figure.props import GivenProps


class BackpropFlow:
    """A forward and a backward pass through a network, drawn in `root`, with one cursor over both.

    `root` is an element or a CSS selector; it becomes the figure. The passes are those of a GradientFlowViz, and the
    props are its props, as keyword arguments, with these differences:

    - `activations`: the root mean square of each layer's activations, input first. Without them the forward pass is
      shown too, and each layer has the tag `–`.
    - `current_layer`: the controlled cursor. 0 is the input in the forward pass, depth − 1 the output in the forward
      pass, depth the output in the backward pass, 2·depth − 1 the input in the backward pass; clamped.
    - `default_current_layer`: the first position of an uncontrolled cursor, 0 by default.
    - `on_current_layer_change`: called with the new cursor on each advance; in controlled mode, with the requested one.

    With reduced motion the cursor stays at 2·depth − 1, and nothing plays.

    Raises LookupError if no element matches `root`, TypeError for an unknown or missing prop, ValueError for a wrong
    value: the message names the prop, the rule and the value, and nothing has changed.
    """

    def __init__(self, root: Any, **props: Unpack[GivenProps]) -> None:
        self._flow = change_flow_props({}, props)
        self._destroyed = False
        self._notify = Callback(FLOW_NAME, "on_current_layer_change")
        wave = to_wave_props(self._flow)
        wave["on_current_layer_change"] = self._report
        self._viz = GradientFlowViz(find_element(root, FLOW_NAME), **wave)

    @property
    def current_layer(self) -> int:
        """The cursor: 0 to depth − 1 in the forward pass, depth to 2·depth − 1 in the backward pass."""
        return self._viz.current_layer + len(self._viz.layers)

    @property
    def layers(self) -> tuple[int, ...]:
        """Neurons per layer, as shown."""
        return self._viz.layers

    @property
    def gradients(self) -> tuple[Magnitude, ...]:
        """The magnitudes of the backward pass, one per layer: the given ones, or the synthesised series."""
        return self._viz.gradients

    def update(self, **props: Unpack[GivenProps]) -> None:
        """Change some props; all others stay. Raises as the constructor does, and then nothing has changed."""
        if self._destroyed:
            raise RuntimeError(f"{FLOW_NAME}: update() was called after destroy(); make a new one")
        flow = change_flow_props(self._flow, props)
        before, wave = to_wave_props(self._flow), to_wave_props(flow)
        changed: Any = {name: value for name, value in wave.items() if name in props or value != before.get(name)}
        self._viz.update(**changed)
        self._flow = flow

    def destroy(self) -> None:
        """Remove the figure and all that belongs to it. A second call is harmless."""
        self._destroyed = True
        self._viz.destroy()

    def _report(self, cursor: int) -> None:
        self._notify(self._flow.get("on_current_layer_change"), cursor + len(self._viz.layers))
