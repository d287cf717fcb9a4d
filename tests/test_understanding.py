"""The claims under *Understanding*, tried on the networks that their links show, and with other seeds."""

from __future__ import annotations

import html
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from itertools import pairwise
from statistics import geometric_mean
from typing import Final, NamedTuple
from urllib.parse import parse_qsl

import numpy as np
import pytest

from app.figure.magnitudes import synthesise
from app.network.config import NetworkConfig, read_computed
from app.network.training import StepSnapshot, Training
from app.view.request import read_request
from tools.runtime import ROOT

SEEDS: Final = range(10)
PAGE: Final = (ROOT / "index.html").read_text(encoding="utf-8")
IDEA: Final = re.compile(
    r'<h3>(.*?)</h3>\s*<p>(.*?)</p>\s*<a class="button" data-view href="(\?[^"]*)">(.*?)</a>', re.DOTALL
)


class Idea(NamedTuple):
    """A paragraph and the view that it links to."""

    text: str
    query: str


def plain(markup: str) -> str:
    return html.unescape(re.sub(r"<[^>]+>", "", markup)).replace("\N{NO-BREAK SPACE}", " ")


IDEAS: Final = {
    plain(label): Idea(plain(text), html.unescape(query)[1:]) for _, text, query, label in IDEA.findall(PAGE)
}


def network_of(label: str) -> tuple[tuple[int, ...], NetworkConfig]:
    request = read_request(parse_qsl(IDEAS[label].query))
    config, wrong = read_computed(request.parameters, request.settings.layers)
    assert wrong == []
    return request.settings.layers, config


@cache
def shown(layers: tuple[int, ...], config: NetworkConfig) -> StepSnapshot:
    return Training(layers, config).shown(0, config)


def gradients(layers: tuple[int, ...], config: NetworkConfig) -> list[float]:
    return [float(value or 0.0) for value in shown(layers, config).gradients]


def share(layers: tuple[int, ...], config: NetworkConfig) -> float:
    """The share of the output's gradient that reaches the first hidden layer."""
    found = gradients(layers, config)
    return found[1] / found[-1]


def steps_back(layers: tuple[int, ...], config: NetworkConfig) -> list[float]:
    """The factors from each hidden layer to the one before it."""
    return [before / after for before, after in pairwise(gradients(layers, config)[1:-1])]


def beside(config: NetworkConfig) -> NetworkConfig:
    assert config.against is not None
    return config.against


def zero_slopes(layers: tuple[int, ...], config: NetworkConfig) -> float:
    """The share of a ReLU network's slopes that are 0."""
    return 1.0 - float(np.mean([link.mean_slope for link in shown(layers, config).links[1:-1]]))


Claim = Callable[[tuple[int, ...], NetworkConfig], bool]
CLAIMS: Final[Mapping[tuple[str, str], Claim]] = {
    ("Show the sigmoid network", "Here each hidden layer passes on about a quarter"): lambda layers, config: (
        0.2 < geometric_mean(steps_back(layers, config)) < 0.3
    ),
    ("Show the sigmoid network", "less than 0.01 % of the output’s gradient reaches the first hidden layer"): (
        lambda layers, config: share(layers, config) < 1e-4
    ),
    ("Show the deeper network", "With sixteen hidden layers instead of eight, less than a billionth reaches"): (
        lambda layers, config: len(layers) - 2 == 16 and share(layers, config) < 1e-9
    ),
    ("Show the tanh network", "leaves more than 10 % for the first hidden layer"): lambda layers, config: (
        share(layers, config) > 0.1
    ),
    ("Compare He and Xavier", "for about half of the values it is 0"): lambda layers, config: (
        0.35 < zero_slopes(layers, config) < 0.65
    ),
    ("Compare He and Xavier", "the first hidden layer’s share is at least five times as large"): (
        lambda layers, config: share(layers, config) >= 5 * share(layers, beside(config))
    ),
    ("Show the exploding network", "more than doubles, on average, from one hidden layer to the one before it"): (
        lambda layers, config: geometric_mean(steps_back(layers, config)) > 2
    ),
    ("Show the exploding network", "The first one gets more than 500 times what the output gets"): (
        lambda layers, config: share(layers, config) > 500
    ),
    ("Show the dead network", "every layer before it gets exactly 0"): lambda layers, config: (
        gradients(layers, config)[0] == gradients(layers, config)[1] == 0.0
    ),
    ("Show the residual network", "leaves more than a quarter for the first hidden layer"): lambda layers, config: (
        share(layers, config) > 0.25 and not beside(config).residual and share(layers, beside(config)) < 1e-4
    ),
    ("Show the normalised network", "less than 0.01 % reaches the first hidden layer of a ReLU network"): (
        lambda layers, config: not beside(config).normalisation and share(layers, beside(config)) < 1e-4
    ),
    ("Show the normalised network", "with normalisation as well, more than 3 %"): lambda layers, config: (
        share(layers, config) > 0.03
    ),
}


@pytest.mark.parametrize(("label", "sentence"), CLAIMS)
def test_a_claim_holds_for_the_network_of_its_link_and_for_other_seeds(label: str, sentence: str) -> None:
    assert sentence in IDEAS[label].text
    layers, config = network_of(label)
    assert [seed for seed in SEEDS if not CLAIMS[label, sentence](layers, replace(config, seed=seed))] == []


def test_each_link_asks_for_a_view_without_a_problem_and_says_what_it_shows() -> None:
    assert len(IDEAS) == PAGE.count(" data-view ") == 12
    for label, idea in IDEAS.items():
        request = read_request(parse_qsl(idea.query))
        assert request.problems == []
        if request.settings.source == "computed":
            network_of(label)


def test_the_first_view_is_the_formula() -> None:
    assert read_request(parse_qsl(IDEAS["Show the first view"].query)).settings.source == "synthesised"
    assert "each layer keeps 0.55 times the magnitude of the layer after it" in PAGE
    assert [before / after for before, after in pairwise(synthesise(4))] == pytest.approx([0.55] * 3)


def test_only_the_output_gets_its_gradient_from_the_loss_itself() -> None:
    layers, config = network_of("Show a small network")
    links = shown(layers, config).links
    assert [link.source for link in links] == [links[1].name, links[2].name, links[3].name, ""]


def test_the_slopes_are_as_told() -> None:
    values = np.linspace(-20.0, 20.0, 4_001)
    sigmoid = 1.0 / (1.0 + np.exp(-values))
    assert np.max(np.gradient(sigmoid, values)) == pytest.approx(0.25, abs=1e-4)
    near = np.abs(values) <= 0.3
    assert np.min(np.gradient(np.tanh(values), values)[near]) > 0.9


def test_he_s_weights_are_the_root_of_two_times_xavier_s() -> None:
    layers, config = (400, 400, 2), network_of("Compare He and Xavier")[1]
    he, xavier = (np.std(each.network(layers).parameters[1]["weights"]) for each in (config, beside(config)))
    assert he / xavier == pytest.approx(math.sqrt(2.0), rel=0.01)


def test_no_learning_rate_helps_a_dead_layer() -> None:
    layers, config = network_of("Show the dead network")
    for rate in (0.001, 0.1, 1.0):
        training = Training(layers, replace(config, rate=rate))
        for _ in range(5):
            training.advance()
        assert np.max(np.abs(training.values("rms_a")[:2])) == 0.0


def test_both_passes_are_shown_by_the_last_network() -> None:
    layers, config = network_of("Show both passes")
    assert config.forward
    assert shown(layers, config).activations is not None
