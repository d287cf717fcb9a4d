"""The terms of the project: one table for the tooltips of the page and for docs/glossary.md. Pure.

`python -m tools.prerender` writes docs/glossary.md from it.
"""

from __future__ import annotations

from typing import Final, NamedTuple


class GlossaryTerm(NamedTuple):
    """A term and its meaning. `words` are its forms in the page's texts; without any it has no tooltip.

    A meaning may have code in backticks.
    """

    name: str
    meaning: str
    words: tuple[str, ...] = ()


NEURAL_NETWORKS: Final = (
    GlossaryTerm(
        "alignment",
        "the gradient's direction is not random for the weights or slopes that it meets: the factor here "
        "differs from the factor alone",
        ("alignment",),
    ),
    GlossaryTerm("activation, a", "the output of a layer's units: a = f(z)"),
    GlossaryTerm(
        "activation function, f",
        "the function applied to each unit's sum z: sigmoid, tanh, ReLU …",
        ("activation function",),
    ),
    GlossaryTerm("architecture", "the neurons per layer, input first, such as `3-4-4-2`", ("architecture",)),
    GlossaryTerm(
        "backward pass, backpropagation",
        "computing the gradients layer by layer, from the loss to the input",
        ("backward pass", "backpropagation"),
    ),
    GlossaryTerm("batch", "the examples that one step looks at", ("batch",)),
    GlossaryTerm(
        "chain rule",
        "the rule that a gradient is multiplied, layer by layer, by the weights and by f′(z)",
        ("chain rule",),
    ),
    GlossaryTerm("clipping", "scaling all gradients down together if their L2 norm is above a limit", ("clipping",)),
    GlossaryTerm("cross-entropy", "a loss for classes; the softmax is part of it", ("cross-entropy",)),
    GlossaryTerm(
        "dead unit",
        "a unit whose f′(z) is 0 for the whole batch: no gradient passes it",
        ("dead unit", "dead units"),
    ),
    GlossaryTerm(
        "dead (diagnosis)", "the gradient magnitude is 0 at a layer and at all layers on its input side", ("dead",)
    ),
    GlossaryTerm(
        "decade",
        "a factor of 10. A magnitude that falls from 10⁻² to 10⁻⁵ loses three decades.",
        ("decade", "decades"),
    ),
    GlossaryTerm("depth", "the number of layers, with input and output"),
    GlossaryTerm(
        "event",
        "something that stands out over a recorded run: a spike, a change of level, a layer that dies, a NaN, steps "
        "in alarm",
    ),
    GlossaryTerm("exploding", "the magnitude grows from layer to layer on the way to the input", ("exploding",)),
    GlossaryTerm(
        "f′(z)", "the slope of the activation function at z. It multiplies the gradient.", ("f′(z)", "f′", "slope")
    ),
    GlossaryTerm("forward pass", "computing the activations, from the input to the output", ("forward pass",)),
    GlossaryTerm(
        "gain",
        "the factor by which weights multiply a signal or a gradient. Here the gain of W is ‖W‖F / √m, with m inputs.",
        ("gain",),
    ),
    GlossaryTerm(
        "gain of an activation",
        "PyTorch's `calculate_gain`: the factor for initial weights that makes up for the activation "
        "function, 5/3 for tanh",
    ),
    GlossaryTerm(
        "gradient",
        "the derivative of the loss L: ∂L/∂a by activations, ∂L/∂z by sums, ∂L/∂W by weights",
        ("gradient", "gradients"),
    ),
    GlossaryTerm(
        "gradient magnitude",
        "a gradient reduced to one number per layer: a norm, an RMS or a mean",
        ("gradient magnitude", "gradient magnitudes", "magnitude", "magnitudes"),
    ),
    GlossaryTerm("healthy", "neither vanishing, exploding, dead, not finite nor undecided", ("healthy",)),
    GlossaryTerm(
        "He (Kaiming) initialisation",
        "random weights with a variance of 2 / inputs, made for ReLU",
        ("He initialisation", "He"),
    ),
    GlossaryTerm("initialisation", "how the weights begin", ("initialisation",)),
    GlossaryTerm("L2 norm", "√Σv². It grows with the number of values.", ("L2 norm", "L2")),
    GlossaryTerm(
        "layer normalisation",
        "shifting and scaling each example's sums to mean 0 and deviation 1, before the activation function",
        ("layer normalisation", "normalisation"),
    ),
    GlossaryTerm("LeCun initialisation", "random weights with a variance of 1 / inputs", ("LeCun",)),
    GlossaryTerm("long form", "a table with one row per layer and step"),
    GlossaryTerm("loss, L", "the number that training makes smaller; here the mean over the batch", ("loss",)),
    GlossaryTerm("mean |v|", "the mean absolute value"),
    GlossaryTerm("not finite", "NaN or infinity", ("not finite",)),
    GlossaryTerm(
        "undecided (diagnosis)",
        "the magnitudes can't tell, or the order of the layers is a guess and decides; the diagnosis gives the reason",
        ("undecided",),
    ),
    GlossaryTerm("optimiser", "the rule by which weights follow gradients: SGD, momentum, Adam", ("optimiser",)),
    GlossaryTerm(
        "orthogonal initialisation",
        "random weights with orthonormal rows or columns, whichever are fewer. A square matrix keeps all "
        "lengths, in both passes.",
        ("orthogonal",),
    ),
    GlossaryTerm("parameter", "a weight matrix, a bias or another array that training changes"),
    GlossaryTerm("estimate", "an L2 norm computed from a histogram; it lies between bounds"),
    GlossaryTerm("reduction", "how a gradient becomes one number: L2 norm, RMS, mean, maximum"),
    GlossaryTerm(
        "residual connection",
        "adding a layer's input to its output, so that the gradient has a second way",
        ("residual connection", "residual connections", "skip"),
    ),
    GlossaryTerm("PyTorch's default initialisation", "that of `nn.Linear`: weights and biases uniform in ±1/√inputs"),
    GlossaryTerm("RMS", "root mean square: √(Σv² / count). It doesn't depend on the number of values.", ("RMS",)),
    GlossaryTerm(
        "saturated", "a sigmoid or tanh unit with |f′(z)| below 0.05 of its largest possible value", ("saturated",)
    ),
    GlossaryTerm("inactive", "a ReLU or leaky ReLU unit at z ≤ 0, where its slope is 0 or 0.01", ("inactive",)),
    GlossaryTerm(
        "f′ near 0",
        "|f′(z)| below 0.05 of its largest possible value. GELU and SiLU have it for very negative z, and "
        "where f′ crosses 0.",
        ("f′ near 0",),
    ),
    GlossaryTerm("seed", "the number that random numbers follow from", ("seed",)),
    GlossaryTerm(
        "spectral norm", "the largest singular value of W: the most that W lengthens a vector by", ("spectral norm",)
    ),
    GlossaryTerm("step", "one update of the weights, or one record of a log"),
    GlossaryTerm("vanishing", "the magnitude shrinks from layer to layer on the way to the input", ("vanishing",)),
    GlossaryTerm(
        "Xavier (Glorot) initialisation",
        "random weights with a variance of 2 / (inputs + outputs)",
        ("Xavier initialisation", "Xavier"),
    ),
    GlossaryTerm("z", "the sum of a unit before the activation function"),
)
THE_FIGURE: Final = (
    GlossaryTerm("bars", "the magnitudes as one bar per layer, below the figure"),
    GlossaryTerm(
        "cursor", "the position of the wave: 0 is the loss side, depth − 1 the input; −depth to −1 in a forward pass"
    ),
    GlossaryTerm(
        "diagnosis (verdict)",
        "one word and a sentence about all magnitudes: healthy, vanishing, exploding, dead, not finite, undecided",
    ),
    GlossaryTerm(
        "glow", "the brightness of a layer: 1 for the active one, 0.55 and 0.25 for the next two, 0 for the rest"
    ),
    GlossaryTerm("halo", "the coloured shape behind a lit layer"),
    GlossaryTerm("heat map, map", "magnitudes by layer (rows) and step (columns)"),
    GlossaryTerm("label", "what a magnitude is called, such as `RMS ∂L/∂a`"),
    GlossaryTerm("layer state", "`active`, `near`, `far` or `rest`"),
    GlossaryTerm("magnitude", "short for gradient magnitude"),
    GlossaryTerm("readout", "the text beside the title: `layer 04 / 04 · |∂L| 1.00`"),
    GlossaryTerm("series", "one magnitude per layer, or one value per step"),
    GlossaryTerm("spring, tween, transition", "how a glow changes over time"),
    GlossaryTerm("synthesised series", "0.55^(depth − 1 − l), shown if no magnitudes are given"),
    GlossaryTerm("tag", "the magnitude above the active layer"),
    GlossaryTerm("timeline", "the loss and the heat map, over which one scrubs"),
    GlossaryTerm("transport", "the buttons and the slider that move the wave"),
    GlossaryTerm("wave", "the light that moves from layer to layer"),
)
THE_PAGE: Final = (
    GlossaryTerm("comparison run", "a second run beside the first, on the same layers and steps"),
    GlossaryTerm("bundle", "files packed into one for the built site"),
    GlossaryTerm("component", "`GradientFlowViz`: props in, SVG out"),
    GlossaryTerm("controlled", "moved by the caller, with `current_layer`; uncontrolled: moved by the component"),
    GlossaryTerm("handle", "an object that stands for a timer, a frame request or a listener, and can stop it"),
    GlossaryTerm("handoff", "Python takes over the prerendered figure and its wave"),
    GlossaryTerm("layer group", "neighbouring layers that are folded into one row"),
    GlossaryTerm("lazy bundle", "a bundle that is fetched when somebody asks for it"),
    GlossaryTerm("lesson", "a network that shows one effect, a question about it, and two sentences"),
    GlossaryTerm("panel", "everything a source shows around the figure"),
    GlossaryTerm("prerendered wave", "the figure in `index.html` and its CSS animation, before Python runs"),
    GlossaryTerm("prop", "an argument of a component"),
    GlossaryTerm("recorder", "`gradient_flow_recorder.py`, which writes a log during training"),
    GlossaryTerm("release", "one built site, kept as a whole by the service worker"),
    GlossaryTerm("run", "the magnitudes of one training, by layer and step"),
    GlossaryTerm("service worker", "`sw.js`: answers the browser's requests from the kept release"),
    GlossaryTerm("settings", "what makes a view: layers, gradients, names, speed, cursor …"),
    GlossaryTerm("snapshot (of a source)", "what a source has to show at one moment"),
    GlossaryTerm("snapshot (of memory)", "Python's memory as the build has made it, from which each visit starts"),
    GlossaryTerm("source", "where magnitudes come from: synthesised, computed or recorded"),
    GlossaryTerm(
        "store", "holds the settings and the source's latest snapshot, and tells its subscribers of each change"
    ),
    GlossaryTerm("view", "everything that the settings describe; the address leads back to it"),
)
SECTIONS: Final = (
    ("Neural networks", NEURAL_NETWORKS),
    ("The figure", THE_FIGURE),
    ("The page and its code", THE_PAGE),
)
