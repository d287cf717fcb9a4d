from .network.datasets import *
