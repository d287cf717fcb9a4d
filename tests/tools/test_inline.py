"""The page that holds what its first paint waits for."""

from __future__ import annotations

import base64
import hashlib
import re

import pytest

from tests.support.places import ROOT, SITE
from tools import inline
from tools.runtime import SetupError

PAGE = """<head>
<meta http-equiv="Content-Security-Policy" content="script-src 'self'; style-src 'self'; img-src 'self'">
<script src="before.js"></script>
<link rel="stylesheet" href="a.css">
<link rel="stylesheet" href="b.css">
<link rel="stylesheet" href="print.css" media="print">
<script type="module" src="later.js"></script>
</head>
<body><script src="end.js"></script></body>
"""
TEXTS = {"before.js": "start();\n", "a.css": "/* A:\n all */\np {\n  margin: 0;\n}\n", "b.css": "q { color: red }\n"}


def allowed(text: str) -> str:
    """The source expression of a policy that allows a text."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def test_the_head_s_sheets_and_scripts_stand_in_the_page_and_its_policy_allows_them() -> None:
    style, script = "p {\nmargin: 0;\n}\nq { color: red }", "start();\n"
    assert inline.inlined(PAGE, TEXTS.__getitem__) == (
        f"""<head>
<meta http-equiv="Content-Security-Policy" content="script-src 'self' {allowed(script)}; \
style-src 'self' {allowed(style)}; img-src 'self'">
<script>{script}</script>
<style>{style}</style>
<link rel="stylesheet" href="print.css" media="print">
<script type="module" src="later.js"></script>
</head>
<body><script src="end.js"></script></body>
"""
    )


def test_a_page_with_nothing_to_hold_stays_as_it_is() -> None:
    page = "<head><title>Page</title></head><body></body>"
    assert inline.inlined(page, TEXTS.__getitem__) == page


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("before.js", "write('</script>')", r"<script> in the page must not contain </script"),
        ("a.css", "p::after { content: '</style>' }", r"<style> in the page must not contain </style"),
        ("a.css", "p { background: url(dots.png) }", r"a\.css must not name other files.*got url\("),
        ("b.css", "@import 'c.css';", r"b\.css must not name other files.*got @import"),
    ],
)
def test_a_text_that_can_t_stand_in_a_page_is_refused(name: str, text: str, message: str) -> None:
    with pytest.raises(SetupError, match=message):
        inline.inlined(PAGE, {**TEXTS, name: text}.__getitem__)


def test_a_page_without_a_policy_for_them_is_refused() -> None:
    with pytest.raises(SetupError, match="policy must have style-src 'self'"):
        inline.inlined(PAGE.replace("style-src 'self'", ""), TEXTS.__getitem__)


def test_the_built_page_s_policy_allows_the_very_texts_in_it() -> None:
    page = (SITE / "index.html").read_text(encoding="utf-8")
    texts = re.findall(r"<(?:style|script)>(.*?)</(?:style|script)>", page, re.DOTALL)
    assert len(texts) == 3
    assert all(allowed(text) in page for text in texts)
    assert "/*" not in texts[-1]
    assert (ROOT / "web" / "page.css").read_text(encoding="utf-8").splitlines()[-1] in page
