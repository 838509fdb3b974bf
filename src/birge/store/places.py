"""Where an item stands in the plan: what a grant for a pillar, a measure or an organisation covers."""

from __future__ import annotations

from dataclasses import dataclass

from birge.plan.schema import Plan

__all__ = ["Place", "places"]


@dataclass(frozen=True)
class Place:
    """The items that contain an item (itself, its measure, its pillar), who answers for it, on which side it lies."""

    title: str
    items: frozenset[str]
    organisations: frozenset[str]
    side: str | None = None


def places(plan: Plan) -> dict[str, Place]:
    """Return the place of every measure, milestone, indicator and decision by id."""
    found: dict[str, Place] = {}
    for i in plan.indicators:
        found[i.id] = Place(i.title.en, frozenset({i.id, i.pillar}), frozenset())
    for m in plan.measures:
        bodies = frozenset(m.responsible + m.co_responsible)
        found[m.id] = Place(m.title.en, frozenset({m.id, m.pillar}), bodies)
        for s in m.milestones:
            owners = frozenset({s.owner}) if s.owner else bodies
            found[s.id] = Place(s.title.en, frozenset({s.id, m.id, m.pillar}), owners, s.side)
    for meeting in plan.meetings:
        for d in meeting.decisions:
            found[d.id] = Place(d.title.en, frozenset({d.id, meeting.id}), frozenset(d.owners))
    return found
