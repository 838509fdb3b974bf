"""Both sides' figures in the registry as observations, ready for the assessment: every vintage, with its date."""

from __future__ import annotations

from datetime import date
from typing import Literal

from birge.factbook.observation import Observation
from birge.store.desk import Desk
from birge.store.kinds import Observed
from birge.store.records import listing

__all__ = ["figures"]

VINTAGES: dict[str, Literal["first print", "revised", "not known"]] = {
    "preliminary": "first print",
    "revised": "revised",
    "not known": "not known",
}


def figures(desk: Desk, as_of: date) -> tuple[Observation, ...]:
    """Return what was published until a date: the own side's submitted figures and those the other has shared."""
    found = []
    for r in listing(desk, "observation", official=True):
        said: Observed = r.payload
        if said.published > as_of:
            continue
        found.append(
            Observation(
                id=r.id,
                pair=desk.parties,
                year=said.year,
                months=said.months,
                flow=said.flow,
                reporter=said.reporter,
                value=said.value,
                unit=said.unit,
                kind="annual" if said.months == (1, 12) else "part",
                step=None,
                valuation=said.valuation,
                published=said.published,
                published_assumed=False,
                vintage=VINTAGES[said.vintage],
                verified="official",
                derived=False,
                source=said.source,
                note=said.note or "",
            )
        )
    return tuple(found)
