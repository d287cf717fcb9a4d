from .network.chain_rule import *
