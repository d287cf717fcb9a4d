"""Training runs read from logs: layers, steps, norms. Pure."""

from .collector import LogError as LogError
from .run import Reader as Reader
from .run import combine as combine
from .run import read as read
