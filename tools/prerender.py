"""Write the generated parts of the repository: `python -m tools.prerender`. With `--check` it only names stale files.

These are the figure, the snippets and the manifest in index.html, the manifest and some sections in docs.html, the
wave before Python in web/prerendered-wave.css, the props table in docs/python-api.md, docs/glossary.md, the lists of
files in pyscript.toml and app/config.toml, and each copy of the version in pyproject.toml.

The modules that draw and move the figure in the browser also make this figure and wave. So the page has its picture
from the first paint, with the place, the size and the motion that Python then continues.
"""

from __future__ import annotations

import html
import json
import re
import sys
from pathlib import Path
from typing import Final

from app.figure import handoff, wave
from app.figure.keyframes import keyframes, sample_round, write_decimal
from app.figure.layout import Layout, lay_out
from app.figure.magnitudes import synthesise
from app.figure.markup import figure_markup, tag_markup
from app.view.settings import Settings
from app.view.snippets import write_snippets
from tools import glossary, manifest, modules, sections, wheel

ROOT: Final = Path(__file__).resolve().parent.parent
PLACE: Final = re.compile(
    r"(?<=<!-- figure: drawn by python -m tools\.prerender -->\n).*?(?=<!-- /figure -->)", re.DOTALL
)
SNIPPET: Final = re.compile(r'(?<=<pre id="snippet-)(\w+)("[^>]*>)[^<]*(?=</pre>)')
BASE: Final = "https://HOST/gradient-flow-viz/"  # until Python knows the page's address
LISTS: Final = "# All below is written by python -m tools.prerender.\n"
FIGURE: Final = ".gradient-flow[data-prerendered]"
OWN_VERSION: Final = re.compile(r'(?<=^__version__ = ")[^"]*', re.MULTILINE)
WHEEL_VERSION: Final = re.compile(r"(?<=gradient_flow_viz-)[0-9][^-\s]*(?=-py3-none-any\.whl)")
VERSIONED: Final = ("app/__init__.py", wheel.RECORDER, "README.md")  # and all of docs/


def prerendered(page: str) -> str:
    """Return `page` with the figure that it opens on. Raises ValueError if it has no place for it."""
    page = _with_snippets(page)
    layout = lay_out(Settings().layers)
    depth = len(layout.layers)
    figure = figure_markup(layout, _look(0, depth), "gradient-flow-title")
    figure = figure.replace("</svg>", f"{_later_tags(layout)}</svg>")
    root = (
        '<div id="figure" class="gradient-flow" role="figure" aria-labelledby="gradient-flow-title" data-prerendered>'
    )
    drawn = f"{root}{figure}</div>\n"
    page, places = PLACE.subn(lambda _match: drawn, page)
    if places != 1:
        raise ValueError(f"index.html: must have one place between the figure's comments, got {places}")
    return page


def _with_snippets(page: str) -> str:
    texts = vars(write_snippets(Settings(), BASE))
    found = [name for name, _ in SNIPPET.findall(page)]
    if found != list(texts):
        raise ValueError(
            f"index.html: must have a <pre> for each snippet of {', '.join(texts)}, got {', '.join(found)}"
        )
    return SNIPPET.sub(lambda match: f"{match[1]}{match[2]}{html.escape(texts[match[1]], quote=False)}", page)


def _later_tags(layout: Layout) -> str:
    """Return the tags of the layers that the wave reaches later; the style sheet shows one after another."""
    depth = len(layout.layers)
    return "".join(
        tag_markup(layout, _look(cursor, depth), f'data-prerendered-cursor="{cursor}" visibility="hidden"')
        for cursor in range(1, depth)
    )


def wave_css() -> str:
    """Return the style sheet that moves the prerendered figure; app/viz.css has the rules that need no numbers."""
    depth = len(Settings().layers)
    rules = (
        f'{FIGURE} .gradient-flow-readout::after {{ content: "{_readout(0, depth)}"; }}',
        "@media (prefers-reduced-motion: no-preference) {",
        *(f"  {rule}" for rule in (*_texts_moving(depth), *_glows_moving(depth))),
        "}",
        "@media (prefers-reduced-motion: reduce) {",
        *(f"  {rule}" for rule in _parked(depth)),
        "}",
    )
    return "\n".join(("/* Written by python -m tools.prerender: the wave until Python runs. */", *rules, ""))


def _texts_moving(depth: int) -> list[str]:
    """Return the rules of readout and tags, each shown for its beat; the tags of later layers start later."""
    readouts = (f'{_percent(cursor / depth)} {{ content: "{_readout(cursor, depth)}"; }}' for cursor in range(depth))
    shown = f"0% {{ visibility: visible; }} {_percent(1 / depth)} {{ visibility: hidden; }}"
    return [
        f"{FIGURE} .gradient-flow-readout::after {{ animation: gradient-flow-say {_beats(depth)} step-end infinite; }}",
        f"@keyframes gradient-flow-say {{ {' '.join(readouts)} }}",
        f"{FIGURE} .gradient-flow-tag {{ animation: gradient-flow-tag {_beats(depth)} step-end infinite; }}",
        f"@keyframes gradient-flow-tag {{ {shown} }}",
        *(
            f'{FIGURE} [data-prerendered-cursor="{cursor}"] {{ animation-delay: {_beats(cursor - depth)}; }}'
            for cursor in range(1, depth)
        ),
    ]


def _glows_moving(depth: int) -> list[str]:
    """Return the rules of the halos. They rest as drawn until the first advance."""
    rules = []
    round_ = sample_round(depth, handoff.BEAT_MS, handoff.SPRING)
    for layer in range(depth):
        name = f"gradient-flow-glow-{layer}"
        animation = f"{name} {_beats(depth)} linear {_beats(1)} infinite"
        rules.append(f'{FIGURE} [data-layer="{layer}"] > [data-part="halo"] {{ animation: {animation}; }}')
        rules.append(keyframes(name, round_.course(layer, 1)))
    return rules


def _parked(depth: int) -> list[str]:
    """Return the rules for reduced motion: the input's magnitude, as Python will show it."""
    last = depth - 1
    return [
        f'{FIGURE} [data-part="halo"] {{ opacity: 0; }}',
        f'{FIGURE} [data-layer="0"] > [data-part="halo"] {{ opacity: 1; }}',
        f'{FIGURE} [data-part="tag"] {{ visibility: hidden; }}',
        f'{FIGURE} [data-prerendered-cursor="{last}"] {{ visibility: visible; }}',
        f'{FIGURE} .gradient-flow-readout::after {{ content: "{_readout(last, depth)}"; }}',
    ]


def _look(cursor: int, depth: int) -> wave.WaveFrame:
    layer = wave.layer_at(cursor, depth)
    return wave.WaveFrame(layer, depth, synthesise(depth)[layer])


def _readout(cursor: int, depth: int) -> str:
    return _look(cursor, depth).readout


def _beats(count: int) -> str:
    return f"{write_decimal(count * handoff.BEAT_MS / 1000)}s"


def _percent(fraction: float) -> str:
    return f"{write_decimal(fraction * 100)}%"


def start_lists(app: Path) -> str:
    """Return the lists in pyscript.toml: the files that the page starts with, and those of each lazy bundle."""
    files = "".join(f'"./app/{name}" = "./app/{name}"\n' for name in modules.start_files(app))
    bundles = modules.lazy_files(app).items()
    lazy = "".join(f"{bundle} = {json.dumps(names, indent=2)}\n" for bundle, names in bundles)
    return f"[files]\n{files}\n[lazy] # loaded on demand, see app/page/lazy_bundles.py\n{lazy}"


def package_list(app: Path) -> str:
    """Return the list in app/config.toml: the files of the remote package."""
    files = (f'"./{name}" = "./gradient_flow_viz/{name}"\n' for name in modules.remote_files(app))
    return f"[files]\n{''.join(files)}"


def _with_lists(path: Path, lists: str) -> str:
    text, found, _ = _read(path).partition(LISTS)
    if not found:
        raise ValueError(f"{path.name}: must have the line {LISTS.strip()}")
    return f"{text}{LISTS}{lists}"


def with_version(text: str, version: str) -> str:
    """Return `text` with another version, in a module's own statement and in a wheel's file name."""
    return WHEEL_VERSION.sub(version, OWN_VERSION.sub(version, text))


def fresh(root: Path) -> dict[Path, str]:
    """Return the right content of each generated file. Raises ValueError if one lacks the place for it."""
    page, documentation, python_api = root / "index.html", root / "docs.html", root / "docs" / "python-api.md"
    whole = sections.filled(_read(documentation), sections.page_places(root), documentation.name)
    version = wheel.project(root)["version"]
    versioned = (*(root / name for name in VERSIONED), *sorted((root / "docs").glob("*.md")))
    texts = {path: with_version(_read(path), version) for path in versioned}
    return {
        **texts,
        page: prerendered(manifest.insert(_read(page), manifest.Manifest(), page.name)),
        documentation: manifest.insert(whole, manifest.Manifest(), documentation.name),
        python_api: sections.filled(texts[python_api], sections.python_api_places(root), python_api.name),
        root / "docs" / "glossary.md": glossary.glossary_markdown(),
        root / "web" / "prerendered-wave.css": wave_css(),
        root / "pyscript.toml": _with_lists(root / "pyscript.toml", start_lists(root / "app")),
        root / "app" / "config.toml": _with_lists(root / "app" / "config.toml", package_list(root / "app")),
    }


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def main() -> int:
    """Write the stale files, or with --check name them and return 1."""
    stale = [path for path, text in fresh(ROOT).items() if not path.is_file() or _read(path) != text]
    for path in stale:
        if "--check" in sys.argv[1:]:
            print(f"{path.name} is stale; run python -m tools.prerender", file=sys.stderr)
        else:
            path.write_text(fresh(ROOT)[path], encoding="utf-8")
    return int(bool(stale) and "--check" in sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
