"""A network of dense layers whose gradients are computed: forward, backward, training. Pure."""

from .mlp import Network as Network
