"""Pictures of water and power: one drawing for the page, for `--out`, for paper; each with its table and its source.

document of a policy ─▶ policy_drawings    reservoir with stop levels, what crosses borders, missing power
a year (`Dispatch`)  ─▶ dispatch_drawings  typical days by source
gains by price       ─▶ exchange_drawings  how the gain of all could be shared
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from birge.charts.power import days, months, reservoir, shares
from birge.models.power.balance import need, supply
from birge.models.power.dispatch import Dispatch
from birge.models.power.month import hours
from birge.models.power.system import System
from birge.texts import Translator, country

__all__ = [
    "WIDE",
    "Drawing",
    "dispatch_drawings",
    "exchange_drawings",
    "inflow_names",
    "policy_drawings",
    "regime_names",
    "source_names",
    "source_said",
]

WIDE = 720
SEASONS = (0, 3, 6, 9)


@dataclass(frozen=True)
class Drawing:
    """A chart for any width (px), with what it says in words, its source, and the same as a table."""

    name: str
    title: str
    told: str
    source: str
    spec: Callable[[int], dict[str, Any]]
    head: tuple[str, ...]
    rows: tuple[tuple[str | float, ...], ...]


def source_said(system: System, t: Translator, said: str) -> str:
    """Return the source of a picture: `said` of the tables that ship, or that rows of somebody's own are in it."""
    if system.tables is None or system.tables.folder is None:
        return said
    return t(
        "Power tables of the factbook with rows of your own; least cost. Nothing of them was checked but their form."
    )


def source_names(t: Translator, place: str) -> dict[str, str]:
    """Return the names of sources of power in the order in which they are stacked; `place` names the reservoir."""
    return {
        "cascade": t("cascade below {reservoir}", reservoir=place),
        "hydro": t("other hydropower"),
        "coal": t("coal"),
        "gas": t("gas"),
        "oil": t("oil"),
        "nuclear": t("nuclear"),
        "solar": t("solar"),
        "wind": t("wind"),
        "import": t("purchases"),
        "lines": t("over lines, net"),
        "returned": t("returned"),
        "missing": t("missing"),
    }


def inflow_names(t: Translator) -> dict[str, str]:
    """Return what inflow of a year is called, by its name in the models."""
    return {"dry": t("dry year"), "mean": t("mean year"), "wet": t("wet year")}


def regime_names(t: Translator) -> dict[str, str]:
    """Return what regimes of exchange are called, by their name in the models."""
    return {
        "isolated": t("no exchange"),
        "purchases": t("purchases only"),
        "swap": t("purchases and swap, as today"),
        "free": t("open lines"),
    }


def policy_drawings(found: Mapping[str, Any], t: Translator, place: str, source: str) -> list[Drawing]:
    """Return the drawings of a policy's document (`reading.document`); `place` names the reservoir."""
    return [_reservoir(found, t, place, source), _crossing(found, t, source), _missing(found, t, source)]


def _reservoir(found: Mapping[str, Any], t: Translator, place: str, source: str) -> Drawing:
    start = float(found["question"]["from_volume"])
    every = found["months"]
    first = {"at": f"{every[0]['month']}-01", **dict.fromkeys(every[0]["volume"], start)}
    rows = [first, *({"at": _after(m["month"]), **m["volume"]} for m in every)]
    said = "; ".join(t.number(v, 1) for v in found["levels"])
    low, high = min(found["levels"]), float(found["full"])
    rules = [
        (v, t("stop levels that are said: {levels} km³", levels=said) if v == low else "") for v in found["levels"]
    ]
    rules.append((high, t("full: {value} km³", value=t.number(high, 1))))
    told = " ".join(
        t(
            "{year}: it falls to {low} km³ in {a} of 100 futures, to {high} km³ in {b}.",
            year=y["year"],
            low=t.number(min(found["levels"]), 1),
            high=t.number(max(found["levels"]), 1),
            a=t.number(100 * y["odds_below"][f"{min(found['levels']):g}"]),
            b=t.number(100 * y["odds_below"][f"{max(found['levels']):g}"]),
        )
        for y in found["years"]
    )
    widest = max(high - low for y in found["years"] for low, high in y["odds_below_95"].values()) / 2
    told += " " + t(
        "From {paths} drawn rivers: these odds hold within {n} of 100 (95 % limits).",
        paths=found["question"]["paths"],
        n=t.number(100 * widest),
    )
    odds = ("p2.5", "p10", "p25", "p50", "p75", "p90", "p97.5")
    table = tuple((m["month"], *(round(m["volume"][p], 3) for p in odds)) for m in every)
    title = t("Water in {reservoir} over the months ahead", reservoir=place)
    level = t("{odds} of 100", odds="{odds}")
    return Drawing(
        "reservoir",
        title,
        told,
        source,
        lambda w: reservoir(rows, rules, w, t("km³"), level, t.lang),
        (t("end of month"), *(f"{t.number(float(p[1:]), int('.' in p))} %, {t('km³')}" for p in odds)),
        table,
    )


def _crossing(found: Mapping[str, Any], t: Translator, source: str) -> Drawing:
    kinds = {"bought": t("purchases"), "returned": t("returned"), "given": t("given")}
    rows = [
        {"at": f"{m['month']}-15", "name": name, "value": m[k] * (-1 if k == "given" else 1)}
        for m in found["months"]
        for k, name in kinds.items()
    ]
    told = " ".join(
        t(
            "{year}: {bought} GWh are bought for {paid} mn USD, {given} GWh given, {returned} GWh returned.",
            year=y["year"],
            bought=t.number(y["bought"]),
            paid=t.number(y["paid"]),
            given=t.number(y["given"]),
            returned=t.number(y["returned"]),
        )
        for y in found["years"]
    )
    table = tuple((m["month"], *(round(m[k], 1) for k in kinds)) for m in found["months"])
    return Drawing(
        "exchange",
        t("What crosses the border, month by month"),
        told,
        source,
        lambda w: months(rows, list(kinds.values()), w, t("GWh a month"), t.lang),
        (t("month"), *(f"{n}, {t.named('unit', 'GWh')}" for n in kinds.values())),
        table,
    )


def _missing(found: Mapping[str, Any], t: Translator, source: str) -> Drawing:
    sides = {code: country(code, t.lang) for code in found["economies"]}
    rows = [
        {"at": f"{m['month']}-15", "name": name, "value": m["missing"][code]["mean"]}
        for m in found["months"]
        for code, name in sides.items()
    ]
    told = " ".join(
        t(
            "{year}, {side}: {missing} GWh are missing; more than rationing covers in {odds} of 100 futures.",
            year=y["year"],
            side=name,
            missing=t.number(y["missing"][code]),
            odds=t.number(100 * y["odds_unserved"][code]),
        )
        for y in found["years"]
        for code, name in sides.items()
    )
    table = tuple(
        (m["month"], *(round(m["missing"][c][k], 3) for c in sides for k in ("mean", "odds_unserved")))
        for m in found["months"]
    )
    head = tuple(
        x
        for n in sides.values()
        for x in (f"{n}, {t.named('unit', 'GWh')}", t("{side}: odds of unserved power", side=n))
    )
    return Drawing(
        "missing",
        t("Missing power by month, mean of the futures"),
        told,
        source,
        lambda w: months(rows, list(sides.values()), w, t("GWh a month"), t.lang),
        (t("month"), *head),
        table,
    )


def dispatch_drawings(
    system: System, made: Dispatch, economy: str, names: Mapping[str, str], t: Translator, source: str
) -> list[Drawing]:
    """Return typical days of the nodes of `economy`, MW by source; `names` has the names of sources in their order."""
    nodes = [n for n in made.case.nodes if system.node(n).economy == economy]
    rows: list[dict[str, Any]] = []
    demand: list[dict[str, Any]] = []
    table: list[tuple[str | float, ...]] = []
    words = [t("January"), t("April"), t("July"), t("October")]
    of, asked = supply(system, made, nodes), need(system, made, nodes)
    for m, day in zip(SEASONS, words, strict=True):
        each = hours(m, made.case.blocks) / 1_000
        wide = 24 / made.case.blocks
        for b in range(made.case.blocks):
            parts = {k: float(of[k][m, b]) / each for k in names if k in of}
            parts["missing"] += float(of["rationed"][m, b]) / each
            rows += [
                {"day": day, "hour": b * wide, "until": (b + 1) * wide, "source": names[k], "value": v}
                for k, v in parts.items()
            ]
            # What is given or sold is made for others: the line says what has to be met.
            out = sum(float(of[k][m, b]) for k in ("given", "sold") if k in of)
            due = (float(asked[m, b]) - out) / each
            demand.append({"day": day, "hour": b * wide, "value": due})
            table.append((day, f"{b * wide:g}-{(b + 1) * wide:g}", *(round(parts.get(k, 0.0), 1) for k in names),
                          round(due, 1)))  # fmt: skip
        demand.append({**demand[-1], "hour": 24})
    order = [n for k, n in names.items() if any(r["source"] == n and r["value"] > 0.5 for r in rows)]
    rows = [r for r in rows if r["source"] in order]
    top = max(demand, key=lambda r: float(r["value"]))
    told = t("Highest load of these days: {mw} MW in {month}.", mw=t.number(float(top["value"])), month=top["day"])
    line = t("demand and what is given")
    return [
        Drawing(
            "days",
            t("Typical days by source"),
            told,
            source,
            lambda w: days(rows, demand, order, words, w, (t("MW"), t("hour"), line), t.lang),
            (t("month"), t("hour"), *(f"{n}, {t.named('unit', 'MW')}" for n in (*names.values(), line))),
            tuple(table),
        )
    ]


def exchange_drawings(
    gains: Sequence[tuple[float, Mapping[str, float]]], names: Mapping[str, str], t: Translator, source: str
) -> list[Drawing]:
    """Return how the gain of all could be shared (mn USD a year by economy) at each price of water (mn USD/km3)."""
    rows = [
        {
            "group": t("irrigation water at {price} mn USD/km³", price=t.number(price)),
            "name": names[code],
            "value": v,
            "text": t.number(v),
        }
        for price, shared in gains
        for code, v in shared.items()
        if code in names
    ]
    told = " ".join(
        t(
            "At {price} mn USD/km³: {shares}.",
            price=t.number(price),
            shares="; ".join(f"{names[c]} {t.number(v)}" for c, v in shared.items() if c in names),
        )
        for price, shared in gains
    )
    title = t("mn USD a year")
    return [
        Drawing(
            "gains",
            t("How the gain of all could be shared (Shapley)"),
            told,
            source,
            lambda w: shares(rows, w, title, t.lang),
            (t("Price of irrigation water, mn USD/km³"), *(f"{n}, {title}" for n in names.values())),
            tuple((price, *(round(shared.get(c, 0.0), 1) for c in names)) for price, shared in gains),
        )
    ]


def _after(month: str) -> str:
    """Return the first day after `month` (YYYY-MM)."""
    year, number = (int(v) for v in month.split("-"))
    return f"{year + number // 12}-{number % 12 + 1:02d}-01"
