"""Build `site/`: the page with its runtime beside it, ready for any static host, under any sub-path.

The tree is a static page that names PyScript and Pyodide by public addresses. The site has relative addresses instead.
It is built in a temporary folder and put in place at the end, so a build that fails leaves the last good site. The
runtime and the modules of app/ have a hash of their contents in their names, so that browsers may keep them for good. A
stamp over all inputs lets a build without changes end at once, offline.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from tools import glue, inline, installed, manifest, precompile, release, runtime, site, snapshot, wasm_halves, wheel
from tools.runtime import ROOT, SetupError

WEB: Final = "web"  # what the browser loads besides Python and the page itself
SCRIPTS: Final = (
    *("web/before-paint.js", "web/announce-scripts.js", site.STATUS, "web/start-pyscript.js"),
    *(site.LOADER, site.LINKER, "sw.js"),
)
PAGE: Final = (*release.PAGES, "web/page.css", *SCRIPTS, site.CONFIG, wheel.RECORDER)
ASSET_SUFFIXES: Final = frozenset({".css", ".html", ".ico", ".js", ".jsonl", ".mjs", ".png", ".svg", ".webmanifest"})
TEXT_SUFFIXES: Final = frozenset({".css", ".html", ".js", ".mjs", ".svg", ".toml", ".webmanifest"})
HASH_LENGTH: Final = 12  # hex digits of a content's hash in a name; such a name always stands for the same content
PYODIDE_FILES: Final = installed.PYODIDE_FILES[:3]  # the others are changed on their way to the site
LIBRARY: Final = "python_stdlib.bundle"
NO_LIBRARY: Final = "nothing.zip"  # Pyodide needs a zip of Python's modules; the loader gives it this one
OFFERED: Final = frozenset({".css", ".py", ".toml"})  # of app/: for the page, and for those who use it as a package
DOWNLOADS: Final = "dist"  # on the site: the package as a wheel
STAMP: Final = "site.json"  # in the cache folder


def page_files(root: Path) -> list[Path]:
    """Return the page's own files, in the root folder, web/ and app/. Raises SetupError if a needed one is missing."""
    missing = [name for name in PAGE if not (root / name).is_file()]
    if missing:
        raise SetupError(f"The page is incomplete: {', '.join(missing)} missing in {root}.")
    top = {root / name for name in PAGE}
    top |= {path for path in (root / WEB).rglob("*") if path.suffix in ASSET_SUFFIXES}
    return sorted(top) + sorted(path for path in (root / "app").rglob("*") if path.suffix in OFFERED)


def inputs(root: Path) -> list[Path]:
    """Return everything the site is made from: the page, the pins and the build itself."""
    pins = [root / name for name in ("package.json", "package-lock.json", "pyproject.toml", installed.SUMS)]
    return [*page_files(root), *pins, *sorted((root / "tools").glob("*.*"))]


def digest(root: Path, paths: Iterable[Path]) -> str:
    """Return one sha256 over the names and the contents of files."""
    total = hashlib.sha256()
    for path in paths:
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        total.update(f"{path.relative_to(root).as_posix()} {content}\n".encode())
    return total.hexdigest()


def sizes(folder: Path) -> dict[str, int]:
    """Return the size in bytes of each file below a folder."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.stat().st_size for path in files}


def is_current(root: Path) -> bool:
    """Return True if site/ was built from the present inputs and still has all its files."""
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
            path.write_text(site.without_comments(text) if source.suffix == ".js" else text, encoding="utf-8")
        else:
            shutil.copyfile(source, path)


def _adapt_page(target: Path, places: site.Places) -> None:
    """Write the site's configuration and manifest. The other files must be there, because the manifest counts them."""
    config = target / site.CONFIG
    text = site.site_config(site.read_config(config.read_text(encoding="utf-8")), places)
    (target / site.SITE_CONFIG).write_text(text, encoding="utf-8")
    config.unlink()
    measured = sizes(target)
    entry = (target / "app" / site.ENTRY).read_text(encoding="utf-8")
    for name in release.PAGES:
        text = site.site_page((target / name).read_text(encoding="utf-8"), places, entry, name)
        if name == release.HOME:
            text = inline.inlined(text, lambda address: (target / address).read_text(encoding="utf-8"))
        text = manifest.insert(text, site.site_manifest(manifest.read(text, name), places, measured), name)
        (target / name).write_text(text, encoding="utf-8")


def _bundle_app(root: Path, target: Path) -> tuple[str, dict[str, str]]:
    """Pack the page's compiled modules into bundles: the start bundle and the lazy bundles.

    Returns their addresses, relative to the page.
    """
    first, lazy = precompile.bundled(root, _start_modules(root), _lazy_files(root))
    addresses = {name: _place_bundle(name, bundle, target) for name, bundle in lazy.items()}
    return _place_bundle("app", first, target), addresses


def _place_snapshot(made: snapshot.Snapshot, folder: str, target: Path) -> manifest.SnapshotFiles:
    """Put the snapshot's bundles into the site; return all files of a start from it.

    `folder`: the runtime's address.
    """
    addresses = {
        "script": f"{folder}pyodide/{glue.NAME}",
        "wasm": f"{folder}pyodide/{wasm_halves.START}",
        "rest": f"{folder}pyodide/{wasm_halves.REST}",
        "memory": _place_bundle("snapshot", made.memory, target),
        "start": _place_bundle("start", made.start, target),
        "library": _place_bundle("library", made.library, target),
    }
    return manifest.SnapshotFiles(**{name: _checked(address, target) for name, address in addresses.items()})


def _checked(address: str, target: Path) -> manifest.File:
    """Return a file of the site with its sums."""
    content = (target / address).read_bytes()
    return manifest.File(address, release.integrity(content), len(content), zlib.crc32(content))


def _place_bundle(name: str, bundle: Path, target: Path) -> str:
    """Copy a bundle into the site under a name with its hash; return its address."""
    named = f"{name}-{hashlib.sha256(bundle.read_bytes()).hexdigest()[:HASH_LENGTH]}.bundle"
    shutil.copyfile(bundle, target / named)
    return f"./{named}"


def _start_modules(root: Path) -> list[str]:
    """Return the modules that the page starts with. Raises SetupError if one is missing."""
    return _check_files(
        root, site.bundled(site.read_config((root / site.CONFIG).read_text(encoding="utf-8"))), site.CONFIG
    )


def _lazy_files(root: Path) -> dict[str, list[str]]:
    """Return the files of each lazy bundle. Raises SetupError if one is missing."""
    groups = site.lazy(site.read_config((root / site.CONFIG).read_text(encoding="utf-8")))
    return {group: _check_files(root, names, site.CONFIG) for group, names in groups.items()}


def _check_files(root: Path, names: list[str], listed_in: str) -> list[str]:
    missing = [name for name in names if not (root / name).is_file()]
    if missing:
        raise SetupError(f"{listed_in} lists {', '.join(missing)}, missing in {root}.")
    return names


def _page_modules(root: Path) -> list[str]:
    """Return the modules that the page runs. app/ has more, for users of the package."""
    lazy = [name for names in _lazy_files(root).values() for name in names if name.endswith(".py")]
    return [*_start_modules(root), *lazy, f"{site.APP}{site.ENTRY}"]


def _copy_runtime(root: Path, numpy: Path, target: Path) -> tuple[str, str, str]:
    """Put PyScript, Pyodide and numpy into a folder of the site that is named by a hash of their contents.

    Returns the addresses of the folder, of the bundle of Python's own modules, and of numpy's bundle.
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
    for source in installed.pyscript_files(packages):
        shutil.copyfile(source, target / source.name)


def _copy_pyodide(root: Path, numpy: Path, target: Path) -> tuple[str, str]:
    """Copy Pyodide and the compiled Python that the page needs; return the bundles' names, Python's own first."""
    target.mkdir(parents=True)
    package = root / "node_modules" / "pyodide"
    for name in PYODIDE_FILES:
        shutil.copyfile(package / name, target / name)
    halves = wasm_halves.made(root, numpy, glue.pruned(root, numpy).exports)
    pruned = glue.pruned(root, numpy, (halves.start, halves.rest))  # they import less than the whole module
    for path in (pruned.script, halves.start, halves.rest):
        shutil.copyfile(path, target / path.name)
    (target / site.WHOLE).mkdir()
    shutil.copyfile(package / glue.NAME, target / site.WHOLE / glue.NAME)
    zipfile.ZipFile(target / NO_LIBRARY, "w").close()
    library = precompile.Archive(package / "python_stdlib.zip", LIBRARY, precompile.LIBRARY)
    name = "-".join(numpy.name.split("-")[:2]) + ".bundle"
    bundle = precompile.Archive(numpy, name, precompile.SITE_PACKAGES)
    imports = precompile.page_imports([root / module for module in _page_modules(root)])
    for archive in precompile.precompiled(root, [library, bundle], imports):
        shutil.copyfile(archive, target / archive.name)
    _copy_licences(numpy, target / "numpy-licences")
    # The lock file lists no packages: the page has all of them in its bundles.
    lock = {**runtime.read_json(package / "pyodide-lock.json"), "packages": {}}
    (target / "pyodide-lock.json").write_text(json.dumps(lock, separators=(",", ":")), encoding="utf-8")
    return library.name, name


def _copy_licences(wheel_file: Path, target: Path) -> None:
    """Copy a wheel's licences. Whoever copies the site needs them; a visitor does not load them."""
    with zipfile.ZipFile(wheel_file) as archive:
        for name in archive.namelist():
            _, found, licence = name.partition(".dist-info/licenses/")
            if found and not name.endswith("/"):
                path = target / licence
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(archive.read(name))


def _found(pattern: str, folder: str, target: Path) -> str:
    """Return the address of a file of the runtime, whose address is `folder`; empty if there is none."""
    return next((f"{folder}{path.relative_to(target / folder)}" for path in (target / folder).glob(pattern)), "")


def lay_out(root: Path, numpy: Path, target: Path) -> None:
    """Write the whole site into an empty folder; `numpy` is its wheel."""
    folder, library, package = _copy_runtime(root, numpy, target)
    first, lazy = _bundle_app(root, target)
    made = snapshot.made(root, (target / library, target / first))
    pyscript = {name: _found(f"pyscript/{part}-*.js", folder, target) for name, part in site.PYSCRIPT_PARTS.items()}
    lazy = {"numpy": package, **lazy}
    places = site.Places(folder, (library, first), lazy, _place_snapshot(made, folder, target), **pyscript)
    _copy_page(root, target, places)
    shutil.copyfile(
        root / wheel.RECORDER, target / Path(wheel.RECORDER).name
    )  # its former address, which others link to
    wheel.write(root, target / DOWNLOADS)
    _adapt_page(target, places)
    release.stamp(target)


def swap(fresh: Path, place: Path, attic: Path) -> None:
    """Put a fresh folder in another's place. The old one moves to `attic`, and comes back if that fails."""
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
    made_from = digest(root, inputs(root))  # before they are read: an edit during the build leads to a new one
    with tempfile.TemporaryDirectory(dir=cache, prefix="site-") as folder:
        fresh = Path(folder) / "new"
        fresh.mkdir()
        lay_out(root, numpy, fresh)
        (cache / STAMP).unlink(missing_ok=True)  # first: a stamp must never outlive its site
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
    for path in page_files(root):  # before anything is fetched: most mistakes are in these files
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
    """Build the site; return the exit code."""
    try:
        build(ROOT)
    except SetupError as error:
        print(f"tools.build: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
