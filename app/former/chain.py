from .network.chain_rule import *
from .network.chain_rule import LayerFactor as Link
from .network.chain_rule import layer_factors as links
