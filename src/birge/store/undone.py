"""What a plan version would undo: agreed changes that it sets back to what an earlier agreed version said.

A table that was taken before a newer agreement, edited and sent in, says the old of everything that was agreed since.
Nobody typed that, so it is told before the version is sent or confirmed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError

from birge.plan.compare import Change, compare
from birge.plan.schema import Plan
from birge.store.agreement import PlanStand
from birge.store.canonical import canonical
from birge.store.desk import Desk
from birge.store.plans import stands
from birge.store.records import Record

__all__ = ["Undone", "set_back", "undone"]

MOST = 5
Undone = tuple[PlanStand, Plan, Plan]
"""The earlier version whose words come back, the newest agreed plan, and that plan with these words set back."""


def undone(desk: Desk, record: Record) -> Undone | None:
    """Return what a version that is not agreed sets back; None where that is nothing."""
    agreed = [s for s in stands(desk) if s.agreed]
    if record.retired or len(agreed) < 2 or record.id in {s.record for s in agreed}:
        return None
    newest, made = agreed[0].plan, record.payload.read()
    for older in agreed[1 : MOST + 1]:
        if (back := set_back(older.plan, newest, made)) is not None:
            return older, newest, back
    return None


def set_back(older: Plan, newest: Plan, made: Plan) -> Plan | None:
    """Return the `newest` plan with what `made` sets back in it to the words of an `older` one; None for nothing."""

    def key(c: Change, turned: bool = False) -> tuple[str, str, str]:
        before, after = canonical(c.before), canonical(c.after)
        return (c.where, after, before) if turned else (c.where, before, after)

    agreed = {key(c, True) for c in compare(older, newest)}
    data: Any = newest.canonical()
    found = [c for c in compare(newest, made) if key(c) in agreed]
    for c in found:
        _apply(data, c.where.split("."), c)
    try:
        return Plan.model_validate(data) if found else None
    except ValidationError:  # these alone make no plan, such as a removed record that others name
        return made


def _apply(node: Any, path: Sequence[str], change: Change) -> None:
    """Make one change in plain data; records of a list are named by their ids."""
    name, *rest = path
    at: Any = name
    if isinstance(node, list):
        at = next((n for n, r in enumerate(node) if r["id"] == name), len(node))
    if rest:
        _apply(node[at], rest, change)
    elif change.kind == "removed":
        del node[at]
    elif isinstance(node, list) and at == len(node):
        node.append(change.after)
    else:
        node[at] = change.after
