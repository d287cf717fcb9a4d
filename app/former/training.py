from .network.training import *
