"""Write into the page what its first paint waits for: the style sheets and the scripts of its head.

Each file would be a request that begins only after the page has come. Over a slow line that is a third of the time.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from tools.release import integrity
from tools.runtime import SetupError

SHEETS: Final = re.compile(r'(?:<link rel="stylesheet" href="[^"]+">\n)+')  # those for print hold nothing
SHEET: Final = re.compile(r'href="([^"]+)"')
SCRIPT: Final = re.compile(r'<script src="([^"]+)"></script>\n')  # a module waits for the page by itself
COMMENT: Final = re.compile(r"/\*.*?\*/", re.DOTALL)
ELSEWHERE: Final = re.compile(r"@import|url\((?!['\"]?data:)")  # an address is relative to the style sheet's folder


def inlined(page: str, read: Callable[[str], str]) -> str:
    """Return a page that holds the style sheets and scripts of its head; its policy allows these by their sums.

    `read` returns the text at an address in the page. Raises SetupError for a text that can't stand in a page, or
    without a policy.
    """
    head, end, body = page.partition("</head>")
    sums: dict[str, list[str]] = {"style-src": [], "script-src": []}

    def element(name: str, directive: str, text: str) -> str:
        if f"</{name}" in text:
            raise SetupError(f"The text of a <{name}> in the page must not contain </{name}.")
        sums[directive].append(integrity(text.encode()))
        return f"<{name}>{text}</{name}>\n"

    def sheets(found: re.Match[str]) -> str:
        texts = (_shortened(name, read(name)) for name in SHEET.findall(found[0]))
        return element("style", "style-src", "\n".join(texts))

    head = SHEETS.sub(sheets, head)
    head = SCRIPT.sub(lambda found: element("script", "script-src", read(found[1])), head)
    for directive, found in sums.items():
        head = _allowed(head, directive, found)
    return head + end + body


def _shortened(name: str, sheet: str) -> str:
    """Return a style sheet without comments, empty lines and indentation. Raises SetupError if it names other files."""
    if found := ELSEWHERE.search(sheet):
        raise SetupError(f"{name} must not name other files, because the page holds its text, got {found[0]}.")
    lines = (line.strip() for line in COMMENT.sub("", sheet).splitlines())
    return "\n".join(line for line in lines if line)


def _allowed(head: str, directive: str, sums: list[str]) -> str:
    """Return the head with these sums in a directive of its policy."""
    if not sums:
        return head
    own = f"{directive} 'self'"
    if own not in head:
        raise SetupError(f"The page's policy must have {own}, which the sums of its own texts are added to.")
    return head.replace(own, " ".join((own, *(f"'{one}'" for one in sums))), 1)
