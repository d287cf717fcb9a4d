"""The measurements' definitions: a running wave, a long task, a limit that holds."""

from __future__ import annotations

import pytest

from bench import boot, changes, hands
from bench.report import Bar, table
from bench.weights import weighed
from tools.runtime import ROOT

SEEN = [(10.0, "layer 4 of 4"), (2_000.0, "layer 2 of 4"), (2_300.0, "layer 1 of 4"), (2_800.0, "layer 4 of 4")]


@pytest.mark.parametrize(
    ("page", "served"), [("index.html", True), ("bench/stock/index.html", False), ("bench/peer/index.html", False)]
)
def test_a_sentence_in_the_html_is_found(page: str, served: bool) -> None:
    assert boot.is_served((ROOT / page).as_uri()) == served


def test_a_served_sentence_is_changed_once_by_the_takeover_and_then_by_the_wave() -> None:
    assert boot.alive(SEEN, [10.0, 1_999.9], served=True) == 2_300
    assert boot.alive(SEEN, [10.0, 2_000.1], served=True) == 2_300


def test_a_takeover_before_the_first_beat_changes_no_sentence() -> None:
    assert boot.alive(SEEN, [10.0, 400.0], served=True) == 2_000


def test_a_sentence_that_a_script_wrote_is_changed_by_the_wave_alone() -> None:
    assert boot.alive(SEEN, [10.0], served=False) == 2_000


def test_long_tasks_count_between_the_first_paint_and_the_running_wave() -> None:
    tasks = [(0, 90), (80, 60), (300, 200), (990, 70), (1_000, 500)]  # start and duration, ms
    assert boot.busy(tasks, began=100, ended=1_000) == {"tasks": 3, "longest": 200, "blocking": 10 + 150 + 20}


def test_no_long_task_blocks_nothing() -> None:
    assert boot.busy([], began=100, ended=1_000) == {"tasks": 0, "longest": 0, "blocking": 0}


@pytest.mark.parametrize(("against", "limit", "verdict"), [("stock", 0.5, "holds"), ("stock", 0.49, "MISSED")])
def test_a_limit_is_a_ratio_or_a_value(against: str, limit: float, verdict: str) -> None:
    measured = {"ours": {"cold": {"alive": 1_000.0}}, "stock": {"cold": {"alive": 2_000.0}}}
    line = Bar("cold", "alive", against, limit).line(measured)
    assert line is not None
    assert line.endswith(verdict)
    alone = Bar("cold", "alive", None, 1_000).line(measured)
    assert alone is not None
    assert alone.endswith("holds")


def test_a_limit_without_its_figures_says_nothing() -> None:
    measured = {"ours": {"cold": {"alive": 1_000.0}}, "stock": {"steady": {"busy": 1.0}}}
    assert Bar("cold", "alive", "stock", 0.5).line(measured) is None
    assert Bar("again", "alive", None, 0.5).line(measured) is None


def test_a_table_has_a_line_per_case_and_a_column_per_figure() -> None:
    found = {"ours": {"cold": {"alive": 1_234.56, "MB": 1.0}, "again": {"alive": 1.0, "MB": 0.004}}}
    assert [line.split() for line in table(found).splitlines()] == [
        ["alive", "MB"],
        ["ours", "cold", "1,234.6", "1.00"],
        ["ours", "again", "1.0", "0.00"],
    ]


def test_a_weight_has_the_size_of_the_content_and_on_the_wire() -> None:
    assert weighed(b"a" * 5_000)["kB"] == 5
    assert weighed(b"a" * 5_000)["gzipped"] < 0.1
    assert weighed(b"a" * 5_000, sent=1_234) == {"kB": 5, "gzipped": 1.234}


def test_input_delay_counts_from_the_first_paint_to_the_running_wave() -> None:
    keys = [[50, 90], [110, 112], [150, 450], [460, 463], [990, 1_010], [1_000, 3_000]]  # pressed and heard, ms
    frames = [[0, 95], [95, 112], [112, 451], [451, 467], [999, 1_200], [1_200, 9_000]]
    row = hands.felt(keys, frames, began=100, ended=1_000)
    assert row == {"keys": 4, "usual": 11.5, "wait": 300, "gap": 339}


def test_a_change_is_answered_when_the_last_part_has_changed_and_shown_when_its_frame_is() -> None:
    noted = {
        "inputs": [1_000],
        "parts": {"figure": [1_020, 60], "bars": [1_021, 60], "verdict": [1_055, 62]},
        "gaps": [[700, 950], [995, 1_025], [1_025, 1_060]],
        "events": [
            {"name": "keydown", "startTime": 500, "processingEnd": 510, "duration": 24},
            {"name": "keydown", "startTime": 998, "processingEnd": 1_056, "duration": 72},
        ],
    }
    assert changes.answered(noted) == {"seen": 55, "paint": 70, "frame": 35, "apart": 2}


def test_a_change_without_other_numbers_ends_with_its_handler() -> None:
    event = {"name": "click", "startTime": 1_000, "processingEnd": 1_030, "duration": 48}
    row = changes.answered({"inputs": [1_000], "parts": {}, "gaps": [[990, 1_048]], "events": [event]})
    assert row == {"seen": 30, "paint": 48, "frame": 58, "apart": 0}


def test_traffic_counts_what_was_asked_for_before_a_time_whenever_it_came() -> None:
    traffic = boot.Traffic()
    for session, request, asked, size in (("", "1", 100.0, 2e6), ("", "2", 100.5, 3e6), ("worker", "1", 102.0, 1e6)):
        traffic.note("Network.requestWillBeSent", {"requestId": request, "timestamp": asked}, session)
        traffic.note("Network.loadingFinished", {"requestId": request, "encodedDataLength": size}, session)
    traffic.note("Network.loadingFinished", {"requestId": "2", "encodedDataLength": 0})  # from a cache
    assert [traffic.megabytes(until) for until in (0, 600, 2_000)] == [2, 5, 6]
    assert len(traffic.answers) == 3


def test_an_answer_without_its_request_counts_in_the_total_alone() -> None:
    traffic = boot.Traffic()
    traffic.note("Network.requestWillBeSent", {"requestId": "1", "timestamp": 1.0})
    traffic.note("Network.loadingFinished", {"requestId": "other", "encodedDataLength": 4e6}, "worker")
    assert (traffic.megabytes(until=1e9), traffic.megabytes()) == (0, 4)
