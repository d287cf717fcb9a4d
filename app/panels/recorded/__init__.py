"""Gradients recorded in a training run."""
