"""What is known about crossings: trucks and capacity by direction, and reports of queues."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from importlib.resources import files
from typing import Literal

__all__ = ["CrossingRow", "QueueReport", "crossing_rows", "queue_reports"]


@dataclass(frozen=True)
class CrossingRow:
    """A direction of a crossing: trucks and capacity a day, opening, and which of them is assumed."""

    crossing: str
    variant: Literal["today", "rebuilt"]
    direction: str
    title: str
    trucks_per_day: float
    capacity_per_day: float
    opens: str
    hours: float
    assumed_trucks: bool
    assumed_capacity: bool
    source: str


@dataclass(frozen=True)
class QueueReport:
    """What was reported on a day: trucks queued and trucks crossed in 24 hours; None where nothing was said."""

    seen: str
    crossing: str
    direction: str
    queued: float | None
    crossed_24h: float | None
    verified: str
    source: str

    @property
    def year(self) -> int:
        """Return the year of the report."""
        return int(self.seen[:4])


def crossing_rows(pair: tuple[str, str] | None = None) -> tuple[CrossingRow, ...]:
    """Return the directions of all crossings of `pair`, of every pair if None."""
    titles = {r["id"]: f"{r['name_a']} - {r['name_b']}" for r in _table("crossings")}
    return tuple(
        CrossingRow(
            crossing=r["crossing"],
            variant="rebuilt" if r["variant"] == "rebuilt" else "today",
            direction=r["direction"],
            title=titles[r["crossing"]],
            trucks_per_day=float(r["trucks_per_day"]),
            capacity_per_day=float(r["capacity_per_day"]),
            opens=r["opens"],
            hours=float(r["hours"]),
            assumed_trucks=r["assumed_trucks"] == "true",
            assumed_capacity=r["assumed_capacity"] == "true",
            source=r["source"],
        )
        for r in _table("border_crossings")
        if pair is None or {r["party_a"], r["party_b"]} == set(pair)
    )


def queue_reports(crossing: str | None = None) -> tuple[QueueReport, ...]:
    """Return the reports of queues at `crossing`, at every crossing if None, in order of time."""
    return tuple(
        QueueReport(
            seen=r["seen"],
            crossing=r["crossing"],
            direction=r["direction"],
            queued=float(r["queued"]) if r["queued"] else None,
            crossed_24h=float(r["crossed_24h"]) if r["crossed_24h"] else None,
            verified=r["verified"],
            source=r["source"],
        )
        for r in _table("border_queues")
        if crossing is None or r["crossing"] == crossing
    )


def _table(name: str) -> list[dict[str, str]]:
    text = (files("birge.factbook") / "tables" / f"{name}.csv").read_text("utf-8")
    return list(csv.DictReader(text.splitlines()))
