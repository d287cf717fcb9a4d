"""Lays out `site/`: the page with its runtime beside it, ready for any static host, under any sub-path.

The tree itself is a static page that names PyScript and Pyodide by public addresses; here these become
relative ones. The site is built in a temporary folder and put in place at the end, so a build that fails
leaves the last good one. What changes seldom, the runtime and the modules of app/, is named by its contents, so
that a host may let it be kept for good. A stamp over all inputs lets a build with nothing to do end at once, offline.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
import tempfile
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from tools import manifest, precompile, release, runtime, site, wheel
from tools.runtime import ROOT, SetupError

WEB: Final = "web"  # all that the browser loads that is neither Python nor the page itself
SCRIPTS: Final = ("web/before-paint.js", site.STATUS, "web/start-pyscript.js", site.LOADER, "sw.js")
PAGE: Final = ("index.html", "web/page.css", *SCRIPTS, site.CONFIG, wheel.RECORDER)
ASSET_SUFFIXES: Final = frozenset({".css", ".html", ".ico", ".js", ".mjs", ".png", ".svg", ".webmanifest"})
TEXT_SUFFIXES: Final = frozenset({".css", ".html", ".js", ".mjs", ".svg", ".toml", ".webmanifest"})
HASH_LENGTH: Final = 12  # hex digits of a content's hash in a name; such a name never stands for anything else
PYODIDE_FILES: Final = ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm")
LIBRARY: Final = "python_stdlib.bundle"
NO_LIBRARY: Final = "nothing.zip"  # Pyodide will have a zip of Python's modules; the loader says that it is this
OFFERED: Final = frozenset({".css", ".py", ".toml"})  # of app/: for the page, and for those who use it as a package
DOWNLOADS: Final = "dist"  # on the site: the package as a wheel
STAMP: Final = "site.json"  # in the cache folder


def page_files(root: Path) -> list[Path]:
    """The page's own files, in the root folder, web/ and app/; raises SetupError when a needed one is missing."""
    missing = [name for name in PAGE if not (root / name).is_file()]
    if missing:
        raise SetupError(f"The page is incomplete: {', '.join(missing)} missing in {root}.")
    top = {root / name for name in PAGE}
    top |= {path for path in (root / WEB).rglob("*") if path.suffix in ASSET_SUFFIXES}
    return sorted(top) + sorted(path for path in (root / "app").rglob("*") if path.suffix in OFFERED)


def inputs(root: Path) -> list[Path]:
    """Everything the site is made from: the page, the pins and the build itself."""
    pins = [root / "package.json", root / "package-lock.json", root / "pyproject.toml"]
    return [*page_files(root), *pins, *sorted((root / "tools").glob("*.*"))]


def digest(root: Path, paths: Iterable[Path]) -> str:
    """One sha256 over the names and the contents of files."""
    total = hashlib.sha256()
    for path in paths:
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        total.update(f"{path.relative_to(root).as_posix()} {content}\n".encode())
    return total.hexdigest()


def sizes(folder: Path) -> dict[str, int]:
    """Each file below a folder with its size in bytes."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.stat().st_size for path in files}


def is_current(root: Path) -> bool:
    """Whether site/ was built from the inputs as they are now, and still has all its files."""
    stamp = root / ".cache" / STAMP
    try:
        known = json.loads(stamp.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return False
    return bool(known == {"inputs": digest(root, inputs(root)), "site": sizes(root / "site")})


def _copy_page(root: Path, target: Path, places: site.Places) -> None:
    for source in page_files(root):
        path = target / source.relative_to(root)
        path.parent.mkdir(parents=True, exist_ok=True)
        if source.suffix in TEXT_SUFFIXES:
            text = site.localise(source.read_text(encoding="utf-8"), source.relative_to(root).as_posix(), places)
            path.write_text(text, encoding="utf-8")
        else:
            shutil.copyfile(source, path)


def _adapt_page(target: Path, places: site.Places) -> None:
    """Write the site's configuration and manifest. The other files must be there, because the manifest counts them."""
    config, page = target / site.CONFIG, target / "index.html"
    text = site.site_config(site.read_config(config.read_text(encoding="utf-8")), places)
    (target / site.SITE_CONFIG).write_text(text, encoding="utf-8")
    config.unlink()
    text = site.site_page(page.read_text(encoding="utf-8"), places)
    text = manifest.insert(text, site.site_manifest(manifest.read(text), places, sizes(target)))
    page.write_text(text, encoding="utf-8")


def _bundle_app(root: Path, target: Path) -> tuple[str, dict[str, str]]:
    """Packs the page's modules, compiled, into files of the site: those it starts with, and the groups it brings late.

    Returns their addresses, relative to the page.
    """
    first, late = precompile.bundled(root, _brought_in(root), _brought_late(root))
    groups = {group: _place_bundle(group, bundle, target) for group, bundle in late.items()}
    return _place_bundle("app", first, target), groups


def _place_bundle(name: str, bundle: Path, target: Path) -> str:
    named = f"{name}-{hashlib.sha256(bundle.read_bytes()).hexdigest()[:HASH_LENGTH]}.bundle"
    shutil.copyfile(bundle, target / named)
    return f"./{named}"


def _brought_in(root: Path) -> list[str]:
    """The modules that the configuration brings in; raises SetupError when one is missing."""
    return _there(root, site.bundled(site.read_config((root / site.CONFIG).read_text(encoding="utf-8"))), site.CONFIG)


def _brought_late(root: Path) -> dict[str, list[str]]:
    """What the page brings when it is asked for, by group; raises SetupError when something of it is missing."""
    groups = site.lazy(site.read_config((root / site.CONFIG).read_text(encoding="utf-8")))
    return {group: _there(root, names, site.CONFIG) for group, names in groups.items()}


def _there(root: Path, names: list[str], listed_in: str) -> list[str]:
    missing = [name for name in names if not (root / name).is_file()]
    if missing:
        raise SetupError(f"{listed_in} brings in {', '.join(missing)}, missing in {root}.")
    return names


def _page_modules(root: Path) -> list[str]:
    """The modules that the page runs; in app/ there are others, for those who use it as a package."""
    late = [name for names in _brought_late(root).values() for name in names if name.endswith(".py")]
    return [*_brought_in(root), *late, f"{site.APP}{site.ENTRY}"]


def _copy_runtime(root: Path, numpy: Path, target: Path) -> tuple[str, str, str]:
    """Puts PyScript, Pyodide and numpy into a folder of the site that is named by their contents.

    Returns the folder's address and those of the bundles in it, Python's own modules and numpy.
    """
    fresh = target / "runtime" / "new"
    _copy_pyscript(root / "node_modules", fresh / "pyscript")
    bundles = _copy_pyodide(root, numpy, fresh / "pyodide")
    name = digest(fresh, sorted(path for path in fresh.rglob("*") if path.is_file()))[:HASH_LENGTH]
    fresh.rename(fresh.with_name(name))
    library, package = (f"./runtime/{name}/pyodide/{bundle}" for bundle in bundles)
    return f"./runtime/{name}/", library, package


def _copy_pyscript(packages: Path, target: Path) -> None:
    target.mkdir(parents=True)
    package = packages / "@pyscript" / "core"
    for source in [*sorted((package / "dist").iterdir()), package / "LICENSE"]:
        if source.suffix != ".map":
            shutil.copyfile(source, target / source.name)


def _copy_pyodide(root: Path, numpy: Path, target: Path) -> tuple[str, str]:
    """Pyodide with the Python that the page needs, compiled; returns the names of the bundles, Python's own first."""
    target.mkdir(parents=True)
    package = root / "node_modules" / "pyodide"
    for name in PYODIDE_FILES:
        shutil.copyfile(package / name, target / name)
    zipfile.ZipFile(target / NO_LIBRARY, "w").close()
    library = precompile.Archive(package / "python_stdlib.zip", LIBRARY, precompile.LIBRARY)
    name = "-".join(numpy.name.split("-")[:2]) + ".bundle"
    bundle = precompile.Archive(numpy, name, precompile.SITE_PACKAGES)
    imports = precompile.page_imports([root / module for module in _page_modules(root)])
    for archive in precompile.precompiled(root, [library, bundle], imports):
        shutil.copyfile(archive, target / archive.name)
    _copy_licences(numpy, target / "numpy-licences")
    # Without packages to load: the page has all of them in its bundles.
    lock = {**runtime.read_json(package / "pyodide-lock.json"), "packages": {}}
    (target / "pyodide-lock.json").write_text(json.dumps(lock, separators=(",", ":")), encoding="utf-8")
    return library.name, name


def _copy_licences(wheel_file: Path, target: Path) -> None:
    """A wheel's licences, which are owed to whoever copies the site, but not on the wire to each of its visitors."""
    with zipfile.ZipFile(wheel_file) as archive:
        for name in archive.namelist():
            _, found, licence = name.partition(".dist-info/licenses/")
            if found and not name.endswith("/"):
                path = target / licence
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(archive.read(name))


def lay_out(root: Path, numpy: Path, target: Path) -> None:
    """Writes the whole site into an empty folder; `numpy` is its wheel."""
    folder, library, package = _copy_runtime(root, numpy, target)
    first, late = _bundle_app(root, target)
    places = site.Places(folder, (library, first), {"numpy": package, **late})
    _copy_page(root, target, places)
    shutil.copyfile(root / wheel.RECORDER, target / Path(wheel.RECORDER).name)  # its former address, in links of others
    wheel.write(root, target / DOWNLOADS)
    _adapt_page(target, places)
    release.stamp(target)


def swap(fresh: Path, place: Path, attic: Path) -> None:
    """Puts a fresh folder in another's place; the old one goes to the attic, or comes back if that fails."""
    if not place.exists():
        fresh.rename(place)
        return
    place.rename(attic)
    try:
        fresh.rename(place)
    except OSError:
        attic.rename(place)
        raise


def _rebuild(root: Path) -> None:
    runtime.ensure_npm_packages(root)
    numpy = runtime.ensure_numpy_wheel(root)
    cache = runtime.cache_folder(root)
    made_from = digest(root, inputs(root))  # before they are read: an edit meanwhile leads to a new build
    with tempfile.TemporaryDirectory(dir=cache, prefix="site-") as folder:
        fresh = Path(folder) / "new"
        fresh.mkdir()
        lay_out(root, numpy, fresh)
        (cache / STAMP).unlink(missing_ok=True)  # first: a stamp must never outlive the site it is about
        swap(fresh, root / "site", Path(folder) / "old")
    stamp = {"inputs": made_from, "site": sizes(root / "site")}
    (cache / STAMP).write_text(json.dumps(stamp), encoding="utf-8")


def build(root: Path) -> bool:
    """Bring site/ up to date. Returns True if there was something to do. Raises SetupError."""
    try:
        with runtime.only_one(root):
            return _build(root)
    except runtime.ReadOnlyError:
        if is_current(root):
            return False
        raise


def _build(root: Path) -> bool:
    runtime.check_pins(runtime.read_json(root / "package-lock.json"))
    for path in page_files(root):  # before anything is fetched: the likeliest mistakes are in these
        if path.suffix in TEXT_SUFFIXES:
            site.localise(path.read_text(encoding="utf-8"), path.relative_to(root).as_posix(), site.Places())
    if is_current(root):
        return False
    try:
        _rebuild(root)
    except OSError as error:
        raise SetupError(f"site/ could not be laid out: {error}.") from None
    return True


def main() -> int:
    """Builds; the process's exit code."""
    try:
        build(ROOT)
    except SetupError as error:
        print(f"tools.build: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
