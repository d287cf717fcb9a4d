"""The handout: its texts, and a QR code that another library reads."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import numpy as np
import zxingcpp

from app.sheet.content import SheetContent
from app.sheet.handout import TOO_LONG, UNPRINTED, handout_markup
from app.view.settings import Settings
from app.view.shown import Shown
from app.view.snapshot import Snapshot

ADDRESS = "https://example.org/?layers=3-2&label=<b>"
SHOWN = Shown(
    ("tanh",),
    "Healthy: alike.",
    (("Architecture", "3-2"), ("Seed", "<0>")),
    {"layers": (3, 2), "gradients": (0.5, 1.0)},
    lesson=("2. Who gets least?", "Three layers & a loss.", "Which?"),
    remark="The address leads elsewhere.",
)


def handout(address: str = ADDRESS, shown: Shown | None = SHOWN) -> ET.Element:
    """The handout, which is XML too."""
    view = SheetContent(Settings((3, 2)), Snapshot((3, 2)), shown, address)
    return ET.fromstring(f"<section>{handout_markup(view)}</section>")


def texts(root: ET.Element) -> list[str]:
    return ["".join(element.itertext()) for element in root.iter() if element.tag in {"h1", "p", "dt", "dd"}]


def test_it_has_the_lesson_the_verdict_the_settings_and_the_address() -> None:
    root = handout()
    assert texts(root) == [
        *("2. Who gets least?", "Three layers & a loss.", "Which?", "Healthy: alike."),
        *("Architecture", "3-2", "Seed", "<0>", ADDRESS, "The address leads elsewhere."),
    ]
    assert len(root.findall("svg")) == 2  # the figure and the bars


def test_a_view_without_a_lesson_has_a_heading() -> None:
    assert texts(handout(shown=None))[0] == "Gradient Flow Viz"


def test_the_code_leads_to_the_address() -> None:
    code = handout().find("footer/svg/path")
    assert code is not None
    picture = np.full((60, 60), 255, np.uint8)
    for left, top, width in re.findall(r"M(\d+) (\d+)h(\d+)", code.attrib["d"]):
        picture[int(top), int(left) : int(left) + int(width)] = 0
    found = zxingcpp.read_barcode(np.kron(picture, np.ones((3, 3), np.uint8)))
    assert found is not None
    assert found.text == ADDRESS


def test_an_address_that_is_too_long_has_no_code_and_says_so() -> None:
    root = handout("https://example.org/?gradients=" + "0.123," * 200)
    assert root.find("footer/svg") is None
    assert {TOO_LONG, UNPRINTED} <= set(texts(root))
