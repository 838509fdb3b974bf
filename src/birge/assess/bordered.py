"""The freight network with the border model's waits at its crossings, instead of the table `crossing_waits`.

`crossing_waits` holds queues as they were reported, those of weeks with longer checks among them; the border model
knows normal control, and longer checks as a smaller capacity. An assessment reads the border model's, per draw and
direction; here they are those of the designs that ship, mean of both directions.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from birge.factbook.border import crossing_rows
from birge.factbook.network import Network
from birge.models.border import default_design
from birge.models.border.model import KNOTS
from birge.models.border.shipped import table_of

__all__ = ["with_border_waits"]


def with_border_waits(network: Network, pair: tuple[str, str]) -> Network:
    """Return `network` with the border model's curves, by regime, at crossings of `pair` of which a design ships."""
    known = {r.crossing for r in crossing_rows(pair) if r.variant == "today"}
    made = {}
    for name, passage in network.passages.items():
        if name not in known:
            made[name] = passage
            continue
        design = default_design(name)
        tables = [table_of(design, "-".join(way)) for way in (pair, pair[::-1])]
        trucks = np.mean([t.full for t in tables]) * np.array(KNOTS)
        curves = {}
        for regime in passage.curves:
            # a control that takes longer by a factor serves as many trucks less
            slow = max(design.regime(regime).stations.values(), default=1.0)
            hours = np.mean([t.wait(trucks, np.full(len(trucks), 1 / slow)) for t in tables], axis=0)
            rising = np.maximum.accumulate(hours)
            curves[regime] = ((0.0, float(rising[0])), *zip(trucks.tolist(), rising.tolist(), strict=True))
        made[name] = replace(passage, curves=curves)
    return replace(network, passages=made)
