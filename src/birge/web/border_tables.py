"""The tables of the border that need no simulation: crossings and queues as reported, what designs assume."""

from __future__ import annotations

from collections.abc import Sequence

from birge.pages.border import COMPLEX, Queueing, queues, ways
from birge.web.blocks import Cell, Table
from birge.web.blocks_more import num
from birge.web.reader import Reader
from birge.web.worded import assumed_part, day_of, direction, noted

__all__ = ["assumed", "queued", "reported", "side_of"]


def side_of(view: Reader, code: str) -> int:
    """Return the place of the side from which a direction leads, as the pair is ordered; streams of no side last."""
    pair = view.desk.parties
    return pair.index(code[:3]) if code[:3] in pair else len(pair)


def reported(view: Reader, names: dict[str, str]) -> Table:
    """Return trucks and capacity of each direction as the factbook has them, assumed figures marked."""
    t = view.t
    rows_of = ways(view.desk.parties)
    order = {c: k for k, c in enumerate(dict.fromkeys(r.crossing for r in rows_of))}

    def told(value: float, assumed: bool) -> Cell:
        return Cell(t.number(value) + (f" ({t('assumed')})" if assumed else ""), kind="n")

    rows = tuple(
        (
            Cell(names[r.crossing], f"passport/crossing/{r.crossing}"),
            Cell(direction(view, r.direction)),
            Cell(t("today") if r.variant == "today" else t("rebuilt")),
            told(r.trucks_per_day, r.assumed_trucks),
            told(r.capacity_per_day, r.assumed_capacity),
            Cell(
                t("day and night")
                if r.hours >= 24
                else t("{hours} h from {opens}", hours=f"{r.hours:g}", opens=r.opens)
            ),
            noted(t, r.source),
        )
        for r in sorted(rows_of, key=lambda r: (order[r.crossing], r.variant != "today", side_of(view, r.direction)))
    )
    head = (
        t("Crossing"),
        t("Direction"),
        t("State"),
        t("Trucks a day"),
        t("Capacity a day"),
        t("Open"),
        t("Source"),
    )
    return Table("crossings", t("Crossings in the factbook"), head, rows)


def queued(view: Reader, names: dict[str, str]) -> Table:
    """Return the queues that were reported, the newest first."""
    t = view.t
    rows = tuple(
        (
            Cell(day_of(t, q.seen), kind="date"),
            Cell(names[q.crossing]),
            Cell(direction(view, q.direction)),
            num(q.queued, t),
            num(q.crossed_24h, t),
            Cell(t(q.verified)),
            Cell(q.source.split("/")[2].rstrip("."), q.source) if "//" in q.source else noted(t, q.source),
        )
        for q in queues(view.desk.parties)
    )
    head = (
        t("Date"),
        t("Crossing"),
        t("Direction"),
        t("Queue, trucks"),
        t("Crossed in 24 h"),
        t("Checked"),
        t("Source"),
    )
    told = t("Reports come from days with queues; they say nothing of usual days.")
    return Table("queues", t("Queues as reported"), head, rows, told, t("nothing is recorded"))


def assumed(view: Reader, found: Sequence[Queueing], names: dict[str, str], crossing: str) -> Table:
    """Return the assumed parts of the designs of a crossing and of the complex."""
    t = view.t
    state = {"today": t("today"), "rebuilt": t("rebuilt"), COMPLEX: t("as planned")}
    rows = tuple(
        (assumed_part(view, name), Cell(f"{names[q.crossing]}, {state[q.variant]}"))
        for q in found
        if q.crossing in (crossing, COMPLEX)
        for name in q.assumed
    )
    title = t("What is assumed in the design")
    return Table("assumed", title, (t("Input"), t("Design")), rows, empty=t("nothing is assumed"))
