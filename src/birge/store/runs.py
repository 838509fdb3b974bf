"""Runs of the assessment: kept as documents, internal to the side that ran them until an approver releases them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from birge.store.canonical import canonical, digest
from birge.store.desk import Desk
from birge.store.kinds import Run
from birge.store.records import Record, create, listing, submit

__all__ = ["keep", "runs_on"]


def keep(desk: Desk, document: Mapping[str, Any], release: str, data: Mapping[str, str] | None = None) -> Record:
    """Keep the document of an assessment (`Assessment.document()`) with what it was made from; the same run once.

    `release` is the version of Birge, `data` the vintage of each data set.
    """
    made = Run(
        plan_hash=document["plan_hash"],
        as_of=date.fromisoformat(document["as_of"]),
        seed=document["seed"],
        draws=document["draws"],
        scenario=document["scenario"],
        release=release,
        data=dict(data or {}),
        document=dict(document),
    )
    key = digest(canonical(made.document))
    for r in listing(desk, "run", key=key):
        if r.side == desk.actor.side:
            return r
    record = create(desk, "run", made)
    return submit(desk, record.id, record.version)


def runs_on(desk: Desk, plan_hash: str) -> list[Record]:
    """Return the runs on a plan that the actor may see, newest first."""
    return sorted(listing(desk, "run", subject=plan_hash, official=True), key=lambda r: r.at, reverse=True)
