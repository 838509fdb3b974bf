"""Every input that was drawn, by name and with its value in each draw that has an answer."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

import numpy as np

from birge.assess.ensemble import Ensemble
from birge.models import power
from birge.models.outlook.drawn import drawn as outlook_drawn
from birge.models.trade.drawn import drawn as trade_drawn
from birge.rng import blocks
from birge.spec import Draw
from birge.variables import variables

__all__ = ["inputs"]


def inputs(made: Ensemble) -> tuple[Draw, ...]:
    """Return the drawn inputs of the outlook, the trade and power models, and the schedule."""
    parts: dict[str, list[Draw]] = defaultdict(list)
    for b, n in blocks(made.request.draws):
        streams = replace(made.root, block=b, draws=n)
        supply = power.drawn_inputs(made.supply, streams)
        for draw in (*outlook_drawn(made.outlook, streams), *trade_drawn(made.effects, streams), *supply):
            parts[draw.id].append(draw)
    found = [replace(p[0], value=np.concatenate([d.value for d in p])) for p in parts.values()]
    if made.failed:
        found = [replace(d, value=d.value[made.kept]) for d in found]
    return tuple(_marked(made, d) for d in found if not _off(made, d)) + _dates(made)


def _off(made: Ensemble, draw: Draw) -> bool:
    """Return whether an input belongs to a measure that is switched off."""
    return any(part in made.request.without for part in draw.id.split("/"))


def _marked(made: Ensemble, draw: Draw) -> Draw:
    """Say of an effect what its plan says: the measure's title, the unit of its driver, whether it is assumed."""
    kind, _, name = draw.id.removeprefix("trade/").partition("/")
    measure, _, number = name.rpartition("/")
    plan = next((m for m in made.request.plan.measures if m.id == measure), None)
    if kind != "effect" or plan is None:
        return draw
    effect = plan.effects[int(number)]
    unit = variables()[effect.driver].unit
    return replace(draw, meaning=f"effect of “{plan.title.en}” on {effect.driver}", unit=unit, assumed=effect.assumed)


def _dates(made: Ensemble) -> tuple[Draw, ...]:
    """Return the dates of open milestones that an effect starts from, or that bring power."""
    net, measures = made.dates.network, made.effects.inputs.measures
    starts = [(r.milestone, r.measure) for r in made.effects.inputs.effects if r.measure >= 0]
    of = made.supply.coming
    starts += [(place, of.measure[place]) for _, _, place in of.places] if of else []
    used = {milestone for milestone, measure in starts if measures[measure] not in made.request.without}
    titles = {m.id: m.title.en for m in made.request.plan.milestones()}
    return tuple(
        Draw(f"schedule/{name}", f"date of “{titles[name]}”", "months since 2000-01", True, made.dates.finish[:, k])
        for k, name in enumerate(net.ids)
        if net.place[k] in used and np.isnan(net.fixed[k])
    )
