"""A reporting round: whom a side asks, who has answered all or a part, who is silent, and all answers in one table."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from birge.errors import InputError
from birge.plan.schema import State
from birge.store.access import Thing
from birge.store.agreement import known_organisations
from birge.store.desk import Desk
from birge.store.errors import Denied, Missing
from birge.store.kinds import Language, Letter, Progress, Round
from birge.store.plans import effective
from birge.store.records import Record, create, edit, listing, submit
from birge.texts import translator

__all__ = [
    "Asked",
    "Row",
    "Silent",
    "answered_in",
    "asked",
    "close_round",
    "consolidate",
    "covered",
    "items_of",
    "open_round",
    "remind",
    "round_of",
    "silent",
]


@dataclass(frozen=True)
class Asked:
    """An item an organisation is asked about: its number and title, its due date, the side's last word on it."""

    id: str
    title: str
    due: date | None
    state: State | None
    reported: date | None


@dataclass(frozen=True)
class Silent:
    """An organisation that has not answered for all it is asked: on how many items it is, and how many it answered."""

    organisation: str
    name: str
    items: int
    answered: int = 0

    @property
    def left(self) -> int:
        """Return how many items have no answer."""
        return self.items - self.answered


@dataclass(frozen=True)
class Row:
    """A row of the consolidated table; `state` is None where there is no word."""

    item: str
    title: str
    organisation: str
    state: State | None
    finished: date | None
    text: str
    letter: str


def asked(desk: Desk, on: date, lang: Language = "en") -> dict[str, list[Asked]]:
    """Return the open items of the plan and of the councils by the organisation that answers for them.

    The effective plan is worked out once for all organisations: it is the costly part.
    """
    plan = effective(desk, on)
    open_states = (State.NOT_STARTED, State.IN_PROGRESS)
    found: dict[str, list[Asked]] = {}

    def ask(item: object, title: str, due: date | None) -> None:
        ident, status = item.id, item.status  # type: ignore[attr-defined]
        place = desk.places.get(ident)
        if place is None or place.side not in (None, desk.actor.side):
            return
        last = max(status, key=lambda s: s.reported, default=None)
        if last is None or last.state in open_states:
            for body in place.organisations:
                word = Asked(ident, title, due, last.state if last else None, last.reported if last else None)
                found.setdefault(body, []).append(word)

    for measure in plan.measures:
        for m in measure.milestones:
            ask(m, f"{measure.number}. {m.title.get(lang)}", m.planned)
        if not measure.milestones:
            ask(measure, f"{measure.number}. {measure.title.get(lang)}", measure.deadline.due)
    for meeting in plan.meetings:
        for d in meeting.decisions:
            ask(d, d.title.get(lang), d.due)
    return found


def items_of(desk: Desk, organisation: str, on: date, lang: Language = "en") -> list[Asked]:
    """Return the open items of the plan and of the councils that an organisation answers for."""
    return asked(desk, on, lang).get(organisation, [])


def open_round(
    desk: Desk, ident: str, closes: date, organisations: tuple[str, ...] = (), meeting: str | None = None
) -> Record:
    """Open a round; without `organisations` all of the own side, and joint ones, that answer for something open."""
    today = desk.now.date()
    if closes < today:
        raise InputError.at("closes", "round-past", f"{closes} is over", "name a day that is still to come")
    names = _names(desk)
    for name in organisations:
        if name not in names:
            raise InputError.at(
                "organisations", "organisation", f"{name!r} is not of this side", "use an id of the plan"
            )
    chosen = organisations
    if not chosen:
        answers = asked(desk, today)
        chosen = tuple(n for n in names if n in answers)
    if not chosen:
        raise InputError.at("organisations", "nobody", "no organisation answers for an open item", "name them")
    made = create(desk, "round", Round(id=ident, meeting=meeting, opened=today, closes=closes, organisations=chosen))
    return submit(desk, made.id, made.version)


def silent(desk: Desk, ident: str, lang: Language = "en") -> list[Silent]:
    """Return the organisations asked in a round that have not answered, or not for every open item.

    What they answered counts as asked, even where it is done by now; a report that was taken back is no answer.
    """
    held: Round = round_of(desk, ident).payload
    answered, bodies = answered_in(desk, ident), covered(desk, held)
    names, items = _names(desk, lang), asked(desk, desk.now.date()) if bodies else {}
    found = []
    for body in bodies:
        said = answered.get(body, frozenset())
        whole = {a.id for a in items.get(body, ())} | said
        if not said or whole - said:
            found.append(Silent(body, names.get(body, body), len(whole), len(said)))
    return found


def answered_in(desk: Desk, ident: str) -> dict[str, frozenset[str]]:
    """Return the items that each organisation has answered in a round by a report that still stands."""
    live = {r.id for r in listing(desk, "progress", official=True)}
    return {
        r.payload.organisation: frozenset(e.item for e in r.payload.reports if e.record in live)
        for r in listing(desk, "answer", subject=ident)
    }


def remind(desk: Desk, ident: str) -> list[Silent]:
    """Note that those who have not answered for everything are reminded today, and return them."""
    record = _open(desk, ident)
    found = silent(desk, ident)
    today = desk.now.date()
    if found and today not in record.payload.reminded:
        _change(desk, record, record.payload.model_copy(update={"reminded": (*record.payload.reminded, today)}))
    return found


def close_round(desk: Desk, ident: str) -> list[Silent]:
    """Close a round; it takes no more answers. Returns who stayed silent, wholly or in part."""
    record = _open(desk, ident)
    found = silent(desk, ident)
    _change(desk, record, record.payload.model_copy(update={"closed": desk.now.date()}))
    return found


def covered(desk: Desk, held: Round) -> tuple[str, ...]:
    """Return the organisations of a round whose answers the actor reads; nothing is said of the others."""
    side = desk.actor.side
    return tuple(o for o in held.organisations if desk.may("read", Thing("answer", side, asked=frozenset({o}))))


def consolidate(desk: Desk, ident: str, lang: Language = "en") -> list[Row]:
    """Return every item asked about with each organisation's word in the round, in the order of the plan."""
    held: Round = round_of(desk, ident).payload
    reports = {r.id: r.payload for r in listing(desk, "progress", official=True)}
    said: dict[tuple[str, str], tuple[Progress, Letter]] = {}
    for r in listing(desk, "answer", subject=ident):
        for e in r.payload.reports:
            if e.record in reports:
                said[e.item, r.payload.organisation] = reports[e.record], e.letter
    names, items = _names(desk, lang), asked(desk, held.opened, lang)
    rows = []
    for body in covered(desk, held):
        titles = {a.id: a.title for a in items.get(body, ())}
        titles |= {i: desk.places[i].title(lang) for i, o in said if o == body and i not in titles and i in desk.places}
        for item, title in titles.items():
            name = names.get(body, body)
            if (item, body) not in said:
                rows.append(Row(item, title, name, None, None, "", ""))
                continue
            word, letter = said[item, body]
            text = word.text.get(lang) or next(iter(word.text.values())) if word.text else ""
            came = f"{letter.number}, {translator(lang).date(letter.date)}"
            rows.append(Row(item, title, name, word.state, word.finished, text, came))
    order = {item: n for n, item in enumerate(desk.places)}
    return sorted(rows, key=lambda r: (order.get(r.item, len(order)), r.organisation))


def round_of(desk: Desk, ident: str) -> Record:
    """Return a round of the own side; raises Missing if there is none."""
    for r in listing(desk, "round", key=ident):
        if r.side == desk.actor.side:
            return r
    raise Missing(f"there is no round {ident!r}", id=ident)


def _open(desk: Desk, ident: str) -> Record:
    record = round_of(desk, ident)
    if record.payload.closed is not None:
        raise Denied(f"the round {ident} was closed on {record.payload.closed}", id=ident)
    return record


def _change(desk: Desk, record: Record, payload: Round) -> None:
    made = edit(desk, record.id, record.newest, payload)
    submit(desk, made.id, made.version)


def _names(desk: Desk, lang: Language = "en") -> dict[str, str]:
    """Return the organisations that this side may ask: its own and joint ones."""
    bodies = known_organisations(desk.connection, desk.now.date()).values()
    return {o.id: o.name.get(lang) for o in bodies if o.party in (None, desk.actor.side)}
