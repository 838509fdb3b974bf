"""What changed since the last council, for both sides' eyes: what was agreed and reported, in the reader's language.

Assumed effects, durations and risks are the analysts' and are never told here; nor is when a line became public.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from birge.pages.sides import marked
from birge.plan.known import known
from birge.plan.schema import Plan
from birge.plan.told import differences

__all__ = ["Changed", "Session", "changes", "last_council", "sessions"]

COUNCILS = ("interstate council", "intergovernmental council")
INTERNAL = ("known_on", "effects", "duration", "lag_months", "sources", "settlement", "unreviewed")
LANGUAGES = frozenset(("en", "ru", "kk", "ky"))


@dataclass(frozen=True)
class Changed:
    """A record by its name, and the sentences on what changed in it; `new` if it was not there before."""

    record: str
    lines: tuple[str, ...]
    new: bool = False


@dataclass(frozen=True)
class Session:
    """A session of a council: its title (empty for a date alone) and its day."""

    title: str
    day: date


def sessions(plan: Plan) -> list[tuple[str, date]]:
    """Return (id, day) of every session of a council that has a day, in their order."""
    return sorted(((m.id, m.date) for m in plan.meetings if m.body in COUNCILS and m.date), key=lambda s: s[1])


def last_council(plan: Plan, before: date) -> tuple[str, date] | None:
    """Return the last session of a council held before a day, None where there is none."""
    return next((s for s in reversed(sessions(plan)) if s[1] < before), None)


def changes(before: Plan | date, after: Plan, as_of: date, lang: str) -> tuple[Changed, ...]:
    """Return what changed in `after` since an earlier plan, or since a day as far as it was public then.

    What changed in records that were there stands before those that are new.
    """
    old = known(after, before) if isinstance(before, date) else known(before, as_of)
    new = known(after, as_of)
    found = [
        Changed(record, tuple(d.sentence for d in changed), any(d.new for d in changed))
        for record, changed in differences(_open(old, lang), _open(new, lang), lang)
    ]
    return tuple(sorted(found, key=lambda c: c.new))


def _open(plan: Plan, lang: str) -> Plan:
    """Return `plan` without what is internal and with its texts in one language only."""
    return Plan.model_validate({**_plain(plan.canonical(), lang), "risks": ()})


def _plain(value: Any, lang: str) -> Any:
    if isinstance(value, list):
        return tuple(_plain(v, lang) for v in value)
    if not isinstance(value, dict):
        return value
    if "en" in value and set(value) <= LANGUAGES | {"unreviewed"}:
        # English is in every text; the same sign in both plans keeps it out of another language's changes.
        return {"en": value["en"]} if lang == "en" else {"en": "-", lang: value.get(lang) or marked(value["en"])}
    return {k: _plain(v, lang) for k, v in value.items() if k not in INTERNAL}
