"""A computed view as a Python program. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...figure.text import write_number
from ...network.config import NetworkConfig, applies
from ...network.metrics import MEASURES
from ...network.optimisers import OPTIMISERS
from ...view.snippets import write_call, write_python_string
from .markup import TRAINING_FIELDS


def write_program(layers: tuple[int, ...], computed: NetworkConfig, motion: Sequence[str] = ()) -> str:
    """Return a program for a PyScript page that computes the view and shows it in the page's element `here`.

    `motion` are the component's arguments for the motion of the wave.
    """
    blocks = [_imports(computed), _network("network", computed, layers) + "\n" + _data(computed, layers)]
    blocks[-1] += f"\nreport = network.forward_backward(data.batch({computed.batch}))\nprint(report.verdict())"
    if computed.against is not None:
        other = f"print(other.forward_backward(data.batch({computed.batch})).verdict())"
        blocks.append(_network("other", computed.against, layers) + f"\n{other}")
    if any(name in TRAINING_FIELDS for name, _ in computed.address()):
        blocks.append(_optimiser(computed))
    props = ["layers=network.layers", f"gradients={_gradients(computed)}", f"label={_literal(computed.label)}"]
    if computed.forward:
        props.append("activations=[rms(layer.a) for layer in report.passes]")
    props.append('shading="magnitude"')
    blocks.append(write_call("GradientFlowViz", ['"#here"', *props, *motion]))
    return "\n\n".join(blocks)


def _imports(computed: NetworkConfig) -> str:
    lines = ["from gradient_flow_viz import GradientFlowViz", "from gradient_flow_viz.datasets import Data"]
    if computed.forward:
        lines.append("from gradient_flow_viz.measures import rms")
    lines.append("from gradient_flow_viz.network import Network")
    if any(name in TRAINING_FIELDS for name, _ in computed.address()):
        lines.append(f"from gradient_flow_viz.optimisers import {OPTIMISERS[computed.optimiser].__name__}")
    return "\n".join(lines)


def _network(name: str, computed: NetworkConfig, layers: tuple[int, ...]) -> str:
    """Return the network, with activation, initialisation and the arguments that differ from defaults."""
    chosen: dict[str, Any] = {"activation": computed.activation, "initialisation": computed.initialisation}
    if applies("sigma", computed, layers):
        chosen["sigma"] = computed.sigma
    flags = [name for name in ("activation_gain", "residual", "normalisation") if getattr(computed, name)]
    chosen |= dict.fromkeys(flags, True)
    chosen |= {"loss": computed.loss, "seed": computed.seed}
    arguments = [f"{field}={_literal(value)}" for field, value in chosen.items()]
    return write_call(f"{name} = Network", [f"[{', '.join(map(str, layers))}]", *arguments])


def _data(computed: NetworkConfig, layers: tuple[int, ...]) -> str:
    arguments = [f"inputs={layers[0]}", f"outputs={layers[-1]}", f"seed={computed.seed}"]
    return write_call("data = Data", [_literal(computed.data), *arguments])


def _optimiser(computed: NetworkConfig) -> str:
    arguments = [_literal(computed.rate), *([] if computed.clip is None else [f"clip={_literal(computed.clip)}"])]
    creation = write_call(f"optimiser = {OPTIMISERS[computed.optimiser].__name__}", arguments)
    return f"# A step of training: network.train_step(data.batch({computed.batch}, number), optimiser)\n{creation}"


def _gradients(computed: NetworkConfig) -> str:
    """Return the magnitudes as the figure takes them: None if the input has none, and no negative mean."""
    arguments = [_literal(computed.measure), *(["relative=True"] if computed.is_relative else [])]
    series = f"report.series({', '.join(arguments)})"
    if computed.measure == "mean_slope":
        return f"abs({series})"
    return f"[None, *{series}[1:]]" if MEASURES[computed.measure].first else series


def _literal(value: str | float) -> str:
    """Return a value as Python source."""
    if isinstance(value, bool):
        return str(value)
    return write_python_string(value) if isinstance(value, str) else write_number(value)
