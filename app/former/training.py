from .network.training import *
from .network.training import StepSnapshot as Shown
