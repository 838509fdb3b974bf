"""Who may do what: one pure function over one table. There is no right without a grant.

A grant is a role of a user, for an organisation or all, for an item (a measure, milestone, pillar) or all. A user
belongs to one side and never acts on a record of the other, except to read what is shared and to confirm it or send it
back.

A grant for one organisation or item narrows what is written and which reports and drafts are read. Plan versions that
were submitted are read by whoever reads anything on a side, and a round by the organisations that it asks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from birge.store.kinds import KINDS

__all__ = ["COMMON", "ROLES", "Action", "Actor", "Grant", "Reach", "Role", "Thing", "may", "reach"]

Role = Literal["viewer", "reporter", "statistics", "secretariat", "approver", "admin"]
Action = Literal[
    "read",
    "comment",
    "report",
    "figure",
    "write",
    "run",
    "submit",
    "share",
    "publish",
    "confirm",
    "judge",
    "receive",
    "administer",
]

Reach = Literal["own side", "officials", "both sides", "public"]
COMMON = frozenset({"council", "meeting", "plan"})
"""Kinds that every role that reads sees, however narrow its grants are: without the plan nobody knows what is due, and
without its session a decision has no place."""

ROLES: Mapping[str, frozenset[str]] = {
    "viewer": frozenset({"read"}),
    "reporter": frozenset({"read", "comment", "report"}),
    "statistics": frozenset({"read", "comment", "figure"}),
    "secretariat": frozenset({"read", "comment", "report", "write", "run", "share", "receive"}),
    "approver": frozenset({"read", "comment", "confirm", "judge", "share", "share internal", "publish", "receive"}),
    "admin": frozenset({"administer"}),
}


@dataclass(frozen=True)
class Grant:
    """A role within an organisation (empty: all) and an item or pillar (empty: all)."""

    role: str
    organisation: str = ""
    item: str = ""


@dataclass(frozen=True)
class Actor:
    """Who acts. `operator` holds the machine: it sets up accounts on any side and may nothing else."""

    login: str
    name: str
    side: str
    grants: tuple[Grant, ...] = ()
    operator: bool = False


@dataclass(frozen=True)
class Thing:
    """What is acted on: a record's kind and side, where it belongs in the plan, how far it has gone, its author.

    `asked` are organisations whom it asks: their people read it, and get no other right by that.
    """

    kind: str
    side: str
    items: frozenset[str] = frozenset()
    organisations: frozenset[str] = frozenset()
    author: str = ""
    shared: bool = False
    published: bool = False
    asked: frozenset[str] = frozenset()


def reach(actor: Actor, thing: Thing) -> Reach | None:
    """Return as which circle `actor` reads `thing`: which version that is follows from it; None if not at all."""
    private = KINDS[thing.kind].private
    if not actor.operator and _granted(actor, "read", thing):
        if actor.side == thing.side:
            return "own side"
        if thing.shared and not private:
            return "both sides"
    elif not actor.operator and _concerned(actor, thing):
        if actor.side == thing.side:
            return "officials"
        if thing.shared and not private:
            return "both sides"
    return "public" if thing.published and not private else None


def may(actor: Actor, action: str, thing: Thing) -> bool:
    """Return whether `actor` may do `action` to `thing`; everything that is not allowed is denied."""
    kind = KINDS.get(thing.kind)
    if action == "administer":
        return (actor.operator or _granted(actor, action, thing)) and actor.side in (thing.side, "")
    if kind is None:
        return False
    if action == "read":
        return reach(actor, thing) is not None
    if actor.operator:
        return False
    own = actor.side == thing.side
    if action == "confirm":
        seen = own or (thing.shared and not kind.private)
        return seen and actor.login != thing.author and _granted(actor, "confirm", thing)
    if not own:
        return False
    if action == "submit":
        return _granted(actor, kind.write, thing)
    if action in ("share", "publish"):
        if kind.private:
            return False
        return _granted(actor, "share internal" if kind.internal and action == "share" else action, thing)
    return _granted(actor, action, thing)


def _concerned(actor: Actor, thing: Thing) -> bool:
    """Return whether a reader with narrow grants reads this all the same: no draft, and no other right."""
    return any(
        "read" in ROLES.get(g.role, frozenset())
        and (thing.kind in COMMON or (bool(g.organisation) and not g.item and g.organisation in thing.asked))
        for g in actor.grants
    )


def _granted(actor: Actor, action: str, thing: Thing) -> bool:
    return any(
        action in ROLES.get(g.role, frozenset())
        and (not g.organisation or g.organisation in thing.organisations)
        and (not g.item or g.item in thing.items)
        for g in actor.grants
    )
