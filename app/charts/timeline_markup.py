"""The markup of the timeline. Pure."""

from __future__ import annotations

from typing import Final

from ..figure.wave import LABEL
from .chart import HEADING_MARKUP
from .line_chart import CURVE_HEIGHT, CURVE_WIDTH

PALETTE_COLOURS: Final = (
    "low",
    "middle",
    "high",
    "ground",
    "mark",
)  # of heatmap.Palette; timeline.css has their values

CURVE_MARKUP: Final = f"""<svg class="gradient-timeline-curve" data-part="curve"
viewBox="0 0 {CURVE_WIDTH} {CURVE_HEIGHT}" preserveAspectRatio="none" aria-hidden="true">
<g data-part="grid"></g><g data-part="broken"></g>
<path class="gradient-timeline-other" data-part="line-other"/>
<path class="gradient-timeline-loss" data-part="line"/></svg>"""


FIELD_ATTRIBUTES: Final = (
    f'tabindex="0" role="application" aria-roledescription="map" aria-label="{LABEL} by layer and step"'
)


def _field_markup(suffix: str, attributes: str) -> str:
    """A map with its crosshair."""
    return f"""<div class="gradient-timeline-field" data-part="field{suffix}" {attributes}>
<canvas class="gradient-timeline-map" data-part="map{suffix}"></canvas>
<div class="gradient-timeline-row"></div><div class="gradient-timeline-hair" data-hair="row"></div></div>"""


def _bars_markup(suffix: str, attributes: str = "") -> str:
    """The bars of one step, in the rows of the map: their plot, and their numbers."""
    return f"""<div class="gradient-timeline-caption" data-part="caption-bars{suffix}" {attributes}></div>
<div class="gradient-timeline-bars" {attributes}><svg class="gradient-timeline-plot">
<g data-part="patterns{suffix}"></g><g data-part="scale{suffix}"></g><g data-part="bars{suffix}"></g>
<g class="gradient-timeline-lit" data-part="lit{suffix}"></g>
<g class="gradient-timeline-marks" data-part="marks{suffix}"></g></svg>
<svg class="gradient-timeline-values" data-part="values{suffix}"></svg></div>"""


TIMELINE_MARKUP: Final = f"""{HEADING_MARKUP}
<div class="gradient-timeline-body"><div class="gradient-timeline-texts" data-part="texts" aria-hidden="true">
<svg class="gradient-timeline-curve" data-part="losses"></svg>
<div class="gradient-timeline-caption"></div><svg class="gradient-timeline-names" data-part="names"></svg>
<div class="gradient-timeline-caption" data-other></div>
<svg class="gradient-timeline-names" data-part="names-other" data-other></svg>
</div><div class="gradient-timeline-plots" data-part="plots">{CURVE_MARKUP}
<div class="gradient-timeline-caption" data-part="caption"></div>
{_field_markup("", FIELD_ATTRIBUTES)}
<div class="gradient-timeline-caption" data-other data-part="caption-other"></div>
{_field_markup("-other", 'aria-hidden="true" data-other')}
<div class="gradient-timeline-cursor" data-part="cursor"></div>
<div class="gradient-timeline-hair" data-hair="step"></div></div>
<div class="gradient-timeline-side" data-part="side" aria-hidden="true" hidden>
<div class="gradient-timeline-curve"></div>{_bars_markup("")}{_bars_markup("-other", "data-other")}</div>
<input class="gradient-timeline-step" data-part="step" type="range" min="0" value="0" aria-label="Step">
<svg class="gradient-timeline-ends" data-part="ends" aria-hidden="true"></svg></div>
<div class="gradient-timeline-key"><canvas data-part="key" width="256" height="1" aria-hidden="true"></canvas>
<svg data-part="decades" aria-hidden="true"></svg><ul data-part="kinds"></ul>
<button type="button" class="gradient-timeline-fit" data-part="fit" aria-pressed="false" hidden
title="Fit the axis of the bars to the steps that you look at, or return to that of all steps">Fit axis</button></div>
<details class="gradient-timeline-table" data-part="details"><summary>The map as a table</summary>
<p data-part="chosen"></p><div role="group" tabindex="0" data-part="table"></div></details>
<p class="gradient-timeline-said" data-part="said" aria-live="polite"></p>
<span hidden>{"".join(f'<i data-colour="{name}"></i>' for name in PALETTE_COLOURS)}</span>"""
