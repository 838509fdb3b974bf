"""Power, the months ahead: typical days of a year, and a shipped policy of the water with its odds and what it costs.

A policy takes half a minute to solve: the page shows one that is shipped with the tables, or says that there is none.
"""

from __future__ import annotations

from collections.abc import Sequence

from birge.models.power.dispatch import Dispatch
from birge.models.power.policy_table import shipped
from birge.models.power.system import System
from birge.pages.power import Exchange
from birge.report.power import Drawing, dispatch_drawings, exchange_drawings, policy_drawings, source_names
from birge.web.blocks import Cell, Picture, Table
from birge.web.blocks_more import drawn, num
from birge.web.reader import Reader

__all__ = ["ahead", "shown", "split", "typical_days"]


def typical_days(view: Reader, system: System, made: Dispatch, place: str, source: str) -> list[Picture]:
    """Return typical days of the side that holds the water."""
    names = source_names(view.t, place)
    economy = system.home().economy
    return [shown(view, d) for d in dispatch_drawings(system, made, economy, names, view.t, source)]


def ahead(view: Reader, inflow: str, place: str) -> list[Table | Picture]:
    """Return reservoir, exchange and missing power under the shipped policy, and its cost; nothing where none is."""
    t = view.t
    found = shipped(view.desk.parties, inflow)
    if found is None:
        return []
    q, c = found["question"], found["cost"]
    source = t(
        "Policy of least expected cost over {months} months from January {year}, {paths} drawn rivers, the side with "
        "the water alone; the spread of its inflow is fitted to six seasons, its persistence and the costs of missing "
        "power are assumed.",
        months=q["months"],
        year=q["year"],
        paths=q["paths"],
    )
    rows = (
        (Cell(t("lower bound")), num(c["bound"], t)),
        (Cell(t("cost of the policy")), num(c["cost"], t)),
        (Cell(t("its standard error")), num(c["error"], t, 1)),
        (Cell(t("upper 95 % limit over the bound, %")), num(100 * c["gap"], t, 2)),
        (Cell(t("what the yield at the level of the moment adds, %")), num(100 * c["head"], t, 1)),
        (Cell(t("its standard error, %")), num(100 * c["head_error"], t, 1)),
    )
    head = (t("Months ahead and what follows"), t.named("unit", "mn USD"))
    return [
        *(shown(view, d) for d in policy_drawings(found, t, place, source)),
        Table("policy", t("How far the policy is from the best one"), head, rows, source),
    ]


def split(view: Reader, found: Sequence[Exchange], names: dict[str, str], source: str) -> list[Picture]:
    """Return how the gain of all could be shared, as bars over the price of water."""
    gains = [(e.price, e.shares) for e in found]
    return [shown(view, d) for d in exchange_drawings(gains, names, view.t, source)]


def shown(view: Reader, d: Drawing) -> Picture:
    """Return a drawing as a picture of a page with its table."""
    t = view.t
    rows = tuple(
        tuple(Cell(v) if isinstance(v, str) else num(v, t, 0 if abs(v) >= 100 else 2) for v in row) for row in d.rows
    )
    table = Table(f"{d.name}-table", d.title, d.head, rows, d.source)
    return drawn(f"power-{d.name}", d.title, d.told, d.source, d.spec, table=table)
