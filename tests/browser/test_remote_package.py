"""The component in other people's pages: as a PyScript package by its address, and as a wheel by micropip."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, TimeoutError

from tests.support.other_origin import OtherOrigin, PublicRuntime
from tests.support.pages import Opener, Watched, new_context, watch
from tests.support.places import COMPONENT
from tools import build, wheel
from tools.runtime import PYSCRIPT_ADDRESS, ROOT

# The policy says what the component may not need: a style sheet of its own, or from its host.
PAGE = f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="style-src 'none'">
<title>Somebody else's page</title>
<link rel="icon" href="data:,">
<script type="module" src="{PYSCRIPT_ADDRESS}core.js"></script>
</head>
<body>
<div id="here"></div>
<div id="there"></div>
<script type="py" config="pyscript.toml">
CODE
</script>
</body>
</html>
"""
PLUGINS = 'plugins = ["!error"]\n'  # its messages bring a <style>, which the policy forbids
USE = """
from gradient_flow_viz import GradientFlowViz, SPRINGS
GradientFlowViz("#here", layers=[3, 4, 4, 2])
GradientFlowViz("#there", layers=[5, 5], gradients=[0.5, 1], transition=SPRINGS.gentle)
"""
BY_MICROPIP = f"""
import micropip
await micropip.install("WHEEL")
{USE}"""

pytestmark = pytest.mark.xdist_group("elsewhere")  # one worker fetches micropip, not each


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[OtherOrigin]:
    server = OtherOrigin(tmp_path)
    yield server
    server.stop()


def visit(browser: Browser, elsewhere: OtherOrigin, folder: Path, config: str, code: str) -> Watched:
    """Somebody else's page once both its figures stand; its context has to be closed."""
    (folder / "index.html").write_text(PAGE.replace("CODE", code), encoding="utf-8")
    (folder / "pyscript.toml").write_text(config, encoding="utf-8")
    watched = watch(new_context(browser))
    public = PublicRuntime()
    watched.context.route(re.compile("^https:"), public)
    watched.page.goto(f"{elsewhere.origin}/index.html")
    try:
        watched.page.wait_for_selector("#there [data-part=tag]")
    except TimeoutError as error:
        raise AssertionError([*watched.errors, *public.missing]) from error
    assert public.missing == []
    return watched


def check_figures(watched: Watched) -> None:
    """Both figures stand in their style, and the wave travels."""
    page = watched.page
    assert page.locator("#here [data-layer]").count() == 4
    assert page.get_by_role("figure", name="Gradient wave · backward").count() == 2
    weight, fill = page.locator("#here [data-part=tag]").evaluate(
        "tag => [getComputedStyle(tag).fontWeight, getComputedStyle(tag).fill]"
    )
    assert (weight, fill) == ("700", "rgb(180, 83, 9)")
    assert page.evaluate("document.adoptedStyleSheets.length") == 1
    for layer in ("02", "01", "04"):
        page.wait_for_function(
            "start => document.querySelector('#here [data-part=readout]').textContent.startsWith(start)",
            arg=f"layer {layer} / 04",
        )
    assert watched.errors == []


# The built site, and the tree as it is; numpy named by the page, or brought by the package: neither knows of the other.
@pytest.mark.parametrize(("place", "packages"), [("gradient-flow-viz", ""), ("tree", '"numpy", ')])
def test_one_line_in_somebody_s_configuration_brings_the_component(
    browser: Browser, origin: str, elsewhere: OtherOrigin, tmp_path: Path, place: str, packages: str
) -> None:
    config = f'{PLUGINS}packages = [{packages}"{origin}/{place}/app/config.toml"]\n'
    watched = visit(browser, elsewhere, tmp_path, config, USE)
    check_figures(watched)
    own = [url for url in watched.requests if url.startswith(f"{origin}/{place}/")]
    assert len(own) == len(set(own))
    watched.context.close()


def test_micropip_installs_the_wheel_that_the_site_offers(
    browser: Browser, origin: str, elsewhere: OtherOrigin, tmp_path: Path
) -> None:
    address = f"{origin}/gradient-flow-viz/{build.DOWNLOADS}/{wheel.file_name(ROOT)}"
    config = f'{PLUGINS}packages = ["micropip"]\n'
    watched = visit(browser, elsewhere, tmp_path, config, BY_MICROPIP.replace("WHEEL", address))
    check_figures(watched)
    watched.context.close()


def test_a_page_that_links_the_style_sheet_gets_no_second_one(open_page: Opener) -> None:
    watched = open_page(COMPONENT)
    watched.python("mount(layers=[3, 2]) is None")
    assert watched.page.evaluate("document.adoptedStyleSheets.length") == 0
    assert len([url for url in watched.requests if url.endswith("/viz.css")]) == 1
    assert watched.errors == []
