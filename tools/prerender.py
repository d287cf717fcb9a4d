"""Draws the figure into index.html with the modules that draw it in the browser: `python -m tools.prerender`.

`--check` only says whether the figure there is fresh.

The page then has its picture from the first paint, in the very place and size that Python takes over.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from app.gradients import synthesise
from app.layout import lay_out
from app.markup import figure_markup
from app.settings import Settings

PAGE = Path(__file__).resolve().parent.parent / "index.html"
PLACE = re.compile(r"(?<=<!-- figure: drawn by python -m tools\.prerender -->\n).*?(?=<!-- /figure -->)", re.DOTALL)


def prerendered(page: str) -> str:
    """`page` with the figure that the page opens on. Raises ValueError where it has no place for it."""
    layers = Settings().layers
    figure = figure_markup(lay_out(layers), synthesise(len(layers)), len(layers) - 1, "gradient-flow-title")
    root = '<div id="figure" class="gradient-flow" role="figure" aria-labelledby="gradient-flow-title">'
    drawn = f"{root}{figure}</div>\n"
    page, places = PLACE.subn(lambda _match: drawn, page)
    if places != 1:
        raise ValueError(f"index.html: must have one place between the figure's comments, got {places}")
    return page


def main() -> int:
    """Write the figure, or with --check say whether it is fresh (exit code 1 where it isn't)."""
    page = PAGE.read_text(encoding="utf-8")
    fresh = prerendered(page)
    if "--check" in sys.argv[1:]:
        if page != fresh:
            print("index.html: the figure in it is stale; run python -m tools.prerender", file=sys.stderr)
        return int(page != fresh)
    PAGE.write_text(fresh, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
