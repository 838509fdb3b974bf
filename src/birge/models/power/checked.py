"""What the rows of one's own power tables have to be: numbers in their range, names that lead somewhere, whole sets.

    `checked_tables(folder)` ─▶ `read_tables` ─▶ rows by `COLUMNS` ─▶ names, months, pairs ─▶ Tables, or all problems

A problem stands at the file and line of its row. The tables that ship pass the same checks, by a test.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from birge.errors import InputError, Problem
from birge.models.power.ranges import curve_problems, parameter_problems
from birge.models.power.subsystem import SHARE, parameters_of, rivers_of, water_of
from birge.models.power.tables import Row, Tables, read_tables

__all__ = ["COLUMNS", "checked_tables", "problems_of"]

SWAP = ("ratio", "cap", "give-first", "give-last", "return-first", "return-last", "line")
"""An exchange contract is these parameters, each with `swap-` before it."""
SHOWN = 20
"""So many problems of a file are named; the rest is counted."""


@dataclass(frozen=True)
class Number:
    """A number from `low` to `high`; `whole`: without a fraction; `below`: less than `high`."""

    low: float = 0.0
    high: float = math.inf
    whole: bool = False
    below: bool = False

    def wrong(self, text: str) -> str | None:
        """Return the remedy where `text` is no such number."""
        try:
            value = int(text) if self.whole else float(text)
            good = math.isfinite(value) and self.low <= value <= self.high and not (self.below and value == self.high)
        except ValueError:
            good = False
        if good:
            return None
        kind = "a whole number" if self.whole else "a number"
        top = f" to {'below ' if self.below else ''}{self.high:g}" if self.high < math.inf else " or more"
        return f"write {kind}" if self.low == -math.inf else f"write {kind}, {self.low:g}{top}"


@dataclass(frozen=True)
class Name:
    """A name: of a row of `table`, one of `among`, or any; `empty`: it may be left out."""

    table: str = ""
    among: tuple[str, ...] = ()
    empty: bool = False


ANY, SIGNED, SHARE_OF, MORE = Number(), Number(-math.inf), Number(0, 1), Number(-1, 1)
YEAR, FIRST, MONTH = Number(1900, 2200, whole=True), Number(0, 2200, whole=True), Number(1, 12, whole=True)
FLAG = Name(among=("true", "false"))
FREE = Name(empty=True)
NODE, PROFILE = Name("nodes"), Name("profiles")
COLUMNS: Mapping[str, Mapping[str, Number | Name]] = {
    "nodes": {
        "id": Name(), "economy": Name(), "name": Name(), "demand_twh": ANY, "growth_low": MORE, "growth_mode": MORE,
        "growth_high": MORE, "profile": PROFILE, "curve": Name("missing"), "year": YEAR,
    },
    "missing": {
        "id": Name(), "curve": Name(), "share": SHARE_OF, "price": ANY, "kind": Name(among=("rationed", "unserved")),
    },
    "plants": {
        "id": Name(), "node": NODE, "technology": Name(), "fuel": FREE, "mw": ANY, "profile": PROFILE,
        "limit": Name(among=("power", "energy")), "least": SHARE_OF, "cost": ANY, "co2": ANY,
        "contract": Name(among=("purchase", "free"), empty=True), "payee": FREE,
    },
    "lines": {"id": Name(), "from_node": NODE, "to_node": NODE, "mw": ANY, "loss": Number(0, 1, below=True)},
    "reservoirs": {
        "id": Name(), "node": NODE, "milestone": FREE, "upstream_of": Name("reservoirs", empty=True), "mw": ANY,
        "full_km3": ANY, "stop_km3": ANY, "stop_low_km3": ANY, "stop_high_km3": ANY, "yield_base": ANY,
        "yield_slope": ANY, "release_min_m3s": ANY, "area_base_km2": ANY, "area_slope_km2": ANY,
        "inflow_share": SHARE_OF, "start_km3": ANY,
    },
    "inflows": {
        "reservoir": Name("reservoirs"), "month": MONTH, "inflow_m3s": ANY, "spread": ANY,
        "persistence": Number(0, 1, below=True), "evaporation_mm": SIGNED, "usual_km3": ANY, "need_m3s": ANY,
    },
    "projects": {
        "id": Name(), "milestone": Name(), "node": NODE, "technology": Name(), "mw": ANY, "profile": PROFILE,
        "year": YEAR,
    },
    "zones": {"id": Name(), "economy": Name(), "node": NODE, "mw": ANY, "first_year": FIRST},
    "steps": {
        "id": Name(), "zone": Name("zones"), "way": Name(among=("sells", "buys")), "mw": ANY, "price": SIGNED,
        "months": FREE,
    },
    "options": {
        "id": Name(), "milestone": FREE, "node": NODE, "kind": Name(among=("plant", "battery", "zone", "reservoir")),
        "technology": Name(), "mw": ANY, "first_year": FIRST, "usd_kw": ANY, "usd_kwh": ANY,
        "life": Number(1, whole=True), "fixed": SHARE_OF, "cost": ANY, "co2": ANY, "profile": PROFILE,
        "efficiency": SHARE_OF, "whole": FLAG,
    },
    "parameters": {"id": Name(), "low": SIGNED, "mode": SIGNED, "high": SIGNED},
    "pairs": {"pair": Name(), "reservoir": Name("reservoirs"), "partner": Name("nodes", empty=True), "terms": FREE},
    "profiles": {"profile": Name(), "month": MONTH, "values": Name()},
    "places": {"id": Name(), "lat": Number(-90, 90), "lon": Number(-180, 180)},
    "observed": {"id": Name(), "value": SIGNED, "year": YEAR},
}  # fmt: skip
"""What each column has to be, by table."""


def checked_tables(folder: Path) -> Tables:
    """Return the tables with the rows of `folder`; raises InputError with everything that is wrong in them."""
    found, rows = read_tables(folder)
    if problems := [*rows, *_rows(found)] or problems_of(found):
        raise InputError(_bounded(problems))
    return found


def _bounded(problems: list[Problem]) -> list[Problem]:
    """Return the first `SHOWN` problems of each file, and how many more it has."""
    by_file: dict[str, list[Problem]] = {}
    for p in problems:
        by_file.setdefault(p.where.partition(",")[0], []).append(p)
    shown: list[Problem] = []
    for file, found in by_file.items():
        shown += found[:SHOWN]
        if len(found) > SHOWN:
            message = f"{len(found) - SHOWN:,} more rows are wrong"
            shown.append(Problem(file, "more", message, f"mend those that are named first, all {len(found):,} alike"))
    return shown


def problems_of(of: Tables) -> list[Problem]:
    """Return everything that is wrong with tables; sets of rows are looked at where each row is right by itself."""
    return _rows(of) or [*_sets(of), *_rivers(of), *_pairs(of), *parameter_problems(of), *curve_problems(of)]


def _rows(of: Tables) -> list[Problem]:
    """Return what is wrong with rows by themselves."""
    share = {r["profile"] for t in ("plants", "projects", "options") for r in of[t]}
    found: list[Problem] = []
    for table in COLUMNS:
        for row in of[table]:
            wrong = list(_row(of, table, row))
            found += wrong or _whole(table, row, share)
    return found


def _row(of: Tables, table: str, row: Row) -> Iterator[Problem]:
    for column, kind in COLUMNS[table].items():
        text, where = row[column], f"{row.where}, column {column}"
        if isinstance(kind, Number):
            if remedy := kind.wrong(text):
                yield Problem(where, "number", f"{text!r}", remedy)
        elif not text:
            if not kind.empty:
                yield Problem(where, "empty", "nothing is written", "write a name")
        elif kind.among and text not in kind.among:
            yield Problem(where, "unknown", f"{text!r}", f"one of {', '.join(kind.among)}")
        elif kind.table:
            key = {"profiles": "profile", "missing": "curve"}.get(kind.table, "id")
            known = dict.fromkeys(r[key] for r in of[kind.table])
            if text not in known:
                remedy = f"add it to power_{kind.table}.csv, or name one of {', '.join(known)}"
                yield Problem(where, "unknown", f"{text!r} is not in power_{kind.table}", remedy)


def _whole(table: str, row: Row, share: set[str]) -> Iterator[Problem]:
    """Yield what is wrong between the columns of a row; `share`: profiles that are shares of capacity."""
    rising = {
        "parameters": ("low", "mode", "high"),
        "nodes": ("growth_low", "growth_mode", "growth_high"),
        "reservoirs": ("stop_low_km3", "stop_km3", "start_km3", "full_km3"),
    }.get(table, ())
    values = [float(row[c]) for c in rising]
    if sorted(values) != values:
        yield Problem(row.where, "range", ", ".join(f"{v:g}" for v in values), f"write {' ≤ '.join(rising)}")
    if table == "nodes" and not float(row["demand_twh"]):
        yield Problem(row.where, "range", "no demand", "write a demand above 0")
    if table == "reservoirs":
        stop = float(row["stop_km3"])
        if stop == float(row["full_km3"]) or stop > float(row["stop_high_km3"]):
            yield Problem(row.where, "range", f"stop_km3 is {stop:g}", "write it below full_km3, up to stop_high_km3")
        if not float(row["yield_base"]) + float(row["yield_slope"]) * stop:
            yield Problem(row.where, "yield", "water makes no power", "write a yield above 0")
    if table == "options" and row["kind"] == "battery" and not float(row["efficiency"]):
        yield Problem(f"{row.where}, column efficiency", "range", "nothing comes out", "write a share above 0, up to 1")
    if table == "lines" and row["from_node"] == row["to_node"]:
        yield Problem(row.where, "loop", "both ends are one node", "name two nodes")
    if table == "steps":
        ends = row["months"].split("-") if row["months"] else ["1", "12"]
        if len(ends) != 2 or any(MONTH.wrong(m) for m in ends):
            yield Problem(
                row.where, "months", f"{row['months']!r}", "write first and last month, such as 5-9, or nothing"
            )
    if table == "profiles":
        kind, hours = Number(0, 1) if row["profile"] in share else ANY, row["values"].split()
        if len(hours) != 24 or any(kind.wrong(v) for v in hours):
            remedy = f"write 24 numbers with spaces between, {'0 to 1' if kind.high == 1 else '0 or more'}"
            yield Problem(f"{row.where}, column values", "hours", f"{len(hours)} values", remedy)


def _sets(of: Tables) -> Iterator[Problem]:
    """Yield names that stand twice, and profiles without all months."""
    for tables in (("plants", "projects", "steps"), ("nodes", "zones", "reservoirs")):
        seen: dict[str, str] = {}
        for row in (r for t in tables for r in of[t]):
            if row["id"] in seen:
                yield Problem(row.where, "name-twice", f"{row['id']} is in {seen[row['id']]} as well", "rename one")
            seen[row["id"]] = row.where
    for row in of["steps"]:
        beside = (x for x in of["steps"] if x["zone"] == row["zone"] and x["way"] == "sells")
        sold = [float(x["price"]) for x in beside if _months_of(x) & _months_of(row)]
        if row["way"] == "buys" and sold and float(row["price"]) > min(sold):
            message = f"{row['zone']} buys at {row['price']} what it sells at {min(sold):g}: power would go in a circle"
            yield Problem(f"{row.where}, column price", "circle", message, "let it buy no dearer than it sells")
    months: dict[str, set[int]] = {}
    for row in of["profiles"]:
        months.setdefault(row["profile"], set()).add(int(row["month"]))
    last = {r["profile"]: r.where for r in of["profiles"]}
    yield from (_months_missing(last[p], "profile", p, m) for p, m in months.items() if len(m) < 12)


def _months_of(step: Row) -> set[int]:
    first, last = (int(m) for m in (step["months"] or "1-12").split("-"))
    return {m for m in range(1, 13) if (first <= m <= last if first <= last else m >= first or m <= last)}


def _months_missing(where: str, kind: str, name: str, months: set[int]) -> Problem:
    lacks = ", ".join(str(m) for m in range(1, 13) if m not in months)
    return Problem(where, "months", f"{kind} {name} has no month {lacks}", "write a row for each of the 12 months")


def _rivers(of: Tables) -> Iterator[Problem]:
    """Yield what is wrong with reservoirs and the rivers that fill them."""
    down = {r["id"]: r["upstream_of"] for r in of["reservoirs"]}
    for row in of["reservoirs"]:
        seen, at = {row["id"]}, row["id"]
        while at := down[at]:
            if at in seen:
                yield Problem(
                    row.where, "loop", f"{row['id']} lies above itself", "name what lies below, to the lowest"
                )
                return
            seen.add(at)
    months: dict[str, set[int]] = {}
    for row in of["inflows"]:
        months.setdefault(row["reservoir"], set()).add(int(row["month"]))
        if down[row["reservoir"]]:
            message = f"{row['reservoir']} is not the lowest of its river"
            yield Problem(row.where, "river", message, "write the river of the lowest; inflow_share says what passes")
    where = {r["id"]: r for r in of["reservoirs"]}
    for low, held in rivers_of(of).items():
        if len(months.get(low, ())) < 12:
            yield _months_missing(where[low].where, "in power_inflows the river of", low, months.get(low, set()))
        if where[low]["milestone"]:
            message, remedy = f"{low} waits for a milestone", "let the lowest be there; those above may wait"
            yield Problem(where[low].where, "milestone", message, remedy)
        for name in held:
            above = sum(float(where[u]["inflow_share"]) for u in held if down[u] == name)
            if above > float(where[name]["inflow_share"]) + 1e-9:
                message = f"{above:g} of the river passes what lies above {name}"
                yield Problem(
                    where[name].where, "inflow-share", message, "write shares that do not fall down the river"
                )


def _pairs(of: Tables) -> Iterator[Problem]:
    """Yield what is wrong with pairs: their water, the partner of the exchange, their own parameters."""
    economy = {r["id"]: r["economy"] for r in of["nodes"]}
    reservoirs = {r["id"]: r for r in of["reservoirs"]}
    lines = {frozenset((r["from_node"], r["to_node"])) for r in of["lines"]}
    for row in of["pairs"]:
        pair, main, partner = row["pair"].split("-"), reservoirs[row["reservoir"]], row["partner"]
        if len(set(pair)) != 2 or len(pair) != 2 or not set(pair) <= set(economy.values()):
            message, remedy = (
                f"{row['pair']!r} is no pair of the nodes' economies",
                "write two of them, such as AAA-BBB",
            )
            yield Problem(f"{row.where}, column pair", "pair", message, remedy)
            continue
        if main["upstream_of"] or economy[main["node"]] not in pair:
            message = f"{main['id']} is not the lowest reservoir of a river in {row['pair']}"
            yield Problem(f"{row.where}, column reservoir", "reservoir", message, "name one, in a node of the pair")
            continue
        if partner and frozenset((partner, main["node"])) not in lines:
            message = f"no line joins {partner} to {main['node']}"
            yield Problem(f"{row.where}, column partner", "partner", message, "add it to power_lines.csv")
        water = water_of(of, pair)
        assert water is not None
        known = parameters_of(of, water, ())
        needed = ["contract-price", "water-price", *(f"swap-{x}" for x in SWAP if partner)]
        place = f"@{row['terms']}" if row["terms"] else ""
        if lacks := [f"{n}{place}" for n in needed if n not in known]:
            message = f"power_parameters has no {', '.join(lacks)}"
            yield Problem(f"{row.where}, column terms", "terms", message, "add the rows, each with low, mode and high")
        if not partner and (strange := [n for n in known if n.startswith("swap-")]):
            message, remedy = f"{', '.join(strange)} without a partner", "name the partner, or take other terms"
            yield Problem(f"{row.where}, column partner", "partner", message, remedy)
    places = {r["terms"] for r in of["pairs"]} | set(reservoirs)
    for row in of["parameters"]:
        name, _, place = row["id"].partition("@")
        if place and place not in places:
            remedy = f"write one of {', '.join(sorted(p for p in places if p))}"
            yield Problem(
                f"{row.where}, column id", "place", f"{place!r} is no terms of power_pairs, no reservoir", remedy
            )
        if name.startswith(SHARE) and name.removeprefix(SHARE) not in economy.values():
            message = f"no node of {name.removeprefix(SHARE)}"
            yield Problem(f"{row.where}, column id", "unknown", message, "name an economy of power_nodes.csv")
