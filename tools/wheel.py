"""Packs the component as a wheel: for pip, of which this is the build backend, and for the site, which offers it.

One writer for both, of the standard library alone: laying out the site needs no package index, and what pip builds is
what the site has, byte for byte. In it is all of app/ that is not the page's alone, and the recorder. PEP 427 defines
wheels, PEP 517 build backends.
"""

from __future__ import annotations

import base64
import hashlib
import tomllib
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from tools import modules

ROOT: Final = Path(__file__).resolve().parent.parent
PACKAGE: Final = "gradient_flow_viz"
RECORDER: Final = "recorder/gradient_flow_recorder.py"  # its own module: it is used where nothing else is installed
WHEEL: Final = "Wheel-Version: 1.0\nGenerator: gradient-flow-viz\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


class UnsupportedOperation(Exception):  # noqa: N818  # the name is the PEP's
    """What a backend raises for a hook that it has no use for (PEP 517)."""


def project(root: Path) -> dict[str, Any]:
    """What pyproject.toml says of the project."""
    told: dict[str, Any] = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return told


def file_name(root: Path) -> str:
    """The wheel's name."""
    return f"{PACKAGE}-{project(root)['version']}-py3-none-any.whl"


def contents(root: Path) -> dict[str, bytes]:
    """The wheel's files by their names in it, in their order."""
    told = project(root)
    info = f"{PACKAGE}-{told['version']}.dist-info"
    files = {f"{PACKAGE}/{name}": (root / "app" / name).read_bytes() for name in modules.package_files(root / "app")}
    files[RECORDER.rpartition("/")[2]] = (root / RECORDER).read_bytes()
    files |= {f"{info}/METADATA": _metadata(told).encode(), f"{info}/WHEEL": WHEEL.encode()}
    record = [f"{name},{_checksum(content)},{len(content)}" for name, content in files.items()]
    files[f"{info}/RECORD"] = "\n".join([*record, f"{info}/RECORD,,", ""]).encode()
    return files


def _metadata(told: Mapping[str, Any]) -> str:
    lines = (
        "Metadata-Version: 2.1",
        f"Name: {told['name']}",
        f"Version: {told['version']}",
        f"Summary: {told['description']}",
        f"Requires-Python: {told['requires-python']}",
        *(f"Requires-Dist: {dependency}" for dependency in told["dependencies"]),
    )
    return "\n".join((*lines, ""))


def _checksum(content: bytes) -> str:
    return "sha256=" + base64.urlsafe_b64encode(hashlib.sha256(content).digest()).decode().rstrip("=")


def write(root: Path, folder: Path) -> Path:
    """Writes the wheel into a folder; the same sources give the same bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / file_name(root)
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in contents(root).items():
            entry = zipfile.ZipInfo(name)  # of 1980, whenever it is made
            entry.compress_type, entry.create_system, entry.external_attr = zipfile.ZIP_DEFLATED, 3, 0o644 << 16
            archive.writestr(entry, content, compresslevel=9)
    return target


def build_wheel(wheel_directory: str, config_settings: object = None, metadata_directory: str | None = None) -> str:
    """PEP 517's hook: writes the wheel into a folder; its name."""
    return write(ROOT, Path(wheel_directory)).name


def build_sdist(sdist_directory: str, config_settings: object = None) -> str:
    """PEP 517's hook for an archive of the sources, which the repository itself is. Raises UnsupportedOperation."""
    raise UnsupportedOperation("gradient-flow-viz: there is no sdist, only the wheel; pip installs from the repository")
