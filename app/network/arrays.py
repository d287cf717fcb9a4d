"""Array types of the computed network. Pure."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
ClassLabels = NDArray[np.int64]
