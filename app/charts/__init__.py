"""What is drawn beneath the figure: bars, line chart, heat map, timeline."""
