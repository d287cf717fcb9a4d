"""The other two engines, each started where it is installed; where it isn't, its tests are skipped and say so."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path
from typing import Protocol

import pytest
from playwright.sync_api import Browser

from tests.support.driver import Driver
from tests.support.engine_page import assert_kept_to_itself, wait_alive
from tests.support.firefox import FirefoxDriver, launch_firefox
from tests.support.places import HOME
from tests.support.scripts import SET_BACK
from tests.support.webkit import WebKitDriver, environment, screen

ENGINES = ("firefox", "webkit")
Starter = Callable[[bool], Driver]  # given whether reduced motion is preferred


class Launch(Protocol):
    """Starts the engine under test with an empty profile. Whoever calls it doesn't have to close what it returns."""

    def __call__(self, *, reduced_motion: bool = False) -> Driver: ...


def program(variable: str, name: str) -> str:
    """Path of a program: the one that ./test.sh found, or else the one on the PATH; empty if there is none."""
    return os.environ.get(variable, shutil.which(name) or "")


def minibrowser() -> str:
    """Path of WebKitGTK's browser for tests, which is on nobody's PATH; empty if there is none."""
    places = (str(place) for place in Path("/usr/lib").glob("*/webkit*gtk-*/MiniBrowser"))
    return os.environ.get("MINIBROWSER", next(places, ""))


@contextmanager
def firefox(request: pytest.FixtureRequest) -> Iterator[Starter]:
    """Firefox, started once for each preference that is asked for."""
    path = program("FIREFOX", "firefox-esr")
    if not path:
        pytest.skip("Firefox is left out: there is no firefox-esr here")
    playwright = request.getfixturevalue("playwright")
    with ExitStack() as running:

        @cache
        def browser(reduced_motion: bool) -> Browser:
            launched = launch_firefox(playwright, path, reduced_motion=reduced_motion)
            running.callback(launched.close)
            return launched

        yield lambda reduced_motion: FirefoxDriver(browser(reduced_motion))


@contextmanager
def webkit(request: pytest.FixtureRequest) -> Iterator[Starter]:
    """WebKitGTK, started anew each time: a preference is its whole process's, and a driver has one browser."""
    driver, browser, xvfb = program("WEBKIT_DRIVER", "WebKitWebDriver"), minibrowser(), program("XVFB", "Xvfb")
    if not (driver and browser and xvfb):
        pytest.skip("WebKitGTK is left out: WebKitWebDriver, MiniBrowser and Xvfb are not all here")
    folders: pytest.TempPathFactory = request.getfixturevalue("tmp_path_factory")
    with screen(xvfb) as display:

        def start(reduced_motion: bool) -> Driver:
            env = environment(display, folders.mktemp("config"), reduced_motion=reduced_motion)
            return WebKitDriver(driver, browser, env)

        yield start


# A group of tests runs in one process, so that each engine is started in one alone.
@pytest.fixture(scope="session", params=[pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in ENGINES])
def starter(request: pytest.FixtureRequest) -> Iterator[Starter]:
    """Every test that asks for this, or for one of the fixtures below, runs once in each engine."""
    engine = {"firefox": firefox, "webkit": webkit}[request.param]
    with engine(request) as start:
        yield start


def _launcher(starter: Starter) -> Iterator[Launch]:
    with ExitStack() as running:

        def launch(*, reduced_motion: bool = False) -> Driver:
            driver = starter(reduced_motion)
            running.callback(driver.close)
            return driver

        yield launch


launch = pytest.fixture(_launcher)
launch_session = pytest.fixture(_launcher, scope="session")
launch_shared = pytest.fixture(_launcher, scope="module")  # for a page that a module's tests set back and share


@pytest.fixture(scope="session")
def engine_page(launch_session: Launch, origin: str) -> Driver:
    """The page, alive: one start of Python for all tests of an engine that can set it back."""
    driver = launch_session()
    driver.open(origin + HOME)
    wait_alive(driver)
    return driver


@pytest.fixture
def live(engine_page: Driver, origin: str) -> Iterator[Driver]:
    """The page at the loss, waiting. Whatever a test did, the page asked no other host and complained of nothing."""
    engine_page.js(f"({SET_BACK})()")
    yield engine_page
    assert_kept_to_itself(engine_page, origin + HOME)
