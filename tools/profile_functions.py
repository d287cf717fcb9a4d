"""Find the functions of Pyodide's WebAssembly module that the page's start and its everyday use call.

`./serve.sh --build && python -m tools.profile_functions` writes tools/hot-functions.json, after Pyodide or the page has
changed. A copy of the site with a module that notes each function's first call is used in Chromium: starts in many
addresses, typing, stepping, playing, errors, the theme and copying. A function that is missing in the list costs a
visitor a moment when it is called before the rest of the module has come, and nothing else.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from playwright.sync_api import BrowserContext, Page, expect, sync_playwright

from tools import cold_data, hot_functions, release, split_wasm
from tools.chromium import ARGUMENTS, executable
from tools.runtime import ROOT, SetupError
from tools.serve import open_server
from tools.wasm_halves import CONSTRUCTED, REST, START, WASM
from tools.wasm_sections import Export, Kind, Module, Reader, Section, encode_bodies, encode_export, unsigned

TIMEOUT_MS: Final = 60_000
PAGE_BYTES: Final = 65_536  # of memory
NOTES: Final = "called_functions"  # the export with a byte for each function
# Keep the instance whose calls are noted.
WATCH: Final = f"""
for (const name of ["instantiate", "instantiateStreaming"]) {{
  const original = WebAssembly[name];
  WebAssembly[name] = async (...given) => {{
    const made = await original.apply(WebAssembly, given);
    const exported = (made.instance ?? made).exports?.{NOTES};
    if (exported) globalThis.{NOTES} = exported;
    return made;
  }};
}}"""
CALLED: Final = f"count => [...new Uint8Array({NOTES}.buffer, 0, count)].flatMap((byte, at) => byte ? [at] : [])"
# Collect all generations, raise, and print a traceback: any visit may do so, but not each one.
UNUSUAL: Final = """
import gc, traceback
for generation in (0, 1, 2): gc.collect(generation)
try: [].missing
except Exception: traceback.format_exc()
"""
RUN: Final = """async code => {
  const address = document.querySelector("script[src*=pyodide-loader]").src;
  (await (await import(address)).loadPyodide({ stdout() {}, stderr() {} })).runPython(code);
}"""
ADDRESSES: Final = (
    "?layers=4-8-8-2&gradients=0.1,0.2,0.3,1&names=a,b,~~c,d&label=L2&layer=2&speed=80",
    "?layers=3-x&gradients=1,2&names=a&speed=fast&layer=-1&playing=perhaps&theme=blue&other=1",
    "?gradients=none,inf,nan,1e-30&playing=0&theme=dark",
    f"?layers={'-'.join(['16'] * 40)}",
    "?layers=784-128-64-10&gradients=0,5%200,25",
    "?embed=1&theme=dark&show=figure,transport,bars,verdict",
    "?embed=1&hide=title,readout&layers=5-5&embed=2",
)
DOCUMENTATION: Final = "docs.html"
TYPED: Final = {
    "architecture": ("4-8-8-2", "4-8-x", "", "2000-1", "5, 4, 3", "3-4-4-2"),
    "gradients": ("0.1, 0.2, 0.3, 1", "0,5 0,25", "1, x", "none, 0, 1e400, -2", ""),
}
KEYS: Final = ("Space", "ArrowLeft", "ArrowRight", "Home", "End", "Space", "?", "Escape")
MESSAGES: Final = (
    "layers: [2, 3, 4], gradients: [1, 2, null]",
    'names: ["a", "b", "<b>c"], label: "L2", layer: 1, playing: false',
    'layers: "4-x"',
    "gradients: [1, NaN], speed: -1, colour: 1",
)


def instrumented(wasm: bytes) -> bytes:
    """Return a module whose functions write a byte into a second memory when they are called; it is exported."""
    module = Module(wasm)
    memory = module.count(Kind.MEMORY) + len(module.types_of(Section.MEMORY, Kind.MEMORY))
    bodies = module.bodies()
    module.put(Section.CODE, encode_bodies(_noting(body, memory, number) for number, body in enumerate(bodies)))
    module.add(Section.MEMORY, [b"\0" + unsigned(-(-len(bodies) // PAGE_BYTES))])
    module.add(Section.EXPORT, [encode_export(Export(NOTES, Kind.MEMORY, memory))])
    return module.encode()


def _noting(body: bytes, memory: int, number: int) -> bytes:
    reader = Reader(body)
    for _ in range(reader.unsigned()):
        reader.unsigned()
        reader.value_type()
    store = b"\x3a\x40" + unsigned(memory) + unsigned(number)  # i32.store8, of that memory, at an offset of this number
    return body[: reader.at] + b"\x41\0\x41\1" + store + body[reader.at :]


def lay_out(root: Path, target: Path, wasm: bytes) -> None:
    """Copy the built site with an instrumented module, all of which is in the first half."""
    shutil.copytree(root / "site", target)
    everything = range(len(Module(wasm).functions()))
    halves = split_wasm.split(instrumented(wasm), everything, cold_data.RANGES)
    contents = {START: halves.start, REST: halves.rest}
    sums = {}
    for path in (path for path in (target / "runtime").rglob("*.wasm") if path.name in contents):
        before = path.read_bytes()
        module = Module(contents[path.name])
        module.custom += [one for one in Module(before).custom if Reader(one).text() == CONSTRUCTED]
        path.write_bytes(module.encode())
        sums[release.integrity(before)] = release.integrity(module.encode())
    if not sums:
        raise SetupError(f"site/ has no {START}: its WebAssembly is not split, so no start by halves can be profiled.")
    for page in (target / name for name in release.PAGES):
        text = page.read_text(encoding="utf-8")
        for old, new in sums.items():
            text = text.replace(old, new)
        page.write_text(text, encoding="utf-8")
    release.stamp(target)


class _Profile:
    """The functions that were called so far, in a browser's context."""

    def __init__(self, context: BrowserContext, home: str, count: int) -> None:
        self.context = context
        self.home = home
        self.count = count
        self.called: set[int] = set()

    def visit(self, address: str) -> Page:
        """Open a page and wait until its Python runs."""
        page = self.context.new_page()
        page.add_init_script(WATCH)
        page.goto(self.home + address)
        expect(page.locator("html")).to_have_attribute("data-state", "alive", timeout=TIMEOUT_MS)
        self.note(page, f"{address or 'the page'}, alive")
        return page

    def note(self, page: Page, of: str) -> None:
        """Add the functions that the page has called, and print how many are new."""
        before = len(self.called)
        self.called.update(page.evaluate(CALLED, self.count))
        print(f"{len(self.called) - before:6} new functions: {of}", flush=True)

    def leave(self, page: Page, of: str) -> None:
        """Let the page play for a second and do what is unusual, and close it."""
        page.wait_for_timeout(1_000)
        page.evaluate(RUN, UNUSUAL)
        self.note(page, of)
        page.close()


def profile(context: BrowserContext, home: str, count: int) -> set[int]:
    """Return the functions that are called in a context without any data of the page."""
    noted = _Profile(context, home, count)
    page = noted.visit("")
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    for step in _use(page):
        noted.note(page, step)
    noted.leave(page, "a first visit")
    page = noted.visit("")
    noted.leave(page, "a return visit")
    for address in (*ADDRESSES, DOCUMENTATION):
        page = noted.visit(address)
        for message in MESSAGES if "embed" in address else ():
            page.evaluate(f'postMessage({{type: "gradient-flow", {message}}}, "*")')
        noted.leave(page, address)
    return noted.called


def _use(page: Page) -> Iterator[str]:
    """Use the page as a visitor does who neither computes nor records, and yield what was done."""
    for field, texts in TYPED.items():
        for text in texts:
            page.locator(f"#{field}").fill("")
            page.locator(f"#{field}").press_sequentially(text)
            page.wait_for_timeout(400)  # the announcement waits for a pause in typing
    yield "typing"
    page.evaluate("document.activeElement.blur()")
    for key in KEYS:
        page.keyboard.press(key)
        page.wait_for_timeout(300)
    yield "keys"
    for button in page.locator("[data-preset], #forward, #back, #play").all():
        button.click()
        page.wait_for_timeout(300)
    for slider in ("layer", "playback"):
        page.locator(f"#{slider}").focus()
        page.keyboard.press("ArrowRight")
    yield "buttons and sliders"
    for scheme in ("dark", "light", "system"):
        page.locator("#theme").select_option(scheme)
    page.emulate_media(reduced_motion="reduce")
    page.wait_for_timeout(700)
    page.emulate_media(reduced_motion="no-preference")
    yield "theme and reduced motion"
    for button in page.locator("[data-copy]:visible").all():
        button.click()
    page.set_viewport_size({"width": 390, "height": 800})
    page.wait_for_timeout(700)
    yield "copying, and another size"


def main() -> int:
    """Write the list; return the exit code."""
    wasm = (ROOT / WASM).read_bytes()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        try:
            lay_out(ROOT, Path(folder) / "site", wasm)
            server = open_server(Path(folder) / "site", 0)
        except (OSError, SetupError) as error:
            print(f"tools.profile_functions: {error}", file=sys.stderr)
            return 1
        threading.Thread(target=server.serve_forever, daemon=True).start()
        context = playwright.chromium.launch_persistent_context(
            Path(folder) / "profile", executable_path=executable(), args=list(ARGUMENTS), bypass_csp=True
        )
        called = profile(context, f"http://127.0.0.1:{server.server_port}/", len(Module(wasm).functions()))
        context.close()
        server.shutdown()
    hot_functions.write(ROOT, wasm, called)
    print(f"{len(called)} functions in {hot_functions.LIST}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
