from .network.metrics import *
