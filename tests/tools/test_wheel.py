"""The wheel: its files, the same bytes each time and from pip, and an installation that works."""

from __future__ import annotations

import base64
import csv
import hashlib
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

from app.figure.svg import animated_svg
from tools import build, modules, wheel
from tools.runtime import ROOT

INFO = f"gradient_flow_viz-{wheel.project(ROOT)['version']}.dist-info"


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return wheel.write(ROOT, tmp_path_factory.mktemp("dist"))


def test_it_holds_the_component_and_the_recorder_and_not_the_page(written: Path) -> None:
    with zipfile.ZipFile(written) as archive:
        names = archive.namelist()
    expected = {f"gradient_flow_viz/{name}" for name in modules.package_files(ROOT / "app")} | {
        "gradient_flow_recorder.py"
    }
    assert {f"gradient_flow_viz/{name}" for name in ("viz.py", "viz.css", "py.typed", "runs/run.py")} <= expected
    assert set(names) == expected | {f"{INFO}/{name}" for name in ("METADATA", "WHEEL", "RECORD")}
    assert len(names) == len(set(names))


def test_its_record_has_the_right_checksums(written: Path) -> None:
    with zipfile.ZipFile(written) as archive:
        rows = list(csv.reader(archive.read(f"{INFO}/RECORD").decode().splitlines()))
        assert [name for name, _, _ in rows] == archive.namelist()
        for name, checksum, size in rows[:-1]:
            content = archive.read(name)
            sha256 = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).decode().rstrip("=")
            assert (checksum, size) == (f"sha256={sha256}", str(len(content)))


def test_it_is_the_same_each_time(written: Path, tmp_path: Path) -> None:
    assert wheel.write(ROOT, tmp_path).read_bytes() == written.read_bytes()


def test_the_site_has_it() -> None:
    there = ROOT / "site" / build.DOWNLOADS / wheel.file_name(ROOT)
    assert there.read_bytes()[:4] == b"PK\x03\x04"
    with zipfile.ZipFile(there) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == wheel.contents(ROOT)


def test_pip_builds_the_same_bytes(written: Path, tmp_path: Path) -> None:
    pip = [sys.executable, "-m", "pip", "wheel", "-q", "--no-index", "--no-deps", "-w", str(tmp_path), str(ROOT)]
    subprocess.run(pip, check=True, cwd=tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [written.name]
    assert (tmp_path / written.name).read_bytes() == written.read_bytes()


def test_an_installation_draws_records_and_has_the_command_line(written: Path, tmp_path: Path) -> None:
    venv.create(tmp_path / "env", with_pip=False, system_site_packages=False)
    python = tmp_path / "env" / "bin" / "python"
    (packages,) = (tmp_path / "env" / "lib").glob("python*/site-packages")
    pip = [sys.executable, "-m", "pip", "install", "-q", "--no-index", "--no-deps", "--target", str(packages)]
    subprocess.run([*pip, str(written)], check=True, cwd=tmp_path)
    import numpy as np  # noqa: PLC0415  # only to see where it is: the dependency, without fetching it once more

    (packages / "numpy.pth").write_text(str(Path(np.__file__).parents[1]))
    code = "from gradient_flow_viz import GradientFlowFigure; print(end=GradientFlowFigure(layers=[3, 2]).to_svg())"
    for command in (["-c", code], ["-m", "gradient_flow_viz", "3-2"]):
        answer = subprocess.run([python, *command], check=True, cwd=tmp_path, capture_output=True)
        assert answer.stdout.decode() == animated_svg([3, 2])
    code = "from gradient_flow_viz.network import Network; print(*Network([3, 2]).layers)"
    assert subprocess.run([python, "-c", code], check=True, cwd=tmp_path, capture_output=True).stdout == b"3 2\n"
    code = (
        "from gradient_flow_recorder import Recorder; Recorder('run.jsonl').write(0, {'fc1': [3.0, 4.0]})\n"
        "from gradient_flow_viz.runs import combine, read\n"
        "print(combine([read('run.jsonl', open('run.jsonl', 'rb').read())])[0].norms)"
    )
    answer = subprocess.run([python, "-c", code], check=True, cwd=tmp_path, capture_output=True)
    assert answer.stdout == b"[[5.]]\n"
