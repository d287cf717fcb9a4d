from .runs.trend import *
