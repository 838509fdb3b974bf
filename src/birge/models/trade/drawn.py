"""The inputs that the trade model draws, by name: what effects share, κ of each measure, the size of each effect."""

from __future__ import annotations

from birge.models.trade.effects import Prepared, _kappa, _shared, _sizes
from birge.rng import Streams
from birge.spec import Draw

__all__ = ["drawn"]


def drawn(prepared: Prepared, streams: Streams) -> tuple[Draw, ...]:
    """Return the values of all inputs in the bound block; an effect's size is the one that bounds have left."""
    i = prepared.inputs
    acting = sorted({r.measure for r in i.effects if r.measure >= 0})
    if not i.effects:
        return ()
    shared, (sizes, _) = _shared(prepared, streams), _sizes(i, streams)
    found = [Draw("trade/sigma", "trade elasticity in the long run, σ", "1", False, shared.sigma)]
    for k, direction in enumerate(f"{x}-{y}" for x, y in (i.parties, i.parties[::-1])):
        found += [
            Draw(f"trade/kept/{direction}", f"share of a crossing effect left after diversion, {direction}", "1", True,
                 shared.routed[:, k, k]),
            Draw(f"trade/hour/{direction}", f"trade cost of one hour at a crossing, road share included, {direction}",
                 "log points per h", True, shared.hour[:, k]),
        ]  # fmt: skip
    found += [
        Draw(f"trade/crossing/{name}", f"share of the trucks that pass {name}", "1", True, share)
        for name, share in shared.share.items()
    ]
    found += [
        Draw(
            f"trade/kappa/{name}",
            f"share of the effect of {name} in the trend, κ",
            "1",
            True,
            _kappa(i, name, streams, None),
        )
        for name in (i.measures[k] for k in acting)
    ]
    found += [
        Draw(f"trade/effect/{row.name}", f"size of effect {row.name} on {row.driver}", row.driver, True, size)
        for row, size in zip(i.effects, sizes, strict=True)
    ]
    return tuple(found)
