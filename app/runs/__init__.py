"""Training runs read from logs: layers, steps, norms. Pure."""

from .run import combine as combine
from .run import read as read
