"""The formats of training logs, a module each. Pure."""
