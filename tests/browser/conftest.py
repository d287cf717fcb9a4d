"""The real page in a real browser: a server for the built site and the bare tree, and pages that watch themselves."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Playwright,
    expect,
    sync_playwright,
)

from tests.support.host import Host, built_component
from tests.support.kept_site import StaticHost
from tests.support.pages import TIMEOUT_MS, Opener, Watched, new_context, watch
from tests.support.places import COMPONENT
from tests.support.stage import Stage
from tools.chromium import ARGUMENTS, executable, headless_shell

expect.set_options(timeout=TIMEOUT_MS)


# Pages that a module's tests share, each as dear as a start of Python.
SHARED = frozenset({"component_page", "launch_shared", "open_shared", "shared", "shared_still"})


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Function]) -> None:
    """Keep the tests that share a page in one process, or each process would open it."""
    for item in items:
        if SHARED & set(item.fixturenames) and not item.get_closest_marker("xdist_group"):
            item.add_marker(pytest.mark.xdist_group(item.path.stem))


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


@pytest.fixture
def one_host(tmp_path: Path) -> Iterator[StaticHost]:
    """The site under a sub-path."""
    host = StaticHost(tmp_path, "/gradient-flow-viz/")
    yield host
    host.unplug()


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


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A visitor who comes back: what the site keeps is kept."""
    context = new_context(browser)
    yield context
    context.close()


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
            context.set_default_timeout(TIMEOUT_MS)
            return context

        yield launch


@pytest.fixture(scope="module")
def component_page(browser: Browser, origin: str) -> Iterator[Watched]:
    """component.html with its clock standing still, one page for all tests of a module: a boot takes seconds."""
    context = new_context(browser)
    watched = watch(context)
    watched.page.clock.install(time=0)
    watched.page.goto(origin + COMPONENT)
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


def _opener(browser: Browser, origin: str) -> Iterator[Opener]:
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
