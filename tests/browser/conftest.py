"""The real page in a real browser: a server for the built site and the bare tree, and pages that watch themselves."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Error,
    Page,
    Playwright,
    Request,
    Route,
    expect,
    sync_playwright,
)

from tests.browser.stage import Stage
from tools import site
from tools.chromium import ARGUMENTS, executable, headless_shell
from tools.serve import Handler, Server

ROOT = Path(__file__).resolve().parents[2]
SITE = ROOT / "site"
RUNTIME = next(SITE.glob("runtime/*"), SITE)  # its name is a hash of what is in it
BUNDLE = next(SITE.glob("app-*.bundle"), SITE)
NUMPY = next(RUNTIME.glob("pyodide/numpy-*.bundle"), SITE)
PATIENCE = 120_000  # ms that anything may take; what takes longer never comes, however busy the machine
expect.set_options(timeout=PATIENCE)
ALIVE = "document.documentElement.dataset.state === 'alive'"
PUBLIC = {  # as npm has them, which is what stands at these addresses
    "https://pyscript.net/releases/2026.7.3/": ROOT / "node_modules" / "@pyscript" / "core" / "dist",
    "https://cdn.jsdelivr.net/pyodide/v314.0.4/full/": ROOT / "node_modules" / "pyodide",
}


# Pages that a module's tests share, each as dear as a start of Python.
SHARED = frozenset({"component_page", "launch_shared", "open_shared", "shared", "shared_still"})


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Function]) -> None:
    """Keep the tests that share a page in one process, or each process would open it."""
    for item in items:
        if SHARED & set(item.fixturenames) and not item.get_closest_marker("xdist_group"):
            item.add_marker(pytest.mark.xdist_group(item.path.stem))


class _Places(Handler):
    """`/gradient-flow-viz/` is the built site, as on a host's sub-path; `/tree/` is the bare tree."""

    def __init__(self, *arguments: Any, component: Path, **options: Any) -> None:
        self.component = component
        super().__init__(*arguments, **options)

    def translate_path(self, path: str) -> str:
        plain = path.partition("?")[0].partition("#")[0]
        if plain == "/gradient-flow-viz/component.html":
            return str(self.component)
        for prefix, folder in (("/gradient-flow-viz/", SITE), ("/tree/", ROOT)):
            if plain.startswith(prefix):
                return str(folder / plain.removeprefix(prefix))
        return str(ROOT / "nowhere")


def built_component(folder: Path) -> Path:
    """component.html as the build would lay it out beside the page."""
    source = ROOT / "tests" / "browser" / "component.html"
    places = site.Places(f"./{RUNTIME.relative_to(SITE)}/", (f"./{BUNDLE.name}",))
    target = folder / source.name
    text = site.site_page(source.read_text(encoding="utf-8"), places)
    target.write_text(site.localise(text, source.name, places), encoding="utf-8")
    return target


class Host(Server):
    """The site under /gradient-flow-viz/ and the tree under /tree/, on a port of its own, from now until `stop`."""

    def __init__(self, component: Path) -> None:
        super().__init__(("127.0.0.1", 0), partial(_Places, directory=str(SITE), component=component))
        self.origin = f"http://127.0.0.1:{self.server_address[1]}"
        self._open: list[socket.socket] = []
        self._is_stopped = False
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def get_request(self) -> tuple[socket.socket, Any]:
        """Accepts a connection, as the base class does, and keeps hold of it."""
        connection, address = super().get_request()
        self._open.append(connection)
        return connection, address

    def stop(self) -> None:
        """Be gone: no new connection, and none of those that browsers keep open. Stopping twice is harmless."""
        if self._is_stopped:
            return
        self._is_stopped = True
        self.shutdown()
        self.server_close()
        for connection in self._open:
            with suppress(OSError):  # closed already
                connection.shutdown(socket.SHUT_RDWR)


@pytest.fixture(scope="session")
def component(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """component.html as it is served."""
    return built_component(tmp_path_factory.mktemp("component"))


@pytest.fixture(scope="session")
def origin(component: Path) -> Iterator[str]:
    """Address of a server with the site under /gradient-flow-viz/ and the tree under /tree/."""
    host = Host(component)
    yield host.origin
    host.stop()


@pytest.fixture
def host(component: Path) -> Iterator[Host]:
    """A server like `origin`'s for one test alone, which may stop it."""
    host = Host(component)
    yield host
    host.stop()


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """Playwright itself: a thread can have only one."""
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """One Chromium for all tests of a worker, without a window."""
    # WebAssembly compiled once and quickly: no page lives long enough here for the second, better compiler to pay.
    arguments = [*ARGUMENTS, "--js-flags=--liftoff-only"]
    chromium = playwright.chromium.launch(executable_path=headless_shell(), args=arguments)
    yield chromium
    chromium.close()


def new_context(browser: Browser, **options: Any) -> BrowserContext:
    """A visitor with nothing kept, as patient as all that is awaited here."""
    context = browser.new_context(**options)
    context.set_default_timeout(PATIENCE)
    return context


@pytest.fixture
def launch_whole(playwright: Playwright, tmp_path: Path) -> Iterator[Callable[..., BrowserContext]]:
    """Starts the whole of Chromium with a profile on the disk, and preferences as people can set them there."""
    with ExitStack() as running:

        def launch(preferences: dict[str, Any] | None = None, **options: Any) -> BrowserContext:
            profile = tmp_path / "profile"
            (profile / "Default").mkdir(parents=True)
            (profile / "Default" / "Preferences").write_text(json.dumps(preferences or {}))
            path = executable()
            channel = None if path else "chromium"  # or Playwright would start the headless shell it installed
            context = playwright.chromium.launch_persistent_context(
                profile, executable_path=path, channel=channel, args=list(ARGUMENTS), **options
            )
            running.callback(context.close)
            context.set_default_timeout(PATIENCE)
            return context

        yield launch


BLOCKED = {"profile": {"default_content_setting_values": {"cookies": 2}}}  # no page may store anything


@dataclass
class Watched:
    """A page with all it asked for, what of that has no answer yet, all it said and what of that was a complaint."""

    page: Page
    context: BrowserContext
    requests: list[str] = field(default_factory=list)
    unanswered: list[Request] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def python(self, code: str) -> Any:
        """Run Python in component.html's page; the value of its last line. Raises AssertionError if it raised."""
        answer = json.loads(self.page.evaluate("code => runPython(code)", code))
        assert "raised" not in answer, answer["raised"]
        return answer["value"]

    def raised(self, code: str) -> str:
        """What Python in component.html's page raised, `ValueError: …`."""
        return str(json.loads(self.page.evaluate("code => runPython(code)", code))["raised"])

    def note_request(self, request: Request) -> None:
        """Note what is asked for."""
        self.requests.append(request.url)
        self.unanswered.append(request)

    def note_answer(self, request: Request) -> None:
        """Note that a request has an answer, or none to come."""
        with suppress(ValueError):  # it had been made before anyone watched
            self.unanswered.remove(request)

    def wait_alive(self) -> None:
        """Wait until Python has taken the page over. Raises AssertionError that tells how far the page has come."""
        try:
            self.page.wait_for_function(ALIVE)
        except Error as error:
            raise AssertionError(f"the page did not come alive: {self.told()}") from error

    def told(self) -> str:
        """How far the page has come, by what it shows, says and waits for."""
        unanswered = [request.url for request in self.unanswered]
        return f"{shown(self.page)}; unanswered: {unanswered}; errors: {self.errors}; console: {self.lines}"


def shown(page: Page) -> str:
    """What the page shows of its start; one that hangs shows nothing."""
    try:
        state = page.locator("html").get_attribute("data-state", timeout=5_000)
        return f"{state}, “{page.locator('#status-text').text_content(timeout=5_000)}”"
    except Error as error:
        return f"nothing ({error.message.splitlines()[0]})"


def is_complaint(line: ConsoleMessage) -> bool:
    """Whether the console's line says that something is wrong."""
    return line.type in {"error", "warning"}


def watch(context: BrowserContext) -> Watched:
    """A new page that notes its requests and errors."""
    page = context.new_page()
    watched = Watched(page, context)
    page.on("request", watched.note_request)
    page.on("requestfinished", watched.note_answer)
    page.on("requestfailed", watched.note_answer)
    page.on("console", lambda line: watched.lines.append(line.text))
    page.on("pageerror", lambda error: watched.errors.append(str(error)))
    page.on("console", lambda line: watched.errors.append(line.text) if is_complaint(line) else None)
    return watched


@pytest.fixture(scope="module")
def component_page(browser: Browser, origin: str) -> Iterator[Watched]:
    """component.html with its clock standing still, one page for all tests of a module: a boot takes seconds."""
    context = new_context(browser)
    watched = watch(context)
    watched.page.clock.install(time=0)
    watched.page.goto(origin + "/gradient-flow-viz/component.html")
    watched.wait_alive()
    watched.page.clock.pause_at(3_600_000)
    yield watched
    context.close()


@pytest.fixture
def stage(component_page: Watched, origin: str) -> Iterator[Stage]:
    """An empty stage for figures; what a test left on it, and what the page complained of, is dealt with after."""
    stage = Stage(component_page)
    yield stage
    stage.clear()
    complaints, component_page.errors[:] = component_page.errors[:], []
    assert complaints == []
    assert [url for url in component_page.requests if not url.startswith(origin + "/")] == []


def _opener(browser: Browser, origin: str) -> Iterator[Callable[..., Watched]]:
    """Opens a path of the server in a context of its own; waits until it is alive unless told otherwise.

    With `clock=True` the page's clock stands still once it is alive and has what `ready` selects, and moves by
    `page.clock.run_for(ms)` alone.
    """
    contexts: list[BrowserContext] = []

    def open_(
        path: str,
        *,
        alive: bool = True,
        clock: bool = False,
        routes: dict[str, Any] | None = None,
        script: str = "",
        commit: bool = False,
        ready: str = "",
        **options: Any,
    ) -> Watched:
        # Playwright waits by strings that the page's policy would not have evaluated: what is tested is the rest.
        context = new_context(browser, **{"bypass_csp": True, **options})
        context.add_init_script("delete Navigator.prototype.serviceWorker")  # each would keep the whole site
        context.add_init_script(script)
        contexts.append(context)
        watched = watch(context)
        for pattern, handler in (routes or {}).items():
            context.route(pattern, handler)
        if clock:
            watched.page.clock.install(time=0)
        watched.page.goto(origin + path, wait_until="commit" if commit else "load")
        if alive:
            watched.wait_alive()
        if ready:
            watched.page.wait_for_selector(ready)
        if clock:
            watched.page.clock.pause_at(3_600_000)  # an hour on: what is still awaited then will have been too slow
        return watched

    yield open_
    for context in contexts:
        context.close()


open_page = pytest.fixture(_opener)
open_shared = pytest.fixture(_opener, scope="module")  # for pages that a module's tests set back and share


COMPUTED = ["numpy", "charts", "computed"]  # as app/page/sources.py brings them
RECORDED = ["numpy", "charts", "recorded"]
BRING_LATE = """async (groups) => {
  const { loadPyodide } = await import("./web/pyodide-loader.js");
  const python = await loadPyodide({ stdout: console.log, stderr: console.error });
  return python.runPythonAsync(`
import asyncio
from app.page import lazy_bundles
groups = "${groups.join()}".split(",")
try:
    await asyncio.gather(lazy_bundles.bring(*groups), lazy_bundles.bring(*groups))  # whoever asks meanwhile shares it
except OSError as error:
    said = str(error)
else:
    said = ""
said`);
}"""


def bring_late(page: Page, groups: Sequence[str] = COMPUTED) -> str:
    """Bring what the page brings when gradients are to be computed, or other groups; what was wrong, or nothing."""
    return str(page.evaluate(BRING_LATE, groups))


def frames(page: Page, count: int = 3) -> None:
    """Let the browser paint some frames: what it still had to report by then, it has reported."""
    page.wait_for_function("count => (window.framesPainted = (window.framesPainted ?? 0) + 1) > count", arg=count)
    page.evaluate("delete window.framesPainted")


def answer_public_addresses(route: Route) -> None:
    """The public runtime's addresses, answered from the local copy: the same bytes."""
    for prefix, folder in PUBLIC.items():
        if route.request.url.startswith(prefix):
            name = route.request.url.removeprefix(prefix)
            types = {
                ".wasm": "application/wasm",
                ".mjs": "text/javascript",
                ".js": "text/javascript",
                ".css": "text/css",
            }
            kind = types.get(Path(name).suffix, "application/octet-stream")
            file = ROOT / ".cache" / name if name.endswith(".whl") else folder / name
            route.fulfill(path=file, headers={"Access-Control-Allow-Origin": "*", "Content-Type": kind})
            return
    route.continue_()


def until(page: Page, holds: Callable[[], bool]) -> None:
    """Let the page go on until something holds on this side; raises AssertionError if it never does."""
    for _ in range(3_000):
        if holds():
            return
        frames(page, 1)
    raise AssertionError("the page never came to it")


class Held:
    """A route's handler that answers nothing until told to, and everything from then on."""

    def __init__(self) -> None:
        self.routes: list[Route] = []
        self._is_over = False

    def __call__(self, route: Route) -> None:
        if self._is_over:
            route.continue_()
        else:
            self.routes.append(route)

    def await_one(self, page: Page) -> None:
        """Wait until there is something to answer."""
        until(page, lambda: bool(self.routes))

    def let_go(self, page: Page) -> None:
        """Answer, once there is something to answer."""
        self.await_one(page)
        self._is_over = True
        for route in self.routes:
            with suppress(Error):  # for a page that is gone
                route.continue_()
