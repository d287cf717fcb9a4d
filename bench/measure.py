"""Pages that show the gradient wave, measured side by side in one run: start, input, frame, steady cost, re-flow, rest.

    python -m bench.measure [boot] [throttled] [hands] [changes] [embed] [chosen] [computed] [recorded] [steady]
                            [reflow] [rest] [weights]
                            [--runs 5] [--seconds 8] [--sizes 3-4-4-2,12x12] [--megabytes 200]
    python -m bench.measure steady --page other=http://127.0.0.1:9000/

A page needs only: role=figure, an aria-live region that says `layer A of N`, a field labelled `Architecture`, and the
query parameters `layers` and `speed`. `12x12` means twelve layers of twelve. Figures are medians. On a noisy machine,
trust their ratios, not the absolute values. Chromium is the one in CHROMIUM, on the PATH, or Playwright's. The
docstring of bench/boot.py explains the figures of `boot`, `throttled` and `embed`. Those of bench/hands.py,
bench/changes.py, bench/chosen.py, bench/computed.py and bench/recorded.py explain the others.
"""

from __future__ import annotations

import argparse
import threading
from typing import Final

from playwright.sync_api import sync_playwright

from bench.autoplay import Scenario, reflow, rest, steady
from bench.boot import boot, embed, throttled
from bench.changes import changes
from bench.chosen import chosen
from bench.computed import computed
from bench.hands import hands
from bench.prepare import lay_out_pages
from bench.recorded import recorded
from bench.report import table, verdicts
from bench.watched import Found
from bench.weights import weights
from tools.serve import open_server

SCENARIOS: Final[dict[str, Scenario]] = {
    "boot": boot,
    "throttled": throttled,
    "hands": hands,
    "changes": changes,
    "embed": embed,
    "chosen": chosen,
    "computed": computed,
    "recorded": recorded,
    "steady": steady,
    "reflow": reflow,
    "rest": rest,
    "weights": weights,
}


def serve_pages(names: list[str]) -> dict[str, str]:
    """Lay out the pages and serve each with gzip; return each name with its address."""
    pages = {}
    for name, folder in lay_out_pages().items():
        if name in names:
            server = open_server(folder, 0)
            server.copies.make(folder)  # as a host does in advance
            threading.Thread(target=server.serve_forever, daemon=True).start()
            pages[name] = f"http://127.0.0.1:{server.server_port}/"
    return pages


def main() -> None:
    """Measure the chosen scenarios, all pages in one run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("scenarios", nargs="*", metavar="scenario", help=", ".join(SCENARIOS))
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--sizes", default="3-4-4-2,12x12,32x32")
    parser.add_argument("--megabytes", type=int, default=200, help="of each log that is read")
    parser.add_argument("--page", action="append", default=[], metavar="NAME=ADDRESS", help="instead of the three")
    parser.add_argument("--only", default="ours,stock,peer", help="which of the three")
    options = parser.parse_args()
    pages = dict(one.split("=", 1) for one in options.page) or serve_pages(options.only.split(","))
    measured: Found = {page: {} for page in pages}
    with sync_playwright() as playwright:
        for name in options.scenarios or SCENARIOS:
            found = SCENARIOS[name](playwright.chromium, pages, options)
            print(f"\n{name}\n{table(found)}", flush=True)
            for page, cases in found.items():
                measured[page].update(cases)
    print("", *verdicts(measured), sep="\n")


if __name__ == "__main__":
    main()
