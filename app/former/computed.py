from .network.config import *
