"""Gradients computed by a network in the page."""
