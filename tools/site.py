"""The changes that the build makes to the page's own files: local addresses, JSON, preload links, the manifest.

All functions work on texts. tools/build.py reads and writes the files.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from tools import runtime
from tools.manifest import AwaitedFile, Manifest, SnapshotFiles
from tools.runtime import SetupError

FOREIGN: Final = ("https://pyscript.net", "cdn.jsdelivr.net")  # must not be left in the site's own files
PUBLIC_PLACES: Final = f" {runtime.PYSCRIPT_ADDRESS} {runtime.PYODIDE_ADDRESS}"  # in the page's policy
CONFIG: Final = "pyscript.toml"  # in the tree. TOML would cost each visitor a parser …
SITE_CONFIG: Final = "pyscript.json"  # … so the site has JSON
STATUS: Final = "web/loading-status.js"
LOADER: Final = "web/pyodide-loader.js"
LINKER: Final = "web/split-wasm.js"  # which the loader imports
APP: Final = "./app/"
ENTRY: Final = "main.py"  # the page's own code; on the site the page holds it, and the rest is in the bundle
SCRIPT: Final = f'<script type="py" src="app/{ENTRY}" config="{CONFIG}"></script>'
PYTHON: Final = "Python"  # the memory snapshot's label
APP_LABEL: Final = "the page’s own code"
PYSCRIPT_PARTS: Final = {"core": "core", "plugin": "error"}  # its files by our names and theirs
WHOLE: Final = "whole"  # the runtime's folder with what the start without the memory snapshot uses instead
LIBRARY: Final = "python_stdlib."  # the rows of the tree's table that the memory snapshot replaces …
WASM: Final = "pyodide.asm.wasm"  # … and the first half of Pyodide's module


@dataclass(frozen=True)
class Places:
    """Addresses of the runtime and of the bundles on the built site, relative to the page."""

    runtime: str = "./runtime/"
    bundles: tuple[str, ...] = ()  # Python's own modules, then the page's
    lazy: Mapping[str, str] = field(default_factory=dict)  # numpy, and each lazy bundle
    snapshot: SnapshotFiles | None = None
    core: str = ""  # PyScript itself …
    plugin: str = ""  # … and the one of its plugins that it always loads

    @property
    def local(self) -> dict[str, str]:
        """The local address for each public address, in the page itself."""
        return {
            runtime.PYSCRIPT_ADDRESS: f"{self.runtime}pyscript/",
            runtime.PYODIDE_ADDRESS: f"{self.runtime}pyodide/",
        }

    def local_in(self, name: str) -> dict[str, str]:
        """Return the local addresses in the file `name`, which are relative to its own folder."""
        up = "../" * name.count("/")
        return {address: f"{up or './'}{local.removeprefix('./')}" for address, local in self.local.items()}


def localise(text: str, name: str, places: Places) -> str:
    """Return the text with public addresses replaced by local ones. Raises SetupError if one is left."""
    text = text.replace(PUBLIC_PLACES, "")
    for address, local in places.local_in(name).items():
        text = text.replace(address, local)
    for number, line in enumerate(text.splitlines(), start=1):
        for foreign in FOREIGN:
            if foreign in line:
                raise SetupError(
                    f"{name}, line {number}, still names {foreign} after the build's replacements: "
                    f"the known addresses are {' and '.join(places.local)}."
                )
    return text


def without_comments(script: str) -> str:
    """Return a script without the lines that hold only a comment, which visitors need not load.

    Raises SetupError if code follows a block comment on its last line.
    """
    lines, is_in_block = [], False
    for number, line in enumerate(script.splitlines(), start=1):
        text = line.strip()
        is_in_block = is_in_block or text.startswith("/*")
        if not is_in_block and not text.startswith("//"):
            lines.append(line)
        elif is_in_block and "*/" in text:
            if not text.endswith("*/"):
                raise SetupError(f"Line {number} of a script must end with its comment, got {text[:40]}.")
            is_in_block = False
    return "\n".join([*lines, ""])


def read_config(text: str) -> dict[str, Any]:
    """Read the tree's configuration. Raises SetupError if it is not TOML."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SetupError(f"{CONFIG} is not valid TOML: {error}.") from None


def bundled(config: Mapping[str, Any]) -> list[str]:
    """Return the files in app/ that the page starts with, `app/figure/wave.py`."""
    return [source.removeprefix("./") for source in config.get("files", {}) if source.startswith(APP)]


def lazy(config: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return the files in app/ of each lazy bundle, `app/network/mlp.py`."""
    return {bundle: [f"app/{name}" for name in names] for bundle, names in config.get("lazy", {}).items()}


def site_config(config: Mapping[str, Any], places: Places) -> str:
    """Return the configuration as JSON, with local addresses, and without what is in the bundles: packages and app/."""
    others = {source: to for source, to in config.get("files", {}).items() if not source.startswith(APP)}
    whole = {name: value for name, value in {**config, "files": others}.items() if name not in {"packages", "lazy"}}
    return localise(json.dumps(whole, ensure_ascii=False, indent=1), CONFIG, places)


def site_page(page: str, places: Places, entry: str, file: str = "index.html") -> str:
    """Return a page that holds the page's own code, and links that preload what starts Python.

    `entry`: the text of app/main.py, which PyScript would ask for only after Python has started. Python's start
    requests the big files itself, all at once. Links to those would delay the first picture, and Chromium does not keep
    the compiled code of a preloaded .wasm. Raises SetupError without a head, and for code that would end the script.
    """
    if "</head>" not in page:
        raise SetupError(f"{file} has no </head>, which the build puts its preload links in front of.")
    if "</script" in entry:
        raise SetupError(f"app/{ENTRY} must not contain </script, because the page holds its text.")
    page = page.replace(SCRIPT, f'<script type="py" config="{CONFIG}">\n{entry}</script>')
    preloaded = (f"./{LOADER}", f"./{LINKER}", f"{places.runtime}pyodide/pyodide.mjs", places.plugin)
    links = "".join(f'<link rel="modulepreload" href="{address}">\n' for address in preloaded if address)
    return page.replace(f'config="{CONFIG}"', f'config="{SITE_CONFIG}"').replace("</head>", f"{links}</head>", 1)


def site_manifest(tree: Manifest, places: Places, sizes: Mapping[str, int]) -> Manifest:
    """Return the site's manifest: its bundles, and the table of the files that its start waits for.

    `sizes`: bytes of each of the site's files, by path. Raises SetupError unless the site has each of them once.
    """
    entry = next((index for index, row in enumerate(tree.files) if row.prefix == ENTRY), len(tree.files))
    rows = [*tree.files[:entry], AwaitedFile(_name(places.bundles[-1]), 1, APP_LABEL), *tree.files[entry + 1 :]]
    scripts: list[str] = []
    if places.snapshot:
        made = places.snapshot
        started = {LIBRARY: made.memory, WASM: made.wasm, _name(places.bundles[-1]): made.start}
        rows = [
            row._replace(prefix=_name(started[row.prefix].address)) if row.prefix in started else row for row in rows
        ]
        rows = [row._replace(label=PYTHON) if row.prefix == _name(made.memory.address) else row for row in rows]
        scripts = [address for address in (made.script.address, places.core) if address]
    measured = (row._replace(kilobytes=max(1, round(sizes[_only(row.prefix, sizes)] / 1000))) for row in rows)
    return Manifest(tuple(measured), places.bundles, places.lazy, places.snapshot, tuple(scripts))


def _name(address: str) -> str:
    return address.rpartition("/")[2]


def _only(prefix: str, sizes: Mapping[str, int]) -> str:
    found = [path for path in sizes if path.rpartition("/")[2].startswith(prefix) and f"/{WHOLE}/" not in path]
    if len(found) != 1:
        raise SetupError(f"The manifest counts {prefix}, which the site has {len(found)} times.")
    return found[0]
