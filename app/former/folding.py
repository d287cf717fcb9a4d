from .charts.heatmap import cells_in_pieces as mapping
from .runs.layer_groups import *
