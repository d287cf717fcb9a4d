from .runs.layer_groups import *
