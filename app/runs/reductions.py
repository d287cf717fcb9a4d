"""Terms and labels: the kind of a magnitude, and the reduction of its elements to one number. Pure."""

from __future__ import annotations

from typing import Final

L1: Final = "l1"
L2: Final = "l2"
MEAN: Final = "mean"
MAX: Final = "max"
RMS: Final = "rms"
STD: Final = "std"
SHARE: Final = "share"  # of elements, 0 to 1
ASSUMED: Final = "l2?"  # the log says that it is a gradient and not how it was reduced: taken for an L2 norm
ESTIMATE: Final = "l2~"  # of an L2 norm, out of a histogram: it lies between bounds that the log has too
PARAMETER: Final = "parameter"
ACTIVATION: Final = "activation"
UNKNOWN: Final = "unknown"
OUTPUT: Final = "output"  # of a module, before the activation function
WEIGHT_NORM: Final = "weight"
UPDATE_NORM: Final = "update"
ZEROS: Final = "zeros"
UPDATE_RATIO: Final = "update ratio"
GRADIENT_RATIO: Final = "gradient ratio"
RATIOS: Final = {UPDATE_RATIO: UPDATE_NORM, GRADIENT_RATIO: PARAMETER}  # to ‖W‖, by the kind that is divided
KINDS: Final = {  # to be shown first, in this order
    PARAMETER: "parameter gradient ∂L/∂W",
    ACTIVATION: "activation gradient ∂L/∂a",
    UNKNOWN: "gradient (the log doesn't say by what)",
    OUTPUT: "output gradient ∂L/∂z",
    UPDATE_RATIO: "update by weights ‖ΔW‖/‖W‖",
    GRADIENT_RATIO: "gradient by weights ‖∂L/∂W‖/‖W‖",
    WEIGHT_NORM: "weights W",
    UPDATE_NORM: "update ΔW",
    ZEROS: "activation after the layer",
}
RECORDED: Final = frozenset({OUTPUT, WEIGHT_NORM, UPDATE_NORM, ZEROS})  # by the recorder alone
GRADIENT_KINDS: Final = frozenset({PARAMETER, ACTIVATION, UNKNOWN, OUTPUT})  # of these alone a verdict can be given
BY_PARAMETER: Final = frozenset({PARAMETER, WEIGHT_NORM, UPDATE_NORM, *RATIOS})  # combined into layers by their names
REDUCTIONS: Final = {
    L2: "L2 norm",
    ASSUMED: "L2 norm (assumed)",
    RMS: "RMS",
    MEAN: "mean |·|",
    MAX: "maximum |·|",
    L1: "L1 norm",
    STD: "standard deviation",
    SHARE: "share of zeros",
    ESTIMATE: "L2 norm (estimate)",
}
SHORT: Final = {  # labels that need no reduction
    UPDATE_RATIO: "‖ΔW‖/‖W‖",
    GRADIENT_RATIO: "‖∂L/∂W‖/‖W‖",
    WEIGHT_NORM: "‖W‖",
    UPDATE_NORM: "‖ΔW‖",
    ZEROS: "zeros",
}
PREFERRED: Final = (L2, ASSUMED, RMS, MEAN, MAX, L1, ESTIMATE, STD)  # to be shown first


def reduction_label(reduction: str) -> str:
    """The name of a reduction on the picture; `l3` is the norm Σ|g|³ to the power of 1/3."""
    return REDUCTIONS.get(reduction) or f"L{reduction[1:]} norm"


def short_label(kind: str, reduction: str) -> str:
    """As `L2 ∂L/∂W`, to stand before a magnitude; what the log does not say has a question mark."""
    if kind in SHORT:
        return SHORT[kind]
    by = {PARAMETER: "∂L/∂W", ACTIVATION: "∂L/∂a", OUTPUT: "∂L/∂z"}.get(kind, "∂L")
    known = {L2: "L2", ASSUMED: "L2?", RMS: "RMS", L1: "L1", STD: "std"}
    if reduction == ESTIMATE:
        return f"L2 {by} (estimate)"
    if reduction in {MEAN, MAX}:
        return f"{reduction} |{by}|"
    return f"{known.get(reduction, reduction.upper())} {by}"
