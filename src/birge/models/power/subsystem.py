"""What of the tables belongs to a pair: its water, the economies that lines and rivers join to it, its parameters.

pair ─▶ `water_of`     the row of power_pairs: main reservoir, partner of the exchange, whose parameters hold
     ─▶ `economies_of` the pair, who has a line to it, who shares the main river
     ─▶ `parameters_of` x@RESERVOIR of another river, x@TERMS, or x
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from birge.errors import Problem
from birge.models.power.tables import Row, Tables

__all__ = [
    "LOCAL",
    "SHARE",
    "Water",
    "below",
    "economies_of",
    "parameters_of",
    "refused",
    "rivers_of",
    "terms_of",
    "water_of",
]

LOCAL = ("swap-", "water-", "contract-price")
"""Parameters that speak of one river or one exchange contract: those of another place never stand in for them."""
SHARE = "water-share-"


@dataclass(frozen=True)
class Water:
    """The main reservoir, the node that its side exchanges power with (empty: none), and the place of parameters."""

    reservoir: str
    partner: str
    terms: str


def water_of(of: Tables, economies: Iterable[str]) -> Water | None:
    """Return the water of a pair: of its own row of power_pairs, else of the only row whose reservoir lies in it."""
    found = _rows_of(of, set(economies))
    return Water(found[0]["reservoir"], found[0]["partner"], found[0]["terms"]) if len(found) == 1 else None


def refused(of: Tables, economies: tuple[str, ...]) -> Problem | None:
    """Return why two economies have no power system in the tables, None where they have one."""
    pair, known = "-".join(economies), {r["economy"] for r in of["nodes"]}
    among = ", ".join(sorted(r["pair"] for r in of["pairs"]))
    if len(economies) != 2 or not set(economies) <= known:
        message = f"no power system of {pair or 'nobody'} in the tables"
        remedy = f"write two of {', '.join(sorted(known))}, such as {among}; your own come with --tables"
        return Problem("--pair", "no-power-system", message, remedy)
    if economies[0] == economies[1]:
        return Problem("--pair", "same-party", f"{pair} names one party twice", f"name two parties, such as {among}")
    found = _rows_of(of, set(economies))
    where = {r["id"]: r["economy"] for r in of["nodes"]}
    held = [r["id"] for r in of["reservoirs"] if not r["upstream_of"] and where.get(r["node"]) in economies]
    if not found and held:
        message = f"no row of power_pairs says which water {pair} looks at"
        return Problem("--pair", "no-water", message, f"add one to power_pairs.csv: {pair}, with {' or '.join(held)}")
    if not found:
        message = f"neither party of {pair} holds water that power_pairs names"
        return Problem("--pair", "no-water", message, f"take a pair with a side that does, such as {among}")
    if len(found) > 1:
        message = f"{pair} holds several rivers: {', '.join(sorted({r['reservoir'] for r in found}))}"
        return Problem("--pair", "many-waters", message, f"name the main reservoir in a row {pair} of power_pairs")
    return None


def _rows_of(of: Tables, economies: set[str]) -> list[Row]:
    """Return the rows of power_pairs that a pair may go by, one for each main reservoir."""
    if len(economies) < 2:
        return []
    for row in of["pairs"]:
        if set(row["pair"].split("-")) == economies:
            return [row]
    where = {r["id"]: r["economy"] for r in of["nodes"]}
    home = {r["id"]: where.get(r["node"]) for r in of["reservoirs"]}
    return list({r["reservoir"]: r for r in reversed(of["pairs"]) if home.get(r["reservoir"]) in economies}.values())


def terms_of(of: Tables, reservoir: str) -> str:
    """Return the place of the parameters of a main reservoir, empty for rows without one."""
    return next((r["terms"] for r in of["pairs"] if r["reservoir"] == reservoir), "")


def rivers_of(of: Tables) -> dict[str, tuple[str, ...]]:
    """Return the reservoirs of each river by its lowest, itself included."""
    down = {r["id"]: r["upstream_of"] for r in of["reservoirs"]}
    found: dict[str, tuple[str, ...]] = {}
    for name in down:
        low = below(down, name)
        found[low] = (*found.get(low, ()), name)
    return found


def below(down: dict[str, str], name: str) -> str:
    """Return the lowest reservoir under `name`, by what lies below each."""
    while down.get(name):
        name = down[name]
    return name


def economies_of(of: Tables, economies: Iterable[str], water: Water) -> set[str]:
    """Return the pair, those that a line joins to it, and those that hold or take water of its main river."""
    where = {r["id"]: r["economy"] for r in of["nodes"]}
    pair, joined = set(economies), set(economies)
    for line in of["lines"]:
        ends = {where[line["from_node"]], where[line["to_node"]]}
        if ends & pair:
            joined |= ends
    on = {r["id"]: where[r["node"]] for r in of["reservoirs"]}
    joined |= {on[r] for r in rivers_of(of)[water.reservoir]}
    return joined | {n.removeprefix(SHARE) for n in parameters_of(of, water, ()) if n.startswith(SHARE)} & {
        *where.values()
    }


def parameters_of(of: Tables, water: Water, others: Iterable[str]) -> dict[str, Row]:
    """Return the parameters that hold for a pair's water, by their name; of `others` (reservoirs) with their place.

    x@TERMS stands for x; `LOCAL` ones of no place hold only where the terms are empty.
    """
    found: dict[str, Row] = {}
    for row in of["parameters"]:
        name, _, place = row["id"].partition("@")
        if not place and (not water.terms or not name.startswith(LOCAL)):
            found.setdefault(name, row)
        elif place and place == water.terms:
            found[name] = row
        elif place in others:
            found[row["id"]] = row
    return found
