"""Electricity in trade: what the power model supplies is taken out of the outlook's flow, and its own path put in.

    F[y] = Y[y] (1 - E[y0] / Y[y0]) exp(…) + … + E[y]          y0 the last year of data

Published turnover does not separate HS 2716, so the base year's electricity E[y0] is the power model's in the same
draw, on the same statistics, and in y0 the two cancel: turnover there is what was published (assumed: its statistics
hold what the model has). What the future adds is the change of power, not its level.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["MOST", "goods"]

Floats = NDArray[np.float64]
MOST = 0.5
"""Electricity is never more than this share of a flow."""


def goods(flow: Floats, electricity: Floats) -> Floats:
    """Return `flow` [draw, year, direction, reporter] without electricity, by its share in the first year.

    `electricity` has the same axes, or no years where the pair has no power model: then nothing is taken out.
    """
    if not electricity.shape[1]:
        return flow
    share = np.minimum(electricity[:, :1] / np.maximum(flow[:, :1], 1e-9), MOST)
    return np.asarray(flow * (1 - share))
