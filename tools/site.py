"""The page's own files as they stand on the built site: local addresses, bundles, JSON, what is announced, sizes.

Texts in, texts out; what reads and writes files is tools/build.py.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from tools import runtime
from tools.runtime import SetupError

FOREIGN: Final = ("https://pyscript.net", "cdn.jsdelivr.net")  # must not be left in the site's own files
PUBLIC_HOSTS: Final = " https://pyscript.net https://cdn.jsdelivr.net"  # as the page's policy allows them
CONFIG: Final = "pyscript.toml"  # in the tree; TOML would cost each visitor a parser …
SITE_CONFIG: Final = "pyscript.json"  # … so this is it on the site
STATUS: Final = "web/loading-status.js"
STARTER: Final = "web/pyodide-loader.js"
BUNDLES: Final = "const BUNDLES = [];"  # in the starter …
LATE_BUNDLES: Final = "const LATE = {};"  # … and the lazy ones
APP: Final = "./app/"
FILES_TABLE: Final = re.compile(r"(?<=  const FILES = \[\n).*?(?=  \];\n)", re.DOTALL)
FILES_ROW: Final = re.compile(r'^ *\["([^"]+)", \d+, "([^"]+)"\],$', re.MULTILINE)
ENTRY: Final = "main.py"  # the page's own code in the tree's table of files; on the site most of that is the bundle


@dataclass(frozen=True)
class Places:
    """Where the built site has its runtime and the page's modules, relative to the page."""

    runtime: str = "./runtime/"
    bundles: tuple[str, ...] = ()  # Python's own modules, and the page's own: the last
    late: Mapping[str, str] = field(default_factory=dict)  # numpy, and each lazy bundle

    @property
    def local(self) -> dict[str, str]:
        """What stands for each public address in the page itself."""
        return {
            runtime.PYSCRIPT_ADDRESS: f"{self.runtime}pyscript/",
            runtime.PYODIDE_ADDRESS: f"{self.runtime}pyodide/",
        }

    def local_in(self, name: str) -> dict[str, str]:
        """What stands for each in a file, by its path from the page: a script's imports begin in its own folder."""
        up = "../" * name.count("/")
        return {address: f"{up or './'}{local.removeprefix('./')}" for address, local in self.local.items()}


def localise(text: str, name: str, places: Places) -> str:
    """The text with public addresses replaced by local ones; raises SetupError if one is left in it."""
    text = text.replace(PUBLIC_HOSTS, "")
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


def read_config(text: str) -> dict[str, Any]:
    """The tree's configuration; raises SetupError when it is not TOML."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SetupError(f"{CONFIG} is not valid TOML: {error}.") from None


def bundled(config: Mapping[str, Any]) -> list[str]:
    """The files in app/ that the configuration brings in, `app/figure/wave.py`."""
    return [source.removeprefix("./") for source in config.get("files", {}) if source.startswith(APP)]


def lazy(config: Mapping[str, Any]) -> dict[str, list[str]]:
    """The files in app/ that the page brings when asked for, by lazy bundle: `app/network/mlp.py`."""
    return {bundle: [f"app/{name}" for name in names] for bundle, names in config.get("lazy", {}).items()}


def site_config(config: Mapping[str, Any], places: Places) -> str:
    """The configuration as JSON, with local addresses, and without what the bundles bring: packages, and app/."""
    others = {source: to for source, to in config.get("files", {}).items() if not source.startswith(APP)}
    whole = {name: value for name, value in {**config, "files": others}.items() if name not in {"packages", "lazy"}}
    return localise(json.dumps(whole, ensure_ascii=False, indent=1), CONFIG, places)


def site_starter(starter: str, places: Places) -> str:
    """web/pyodide-loader.js with the bundles' addresses. Raises SetupError where it has no place for them."""
    told = {BUNDLES: f"const BUNDLES = {json.dumps(list(places.bundles))};"}
    told[LATE_BUNDLES] = f"const LATE = {json.dumps(dict(places.late))};"
    for line, text in told.items():
        if starter.count(line) != 1:
            raise SetupError(f"{STARTER} must have one line that reads {line}, found {starter.count(line)}.")
        starter = starter.replace(line, text)
    return starter


def site_page(page: str, places: Places) -> str:
    """index.html with its configuration's new name, and in its head an announcement of what starts Python.

    That then asks for all the big files at once by itself. Announcing those here would delay the first picture, and
    Chromium does not keep the compiled code of a .wasm that was. Raises SetupError without a head.
    """
    if "</head>" not in page:
        raise SetupError("index.html has no </head>, which the build puts announcements in front of.")
    announced = (f"./{STARTER}", f"{places.runtime}pyodide/pyodide.mjs")
    links = "".join(f'<link rel="modulepreload" href="{address}">\n' for address in announced)
    return page.replace(f'config="{CONFIG}"', f'config="{SITE_CONFIG}"').replace("</head>", f"{links}</head>", 1)


def site_loader(boot: str, places: Places, sizes: Mapping[str, int]) -> str:
    """web/loading-status.js with its table of files as the site has them. Raises SetupError where it has none."""
    rows = [row for table in FILES_TABLE.findall(boot) for row in FILES_ROW.findall(table)]
    if not rows:
        raise SetupError("web/loading-status.js has no table FILES that the build can read.")
    named = [(_only(name, sizes), name, label) for name, label in rows]
    bundle = places.bundles[-1].removeprefix("./")
    at = next((index for index, row in enumerate(named) if row[1] == ENTRY), len(named))
    named.insert(at, (bundle, bundle, "the page’s own code"))
    table = "".join(f'    ["{name}", {max(1, round(sizes[file] / 1000))}, "{label}"],\n' for file, name, label in named)
    return FILES_TABLE.sub(lambda _match: table, boot, count=1)


def _only(name: str, sizes: Mapping[str, int]) -> str:
    found = [file for file in sizes if file.rpartition("/")[2].startswith(name)]
    if len(found) != 1:
        raise SetupError(f"web/loading-status.js counts {name}, which the site has {len(found)} times.")
    return found[0]
