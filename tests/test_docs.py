"""The documentation: its links lead somewhere, its tree is the real one, it names all that is public, its code runs."""

from __future__ import annotations

import ast
import re
import shlex
import subprocess
import sys
from collections.abc import Iterable
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import gradient_flow_recorder
import pytest

from app import _HOMES as EXPORTS
from app import __main__ as command_line
from app.network.config import COMPUTED_FIELDS
from app.network.config import PARAMETER_NAMES as COMPUTED_PARAMETERS
from app.network.metrics import MEASURES
from app.runs import check, combine
from app.runs import read as read_log
from app.runs.layer_order import AS_LOGGED, FROM_NAMES
from app.view import messages, settings
from tests import test_imports
from tools import runtime
from tools.runtime import ROOT

DOCS = ROOT / "docs"
FILES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")),
    *sorted(DOCS.glob("*.md")),
    *sorted((ROOT / ".github").rglob("*.md")),
]
LINK = re.compile(r"\]\(([^)\s]+)\)")
FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
PACKAGE = "gradient_flow_viz"
BROWSER_ONLY = ("GradientFlowViz", "BackpropFlow", "GradientDecayExplorer", "micropip")


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def anchors(path: Path) -> set[str]:
    """The ids that GitHub gives to the headings of a file."""
    headings = re.findall(r"^#+ (.+)$", FENCED.sub("", read(path)), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def links(path: Path) -> list[str]:
    """The links of a file that lead to another place of the repository."""
    return [link for link in LINK.findall(FENCED.sub("", read(path))) if "://" not in link]


def python_blocks(name: str) -> list[str]:
    """The Python programs of a page, without those for a browser."""
    programs = [code for language, code in FENCED.findall(read(DOCS / name)) if language == "python"]
    return [code for code in programs if not any(word in code for word in BROWSER_ONLY)]


def run(code: str, folder: Path) -> str:
    """Run a program that imports the package by its own name; returns its print."""
    head = f"import sys; sys.path[:0] = [{str(ROOT)!r}, {str(ROOT / 'recorder')!r}]\n"
    head += "import app; sys.modules['gradient_flow_viz'] = app\n"
    answer = subprocess.run(
        [sys.executable, "-c", head + code], cwd=folder, capture_output=True, text=True, check=False, encoding="utf-8"
    )
    assert answer.returncode == 0, answer.stderr
    return answer.stdout


def test_the_readme_has_at_most_150_lines() -> None:
    assert len(read(ROOT / "README.md").splitlines()) <= 150


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_each_link_leads_to_a_file_and_a_heading(path: Path) -> None:
    for link in links(path):
        file, _, anchor = link.partition("#")
        target = (path.parent / file).resolve() if file else path
        assert target.exists(), f"{link}: there is no such file"
        if anchor:
            assert anchor in anchors(target), f"{link}: there is no such heading"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_each_path_and_module_that_is_named_is_there(path: Path) -> None:
    code = re.findall(r"`([^`\s]+)`", FENCED.sub("", read(path)))
    top = {file.parts[0] for file in committed() if len(file.parts) > 1}
    paths = [name for name in code if name.partition("/")[0] in top and "/" in name]
    assert [name for name in paths if not (ROOT / name).exists()] == []
    modules = {name for name in code if re.fullmatch(rf"{PACKAGE}(\.\w+)+", name)}
    assert [name for name in sorted(modules) if not is_importable(name)] == []


def is_importable(name: str) -> bool:
    """True if `gradient_flow_viz.x` is a module, or something in one."""
    parent, _, attribute = name.replace(PACKAGE, "app", 1).rpartition(".")
    found = import_module(parent)
    return hasattr(found, attribute) or (hasattr(found, "__path__") and find_spec(f"{parent}.{attribute}") is not None)


def test_each_page_is_linked_from_the_readme() -> None:
    linked = {(ROOT / link.partition("#")[0]).resolve() for link in links(ROOT / "README.md")}
    assert {path.resolve() for path in DOCS.iterdir() if path.suffix in {".md", ".png"}} <= linked


def test_each_picture_is_smaller_than_250_kb() -> None:
    sizes = {path.name: path.stat().st_size for path in DOCS.glob("*.png")}
    assert sizes
    assert {name: size for name, size in sizes.items() if size >= 250_000} == {}


def tree() -> set[str]:
    """The paths in the tree of architecture.md; a folder ends in a slash."""
    (listed,) = re.findall(r"^## The tree\n\n((?: {4}.*\n)+)", read(DOCS / "architecture.md"), re.MULTILINE)
    paths: list[str] = []
    folders: list[str] = []
    for line in listed.splitlines():
        name, depth = line.split()[0], (len(line) - len(line.lstrip()) - 4) // 2
        del folders[depth:]
        paths.append("".join([*folders, name]))
        if name.endswith("/"):
            folders.append(name)
    return set(paths)


def committed() -> list[Path]:
    """The files that git knows, but for those in hidden folders."""
    answer = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    files = [Path(name) for name in answer.stdout.split("\0") if name and (ROOT / name).exists()]
    return [file for file in files if not file.parts[0].startswith(".")]


def folders() -> set[str]:
    """Their folders, each with a slash at its end."""
    return {f"{parent.as_posix()}/" for file in committed() for parent in file.parents if parent != Path()}


def is_mirror(folder: str) -> bool:
    """True if a folder of tests mirrors one of the code, so that the tree need not name it."""
    mirrored = folder.removeprefix("tests/")
    return folder != mirrored and ((ROOT / "app" / mirrored).is_dir() or (ROOT / mirrored).is_dir())


def test_the_tree_names_each_folder_and_nothing_that_is_not_there() -> None:
    named = {path for path in tree() if path.endswith("/")}
    assert {folder for folder in folders() - named if not is_mirror(folder)} == set()
    assert {path for path in tree() if not (ROOT / path).exists()} == set()


def test_the_tree_names_each_file_at_the_top_but_the_documents() -> None:
    there = {file.name for file in committed() if len(file.parts) == 1 and file.suffix != ".md"}
    assert there - {"LICENSE"} == {path for path in tree() if "/" not in path}


def test_the_top_has_at_most_22_entries() -> None:
    assert len({file.parts[0] for file in committed()}) <= 22


def test_each_folder_of_code_is_in_the_contributing_guide() -> None:
    code = {folder for folder in folders() if folder.count("/") == 1 and folder != "requirements/"}
    packages = {folder for folder in folders() if re.fullmatch(r"app/\w+/", folder) and folder != "app/former/"}
    text = read(ROOT / "CONTRIBUTING.md")
    assert {folder for folder in code | packages if f"| `{folder}` |" not in text} == set()


def test_the_table_of_imports_is_the_one_that_is_checked() -> None:
    rows = re.findall(r"^\| (`.*?) \| (.+) \|$", read(DOCS / "architecture.md").partition("## How")[0], re.MULTILINE)
    described = {
        name: set(re.findall(r"`(\w+)`", imports)) for names, imports in rows for name in names.split("`")[1::2]
    }
    checked = {name: imports - {""} for name, imports in test_imports.TABLE.items() if name}
    assert described == checked


def test_the_pinned_runtime_is_named() -> None:
    numpy = runtime.read_json(ROOT / "node_modules" / "pyodide" / "pyodide-lock.json")["packages"]["numpy"]["version"]
    text = read(DOCS / "architecture.md")
    assert f"PyScript {runtime.PYSCRIPT_RELEASE} (`@pyscript/core` {runtime.PYSCRIPT_VERSION})" in text
    assert f"Pyodide {runtime.PYODIDE_VERSION} " in text
    assert f"numpy {numpy}." in text


def test_github_pages_serves_the_tree_with_its_underscores() -> None:
    assert [file for file in committed() if file.name.startswith("_")]
    assert (ROOT / ".nojekyll").is_file(), "Jekyll would leave out each file whose name begins with an underscore"


def unnamed(names: Iterable[str], page: str) -> set[str]:
    """The names that a page does not have as code."""
    code = set(re.findall(r"`([^`]+)`", FENCED.sub("", read(DOCS / page))))
    return {name for name in names if name not in code and f"--{name}" not in code}


def test_each_address_parameter_is_described() -> None:
    fields = [field.name for field in settings.FIELDS]
    assert (
        unnamed([*fields, *settings.LOOK_PARAMETERS, *settings.RECORDED_PARAMETERS, *COMPUTED_PARAMETERS], "page.md")
        == set()
    )


def test_the_defaults_of_the_address_parameters_are_those_of_the_code() -> None:
    rows = re.findall(r"^\| `(\w+)` \|.*\| (.+?) \|$", read(DOCS / "page.md"), re.MULTILINE)
    described = {name: default.strip("`").replace("\\|", "|") for name, default in rows}
    worded = {"gradients", "names"}  # what the page says instead of a text
    defaults = {field.name: field.write(field.default) for field in settings.FIELDS if field.name not in worded}
    defaults |= {field.name: field.write(field.default) or "none" for field in COMPUTED_FIELDS}
    assert {name: described.get(name) for name in defaults} == defaults


def test_each_choice_of_a_computed_view_is_described() -> None:
    choices = [choice for field in COMPUTED_FIELDS for choice, _ in field.choices]
    assert unnamed([*choices, *settings.SOURCES, *settings.THEMES], "page.md") == set()


def test_each_series_is_described() -> None:
    assert unnamed(MEASURES, "python-api.md") == set()


def test_each_field_of_a_message_and_each_part_to_hide_is_described() -> None:
    assert unnamed([*messages.FIELD_CHECKS, *settings.HIDEABLE], "embedding.md") == set()


def test_each_command_line_option_is_described() -> None:
    text = read(DOCS / "command-line.md")
    parsers = (command_line._parser(), check._parser())
    options = [option for parser in parsers for action in parser._actions for option in action.option_strings]
    assert {option for option in options if not re.search(rf"`{option}[` ]", text)} == set()


def test_the_commands_that_are_shown_write_a_figure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    commands = re.findall(rf"^    python -m {PACKAGE} (\d.+)$", read(DOCS / "command-line.md"), re.MULTILINE)
    assert len(commands) == 2
    for command in commands:
        (tmp_path / "wave.svg").unlink(missing_ok=True)
        assert command_line.main(shlex.split(command)) == 0
        assert (tmp_path / "wave.svg").read_text(encoding="utf-8").startswith("<svg")


def test_each_exported_name_is_described() -> None:
    assert unnamed(EXPORTS, "python-api.md") == set()
    recording = read(DOCS / "recording.md")
    assert {name for name in gradient_flow_recorder.__all__ if name not in recording} == set()


def test_the_former_module_names_are_listed() -> None:
    former = [path.stem for path in (ROOT / "app" / "former").glob("[!_]*.py")]
    assert unnamed([f"gradient_flow_viz.{name}" for name in former], "python-api.md") == set()


def test_the_programs_of_the_python_api_run_and_print_what_it_says(tmp_path: Path) -> None:
    printed = run("\n".join(python_blocks("python-api.md")), tmp_path)
    text = " ".join(read(DOCS / "python-api.md").split())
    diagnosis, _, sentence = printed.splitlines()
    assert f"`{diagnosis}`" in text
    assert f"`{sentence}`" in text


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_each_program_is_python_and_gives_only_props_that_there_are(path: Path) -> None:
    known = {"GradientFlowViz": field_names("figure/props.py"), "GradientDecayExplorer": field_names("charts/bars.py")}
    for language, code in FENCED.findall(read(path)):
        if language == "python":
            tree = compile(code, str(path), "exec", ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
            for call in [node for node in ast.walk(tree) if isinstance(node, ast.Call)]:
                given = {keyword.arg for keyword in call.keywords}
                assert given <= known.get(ast.unparse(call.func), given)


def field_names(module: str) -> set[str | None]:
    """The keyword arguments of a component: the fields of the TypedDict in its module of props."""
    tree = ast.parse(read(ROOT / "app" / module))
    (given,) = [node for node in ast.walk(tree) if isinstance(node, ast.ClassDef) and node.name.startswith("Given")]
    return {
        node.target.id for node in given.body if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
    }


def test_the_programs_that_record_and_read_run(tmp_path: Path) -> None:
    programs = [code for code in python_blocks("recording.md") if "model" not in code]
    assert len(programs) == 2
    given = "step, gradient, other, loss = 0, [3.0, 4.0], [6.0, 8.0], 0.5\n"
    assert run(given + "\n".join(programs) + "print(run.names, run.norms.tolist())", tmp_path) == (
        "('fc1', 'fc2') [[5.0], [10.0]]\n"
    )


@pytest.mark.parametrize(
    ("logged", "order", "source"),
    [
        (("embedding", "layer.10", "layer.2", "head"), ("embedding", "layer.10", "layer.2", "head"), AS_LOGGED),
        (("head", "layer.10", "layer.2", "embedding"), ("embedding", "layer.2", "layer.10", "head"), FROM_NAMES),
        (("embedding", "head", "layer.10", "layer.2"), ("embedding", "layer.2", "layer.10", "head"), FROM_NAMES),
    ],
)
def test_layers_are_ordered_as_described(logged: tuple[str, ...], order: tuple[str, ...], source: str) -> None:
    columns = ",".join(f"grad_norm/{name}.weight" for name in logged)
    (run_,) = combine([read_log("sample", f"step,{columns}\n0,1,2,3,4\n1,1,2,3,4\n")])
    assert (run_.names, run_.order_source) == (order, source)
    assert f"*{FROM_NAMES}*" in read(DOCS / "recording.md")


def test_the_sample_logs_all_say_the_same() -> None:
    samples = [code for language, code in FENCED.findall(read(DOCS / "recording.md")) if language == "log"]
    assert len(samples) == 4
    for sample in samples:
        (run_,) = combine([read_log("sample", sample)])
        assert run_.names == ("fc1", "fc2")
        assert run_.steps.tolist() == [0, 1]
        assert run_.norms.tolist() == [[0.1, 0.3], [0.2, 0.4]]
