"""The words that names of logged values are made of, by what they say. Pure."""

from __future__ import annotations

import re
from typing import Final

from .layer_names import is_module

GRADIENT_WORDS: Final = frozenset(
    {
        *("grad", "grads", "gradient", "gradients", "gradnorm", "gradnorms", "gradientnorm", "gradientnorms", "gnorm"),
        *("wgrad", "dgrad", "dw", "db", "gradflow", "gradiente", "gradienti", "gradienten", "gradientennorm"),
    }
)
STATISTIC_WORDS: Final = frozenset(
    {
        *(
            "norm",
            "norms",
            "l1",
            "l2",
            "linf",
            "inf",
            "rms",
            "mean",
            "avg",
            "average",
            "ave",
            "abs",
            "max",
            "maximum",
            "mag",
        ),
        *(
            "amax",
            "absmax",
            "meanabs",
            "absmean",
            "min",
            "minimum",
            "std",
            "stddev",
            "var",
            "variance",
            "median",
            "magnitude",
            "magnitudes",
        ),
        *("fro", "frobenius", "cur", "sum", "squared", "sq", "absolute", "p", "l"),
    }
)
NOT_MAGNITUDE_WORDS: Final = frozenset(
    {
        *("min", "minimum", "var", "variance", "median", "squared", "sq", "ratio", "kurtosis", "skew"),
    }
)
NORM_WORDS: Final = frozenset(
    {
        *("norm", "norms", "gradnorm", "gradnorms", "gradientnorm", "gradientnorms", "gnorm", "gradientennorm"),
        *("magnitude", "magnitudes", "mag"),
    }
)
MAX_WORDS: Final = frozenset({"inf", "linf", "max", "maximum", "amax", "absmax"})
MEAN_WORDS: Final = frozenset({"mean", "avg", "average", "ave", "meanabs", "absmean"})
RIGHT_WORDS: Final = frozenset({"flow", "stats", "stat", "of", "wrt", "per", "hist", "histogram", "histograms"})
LAST_UNLIKE_WORDS: Final = frozenset(
    {"ratio", "count", "warning", "fraction", "frac", "percent", "cos", "time", "steps"},
)
COUNT_WORDS: Final = frozenset({"num", "zeros", "zero", "count", "nan", "nans", "n"})
OUTER_UNLIKE_WORDS: Final = frozenset({"cosine", "cos", "alerts", "alert", "ratio", "time", "timing", "timers"})
TOTAL_WORDS: Final = frozenset({"total", "all", "global", "overall", "sum", "totals"})
PLAIN_WORDS: Final = frozenset({"per", "step", "epoch", "param", "params", "parameters", "before", "after", "wise"})
CONTAINER_WORDS: Final = frozenset(  # what loggers group values by, and no layer
    {
        *(
            "train",
            "training",
            "trainer",
            "optim",
            "optimizer",
            "optimiser",
            "opt",
            "model",
            "models",
            "loss",
            "losses",
        ),
        *("diagnostics", "debug", "stats", "metrics", "monitor", "monitoring", "val", "valid", "test", "perf", "probe"),
        *(
            "learner",
            "default_policy",
            "learner_stats",
            "info",
            "log",
            "logs",
            "scalars",
            "charts",
            "summary",
            "network",
            "net",
            "main",
            "health",
        ),
    }
)
NOISE_SEGMENTS: Final = frozenset(
    {
        *("per_param", "per_parameter", "per_layer", "by_layer", "layerwise", "layer_wise", "params", "parameters"),
        *("named_parameters", "param", "parameter", "layers"),
    }
)
INNER_NOISE: Final = frozenset(
    {
        "per_param",
        "per_parameter",
        "per_layer",
        "by_layer",
        "layerwise",
        "layer_wise",
        "hist",
        "histogram",
        "histograms",
    }
)
LEADING_NOISE: Final = CONTAINER_WORDS | {"params", "parameters", "param", "parameter", "activations", "activation"}
KIND_WORDS: Final = frozenset(
    {
        *("layer", "layers", "param", "params", "parameter", "parameters", "per", "module", "modules"),
        *(
            "activation",
            "activations",
            "act",
            "output",
            "outputs",
            "input",
            "inputs",
            "hidden",
            "backward",
            "pre",
            "preactivation",
        ),
    }
)
ACTIVATION_WORDS: Final = frozenset(
    {"activation", "activations", "act", "output", "outputs", "input", "inputs", "hidden", "dgrad", "preactivation"}
)
PARAMETER_WORDS: Final = {
    "weight": "weight",
    "weights": "weight",
    "bias": "bias",
    "biases": "bias",
    "kernel": "kernel",
}
UNLIKE_WORDS: Final = frozenset(  # beside a gradient word: no magnitude of a layer's gradient
    {
        *("to", "ratio", "cos", "cosine", "sim", "similarity", "angle", "alignment", "conflict", "conflicts", "count"),
        *("num", "zero", "zeros", "warning", "warnings", "vanishing", "exploding", "explosion", "threshold", "clip"),
        *("coef", "scale", "scaler", "accumulation", "accum", "penalty", "loss", "time", "steps", "has", "finite"),
        *("nan", "nans", "noise", "snr", "entropy", "sparsity", "checkpointing", "updates", "params", "over"),
        *("percentile", "quantile", "kurtosis", "skew", "skewness", "fraction", "frac", "underflows", "overflows"),
        *("log", "relative", "normalized", "normalised", "dot", "update", "sync", "allreduce", "no", "reduce", "acc"),
        *("descent",),
    }
)
MODULE_NORMS: Final = frozenset(  # `layer_norm` is a module, `actor_norm` is a norm
    {
        *(
            "layer",
            "batch",
            "group",
            "instance",
            "rms",
            "final",
            "attn",
            "attention",
            "ffn",
            "mlp",
            "q",
            "k",
            "qk",
            "kv",
        ),
        *("fc", "pre", "post", "input", "output", "out", "in", "self_attn_layer", "final_layer", "spectral", "weight"),
        *("sync_batch", "embed", "embedding", "token", "patch", "pos", "norm", "post_attention", "pre_attention"),
        *("attn_layer", "query", "key", "value", "encoder", "decoder", "cross_attn", "post_ffn", "pre_ffn", "ln"),
    }
)

_STATISTIC: Final = r"(?:l[12]|rms|norms?|mean|avg|std|max|min|abs|hist(?:ogram)?s?|values?|data|ratio)"
WEIGHT_PHRASE: Final = re.compile(
    r"(?:^|/)(?:(?:l2_norm|norm|rms|mean|std)/)?(?:params?|parameters?|weights?|activations?|acts?|updates?|moments?|"
    r"momentum|exp_avg(?:_sq)?|clipped|optimi[sz]er_state|cosine)"
    rf"(?:[_ -]?{_STATISTIC}){{0,4}}/(?!.*(?<!\.)(?:kernel|embedding)$)(?=.)|"
    rf"(?:^|/)(?:{_STATISTIC}[_ -]){{1,3}}(?:params?|parameters?|weights?|activations?|updates?)/|"
    r"(?:^|/)(?:Param|Weight|Update|Activation)s?(?:Norm|Mean|Std|Max|Min)s?(?:/|$)|"
    rf"(?:weight|param|parameter|update|activation|act|data|output)s?[_ .-](?:{_STATISTIC}[_ ]?){{1,3}}$|"
    r"(?:^|/)(?:params?|weights?|updates?)[_ ](?:norm|scale|ratio)",
    re.IGNORECASE,
)

STEP_NAMES: Final = (  # the first that a record has counts
    *("step", "_step", "global_step", "globalstep", "trainer/global_step", "train/global_step", "steps", "train_step"),
    *("training_step", "optimizer_step", "optim_step", "num_updates", "n_updates", "update_step", "iteration"),
    *("iterations", "iter", "iters", "global_iteration", "current_iteration", "it", "num_steps", "current_step"),
    *("num_iterations", "total_timesteps", "timestep", "update", "updates"),
)
COARSE_STEP_NAMES: Final = ("epoch", "epochs", "current_epoch", "batch", "batch_idx", "minibatch", "episode", "round")
_STEPS: Final = {name: rank for rank, name in enumerate((*STEP_NAMES, *COARSE_STEP_NAMES))}
_LOSSES: Final = frozenset(  # with an underscore for each slash, space and hyphen
    {
        *("loss", "train_loss", "loss_train", "training_loss", "losses_train", "total_loss", "loss_total"),
        *("train_total_loss", "train_loss_total", "losses_loss", "loss_loss", "losses_total", "trainloss"),
        *("train_train_loss", "loss_train_loss", "trainer_loss"),
    }
)
_METRIC: Final = re.compile(
    r"^_|(?:^|[/_. ])(?:acc|accuracy|ts|lr|learning[_ ]rate|epochs?|time|runtime|timestamp|date|val|valid|validation|"
    r"test|eval|f1|precision|recall|auc|mae|mse|rmse|ppl|perplexity|samples?|tokens?|memory|gpu|cpu|loss|losses|momentum|"
    r"weight_decay|seed|batch|batch_size|throughput|reward|score|bleu|wall|temperature|beta\d|eps|fps|tps|speed|elapsed|"
    r"eta|wps|ups|wpb|bsz|nll|kl|entropy|unnamed)(?:$|[/_. \-@:]|\d)",
    re.IGNORECASE,
)
_TO_UNDERSCORES: Final = str.maketrans("/ -", "___")
_GAPS: Final = re.compile(r"[\s-]+")


def _step_rank(name: str) -> int | None:
    """The rank of a name for the step, 0 the best; None for any other name. `train/epoch` ranks as `epoch`."""
    folded = _GAPS.sub("_", name.strip().casefold())
    rank = _STEPS.get(folded)
    if rank is None and "grad" not in folded:
        return _STEPS.get(folded.rpartition("/")[2])
    return rank


def is_step(name: str) -> bool:
    """True for a name of the step. Names of epochs and batches count only if there is no other."""
    rank = _step_rank(name)
    return rank is not None and rank < len(STEP_NAMES)


def is_loss(name: str) -> bool:
    """True for a name of the training loss."""
    return name.casefold().translate(_TO_UNDERSCORES) in _LOSSES


def is_metric(name: str) -> bool:
    """True for a name of another metric: accuracy, learning rate, memory."""
    return bool(_METRIC.search(name)) and not is_module(name)
