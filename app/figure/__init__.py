"""The figure as data and markup: layout, wave, props, SVG. Pure, and without numpy."""
