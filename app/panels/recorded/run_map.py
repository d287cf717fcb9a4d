"""The cells of a run's map, made in pieces. Pure."""

from __future__ import annotations

import numpy as np

from ...charts import heatmap
from ...runs.arrays import Work
from ...runs.layer_groups import PIECE
from ...runs.run import Run


def mapping(run: Run, most: int = heatmap.MAX_MAP_COLUMNS) -> Work[heatmap.Cells]:
    """The cells of the run's map, shape (layers, at most `most`), made piece by piece; yields the share done."""
    layers, steps = run.norms.shape
    share = heatmap.steps_per_column(steps, most)
    columns = -(-steps // share)
    cells = heatmap.Cells(np.empty((layers, columns), np.int8), np.empty((layers, columns)))
    high, wide = max(1, PIECE // max(1, steps)), max(1, PIECE // share)
    for top in range(0, layers, high):
        for left in range(0, columns, wide):
            yield (top + left / columns) / layers
            rows, part = slice(top, top + high), slice(left * share, (left + wide) * share)
            piece = heatmap.merge_steps(
                np.where(run.logged[rows, part], run.norms[rows, part], heatmap.MISSING_VALUE), share
            )
            cells.kinds[rows, left : left + wide] = piece.kinds
            cells.logs[rows, left : left + wide] = piece.logs
    return cells
