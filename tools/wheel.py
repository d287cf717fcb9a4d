"""Write the component as a wheel: this is pip's build backend, and the site offers the wheel for download.

One writer serves both and uses only the standard library. So the build needs no package index, and pip builds the same
bytes that the site has. The wheel holds the recorder and all of app/ except what only the page uses. PEP 427 defines
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
RECORDER: Final = "recorder/gradient_flow_recorder.py"  # a separate module, which people use without the package
WHEEL: Final = "Wheel-Version: 1.0\nGenerator: gradient-flow-viz\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


class UnsupportedOperation(Exception):  # noqa: N818  # the name is the PEP's
    """Raised for a hook that the backend does not support (PEP 517)."""


def project(root: Path) -> dict[str, Any]:
    """Return the `project` table of pyproject.toml."""
    table: dict[str, Any] = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return table


def file_name(root: Path) -> str:
    """Return the wheel's file name."""
    return f"{PACKAGE}-{project(root)['version']}-py3-none-any.whl"


def contents(root: Path) -> dict[str, bytes]:
    """Return the wheel's files by name, in order."""
    metadata = project(root)
    info = f"{PACKAGE}-{metadata['version']}.dist-info"
    files = {f"{PACKAGE}/{name}": (root / "app" / name).read_bytes() for name in modules.package_files(root / "app")}
    files[RECORDER.rpartition("/")[2]] = (root / RECORDER).read_bytes()
    files |= {f"{info}/METADATA": _metadata(metadata).encode(), f"{info}/WHEEL": WHEEL.encode()}
    record = [f"{name},{_checksum(content)},{len(content)}" for name, content in files.items()]
    files[f"{info}/RECORD"] = "\n".join([*record, f"{info}/RECORD,,", ""]).encode()
    return files


def _metadata(table: Mapping[str, Any]) -> str:
    lines = (
        "Metadata-Version: 2.1",
        f"Name: {table['name']}",
        f"Version: {table['version']}",
        f"Summary: {table['description']}",
        f"Requires-Python: {table['requires-python']}",
        *(f"Requires-Dist: {dependency}" for dependency in table["dependencies"]),
    )
    return "\n".join((*lines, ""))


def _checksum(content: bytes) -> str:
    return "sha256=" + base64.urlsafe_b64encode(hashlib.sha256(content).digest()).decode().rstrip("=")


def write(root: Path, folder: Path) -> Path:
    """Write the wheel into a folder; the same sources give the same bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / file_name(root)
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in contents(root).items():
            entry = zipfile.ZipInfo(name)  # always dated 1980
            entry.compress_type, entry.create_system, entry.external_attr = zipfile.ZIP_DEFLATED, 3, 0o644 << 16
            archive.writestr(entry, content, compresslevel=9)
    return target


def build_wheel(wheel_directory: str, config_settings: object = None, metadata_directory: str | None = None) -> str:
    """Write the wheel into a folder and return its name: PEP 517's hook."""
    return write(ROOT, Path(wheel_directory)).name


def build_sdist(sdist_directory: str, config_settings: object = None) -> str:
    """Raise UnsupportedOperation: PEP 517's hook for an archive of the sources."""
    raise UnsupportedOperation("gradient-flow-viz: there is no sdist, only the wheel; pip installs from the repository")
