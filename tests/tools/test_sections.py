"""The generated sections of the page agree with their sources."""

from __future__ import annotations

import html
import re
import tomllib
from html.parser import HTMLParser

import pytest

from tools import runtime, sections, wheel
from tools.runtime import ROOT

PAGE = (ROOT / "docs.html").read_text(encoding="utf-8")
HOME = (ROOT / "index.html").read_text(encoding="utf-8")


class Elements(HTMLParser):
    """Start tags with their attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def values(self, attribute: str, tag: str = "") -> list[str]:
        """An attribute's values, in all elements or in those of a tag."""
        there = [given.get(attribute) for name, given in self.found if tag in {"", name}]
        return [value for value in there if value is not None]


ELEMENTS = Elements(PAGE)
HOME_ELEMENTS = Elements(HOME)


def shown(name: str) -> str:
    """A block's code as the page shows it."""
    (code,) = re.findall(rf'<code id="{name}"[^>]*>(.*?)</code>', PAGE, re.DOTALL)
    return html.unescape(code)


def test_every_place_in_the_page_and_the_python_api_is_fresh() -> None:
    python_api = (ROOT / "docs" / "python-api.md").read_text(encoding="utf-8")
    assert sections.filled(PAGE, sections.page_places(ROOT), "docs.html") == PAGE
    assert sections.filled(python_api, sections.python_api_places(ROOT), "python-api.md") == python_api


def test_a_page_without_the_place_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^docs\.html: must have one place between the comments of props, got 0$"):
        sections.filled("<main></main>", {"props": ""}, "docs.html")


@pytest.mark.parametrize("name", sections.EXAMPLES)
def test_the_code_shown_is_the_example_s(name: str) -> None:
    for suffix, language in (("html", "html"), ("py", "python")):
        assert shown(f"{name}-{language}") == (ROOT / "examples" / f"{name}.{suffix}").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", sections.EXAMPLES)
def test_the_html_shown_is_the_html_of_the_page(name: str) -> None:
    (live,) = re.findall(
        rf'data-example="{name}"[^>]*>\n<div class="example-live">\n(.*?)<div class="example-code">', PAGE, re.DOTALL
    )
    emptied = re.sub(
        r' class="gradient-flow"><div class="gradient-flow-head">.*?</p></div></div>| class="bars-room">.*?</div>',
        "></div>",
        live,
    )
    assert emptied.startswith(shown(f"{name}-html"))


def test_every_example_in_the_folder_is_shown() -> None:
    there = {path.stem for path in (ROOT / "examples").iterdir() if path.suffix in {".py", ".html"}}
    assert there == set(sections.EXAMPLES)


def test_the_recording_code_shown_is_that_of_its_folder() -> None:
    there = {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "examples" / "recording").iterdir()}
    assert there == {f"from_{name}.py": shown(f"record-{name}") for name in sections.RECORDED}


def test_an_example_without_a_root_for_its_figure_is_refused() -> None:
    with pytest.raises(ValueError, match="must have one empty div with an id, for its figure, got 0"):
        sections.with_room("<p></p>", [3, 2])


def test_the_lines_to_install_from_name_what_the_site_has() -> None:
    file = wheel.file_name(ROOT)
    assert shown("install-pyscript") == f'packages = ["numpy", "{sections.HOST}app/config.toml"]\n'
    assert shown("install-micropip").splitlines()[-1] == f'await micropip.install("{sections.HOST}dist/{file}")'
    assert shown("install-pip") == f'pip install "{sections.HOST}dist/{file}"\n'
    tomllib.loads(shown("install-pyscript"))
    assert f'HOST: Final = "{sections.HOST}"' in (ROOT / "app/page/documentation/examples.py").read_text(
        encoding="utf-8"
    )


@pytest.mark.parametrize(
    ("elements", "named"),
    [
        (ELEMENTS, {"installation", "usage", "record", "behaviour", "props", "accessibility", "credits"}),
        (HOME_ELEMENTS, {"main", "understanding"}),
    ],
    ids=["docs.html", "index.html"],
)
def test_each_target_of_a_link_a_label_or_a_copy_button_exists_once(elements: Elements, named: set[str]) -> None:
    ids = elements.values("id")
    assert len(ids) == len(set(ids))
    wanted = [href.removeprefix("#") for href in elements.values("href") if href.startswith("#")]
    assert named <= set(wanted)
    wanted += [name for names in elements.values("aria-labelledby") for name in names.split()]
    wanted += elements.values("data-copy")
    assert set(wanted) <= set(ids)


def test_the_links_between_the_pages_lead_to_sections_that_are_there() -> None:
    there = {"docs.html": ELEMENTS.values("id"), "": HOME_ELEMENTS.values("id")}
    texts = [PAGE, HOME, *(path.read_text(encoding="utf-8") for path in (ROOT / "app").rglob("*.py"))]
    links = [link for text in texts for link in re.findall(r'href="(docs\.html|\./)(?:\?[^"#]*)?(?:#([\w-]+))?"', text)]
    assert {page for page, _ in links} == {"docs.html", "./"}
    assert [(page, name) for page, name in links if name and name not in there[page.removeprefix("./")]] == []


def test_addresses_on_the_home_page_that_lead_to_a_section_of_the_documentation_are_known() -> None:
    (moved,) = re.findall(r"const MOVED = /(.*)/;", (ROOT / "web" / "before-paint.js").read_text(encoding="utf-8"))
    new = {"running", "behaviour", "behaviour-heading"}  # they have never been on the home page
    of_documentation = [name for name in ELEMENTS.values("id") if name not in {*HOME_ELEMENTS.values("id"), *new}]
    assert [name for name in of_documentation if not re.search(moved, f"#{name}")] == []
    others = [*HOME_ELEMENTS.values("id"), "computed", "recorded", "run", "no-such-place", "props-", "propaganda", ""]
    assert [name for name in others if re.search(moved, f"#{name}")] == []


def test_both_pages_have_the_same_policy_and_configuration() -> None:
    heads = [re.findall(r"<meta http-equiv.*>|<mpy-config.*>|<script type=\"py\".*>", page) for page in (PAGE, HOME)]
    assert heads[0] == heads[1]
    assert len(heads[0]) == 3


def test_each_block_of_code_has_its_button() -> None:
    blocks = ELEMENTS.values("id", "code")
    assert ELEMENTS.values("data-copy", "button")[-len(blocks) :] == blocks


def test_the_credits_name_the_versions_that_run() -> None:
    text = re.sub(r"<[^>]+>", "", PAGE[PAGE.index('id="credits"') :])
    lock = runtime.read_json(ROOT / "node_modules" / "pyodide" / "pyodide-lock.json")
    for line in (
        f"PyScript {runtime.PYSCRIPT_RELEASE}, Apache License 2.0",
        f"Pyodide {runtime.PYODIDE_VERSION}, Mozilla Public License 2.0",
        f"CPython {'.'.join(lock['info']['python'].split('.')[:2])}, Python Software Foundation License",
        f"numpy {lock['packages']['numpy']['version']}, BSD 3-Clause License",
    ):
        assert line in text
    assert runtime.read_json(ROOT / "node_modules" / "@pyscript" / "core" / "package.json")["license"] == "APACHE-2.0"
    assert runtime.read_json(ROOT / "node_modules" / "pyodide" / "package.json")["license"] == "MPL-2.0"
