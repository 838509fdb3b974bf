"""Where an item stands in the plan: what a grant for a pillar, a measure or an organisation covers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from birge.plan.schema import Plan, Text

__all__ = ["Place", "places"]


@dataclass(frozen=True)
class Place:
    """The items that contain an item (itself, its measure, its pillar), who answers for it, on which side it lies.

    `words` is its title by language.
    """

    words: Mapping[Any, str]
    items: frozenset[str]
    organisations: frozenset[str]
    side: str | None = None

    def title(self, lang: str) -> str:
        """Return its title in a language, else in the first one it has: English in a plan."""
        return self.words.get(lang) or next(iter(self.words.values()))


def places(plan: Plan) -> dict[str, Place]:
    """Return the place of every measure, milestone, indicator and decision by id."""
    found: dict[str, Place] = {}
    for i in plan.indicators:
        found[i.id] = Place(_words(i.title), frozenset({i.id, i.pillar}), frozenset())
    for m in plan.measures:
        bodies = frozenset(m.responsible + m.co_responsible)
        found[m.id] = Place(_words(m.title), frozenset({m.id, m.pillar}), bodies)
        for s in m.milestones:
            owners = frozenset({s.owner}) if s.owner else bodies
            found[s.id] = Place(_words(s.title), frozenset({s.id, m.id, m.pillar}), owners, s.side)
    for meeting in plan.meetings:
        for d in meeting.decisions:
            found[d.id] = Place(_words(d.title), frozenset({d.id, meeting.id}), frozenset(d.owners))
    return found


def _words(said: Text) -> dict[str, str]:
    held = {"en": said.en, "ru": said.ru, "kk": said.kk, "ky": said.ky}
    return {lang: text for lang, text in held.items() if text}
