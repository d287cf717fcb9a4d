"""Loading in a real browser: what is said until Python is alive, and when it never is."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.support.loading import assert_failed, assert_figure_stands
from tests.support.pages import Opener, Watched, frames, until
from tests.support.places import BUNDLE, HOME, RUNTIME, SITE, SNAPSHOT
from tests.support.routes import Handler, Held, abort, answer_404, as_text, half
from tests.support.scripts import WATCH_SHIFTS
from tests.tools.test_build import unpacked
from tools import archives, precompile
from tools.precompile import HOME as HOME_FOLDER
from tools.runtime import ROOT

# What arrives while the page's configuration doesn't: the loader and start-pyscript.js wait for nobody.
UNASKED = (
    *(
        "/start-pyscript.js",
        "/pyodide-loader.js",
        "/split-wasm.js",
        "/core.js",
        "/core-",
        "/pyodide.mjs",
        "/pyodide.asm.mjs",
        "/start.wasm",
    ),
    *("/nothing.zip", "/pyodide-lock.json", *(f"/{SNAPSHOT[name].name}" for name in ("snapshot", "start"))),
)


ENTRY = '<script type="py" config="pyscript.json">\n'  # app/main.py's text follows
PLAINLY: dict[str, Handler] = {f"**/{SNAPSHOT['snapshot'].name}": answer_404}  # Python starts without its snapshot


def answer_wave(text: str) -> Handler:
    """The bundle of the page's modules with another wave.py in it."""
    files = {path.removeprefix(f"{HOME_FOLDER}/"): content for path, content in unpacked(BUNDLE).items()}
    del files["app/figure/wave.pyc"]
    changed = archives.bundled({**files, "app/figure/wave.py": text.encode()}.items(), HOME_FOLDER)
    return lambda route: route.fulfill(status=200, body=changed)


def answer_page(code: str) -> Handler:
    """The page with other code in the place of app/main.py's."""
    before, opening, rest = (SITE / "index.html").read_text(encoding="utf-8").partition(ENTRY)
    changed = f"{before}{opening}{code}{rest[rest.index('</script>') :]}"
    return lambda route: route.fulfill(body=changed, content_type="text/html")


def test_says_what_is_loading_and_how_far_it_is_until_python_lives(open_page: Opener) -> None:
    held = Held()
    opened = open_page(HOME, alive=False, routes={"**/start.wasm": held})
    page = opened.page
    expect(page.locator("#status")).to_be_visible()
    expect(page.locator("#status-text")).to_have_text(re.compile(r"^Loading Python · [\d.]+ of [\d.]+ MB$"))
    assert 0 < page.locator("#status-bar").evaluate("bar => bar.value") < 1
    expect(page.get_by_role("progressbar", name="Loading")).to_be_visible()
    expect(page.locator("#retry")).to_be_hidden()
    expect(page.locator("#keys")).to_be_hidden()
    assert_figure_stands(page)
    held.let_go(page)
    opened.wait_alive()
    expect(page.locator("#status")).to_be_hidden()
    expect(page.locator("#keys")).to_be_visible()
    assert opened.errors == []


def test_each_file_is_fetched_once_and_none_that_is_not_needed(open_page: Opener, origin: str) -> None:
    opened = open_page(HOME)
    late = ("rest.wasm", SNAPSHOT["library"].name)
    until(opened.page, lambda: sum(url.endswith(late) for url in opened.requests) == len(late))
    runtime = f"runtime/{RUNTIME.name}/"
    names = [url.removeprefix(origin + HOME).removeprefix(runtime) for url in opened.requests]
    names = [name for name in names if name != "icon.svg"]  # where there is a tab to show it in
    hashed = [str(next(RUNTIME.glob(f"pyscript/{name}-*.js")).relative_to(RUNTIME)) for name in ("core", "error")]
    web = (
        "print.css",  # which waits for nothing, and nothing for it
        "loading-status.js",
        "start-pyscript.js",
        "pyodide-loader.js",
        "split-wasm.js",
    )
    page = ["", *(f"web/{name}" for name in web)]
    page += ["pyscript.json", *(path.name for path in SNAPSHOT.values())]
    pyodide = ["pyodide.mjs", "pyodide.asm.mjs", "start.wasm", "rest.wasm", "pyodide-lock.json", "nothing.zip"]
    needed = [*page, "pyscript/core.js", *hashed, *(f"pyodide/{name}" for name in pyodide)]
    assert sorted(names) == sorted(needed)


def test_pyscript_writes_the_very_sources_whose_bytecode_the_build_laid_beside_them(component_page: Watched) -> None:
    code = f"""
import importlib, json, pathlib
folder = pathlib.Path({HOME_FOLDER!r})
json.dumps([
    {{str(path.relative_to(folder)): path.read_text() for path in folder.glob("pyscript/*.py")}},
    importlib.import_module("pyscript.context").__cached__,
    sorted(path.name.partition(".")[0] for path in folder.glob("pyscript/__pycache__/*")),
])"""
    written, cached, compiled = json.loads(component_page.python(code))
    assert written == precompile.pyscript_modules(ROOT)
    assert cached == f"{HOME_FOLDER}/pyscript/__pycache__/context.cpython-314.pyc"
    assert compiled == sorted(Path(name).stem for name in written)


def test_the_first_paint_already_says_that_python_is_loading(open_page: Opener) -> None:
    opened = open_page(HOME, alive=False, routes={"**/loading-status.js": abort, "**/core.js": abort})
    expect(opened.page.locator("#status-text")).to_have_text("Loading Python …")
    expect(opened.page.locator("#status")).to_be_visible()
    assert_figure_stands(opened.page)


def test_the_wave_runs_even_where_the_loader_is_missing(open_page: Opener) -> None:
    opened = open_page(HOME, routes={"**/loading-status.js": abort})
    expect(opened.page.locator("#status")).to_be_hidden()
    expect(opened.page.locator("#play")).to_be_enabled()


def test_the_wave_runs_even_where_a_style_sheet_is_missing_and_types_are_wrong_but_do_no_harm(
    open_page: Opener,
) -> None:
    routes = {**dict.fromkeys(("**/*.zip", "**/*.bundle", "**/*.json"), as_text), "**/app/viz.css": answer_404}
    opened = open_page(HOME, routes=routes)
    expect(opened.page.locator("#status")).to_be_hidden()
    expect(opened.page.locator("#play")).to_be_enabled()


@pytest.mark.parametrize(
    ("routes", "said", "cause"),
    [
        ({"**/core.js": answer_404}, "pyscript/core.js (404) could not be loaded.", "404"),
        ({"**/pyscript.json": answer_404}, "gradient-flow-viz/pyscript.json (404) could not be loaded.", "404"),
        ({f"**{HOME}": answer_page("def (")}, "Python stopped before it began; the console says why.", "SyntaxError"),
        (
            {**PLAINLY, "**/app-*.bundle": answer_404},
            f"gradient-flow-viz/{BUNDLE.name} (404) could not be loaded.",
            "404",
        ),
        (
            {**PLAINLY, "**/app-*.bundle": answer_wave("def (")},
            "Python raised SyntaxError: invalid syntax (wave.py, line 1)",
            "wave.py",
        ),
    ],
)
def test_a_failure_is_named(open_page: Opener, routes: dict[str, Handler], said: str, cause: str) -> None:
    opened = open_page(HOME, alive=False, routes=routes)
    page = opened.page
    assert_failed(page, said)
    assert_figure_stands(page)
    until(page, lambda: any(cause in error for error in opened.errors))


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("**/core-*.js", r"pyscript/core-\S* arrived damaged: \d+ of \d+ kB\."),
        ("**/python_stdlib.bundle", r"python_stdlib\.bundle arrived damaged"),
        ("**/app-*.bundle", rf"{re.escape(BUNDLE.name)} arrived damaged"),
    ],
)
def test_a_truncated_file_is_named(open_page: Opener, pattern: str, said: str) -> None:
    opened = open_page(HOME, alive=False, routes={**PLAINLY, pattern: half})
    line = opened.page.get_by_role("alert").locator("#status-text")
    expect(line).to_contain_text(re.compile(said))
    expect(opened.page.get_by_role("button", name="Try again")).to_be_visible()
    until(opened.page, lambda: bool(opened.errors))


def test_code_of_a_wrong_type_is_named(open_page: Opener) -> None:
    opened = open_page(HOME, alive=False, routes={"**/core-*.js": as_text})
    line = opened.page.get_by_role("alert").locator("#status-text")
    expect(line).to_contain_text(re.compile(r"core-\S* was served as text/plain\."))
    expect(opened.page.get_by_role("button", name="Try again")).to_be_visible()


def test_modules_that_never_come_are_waited_for_as_the_page_s_own_code(open_page: Opener) -> None:
    held = Held()
    opened = open_page(HOME, alive=False, routes={f"**/{SNAPSHOT['start'].name}": held}, commit=True)
    held.await_one(opened.page)
    expect(opened.page.locator("#status-text")).to_have_text(re.compile(r"^Loading the page’s own code · "))


@pytest.mark.parametrize(
    ("pattern", "handler", "said", "cause"),
    [
        ("**/core.js", abort, "pyscript/core.js could not be loaded.", "ERR_FAILED"),
        ("**/app-*.bundle", answer_wave("raise OSError('no sea')"), "Python raised OSError: no sea", "no sea"),
    ],
)
def test_a_failure_is_named_and_can_be_retried(
    open_page: Opener, pattern: str, handler: Handler, said: str, cause: str
) -> None:
    opened = open_page(HOME, alive=False, routes={**PLAINLY, pattern: handler})
    page = opened.page
    assert_failed(page, said)
    assert_figure_stands(page)
    until(page, lambda: any(cause in error for error in opened.errors))
    page.get_by_role("button", name="Try again").click()  # still broken: it says so again
    assert_failed(page, said)
    opened.context.unroute(pattern)
    page.get_by_role("button", name="Try again").click()
    opened.wait_alive()
    expect(page.locator("#status")).to_be_hidden()
    expect(page.locator("#play")).to_be_enabled()


def test_silence_is_said_after_30_seconds_and_what_comes_late_is_still_used(open_page: Opener, origin: str) -> None:
    held = Held()
    opened = open_page(f"{HOME}web/icon.svg", alive=False, clock=True, routes={"**/pyscript.json": held})
    page = opened.page
    arrived: list[str] = []
    page.on("requestfinished", lambda request: arrived.append(request.url))
    page.goto(origin + HOME)  # the clock stands still from the start
    # What arrives starts the 30 s anew, so all there is to come has to be there first, and seen by the loader.
    until(page, lambda: bool(held.routes) and all(any(name in url for url in arrived) for name in UNASKED))
    frames(page)
    page.clock.run_for(29_999)
    expect(page.locator("#status-text")).to_have_text(re.compile(r"^Loading the page’s configuration · "))
    expect(page.locator("#retry")).to_be_hidden()
    page.clock.run_for(1)
    expect(page.locator("#status-text")).to_have_text(
        "Nothing has arrived for 30 seconds, still waiting for the page’s configuration. Wait on, or try again."
    )
    expect(page.get_by_role("button", name="Try again")).to_be_visible()
    assert_figure_stands(page)
    page.clock.resume()
    held.let_go(page)
    opened.wait_alive()
    expect(page.locator("#status")).to_be_hidden()
    assert opened.errors == []


@pytest.mark.parametrize(
    ("width", "query", "motion"),
    [
        (320, "", "no-preference"),
        (320, "?layers=8-64-64-8", "reduce"),
        (1280, "?layers=8-64-64-8", "no-preference"),
    ],
)
def test_nothing_moves_from_the_first_paint_to_python(open_page: Opener, width: int, query: str, motion: str) -> None:
    opened = open_page(HOME + query, viewport={"width": width, "height": 800}, reduced_motion=motion)
    page = opened.page
    page.evaluate(WATCH_SHIFTS)
    frames(page)
    assert page.evaluate("shifts") == []
    # The observer does see a shift where there is one:
    page.evaluate("document.body.prepend(Object.assign(document.createElement('div'), {style: 'height: 90px'}))")
    page.wait_for_function("shifts.length > 0")
