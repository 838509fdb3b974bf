"""Who reads, in which language, and which plan they see."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from sqlalchemy import func, select

from birge.factbook import Factbook, Observation
from birge.jobs import Jobs
from birge.plan.known import known
from birge.plan.load import plan_hash
from birge.plan.schema import Plan
from birge.store.access import Actor, Grant
from birge.store.agreement import standing_plan
from birge.store.desk import Desk
from birge.store.errors import Missing
from birge.store.figures import figures
from birge.store.kinds import Run
from birge.store.plans import effective, stands
from birge.store.records import Record, listing, read
from birge.store.registry import ANYONE, Registry
from birge.store.tables import users
from birge.texts import Translator, translator
from birge.web.settings import Settings

__all__ = ["House", "Reader", "holder"]


def holder(registry: Registry, settings: Settings) -> Actor:
    """Return who reads without an account: everyone; on a machine of one's own without accounts, the first side."""
    if not settings.alone:
        return ANYONE
    with registry.view(ANYONE) as desk:
        if desk.connection.execute(select(func.count()).select_from(users)).scalar():
            return ANYONE
        side = desk.side or desk.parties[0]
    return Actor("this-machine", "this machine", side, (Grant("viewer"), Grant("secretariat")))


@dataclass
class Reader:
    """One reader at a desk that only reads."""

    desk: Desk
    t: Translator
    query: dict[str, str]
    jobs: Jobs
    book: Factbook

    @property
    def actor(self) -> Actor:
        """Return who reads."""
        return self.desk.actor

    @property
    def day(self) -> date:
        """Return the day as of which the page speaks: `as_of` in the address, else today."""
        try:
            return date.fromisoformat(self.query.get("as_of", ""))
        except ValueError:
            return self.desk.now.date()

    @cached_property
    def plan(self) -> Plan:
        """Return the plan as known on the day; raises Missing where this reader may see none."""
        stand = standing_plan(self.desk.connection, self.day)
        if stand is None or stand.record not in {s.record for s in stands(self.desk)}:
            raise Missing("there is no plan that you may see; sign in")
        return known(effective(self.desk, self.day), self.day)

    @cached_property
    def version(self) -> str:
        """Return the hash of the plan on the page."""
        return plan_hash(self.plan)

    @cached_property
    def observations(self) -> tuple[Observation, ...]:
        """Return the figures known on the day: the embedded ones and what both sides entered here."""
        pair = self.desk.parties
        return (*self.book.observations(pair, self.day), *figures(self.desk, self.day))

    def runs(self) -> list[Record]:
        """Return the runs this reader may see, newest first."""
        found = listing(self.desk, "run", official=True)
        return sorted(found, key=lambda r: r.at, reverse=True)

    @cached_property
    def run(self) -> Record | None:
        """Return the run the page cites: `run` in the address, else the newest without scenario or switches."""
        wanted = self.query.get("run")
        if wanted:
            found = read(self.desk, wanted)
            if found.kind != "run":
                raise Missing("there is no such run", id=wanted[:80])
            return found
        plain = [r for r in self.runs() if not r.payload.scenario and not r.payload.document["without"]]
        return plain[0] if plain else None

    @property
    def document(self) -> dict[str, Any] | None:
        """Return the document of the run."""
        if self.run is None:
            return None
        held: Run = self.run.payload
        return held.document


@dataclass
class House:
    """What all requests share."""

    registry: Registry
    jobs: Jobs
    settings: Settings
    book: Factbook
    secret: bytes

    @contextmanager
    def reader(self, actor: Actor, lang: str, query: dict[str, str]) -> Iterator[Reader]:
        """Give a reader in a transaction that only reads."""
        with self.registry.view(actor) as desk:
            yield Reader(desk, translator(lang), query, self.jobs, self.book)
