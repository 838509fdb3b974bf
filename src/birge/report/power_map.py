"""Pictures of an exchange, each with its table: gains by regime, what crosses by month, and a map of it.

document of `power exchange` ─▶ regime_drawing       what each economy gains by a way of living together
flows of a year              ─▶ monthly_drawing      what comes in and goes out over each border, month by month
                             ─▶ map_drawing          the same on a map, winter beside summer
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from birge.charts.power import months, shares
from birge.charts.power_map import power_map
from birge.models.power.cases import WINTER
from birge.models.power.flows import Flow, Place, places
from birge.models.power.system import System
from birge.report.power import Drawing, exchange_drawings, source_said
from birge.texts import Translator, country

__all__ = ["exchange_pictures", "map_drawing", "monthly_drawing", "place_name", "regime_drawing", "regime_names"]

SUMMER = [m for m in range(12) if m not in WINTER]
SEEN = 20.0
"""GWh in a season below which no arrow is drawn; the table has all."""


def exchange_pictures(
    system: System, whole: Mapping[str, Any], boundaries: Sequence[Mapping[str, Any]], t: Translator
) -> list[Drawing]:
    """Return all pictures of the document of `power exchange`: gains and shares, months and maps of two regimes.

    Flows and gains by regime are those at the usual price of irrigation water.
    """
    names = {c: country(c, t.lang) for c in dict.fromkeys(n.economy for n in system.nodes)}
    source = t("Factbook tables of power; least cost of a year that ends with the water it began with. Illustrative.")
    source = source_said(system, t, source)
    rows = whole["by_price"]
    usual = rows[len(rows) // 2]
    made = [
        *exchange_drawings([(r["price"], r["today"]["shapley"]) for r in rows], names, t, source),
        regime_drawing(usual["regimes"], usual["price"], names, t, source),
    ]
    said = t(
        "Positions are approximate. Lines and names express no opinion on the legal status of any territory or on the "
        "course of a boundary."
    )
    words, year, known = regime_names(t), int(whole["year"]), places(system.tables)
    for way in usual["regimes"]:
        if way["regime"] in ("swap", "free"):
            crossing = [Flow(f["from"], f["to"], np.array(f["gwh_by_month"])) for f in way["flows"]]
            told, short = words[way["regime"]], {"swap": "today", "free": "open"}[way["regime"]]
            title = t("What crosses the borders of {place} in {year}: {regime}",
                      place=place_name(known, system.home().id, t.lang), year=year, regime=told)  # fmt: skip
            made.append(monthly_drawing(f"months-{short}", crossing, known, system.home().id, year, title, t, source))
            if any(f.start in known and f.end in known for f in crossing):
                title = t("Power between the systems in {year}: {regime}", year=year, regime=told)
                made.append(map_drawing(f"map-{short}", crossing, known, boundaries, title, t, f"{source} {said}"))
    return made


def place_name(known: Mapping[str, Place], code: str, lang: str) -> str:
    """Return the name of a node, seller or buyer, its code where the tables have none."""
    found = known.get(code)
    return found.names[lang] if found else code


def regime_names(t: Translator) -> dict[str, str]:
    """Return the ways of living together in words."""
    return {
        "isolated": t("standing alone"),
        "swap": t("today's exchange"),
        "free": t("open lines"),
        "swap-planned": t("today's exchange, planned reservoirs"),
        "free-planned": t("open lines, planned reservoirs"),
    }


def regime_drawing(
    ways: Sequence[Mapping[str, Any]], price: float, names: Mapping[str, str], t: Translator, source: str
) -> Drawing:
    """Return what each economy gains against today's exchange; standing alone, an order larger, is left to the table.

    `ways` are the rows of `regime_document` at one price of irrigation water (mn USD/km3).
    """
    words = regime_names(t)
    drawn = [w for w in ways if w["regime"] not in ("isolated", "swap")]
    rows = [
        {"group": words[w["regime"]], "name": names[c], "value": v, "text": t.number(v)}
        for w in drawn
        for c, v in w["gain_against_today"].items()
    ]
    told = " ".join(
        f"{words[w['regime']].capitalize()}: "
        + "; ".join(f"{names[c]} {t.number(v)}" for c, v in w["gain_against_today"].items())
        + "."
        for w in drawn
    )
    axis = t("mn USD a year")
    return Drawing(
        "regimes",
        t("Gain against today's exchange, irrigation water at {price} mn USD/km³", price=t.number(price)),
        told,
        source,
        lambda w: shares(rows, w, axis, t.lang),
        (t("regime"), *names.values(), *(t("{side}: of it missing power", side=n) for n in names.values())),
        tuple(
            (
                words[w["regime"]],
                *(round(w["gain_against_today"][c], 1) for c in names),
                *(round(w["of_it_missing_power"][c], 1) for c in names),
            )
            for w in ways
        ),
    )


def monthly_drawing(
    name: str,
    crossing: Sequence[Flow],
    known: Mapping[str, Place],
    home: str,
    year: int,
    title: str,
    t: Translator,
    source: str,
) -> Drawing:
    """Return what reaches `home` (above zero) and leaves it (below) by neighbour and month, losses left out."""
    sides = [x for x in dict.fromkeys(s for f in crossing for s in (f.start, f.end)) if x != home]
    into = {(f.start, 1): f.gwh for f in crossing if f.end == home}
    into |= {(f.end, -1): f.gwh for f in crossing if f.start == home}
    near = [s for s in sides if (s, 1) in into or (s, -1) in into]
    order = [place_name(known, s, t.lang) for s in near]
    rows = [
        {"at": f"{year}-{m + 1:02d}-15", "name": place_name(known, s, t.lang), "value": sign * float(gwh[m])}
        for (s, sign), gwh in into.items()
        for m in range(12)
    ]
    told = "; ".join(
        t(
            "{side}: {inward} GWh in, {outward} GWh out",
            side=place_name(known, s, t.lang),
            inward=t.number(float(sum(into.get((s, 1), [])))),
            outward=t.number(float(sum(into.get((s, -1), [])))),
        )
        for s in near
    )
    table: tuple[tuple[str | float, ...], ...] = tuple(
        (
            f"{year}-{m + 1:02d}",
            *(round(float(into[s, sign][m]), 1) if (s, sign) in into else 0.0 for s in near for sign in (1, -1)),
        )
        for m in range(12)
    )
    head = tuple(
        x
        for s in near
        for x in (
            t("from {side}, GWh", side=place_name(known, s, t.lang)),
            t("to {side}, GWh", side=place_name(known, s, t.lang)),
        )
    )
    axis = t("GWh a month")
    return Drawing(
        name,
        title,
        f"{told}. " + t("Months in which power costs the same can stand for one another."),
        source,
        lambda w: months(rows, order, w, axis, t.lang),
        (t("month"), *head),
        table,
    )


def map_drawing(
    name: str,
    crossing: Sequence[Flow],
    known: Mapping[str, Place],
    boundaries: Sequence[Mapping[str, Any]],
    title: str,
    t: Translator,
    source: str,
) -> Drawing:
    """Return the flows of a year on a map, GWh from October to March beside April to September."""
    shown = [x for x in dict.fromkeys(s for f in crossing for s in (f.start, f.end)) if x in known]
    marks = [{"name": place_name(known, x, t.lang), "lat": known[x].lat, "lon": known[x].lon} for x in shown]
    seasons = {t("October to March, GWh"): WINTER, t("April to September, GWh"): SUMMER}
    panels = {
        words: [
            {
                "lat": known[f.start].lat, "lon": known[f.start].lon,
                "lat2": known[f.end].lat, "lon2": known[f.end].lon,
                "value": float(f.gwh[span].sum()), "text": t.number(float(f.gwh[span].sum())),
            }
            for f in crossing
            if f.start in known and f.end in known and float(f.gwh[span].sum()) >= SEEN
        ]
        for words, span in seasons.items()
    }  # fmt: skip
    table = tuple(
        (
            place_name(known, f.start, t.lang),
            place_name(known, f.end, t.lang),
            round(float(f.gwh[WINTER].sum()), 1),
            round(float(f.gwh[SUMMER].sum()), 1),
        )
        for f in crossing
    )
    told = "; ".join(f"{a} → {b} {t.number(w)} + {t.number(s)}" for a, b, w, s in table)
    return Drawing(
        name,
        title,
        t("GWh of winter and summer: {flows}.", flows=told),
        source,
        lambda w: power_map(marks, panels, boundaries, w, t.lang),
        (t("from"), t("to"), *seasons),
        table,
    )
