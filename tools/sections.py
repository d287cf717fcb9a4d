"""Generated parts of the page's sections: installation, examples, recording, the table of props.

Each has its place in docs.html, between comments, and the table another in docs/python-api.md;
`python -m tools.prerender` fills them.
"""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import Final

from app.figure import wave
from app.figure.magnitudes import synthesise
from tools import reference, wheel

HOST: Final = "https://HOST/gradient-flow-viz/"  # app/page/documentation/examples.py replaces it
EXAMPLES: Final = ("default", "vanishing", "controlled", "flow", "decay")
BARS: Final = "GradientDecayExplorer"  # not in the start: it comes with the bundle of the charts
RECORDED: Final = ("pytorch", "keras", "numpy")  # each has a program in examples/recording
WAITING: Final = "The figure comes here once Python runs."
BARS_ROOM: Final = rf'<div id="\1" class="bars-room"><p>{WAITING}</p></div>'
_ROOT: Final = re.compile(r'<div id="([a-z]+)"></div>')


def filled(text: str, places: dict[str, str], file: str) -> str:
    """Return `text` with each place filled between its comments. Raises ValueError unless it has each place once."""
    for name, content in places.items():
        text = _filled_one(text, name, content, file)
    return text


def _filled_one(text: str, name: str, content: str, file: str) -> str:
    place = rf"(?<=<!-- {name}: written by python -m tools\.prerender -->\n).*?(?=<!-- /{name} -->)"
    text, count = re.subn(place, lambda _match: content, text, flags=re.DOTALL)
    if count != 1:
        raise ValueError(f"{file}: must have one place between the comments of {name}, got {count}")
    return text


def page_places(root: Path) -> dict[str, str]:
    """Return the generated parts of docs.html."""
    examples = {f"example {name}": example(root / "examples", name) for name in EXAMPLES}
    props = reference.props_html(reference.read_props(root / "app"))
    recording = {f"record {name}": recording_code(root / "examples" / "recording", name) for name in RECORDED}
    return {**installation(wheel.file_name(root)), **examples, **recording, "props": props}


def python_api_places(root: Path) -> dict[str, str]:
    """Return the generated parts of docs/python-api.md."""
    return {"props": f"\n{reference.props_markdown(reference.read_props(root / 'app'))}\n"}


def installation(wheel_name: str) -> dict[str, str]:
    """Return a line for each way to install, with a placeholder for the host. `built` lines appear only on the site."""
    address = f"{HOST}dist/{wheel_name}"
    return {
        "install pyscript": code_markup(
            "install-pyscript",
            "pyscript.toml",
            f'packages = ["numpy", "{HOST}app/config.toml"]\n',
            'data-host="any"',
        ),
        "install micropip": code_markup(
            "install-micropip",
            "Python, in Pyodide",
            f'import micropip\n\nawait micropip.install("{address}")\n',
            'data-host="built"',
        ),
        "install pip": code_markup("install-pip", "Shell", f'pip install "{address}"\n', 'data-host="built"'),
    }


def example(folder: Path, name: str) -> str:
    """Return an example, live and as code. The live part is the HTML shown, with room for the figure.

    app/page/documentation/examples.py runs the Python that the page shows.
    """
    markup = (folder / f"{name}.html").read_text(encoding="utf-8")
    python = (folder / f"{name}.py").read_text(encoding="utf-8")
    has_bars = BARS in python
    live = _ROOT.sub(BARS_ROOM, markup) if has_bars else with_room(markup, layers(python))
    bundle = ' data-bundle="charts"' if has_bars else ""
    return (
        f'<div class="example" data-example="{name}"{bundle}>\n'
        f'<div class="example-live">\n{live}'
        f"{PAUSE if not has_bars and 'playing=False' not in python else ''}"
        f'<p class="message" role="status"></p>\n</div>\n'
        f'<div class="example-code">\n{code_markup(f"{name}-html", "HTML", markup)}'
        f"{code_markup(f'{name}-python', 'Python', python)}</div>\n</div>\n"
    )


def recording_code(folder: Path, name: str) -> str:
    """Return the code that records a training of this kind."""
    return code_markup(f"record-{name}", "Python", (folder / f"from_{name}.py").read_text(encoding="utf-8"))


PAUSE: Final = '<button type="button" class="example-pause">Pause this example</button>\n'  # motion must be stoppable


def layers(python: str) -> list[int]:
    """Return the layers of an example's figure."""
    (found,) = re.findall(r"layers ?= ?\[([\d, ]+)\]", python)
    return [int(neurons) for neurons in found.split(",")]


def with_room(markup: str, layers: list[int]) -> str:
    """Return the HTML with a box in the figure's root that is as big as the figure, so that nothing moves later.

    Its texts are in attributes, because there is no figure yet. Raises ValueError unless there is one empty root.
    """
    depth = len(layers)
    readout = wave.readout_text(depth - 1, depth, synthesise(depth)[-1])
    room = (
        '<div class="gradient-flow-head">'
        f'<span class="gradient-flow-title" data-room="{wave.TITLE}"></span>'
        f'<span class="gradient-flow-readout" data-room="{readout}"></span></div>'
        f'<div class="gradient-flow-direction" data-room="{wave.DIRECTION}"></div>'
        f'<div class="gradient-flow-drawing example-room"><p>{WAITING}</p></div>'
    )
    markup, roots = _ROOT.subn(rf'<div id="\1" class="gradient-flow">{room}</div>', markup)
    if roots != 1:
        raise ValueError(f"an example's HTML must have one empty div with an id, for its figure, got {roots}")
    return markup


def code_markup(name: str, caption: str, code: str, attributes: str = "") -> str:
    """Return a block of code with a copy button. Wide code scrolls, so the block is focusable."""
    return (
        f'<div class="code"><div class="code-head"><span>{caption}</span>'
        f'<button type="button" class="copy" data-copy="{name}">Copy</button></div>'
        f'<pre tabindex="0"><code id="{name}"{" " + attributes if attributes else ""} translate="no">'
        f"{html.escape(code, quote=False)}</code></pre></div>\n"
    )
