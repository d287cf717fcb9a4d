"""Lazy bundles in a real browser: each arrives when it is asked for, or a sentence says why it does not."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect

from tests.support.lazy_bundles import BRING_LAZY, COMPUTED, RECORDED, bring_lazy, run_python
from tests.support.pages import Opener, Watched
from tests.support.places import NUMPY, SITE
from tests.support.routes import PUBLIC_ROUTES, Held, abort, answer_404, half
from tests.support.scripts import HOLD_TIMEOUTS
from tests.tools.test_site import LAZY
from tools.runtime import ROOT

BUNDLE = next(SITE.glob("computed-*.bundle"), SITE)

# What reads each of the formats asks for of the standard library is there.
READ = """
import io, struct, numpy
from app.runs.formats.crc32c import masked_crcs
from app.runs.run import combine, read

def sealed(message):
    length = struct.pack("<Q", len(message))
    return length + struct.pack("<I", masked_crcs([length])[0]) + message + struct.pack("<I", masked_crcs([message])[0])

scalar = b"\\x0a\\x08grad/fc1\\x15" + struct.pack("<f", 0.5)
summary = b"\\x0a" + bytes([len(scalar)]) + scalar
event = b"\\x09" + bytes(8) + b"\\x10\\x01\\x2a" + bytes([len(summary)]) + summary
archive = io.BytesIO()
numpy.savez_compressed(archive, fc1=numpy.array([3.0, 4.0]))
files = [
    ("run.jsonl", b'{"step": 0, "grad_norm/fc1": 3.0}\\n'),
    ("run.csv", "step,grad_norm/fc1\\n0,4.0\\n".encode("utf-16")),
    ("events.out.tfevents.1", sealed(b"\\x1a\\x0dbrain.Event:2") + sealed(event)),
    ("step-1.npz", archive.getvalue()),
]
str([combine([read(*file)])[0].norms[0].tolist() for file in files])
"""
READ_WHAT = "[[3.0], [4.0], [0.5], [5.0]]"


@dataclass(frozen=True)
class Place:
    """An address of the page, and one of the files that come late there, which stands for a group of them."""

    path: str
    file: str
    words: str  # what the group is called
    asked_for: int  # which of the requests is the one for it
    is_checked: bool  # whether a half of it is known to be one


COMPUTES = "What computes gradients"
PLACES = (
    Place("/gradient-flow-viz/", BUNDLE.name, COMPUTES, 0, is_checked=True),
    Place("/gradient-flow-viz/", NUMPY.name, "numpy", 0, is_checked=True),
    Place("/tree/", "network/mlp.py", COMPUTES, LAZY["computed"].index("app/network/mlp.py"), is_checked=False),
)
PATHS = ("/gradient-flow-viz/", "/tree/")


def assert_can_be_imported(page: Page, groups: list[str]) -> None:
    """All of them is there, with what it needs of the standard library and of numpy to begin with."""
    files = [name for group in groups for name in LAZY.get(group, [f"{group}.py"]) if name.endswith(".py")]
    modules = [name.removesuffix(".py").replace("/", ".") for name in files]
    run_python(page, f"import importlib\nfor name in {modules}: importlib.import_module(name)")


def assert_computes(page: Page) -> None:
    """There is all that it needs of the standard library and of numpy."""
    source = (ROOT / "tests" / "support" / "same_numbers.py").read_text(encoding="utf-8")
    run_python(
        page, f"space = {{'__name__': 'numbers'}}\nexec({source!r}, space)\nspace['numbers']()['training'].keys()"
    )


@pytest.mark.parametrize("place", PLACES, ids=lambda place: f"{place.path.strip('/')}-{place.file}")
def test_it_comes_once_when_it_is_asked_for_and_what_does_not_come_is_named(open_page: Opener, place: Place) -> None:
    opened = open_page(place.path, routes=PUBLIC_ROUTES, script=HOLD_TIMEOUTS)
    page, pattern = opened.page, f"**/app/{place.file}" if place.path == "/tree/" else f"**/{place.file}"
    missing = f"{place.words} is missing: {place.file.rpartition('/')[2]}"

    failures = [(answer_404, "answered 404"), (abort, "could not be loaded")]
    for handler, how in [*failures, (half, "arrived damaged")] if place.is_checked else failures:
        opened.context.route(pattern, handler)
        assert bring_lazy(page) == f"{missing} {how}."
        opened.context.unroute(pattern)

    held = Held()
    opened.context.route(pattern, held)
    page.evaluate(f"patience.length = 0; window.brought = ({BRING_LAZY})({COMPUTED}); null")
    held.await_one(page)
    assert page.evaluate(f"patience[{place.asked_for}][1].abort(); patience[{place.asked_for}][0]") == 30_000
    assert page.evaluate("brought") == f"{missing} did not arrive within 30 seconds."
    held.let_go(page)
    opened.context.unroute(pattern)

    opened.requests.clear()
    assert bring_lazy(page) == ""
    assert sum(url.endswith(f"/{place.file}") for url in opened.requests) == 1
    assert_can_be_imported(page, COMPUTED)
    assert_computes(page)
    opened.requests.clear()
    assert bring_lazy(page) == ""
    assert opened.requests == []


def test_what_reads_runs_comes_by_itself_and_reads(open_page: Opener) -> None:
    opened = open_page("/gradient-flow-viz/")
    opened.requests.clear()
    assert bring_lazy(opened.page, ["recorded"]) == ""
    assert [url for url in opened.requests if "network" in url or "computed" in url or "numpy" in url] == []
    assert bring_lazy(opened.page, ["numpy", "charts"]) == ""
    assert_can_be_imported(opened.page, ["recorded", "charts"])
    assert run_python(opened.page, READ) == READ_WHAT


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.strip("/"))
def test_a_visit_that_stays_synthesised_does_without_numpy(open_page: Opener, path: str) -> None:
    opened = open_page(f"{path}?playing=0", routes=PUBLIC_ROUTES)
    page = opened.page
    page.get_by_label("Architecture").fill("8-64-64-8")
    page.get_by_label("Gradients").fill("1, 2, 3, 4")
    for transition in page.locator("#customize input[name=transition]").all():
        transition.check(force=True)
    for name in ("Animated SVG", "Still SVG", "PNG", "CSV", "JSON"):
        with page.expect_download():
            page.get_by_role("button", name=name, exact=True).click()
    readout = page.locator("#figure [data-part=readout]")
    expect(readout).to_have_text("layer 04 / 04 · |∂L| 4.00")
    page.get_by_role("button", name="Play", exact=True).click()
    expect(readout).to_have_text(re.compile("^layer 02 "))
    assert run_python(page, "import sys; 'numpy' in sys.modules") is False
    assert [url for url in opened.requests if "numpy" in url] == []
    assert opened.errors == []
    if path == "/tree/":
        assert_numpy_is_missed_and_comes_later(opened)


def assert_numpy_is_missed_and_comes_later(opened: Watched) -> None:
    """A package that does not come is named, and asked for again."""
    for handler in (answer_404, abort):
        opened.context.route("**/numpy-*.whl", handler)
        assert bring_lazy(opened.page) == "numpy is missing: its package could not be loaded."
        opened.context.unroute("**/numpy-*.whl", handler)
    assert bring_lazy(opened.page, RECORDED) == ""
    assert run_python(opened.page, READ) == READ_WHAT
