from .figure.diagnosis import *
