from .runs.alignment import *
