from .figure.diagnosis import *
from .figure.diagnosis import diagnose as judge
