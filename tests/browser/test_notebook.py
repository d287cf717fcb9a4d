"""The figure in a notebook: run by a real kernel, exported to HTML, opened with neither kernel nor network."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, Page

from app.figure.svg import animated_svg
from tests.support.pages import new_context, watch
from tools import wheel
from tools.runtime import ROOT

if TYPE_CHECKING:
    import nbformat

FIRST = """from gradient_flow_viz import GradientFlowFigure, SPRINGS
GradientFlowFigure(layers=[3, 4, 4, 2], gradients=[0.0008, 0.012, 0.18, 1])"""
SECOND = """import numpy as np
GradientFlowFigure(layers=[4, 4, 2], gradients=np.array([0.1, 0.5, 1.0]), play_speed=900, transition=SPRINGS.gentle)"""

CELL: dict[str, object] = {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": []}
NOTEBOOK = {
    "nbformat": 4,
    "nbformat_minor": 5,
    "metadata": {},
    "cells": [{**CELL, "id": "first", "source": FIRST}, {**CELL, "id": "second", "source": SECOND}],
}


@pytest.fixture(scope="module")
def notebook(tmp_path_factory: pytest.TempPathFactory) -> nbformat.NotebookNode:
    """Both figures displayed by a kernel that has the wheel, and not this tree."""
    folder = tmp_path_factory.mktemp("notebook")
    kernel = folder / "kernels" / "python3"
    kernel.mkdir(parents=True)
    # A wheel is a zip with a package in it, which Python can import from; the kernel is this environment's own.
    packed = wheel.write(ROOT, folder)
    kernel_spec = {
        "argv": [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "display_name": "Python 3",
        "language": "python",
        "env": {"PYTHONPATH": str(packed)},
    }
    (kernel / "kernel.json").write_text(json.dumps(kernel_spec))
    # Imported here, for it takes half a second, which collecting need not.
    made: nbformat.NotebookNode = import_module("nbformat").reads(json.dumps(NOTEBOOK), 4)
    paths = {"JUPYTER_PATH": str(folder), "JUPYTER_RUNTIME_DIR": str(folder), "IPYTHONDIR": str(folder)}
    with pytest.MonkeyPatch.context() as patch:
        for name, value in paths.items():
            patch.setitem(os.environ, name, value)
        resources = {"metadata": {"path": str(folder)}}
        import_module("nbclient").NotebookClient(made, timeout=60, kernel_name="python3", resources=resources).execute()
    return made


@pytest.fixture
def exported(notebook: nbformat.NotebookNode, browser: Browser, tmp_path: Path) -> Iterator[Page]:
    """The exported page, in a browser that reaches no host at all."""
    html, _ = import_module("nbconvert").HTMLExporter().from_notebook_node(notebook)
    (tmp_path / "notebook.html").write_text(html, encoding="utf-8")
    context = new_context(browser, offline=True)
    watched = watch(context)
    context.route(re.compile("^http"), lambda route: route.abort())
    watched.page.goto((tmp_path / "notebook.html").as_uri(), wait_until="domcontentloaded")
    yield watched.page
    context.close()


def test_a_kernel_displays_the_figure_as_html(notebook: nbformat.NotebookNode) -> None:
    (output,) = notebook.cells[0].outputs
    assert output.data["text/html"] == animated_svg([3, 4, 4, 2], [0.0008, 0.012, 0.18, 1])
    assert output.data["text/plain"] == (
        "GradientFlowFigure(layers=(3, 4, 4, 2), gradients=(0.0008, 0.012, 0.18, 1.0))"
    )


def test_exported_it_shows_and_plays_with_neither_kernel_nor_network(exported: Page) -> None:
    figures = exported.get_by_role("img", name="Gradient wave · backward")
    assert figures.count() == 2
    for index, (layers, duration) in enumerate([(4, 2000), (3, 2700)]):
        figure = figures.nth(index)
        assert figure.locator("[data-layer]").count() == layers
        box = figure.bounding_box()
        assert box is not None
        assert box["width"] > 300
        running = figure.evaluate(
            """svg => svg.getAnimations({ subtree: true })
                 .map(one => [one.playState, one.effect.getComputedTiming().duration])"""
        )
        assert len(running) == 2 * layers  # each layer's halo, and what is said of it
        assert {tuple(one) for one in running} == {("running", duration)}


def test_exported_it_says_one_layer_at_a_time(exported: Page) -> None:
    figure = exported.get_by_role("img", name="Gradient wave · backward").first
    for seconds, layer in ((0.0, "04"), (0.4, "03"), (0.9, "02"), (1.4, "01")):
        said = figure.evaluate(
            """(svg, seconds) => {
              for (const one of svg.getAnimations({ subtree: true })) {
                one.pause();
                one.currentTime = 1000 * seconds;
              }
              return [...svg.querySelectorAll(".gradient-flow-readout")]
                .filter(text => getComputedStyle(text).visibility === "visible").map(text => text.textContent);
            }""",
            seconds,
        )
        assert [text[:13] for text in said] == [f"layer {layer} / 04"]
