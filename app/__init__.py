"""Gradient Flow Viz: a network drawn as SVG, and a wave of gradient magnitudes travelling through it."""
