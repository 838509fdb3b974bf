"""Which content both sides have confirmed, and which plan therefore holds on a date."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from sqlalchemy import Connection, and_, case, or_, select

from birge.plan.schema import Organisation, Plan
from birge.store.kinds import PlanVersion, Resolution
from birge.store.places import Place, places
from birge.store.tables import history, records, settings

__all__ = ["PlanStand", "agreed_on", "known_organisations", "known_places", "plan_stands", "standing_plan"]


@dataclass(frozen=True)
class PlanStand:
    """A plan version, the hash of its plan, from when on it holds, and which sides have confirmed it."""

    record: str
    side: str
    version: int
    hash: str
    digest: str
    effective: date
    at: str
    confirmed: tuple[str, ...]
    sent_back: tuple[str, ...]
    agreed: bool
    text: str

    @property
    def plan(self) -> Plan:
        """Return the plan itself."""
        return _plan(self.text)


@lru_cache(maxsize=16)
def _version(text: str) -> PlanVersion:
    return PlanVersion.model_validate_json(text)


@lru_cache(maxsize=16)
def _digest(text: str) -> str:
    return _version(text).digest


@lru_cache(maxsize=16)
def _plan(text: str) -> Plan:
    return _version(text).read()


@lru_cache(maxsize=16)
def _places(text: str) -> dict[str, Place]:
    return places(_plan(text))


def _verdicts(connection: Connection, record: str | None = None) -> dict[tuple[str, str], dict[str, str]]:
    """Return the submitted verdict of each side by record and content hash."""
    where = and_(records.c.kind == "confirmation", history.c.version == records.c.submitted, ~history.c.retired)
    if record is not None:
        where = and_(where, records.c.subject == record)
    query = select(records.c.side, history.c.payload).join(history, history.c.record == records.c.id).where(where)
    found: dict[tuple[str, str], dict[str, str]] = {}
    for row in connection.execute(query):
        said = json.loads(row.payload)
        found.setdefault((said["record"], said["hash"]), {})[row.side] = said["verdict"]
    return found


def _parties(connection: Connection) -> set[str]:
    pair = connection.execute(select(settings.c.value).where(settings.c.name == "parties")).scalar_one()
    return set(pair.split("-"))


def agreed_on(connection: Connection, record: str) -> bool:
    """Return whether both sides have confirmed the same content of a record."""
    parties = _parties(connection)
    return any(
        {side for side, verdict in said.items() if verdict == "confirmed"} >= parties
        for said in _verdicts(connection, record).values()
    )


def plan_stands(connection: Connection) -> list[PlanStand]:
    """Return every submitted plan version with its confirmations, newest effective date first."""
    said, parties = _verdicts(connection), _parties(connection)
    where = and_(records.c.kind == "plan", history.c.version == records.c.submitted, ~history.c.retired)
    content = (history.c.payload, history.c.hash, history.c.at)
    query = select(records, *content).join(history, history.c.record == records.c.id).where(where)
    stands = []
    for row in connection.execute(query):
        verdicts = said.get((row.id, row.hash), {})
        confirmed = tuple(sorted(s for s, v in verdicts.items() if v == "confirmed"))
        sent_back = tuple(sorted(s for s, v in verdicts.items() if v == "sent back"))
        held = _version(row.payload)
        stands.append(
            PlanStand(
                row.id,
                row.side,
                row.submitted,
                row.hash,
                _digest(row.payload),
                held.effective,
                row.at,
                confirmed,
                sent_back,
                set(confirmed) >= parties,
                row.payload,
            )
        )
    return sorted(stands, key=lambda s: (s.effective, s.at), reverse=True)


def standing_plan(connection: Connection, on: date) -> PlanStand | None:
    """Return the plan that holds on a date: the newest agreed one; where none is agreed, the newest submitted one."""
    stands = plan_stands(connection)
    agreed = [s for s in stands if s.agreed and s.effective <= on]
    return next(iter(agreed or stands), None)


def known_places(connection: Connection, on: date, side: str) -> dict[str, Place]:
    """Return where every item stands that `side` may see: those of the plan that holds, and councils' decisions.

    A decision never takes the place of an item of the plan, else its author could move another's item to himself.
    """
    stand = standing_plan(connection, on)
    found = dict(_places(stand.text)) if stand and (stand.agreed or _reaches(connection, stand, side)) else {}
    seen = case((records.c.side == side, records.c.submitted), else_=records.c.shared if side else records.c.published)
    where = and_(records.c.kind == "decision", history.c.version == seen, ~history.c.retired)
    query = select(history.c.payload).join(records, history.c.record == records.c.id).where(where)
    for row in connection.execute(query.order_by(records.c.side != side, records.c.id)):
        decision = Resolution.model_validate_json(row.payload)
        items = {decision.id, decision.meeting} | ({decision.measure} if decision.measure else set())
        found.setdefault(decision.id, Place(decision.title, frozenset(items), frozenset(decision.owners)))
    return found


def _reaches(connection: Connection, stand: PlanStand, side: str) -> bool:
    """Return whether a plan that is not agreed yet is the side's own, or shared with it."""
    shared = connection.execute(select(records.c.shared).where(records.c.id == stand.record)).scalar()
    return bool(side) and (stand.side == side or bool(shared))


def known_organisations(connection: Connection, on: date, side: str | None = None) -> dict[str, Organisation]:
    """Return the organisations of the plan that holds, and those that a side has added.

    For a `side`, the other's only as far as they are shared.
    """
    stand = standing_plan(connection, on)
    found = {o.id: o for o in stand.plan.organisations} if stand else {}
    where = and_(records.c.kind == "organisation", history.c.version == records.c.submitted, ~history.c.retired)
    if side is not None:
        shared = and_(records.c.side != side, history.c.version == records.c.shared)
        own = and_(records.c.side == side, history.c.version == records.c.submitted)
        where = and_(records.c.kind == "organisation", or_(own, shared), ~history.c.retired)
    query = select(history.c.payload).join(records, history.c.record == records.c.id).where(where)
    for row in connection.execute(query):
        body = Organisation.model_validate_json(row.payload)
        found.setdefault(body.id, body)
    return found
