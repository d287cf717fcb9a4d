"""A computed view as a program that computes it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from ...figure.text import write_number
from ...network.config import NetworkConfig, applies
from ...network.metrics import MEASURES
from ...network.optimisers import OPTIMISERS
from ...view.snippets import write_call, write_python_string

TRAINED: Final = ("optimiser", "rate", "clip")  # what matters once a step is taken


def write_program(layers: tuple[int, ...], computed: NetworkConfig, motion: Sequence[str] = ()) -> str:
    """A program for a page with PyScript: it computes the view and shows it in that page's element `here`.

    `motion` are the component's arguments that say how the wave moves.
    """
    blocks = [_imports(computed), _network("network", computed, layers) + "\n" + _data(computed, layers)]
    blocks[-1] += f"\nreport = network.forward_backward(data.batch({computed.batch}))\nprint(report.verdict())"
    if computed.against is not None:
        other = f"print(other.forward_backward(data.batch({computed.batch})).verdict())"
        blocks.append(_network("other", computed.against, layers) + f"\n{other}")
    if any(name in TRAINED for name, _ in computed.address()):
        blocks.append(_optimiser(computed))
    props = ["layers=network.layers", f"gradients={_gradients(computed)}", f"label={_text(computed.label)}"]
    if computed.forward:
        props.append("activations=[rms(layer.a) for layer in report.passes]")
    blocks.append(write_call("GradientFlowViz", ['"#here"', *props, *motion]))
    return "\n\n".join(blocks)


def _imports(computed: NetworkConfig) -> str:
    lines = ["from gradient_flow_viz import GradientFlowViz", "from gradient_flow_viz.datasets import Data"]
    if computed.forward:
        lines.append("from gradient_flow_viz.measures import rms")
    lines.append("from gradient_flow_viz.network import Network")
    if any(name in TRAINED for name, _ in computed.address()):
        lines.append(f"from gradient_flow_viz.optimisers import {OPTIMISERS[computed.optimiser].__name__}")
    return "\n".join(lines)


def _network(name: str, computed: NetworkConfig, layers: tuple[int, ...]) -> str:
    """The network, with what it does not have by itself; the activation and the initialisation are always said."""
    chosen: dict[str, Any] = {"activation": computed.activation, "initialisation": computed.initialisation}
    if applies("sigma", computed, layers):
        chosen["sigma"] = computed.sigma
    chosen |= {flag: True for flag in ("residual", "normalisation") if getattr(computed, flag)}
    chosen |= {"loss": computed.loss, "seed": computed.seed}
    told = [f"{field}={_text(value)}" for field, value in chosen.items()]
    return write_call(f"{name} = Network", [f"[{', '.join(map(str, layers))}]", *told])


def _data(computed: NetworkConfig, layers: tuple[int, ...]) -> str:
    told = [f"inputs={layers[0]}", f"outputs={layers[-1]}", f"seed={computed.seed}"]
    return write_call("data = Data", [_text(computed.data), *told])


def _optimiser(computed: NetworkConfig) -> str:
    told = [_text(computed.rate), *([] if computed.clip is None else [f"clip={_text(computed.clip)}"])]
    made = write_call(f"optimiser = {OPTIMISERS[computed.optimiser].__name__}", told)
    return f"# A step of training: network.train_step(data.batch({computed.batch}, number), optimiser)\n{made}"


def _gradients(computed: NetworkConfig) -> str:
    """The magnitudes, as the figure takes them: None where the input has none, and no mean below 0."""
    told = [_text(computed.measure), *(["relative=True"] if computed.is_relative else [])]
    series = f"report.series({', '.join(told)})"
    if computed.measure == "mean_slope":
        return f"abs({series})"
    return f"[None, *{series}[1:]]" if MEASURES[computed.measure].first else series


def _text(value: str | float) -> str:
    """A value as a program has it."""
    if isinstance(value, bool):
        return str(value)
    return write_python_string(value) if isinstance(value, str) else write_number(value)
