from .network.config import *
from .network.config import NetworkConfig as Computed
