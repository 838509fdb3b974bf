"""What the tests of the registry share: a clock, the usual people, an agreed plan."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from birge.plan import load
from birge.store import accounts, plans
from birge.store.registry import OPERATOR, Registry

SMALL = Path(__file__).with_name("two-sides.yaml")
PAIR = ("GEO", "ARM")


class Clock:
    """A clock that tests move; every look at it is a millisecond later."""

    def __init__(self) -> None:
        self.now = datetime(2026, 9, 1, 8, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(milliseconds=1)
        return self.now


def populate(registry: Registry, side: str) -> None:
    """Make a secretary, an approver, a reporter, a viewer and a statistician on each side that works here."""
    with registry.desk(OPERATOR) as desk:
        for code in [side] if side else PAIR:
            for role in ("secretariat", "approver", "reporter", "viewer", "statistics", "admin"):
                login = f"{role}-{code.lower()}"
                accounts.add_user(desk, login, f"{role.title()} {code}", code)
                accounts.grant(desk, login, role)


def agree(registry: Registry) -> str:
    """Propose the small plan from one side and confirm it by both; returns the record's id."""
    with registry.desk("secretariat-geo") as desk:
        ident = plans.propose(desk, load(SMALL)[0], date(2026, 1, 1)).id
    for who in ("approver-geo", "approver-arm"):
        with registry.desk(who) as desk:
            plans.confirm(desk, ident)
    return ident
