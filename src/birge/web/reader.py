"""Who reads, in which language, and which plan they see."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from birge.errors import InputError
from birge.factbook import Factbook, Observation
from birge.jobs import Jobs
from birge.pages.documents import whole
from birge.pages.registered import unswitched
from birge.plan.known import known
from birge.plan.load import plan_hash
from birge.plan.schema import Plan
from birge.store.access import Actor, Grant
from birge.store.desk import Desk
from birge.store.errors import Missing
from birge.store.figures import figures
from birge.store.kinds import Run
from birge.store.plans import effective, seen_plan
from birge.store.records import Record, listing, read
from birge.store.registry import ANYONE, Registry
from birge.store.tables import users
from birge.texts import Translator, translator
from birge.web.kept import Kept, Mark, Marks, Sheet
from birge.web.settings import Settings

__all__ = ["Held", "House", "NoPlan", "Reader", "as_of", "holder", "holding", "peopled"]


def holding(desk: Desk, settings: Settings) -> Actor:
    """Return who reads without an account: everyone; on a machine of one's own without accounts, the first side."""
    if not settings.alone or peopled(desk):
        return ANYONE
    side = desk.side or desk.parties[0]
    return Actor("this-machine", "this machine", side, (Grant("viewer"), Grant("secretariat")))


def peopled(desk: Desk) -> bool:
    """Return whether somebody has an account in the registry."""
    return bool(desk.connection.execute(select(func.count()).select_from(users)).scalar())


def holder(registry: Registry, settings: Settings) -> Actor:
    """Return who reads without an account (see `holding`)."""
    if not settings.alone:
        return ANYONE
    with registry.view(ANYONE) as desk:
        return holding(desk, settings)


def as_of(query: Mapping[str, str], today: date) -> date:
    """Return the day as of which a page speaks: `as_of` in the address, else today.

    Raises InputError for what is no day: today's page under another day's address would mislead.
    """
    given = query.get("as_of", "").strip()
    if not given:
        return today
    try:
        return date.fromisoformat(given)
    except ValueError:
        raise InputError.at("as_of", "date", f"{given[:40]!r} is not a day", "write it as 2026-11-30") from None


class NoPlan(Missing):
    """There is no plan that this reader may see."""


@dataclass(frozen=True)
class Held:
    """The plan as known on a day, its hash, the figures known then, and the records that the plan could not take."""

    plan: Plan
    version: str
    observations: tuple[Observation, ...]
    unfit: tuple[Record, ...] = ()


PLANS = 32
"""How many plans are kept; one is some megabytes."""


@dataclass
class Reader:
    """One reader at a desk that only reads."""

    desk: Desk
    t: Translator
    query: dict[str, str]
    jobs: Jobs
    book: Factbook
    plans: Kept[Held] = field(default_factory=lambda: Kept[Held](0))
    marks: Marks = field(default_factory=Marks)
    boundaries: Path | None = None

    @property
    def actor(self) -> Actor:
        """Return who reads."""
        return self.desk.actor

    @property
    def day(self) -> date:
        """Return the day as of which the page speaks: `as_of` in the address, else today."""
        return as_of(self.query, self.desk.now.date())

    @cached_property
    def mark(self) -> Mark:
        """Return what the content of this transaction depends on."""
        return self.marks.of(self.desk.connection, self.actor)

    @cached_property
    def _held(self) -> Held:
        # everything that decides which records are seen: side and grants (`birge.store.access.reach`), not the login
        who = (self.actor.side, self.actor.grants, self.actor.operator)
        return self.plans.made((self.mark, who, self.desk.now.date(), self.day), self._read, lambda _: 1)

    def _read(self) -> Held:
        stand = seen_plan(self.desk, self.day)
        if stand is None:
            raise NoPlan("there is no plan that you may see; sign in")
        unfit: list[Record] = []
        plan = known(effective(self.desk, self.day, stand, unfit), self.day)
        return Held(plan, plan_hash(plan), self._figures(), tuple(unfit))

    def _figures(self) -> tuple[Observation, ...]:
        return (*self.book.observations(self.desk.parties, self.day), *figures(self.desk, self.day))

    @property
    def plan(self) -> Plan:
        """Return the plan as known on the day; raises Missing where this reader may see none."""
        return self._held.plan

    @property
    def unfit(self) -> tuple[Record, ...]:
        """Return the records that this reader may see and the plan on the page could not take."""
        return self._held.unfit

    @property
    def version(self) -> str:
        """Return the hash of the plan on the page."""
        return self._held.version

    @cached_property
    def observations(self) -> tuple[Observation, ...]:
        """Return the figures known on the day: the embedded ones and what both sides entered here."""
        try:
            return self._held.observations
        except Missing:
            return self._figures()

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
        plain = [r for r in self.runs() if unswitched(r.payload.document)]
        return plain[0] if plain else None

    @cached_property
    def document(self) -> dict[str, Any] | None:
        """Return the document of the run, with every key that pages read (`birge.pages.documents`)."""
        if self.run is None:
            return None
        held: Run = self.run.payload
        return whole(held.document)


@dataclass
class House:
    """What all requests share; `plans` and `sheets` are kept between requests (`birge.web.kept`)."""

    registry: Registry
    jobs: Jobs
    settings: Settings
    book: Factbook
    secret: bytes
    plans: Kept[Held] = field(init=False)
    sheets: Kept[Sheet] = field(init=False)
    marks: Marks = field(init=False, default_factory=Marks)

    def __post_init__(self) -> None:
        self.plans = Kept(PLANS if self.settings.keep_mb else 0)
        self.sheets = Kept(self.settings.keep_mb * 1_000_000)

    def weight(self, made: Sheet) -> int:
        """Return what a page weighs; one that waits, or holds a form of a session, is too heavy to be kept."""
        return self.sheets.most + 1 if made.waits or b'name="token"' in made.body else len(made.body)

    @contextmanager
    def reader(self, actor: Actor, lang: str, query: dict[str, str]) -> Iterator[Reader]:
        """Give a reader in a transaction that only reads."""
        with self.registry.view(actor) as desk:
            yield Reader(
                desk, translator(lang), query, self.jobs, self.book, self.plans, self.marks, self.settings.boundaries
            )
