"""The same seed gives the same numbers in the page's Python, to 1e-12: Pyodide, under Node."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from tests.support.same_numbers import numbers
from tools.runtime import ROOT, ensure_numpy_wheel

pytestmark = pytest.mark.xdist_group("pyodide")  # it is started once
EQUAL = ("drawn, bits", "drawn, uniform", "drawn, permutation")  # to the last bit


@pytest.fixture(scope="module")
def there() -> Any:
    """The numbers that Pyodide computes."""
    places = {
        "pyodide": str(ROOT / "node_modules" / "pyodide"),
        "root": str(ROOT),
        "wheel": str(ensure_numpy_wheel(ROOT)),
        "program": "tests/support/same_numbers.py",
    }
    command = ["node", str(ROOT / "tests" / "support" / "pyodide.mjs"), json.dumps(places)]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr
    return json.loads(answer.stdout)


def leaves(found: Any, expected: Any, path: str) -> Iterator[tuple[str, Any, Any]]:
    """Yield pairs of leaves of two dictionary trees with the same keys."""
    if not isinstance(expected, dict):
        yield path, found, expected
        return
    assert list(found) == list(expected)
    for name in expected:
        yield from leaves(found[name], expected[name], f"{path}, {name}")


@pytest.fixture(scope="module")
def here() -> Any:
    """The numbers that this Python computes."""
    return numbers()


@pytest.mark.parametrize("part", ["drawn", "data", "weights", "looks", "training", "shown"])
def test_the_same_seed_gives_the_same_numbers_in_pyodide(part: str, here: Any, there: Any) -> None:
    for path, found, expected in leaves(there[part], here[part], part):
        if path in EQUAL or isinstance(expected, str):
            assert found == expected, path
        else:
            # A magnitude by itself. Entries of weights and points by the largest: what is near 0 is a difference.
            scale = 0.0 if path.startswith("looks") else float(np.abs(np.array(expected)).max())
            np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12 * scale, err_msg=path)


def test_no_computation_needs_a_module_that_the_page_lacks(there: Any) -> None:
    assert there["needless"] == []
