"""The parts that all charts share: a class, a style sheet and a heading. Pure."""

from __future__ import annotations

from typing import Final

CHART_CLASS: Final = "gradient-chart"
CHART_STYLES: Final = ("viz.css", "charts/chart.css")  # before the chart's own sheet
HEADING_MARKUP: Final = """<div class="gradient-chart-head">
<span class="gradient-chart-title"><span data-part="title"></span> <small data-part="subtitle"></small></span>
<span class="gradient-chart-readout" data-part="readout"></span></div>"""
