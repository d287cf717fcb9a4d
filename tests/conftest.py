"""Settings of all tests: the same examples on every run, no test judged by the clock, logs good and bad."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path

import pytest
from hypothesis import settings

from tests.support import bad_logs as bad
from tests.support import train_tiny
from tools.runtime import ROOT

# The same examples on every run; on a build server, which sets CI, five times as many.
settings.register_profile("default", derandomize=True, deadline=None, database=None, max_examples=20)
settings.register_profile("ci", settings.get_profile("default"), max_examples=100)
settings.load_profile("ci" if os.environ.get("CI") else "default")


@pytest.fixture(scope="session")
def real_logs() -> Path:
    """A folder with the logs of one training, by the real tools, those of `train_tiny.FORMATS` among them."""
    missing = [name for name in train_tiny.TOOLS if importlib.util.find_spec(name) is None]
    if missing:
        pytest.skip(f"needs requirements/tools.txt: no {', '.join(missing)} here")
    return train_tiny.written(ROOT)


@pytest.fixture(scope="session")
def bad_logs(tmp_path_factory: pytest.TempPathFactory) -> list[bad.BadLog]:
    """A folder of bad files, each with what is to be said of it."""
    return bad.write(tmp_path_factory.mktemp("bad"))
