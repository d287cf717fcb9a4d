"""Modules by the names that they had in version 1.0.0. The package finds them here: `gradient_flow_viz.datasets`."""
