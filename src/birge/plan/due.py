"""Who has to do what by when: the next items, what is past its date, and on whom there is no word."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date

from birge.errors import InputError
from birge.plan.known import known
from birge.plan.schema import Measure, Plan, State, Status
from birge.texts import Translator, translator

__all__ = ["Due", "Only", "Row", "due", "last_status"]


@dataclass(frozen=True)
class Row:
    """One item: its id, title, organisation, due date and the last word on it."""

    id: str
    item: str
    organisation: str
    due: date
    last_word: str
    reported: date | None = None
    age_days: int | None = None


@dataclass(frozen=True)
class Due:
    """Open items by due date: `next` from today on, `overdue` with a word since, `silent` without one."""

    next: tuple[Row, ...]
    overdue: tuple[Row, ...]
    silent: tuple[Row, ...]


@dataclass(frozen=True)
class Only:
    """Which items to list: of an organisation, of a pillar (ids) and of a side (code); None means all."""

    organisation: str | None = None
    pillar: str | None = None
    side: str | None = None

    def check(self, plan: Plan) -> None:
        """Raise InputError for what the plan does not have."""
        known = {
            "organisation": [o.id for o in plan.organisations],
            "pillar": [p.id for p in plan.pillars],
            "side": [p.code for p in plan.parties],
        }
        for name, ids in known.items():
            if (asked := getattr(self, name)) is not None and asked not in ids:
                raise InputError.at(
                    f"--{name}", f"{name}-unknown", f"no {name} {asked!r}", f"use one of {', '.join(ids)}"
                )


@dataclass(frozen=True)
class _Item:
    id: str
    title: str
    owners: tuple[str, ...]
    due: date
    status: tuple[Status, ...]
    pillar: str | None = None
    sides: frozenset[str] = field(default_factory=frozenset)


def last_status(status: Iterable[Status], as_of: date) -> Status | None:
    """Return the newest report that was known on `as_of`."""
    known = [s for s in status if (s.known_on or s.reported) <= as_of]
    return max(known, key=lambda s: s.reported, default=None)


def due(plan: Plan, as_of: date, lang: str = "en", count: int = 5, only: Only | None = None) -> Due:
    """Return what is due as known on `as_of`; an item past its date without a report since is silent.

    Raises InputError where `only` names what the plan does not have.
    """
    only = only or Only()
    only.check(plan)
    plan = known(plan, as_of)
    t = translator(lang)
    names = {o.id: o.name.get(lang) for o in plan.organisations}
    ahead: list[Row] = []
    over: list[Row] = []
    silent: list[Row] = []
    for item in (i for i in _items(plan, lang) if _wanted(i, only)):
        last = last_status(item.status, as_of)
        if last is not None and last.state in (State.DONE, State.STOPPED):
            continue
        row = _row(item, last, as_of, names, t)
        if item.due >= as_of:
            ahead.append(row)
        elif last is not None and last.reported >= item.due:
            over.append(row)
        else:
            silent.append(row)
    ordered = [tuple(sorted(rows, key=lambda r: r.due)) for rows in (ahead, over, silent)]
    return Due(ordered[0][:count], ordered[1], ordered[2])


def _row(item: _Item, last: Status | None, as_of: date, names: dict[str, str], t: Translator) -> Row:
    owner = ", ".join(names[o] for o in item.owners if o in names) or t("no owner named in a public source")
    if item.due < as_of and (last is None or last.reported < item.due):
        word = t("not known since {date}", date=t.date(last.reported if last else item.due))
    elif last is None:
        word = t("no report")
    else:
        word = t("{state}, reported {date}", state=t.named("word", last.state.value), date=t.date(last.reported))
    reported = last.reported if last else None
    age = (as_of - reported).days if reported else None
    return Row(item.id, item.title, owner, item.due, word, reported, age)


def _wanted(item: _Item, only: Only) -> bool:
    return (
        (only.organisation is None or only.organisation in item.owners)
        and (only.pillar is None or only.pillar == item.pillar)
        and (only.side is None or only.side in item.sides)
    )


def _done(measure: Measure) -> bool:
    """Return whether the last word on every milestone of `measure` is that it is done; False without milestones."""
    states = [last_status(m.status, date.max) for m in measure.milestones]
    return bool(states) and all(s is not None and s.state is State.DONE for s in states)


def _items(plan: Plan, lang: str) -> Iterator[_Item]:
    """Yield milestones, measures without dated milestones, and decisions, each with its owners and reports.

    A measure whose milestones are all done is done. A decision is left to its measure where that is due the same day.
    """
    parties = {o.id: o.party for o in plan.organisations}
    pillars = {m.id: m.pillar for m in plan.measures}
    carried: set[tuple[str | None, date | None]] = set()

    def sides(owners: tuple[str, ...], side: str | None = None) -> frozenset[str]:
        return frozenset(code for code in (side, *(parties.get(o) for o in owners)) if code)

    for measure in plan.measures:
        dated = [m for m in measure.milestones if m.planned]
        bodies = measure.responsible + measure.co_responsible
        for m in dated:
            owners = (m.owner,) if m.owner else bodies
            # A milestone of one side is that side's alone, whoever answers for the measure.
            whose = frozenset({m.side}) if m.side else sides(owners)
            yield _Item(m.id, m.title.get(lang), owners, m.planned or date.max, m.status, measure.pillar, whose)
        carried |= {(measure.id, day) for day in (measure.deadline.due, *(m.planned for m in dated))}
        if not dated and (day := measure.deadline.due) and not _done(measure):
            yield _Item(measure.id, measure.title.get(lang), bodies, day, measure.status, measure.pillar, sides(bodies))
    for meeting in plan.meetings:
        for d in meeting.decisions:
            if d.due and (d.measure, d.due) not in carried:
                pillar = pillars.get(d.measure or "")
                yield _Item(d.id, d.title.get(lang), d.owners, d.due, d.status, pillar, sides(d.owners))
