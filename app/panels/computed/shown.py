"""The computed view as data: the props of its bars, the arguments of its timeline, its verdict and settings. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ...charts.series import RunSeries
from ...figure.magnitudes import write_magnitude
from ...network.config import CHOICE, FLAG, ComputedField, applies
from ...network.metrics import MEASURES, measure_label
from ...network.training import Training
from ...view.shown import Shown, short_architecture
from . import markup

UNTRAINED: Final = "The address leads to the network before its first training step."

if TYPE_CHECKING:
    from .model import ComputedModel


def shown_network(model: ComputedModel, layer: int) -> Shown:
    """The content around the figure. `layer`: the lit one."""
    depth = len(model.layers)
    words = (model.config.activation, f"{depth}-layers", *((f"step-{model.step}",) if model.run.steps else ()))
    return Shown(
        words,
        f"{markup.verdict_text(model.shown, model.shown_beside)} {markup.judged_text(model.shown)}",
        tuple(_facts(model)),
        network_bars(model),
        training_timeline(model, layer) if model.run.steps else None,
        remark=UNTRAINED if model.run.steps else "",
    )


def network_bars(model: ComputedModel) -> dict[str, Any]:
    """The props of the bars, without the layer in view."""
    beside = model.shown_beside
    return {
        "layers": model.layers,
        "gradients": model.shown.gradients,
        "label": model.shown.label,
        "scale": model.config.scale,
        "former": model.former.magnitudes if model.former else None,
        "other": beside.gradients if beside else None,
        "other_name": _other_name(model),
        "domain": model.bars_domain,
    }


def training_timeline(model: ComputedModel, layer: int) -> dict[str, Any]:
    """The arguments of `Timeline.show` for the training so far. Some measures have none at the input."""
    run, config = model.run, model.config
    measure = config.measure if run.keeps(config.measure) else "rms_a"
    first = MEASURES[measure].first

    def series_of(training: Training) -> RunSeries:
        values = training.values(measure, relative=config.is_relative)
        return RunSeries(training.losses, np.abs(values[first:]))

    return {
        "names": run.names[first:],
        "run": series_of(run),
        "step": model.step,
        "label": measure_label(measure, relative=config.is_relative),
        "layer": max(layer - first, 0),
        "other": series_of(model.other) if model.other else None,
        "other_name": _other_name(model) or "the other network",
        "decades": model.decades if measure == config.measure else None,
    }


def _other_name(model: ComputedModel) -> str:
    """The difference of the network beside it; empty without one."""
    against = model.config.against
    return markup.difference(against, model.config) if against else ""


def _facts(model: ComputedModel) -> list[tuple[str, str]]:
    names = [*markup.NETWORK_FIELDS, "measure", *(markup.TRAINING_FIELDS if model.run.steps else ())]
    fields = (field for field in markup.select_fields(names) if applies(field.name, model.config, model.layers))
    facts = [("Architecture", short_architecture(model.layers))]
    facts += [(field.label, _written(field, getattr(model.config, field.name))) for field in fields]
    if model.run.steps:
        facts.append(("Step", f"{model.step} of {model.run.steps}"))
    return [*facts, ("Loss", write_magnitude(model.shown.loss))]


def _written(field: ComputedField, value: Any) -> str:
    if field.kind == CHOICE:
        return dict(field.choices)[value]
    return ("yes" if value else "no") if field.kind == FLAG else field.write(value) or "none"
