"""The charts below the figure: bars, line chart, heat map, timeline."""
