from .network.optimisers import *
