"""Emscripten's glue without what the page cannot reach: a quarter of the size, which each visit has to parse.

tools/glue.mjs decides what can be reached, from the imports of the WebAssembly modules (Pyodide's and numpy's) and the
words of the scripts and Python sources that use the glue. The page's own Python uses Pyodide only by its public names.
"""

from __future__ import annotations

import hashlib
import json
import re
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tools import installed, runtime

SCRIPT: Final = Path(__file__).resolve().parent / "glue.mjs"
NAME: Final = "pyodide.asm.mjs"  # Pyodide leaves out its own lines from a traceback by this name
EXPORTS: Final = "exports.json"
SUM: Final = "sum.txt"  # beside them in the cache: of the glue
WORD: Final = re.compile(r"[A-Za-z_$][\w$]*")
PROPERTY: Final = re.compile(r"""\bModule(?:\.|\[")([A-Za-z_$][\w$]*)""")  # of Module, in the glue
PYSCRIPTS: Final = re.compile(r"_module(?:\.\w+|:\{[^}]*\})")  # PyScript's uses of Module
PYODIDES_PYTHON: Final = ("_pyodide/", "pyodide/", "pyodide_js/")  # in the zip of Python's standard library


@dataclass(frozen=True)
class Glue:
    """The pruned script, and the exports of Pyodide's WebAssembly module that it reads."""

    script: Path
    exports: tuple[str, ...]


@dataclass(frozen=True)
class _Job:
    """The inputs of a pruned glue."""

    root: Path
    numpy: Path
    engine: tuple[Path, ...]
    words: list[str]

    def key(self) -> str:
        """Return a name for all inputs together."""
        total = hashlib.sha256(",".join(self.words).encode())
        packages = self.root / "node_modules"
        tools = (packages / name for name in installed.BUILD_TOOLS)
        for path in (packages / "pyodide" / NAME, *self.engine, self.numpy, SCRIPT, *tools):
            total.update(hashlib.sha256(path.read_bytes()).digest())
        return total.hexdigest()[:32]

    def make(self, made: Path) -> None:
        """Run tools/glue.mjs; put what it writes into the folder `made`."""
        packages = self.root / "node_modules"
        made.parent.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(dir=made.parent, prefix="partial-") as folder:
            partial = Path(folder) / "glue"
            partial.mkdir()
            job: dict[str, Any] = {
                "packages": str(packages),
                "glue": str(packages / "pyodide" / NAME),
                "modules": [*map(str, self.engine), *_side_modules(self.numpy, Path(folder))],
                "words": self.words,
                "target": str(partial / NAME),
                "exports": str(partial / EXPORTS),
            }
            runtime.run(["node", str(SCRIPT), json.dumps(job)], "Pruning Pyodide's script", self.root)
            (partial / SUM).write_text(_sum(partial), encoding="utf-8")
            partial.rename(made)


def pruned(root: Path, numpy: Path, engine: Sequence[Path] = ()) -> Glue:
    """Return the pruned glue, from the cache if it has it. Raises SetupError.

    `numpy` is its wheel, `engine` the WebAssembly modules that take the place of Pyodide's.
    """
    pyodide = root / "node_modules" / "pyodide"
    job = _Job(root, numpy, tuple(engine) or (pyodide / "pyodide.asm.wasm",), _used_properties(root, pyodide))
    made = runtime.cache_folder(root) / "glue" / job.key()
    if not _is_whole(made):
        print("Leaving out the parts of Pyodide's script that the page does not reach …", flush=True)
        job.make(made)
    return Glue(made / NAME, tuple(json.loads((made / EXPORTS).read_text(encoding="utf-8"))))


def _used_properties(root: Path, pyodide: Path) -> list[str]:
    """Return the properties of the glue's Module that are words of the scripts and of Pyodide's Python."""
    try:
        words = {word for text in _users(root, pyodide) for word in WORD.findall(text)}
        return sorted(words & set(PROPERTY.findall((pyodide / NAME).read_text(encoding="utf-8"))))
    except (OSError, zipfile.BadZipFile) as error:
        raise runtime.SetupError(f"The scripts around Pyodide can't be read: {error}.") from None


def _users(root: Path, pyodide: Path) -> Iterator[str]:
    for path in (pyodide / "pyodide.mjs", *sorted((root / "web").glob("*.js"))):
        yield path.read_text(encoding="utf-8")
    for path in installed.pyscript_files(root / "node_modules"):
        if path.name.startswith("core-"):
            yield from PYSCRIPTS.findall(path.read_text(encoding="utf-8"))
    with zipfile.ZipFile(pyodide / "python_stdlib.zip") as library:
        for name in library.namelist():
            if name.startswith(PYODIDES_PYTHON) and name.endswith(".py"):
                yield library.read(name).decode()


def _side_modules(numpy: Path, folder: Path) -> list[str]:
    """Write the WebAssembly modules of a wheel into a folder and return their paths."""
    with zipfile.ZipFile(numpy) as wheel:
        return [wheel.extract(name, folder) for name in wheel.namelist() if name.endswith(".so")]


def _sum(made: Path) -> str:
    return hashlib.sha256(b"".join((made / name).read_bytes() for name in (NAME, EXPORTS))).hexdigest()


def _is_whole(made: Path) -> bool:
    """Return True if a folder has what was made: a full disk or a killed build may leave something else."""
    try:
        return (made / SUM).read_text(encoding="utf-8") == _sum(made)
    except OSError:
        return False
