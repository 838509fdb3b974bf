"""Corridors: how goods go between main places of the two, in hours and at a cost, today and with the plan; a map."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from birge.charts.freight_map import MapWords, freight_map
from birge.factbook.network import Network, Node
from birge.pages.corridors import (
    Corridor,
    Met,
    between,
    counted,
    main_pairs,
    met,
    network_of,
    planned,
    regimes,
    standing_of,
    today,
)
from birge.texts import Translator
from birge.web.blocks import Cell, Filter, Page, Picture, Table
from birge.web.blocks_more import NARROW, WIDE, chosen, drawn, num, pick
from birge.web.boundaries import boundaries
from birge.web.corridor_tables import at_work, by_definition, changed, compared, crossings, found_line, ways
from birge.web.reader import Reader
from birge.web.shelf import taken

if TYPE_CHECKING:
    from birge.models.freight.planned import AtWork, State
    from birge.report.freight_map import MapFigures

__all__ = ["Found", "corridors_of", "corridors_page"]

GOODS = ("general", "perishables", "bulk", "valuables")
YEARS_AFTER = 10
STATES = ("planned", "today")


@dataclass(frozen=True)
class Found:
    """What the page asks of the models: corridors, crossings, and the state of the network that the map shows."""

    corridors: tuple[Corridor, ...]
    crossings: tuple[Met, ...]
    drawn: State


def corridors_of(view: Reader, net: Network) -> tuple[Found | None, tuple[AtWork, ...]]:
    """Return what the address asks for, None while it is computed, and the plan's effects with those that count.

    What the plan has is counted by the end of a year: at middle dates of the run that the reader sees, else as planned.
    """
    pair, goods, regime = view.desk.parties, _goods(view), chosen(view, "control", regimes(net), "normal")
    acting = counted(pair, view.plan, _dates(view), date(_year(view), 12, 31), view.day)
    there = standing_of(pair, acting)
    now = taken(("corridors today", pair, regime), partial(today, pair, regime))
    then = None if now is None else taken(("corridors", pair, regime, there), partial(planned, now, there))
    if now is None or then is None:
        return None, acting
    ends = _ends(view, net)
    key = ("between", pair, regime, there, goods, ends)
    found = taken(key, partial(_between, now, then, ends, goods))
    shown = now if chosen(view, "map", STATES, "planned") == "today" else then
    return (Found(found, met(now, then), shown) if found else None), acting


def corridors_page(view: Reader) -> Page:
    """Return the main corridors and the crossings today and with the plan, what of the plan counts, ways, and the map.

    A pair without a network is told so.
    """
    t, pair = view.t, view.desk.parties
    title = t("Corridors")
    origin = (view.plan.origin_note.get(t.lang),) if view.plan.origin == "reconstructed" else ()
    net = network_of(pair)
    if net is None:
        told = t("No network of roads and railways ships for these two sides; nothing can be said of corridors.")
        return Page("corridors", title, (told,), origin)
    found, acting = corridors_of(view, net)
    year = _year(view)
    lead = [t("Hours and cost of a tonne between places of the two sides: what is used today, and with the plan.")]
    notes = [*origin]
    blocks: list[Table | Picture] = []
    picture = None
    if found is None:
        notes.append(t("This is being computed; the page asks again by itself."))
    else:
        lead.append(found_line(view, net, found.corridors[0], year))
        picture = _map(view, found.drawn)
        blocks += [compared(view, net, found.corridors, changed(view, found.corridors, year))]
        blocks += [picture] if picture is not None else []
        blocks += [by_definition(view, net, found.corridors), crossings(view, net, found.crossings)]
    blocks.append(at_work(view, net, acting, year, _dated(view)))
    if found is not None:
        blocks += ways(view, net, found.corridors[0])
    waits = found is None or picture is None
    return Page("corridors", title, tuple(lead), tuple(notes), _filters(view, net), tuple(blocks), waits=waits)


def _between(now: State, then: State, ends: tuple[tuple[str, str], ...], goods: str) -> tuple[Corridor, ...]:
    return between(now, then, ends or main_pairs(now.study.pair), goods)


def _dates(view: Reader) -> dict[str, date | None]:
    """Return when each milestone is done: the middle date of the run that the reader sees, else as planned."""
    modelled = {m["id"]: m["p50"] for m in view.document["milestones"]} if view.document else {}
    found = {m.id: modelled.get(m.id, m.planned) for m in view.plan.milestones()}
    return {k: date.fromisoformat(v) if isinstance(v, str) else v for k, v in found.items()}


def _dated(view: Reader) -> str:
    """Return where the dates come from."""
    t = view.t
    if view.run is None:
        return t("By planned dates, as no run of the plan is open to you; what has no planned date does not count.")
    return t("By middle dates of run {run}: half of its futures are done by then.", run=view.run.id[:8])


def _map(view: Reader, state: State) -> Picture | None:
    """Return the map of a state, None while it is computed."""
    pair = view.desk.parties
    key = ("map", pair, state.regime, state.opened, state.settled.trucks.tobytes(), view.t.lang, view.boundaries)
    made = taken(key, partial(_figures, state, view.t, view.boundaries))
    return None if made is None else _picture(view, *made)


def _figures(state: State, t: Translator, own: Path | None) -> tuple[MapFigures, tuple[dict[str, Any], dict[str, Any]]]:
    """Return what the map shows and its specs for a wide and a narrow page."""
    from birge.report.freight_map import map_figures

    found = map_figures(state, t.lang)
    words = MapWords(
        tonnes=t("thousand t a year"),
        mode=t("way of transport (dashed: planned)"),
        places=t("places"),
        wait=t("mean wait, h"),
        trucks=t("trucks a day, both ways"),
        crossing=t("{name}: {wait} h, {trucks} trucks a day"),
        kinds={
            "road": t("road"),
            "rail": t("rail"),
            "city": t("city"),
            "gateway": t("gate to other states"),
            "terminal": t("station or terminal"),
        },
    )
    lines = boundaries(own)
    wide, narrow = (
        freight_map("", "", found.links, found.places, found.open, lines, "", width, words, t.lang)
        for width in (WIDE, NARROW)
    )
    return found, (wide, narrow)


def _picture(view: Reader, found: MapFigures, specs: tuple[dict[str, Any], dict[str, Any]]) -> Picture:
    t = view.t
    today_only = chosen(view, "map", STATES, "planned") == "today"
    title = t("Map of the corridors today") if today_only else t("Map of the corridors with the plan")
    told = t("Links as wide as the tonnes they carry in the model, crossings by their mean wait, both names at each.")
    if not today_only:
        told += " " + t("With what the plan has by the end of {year}.", year=_year(view))
    source = t(
        "Positions are approximate. Lines and names express no opinion on the legal status of any territory or on the "
        "course of a boundary."
    )
    if not boundaries(view.boundaries):
        source += " " + t("Drawn without boundaries: this installation has no file of them.")
    else:
        source += " " + t("Boundaries: Natural Earth, 1:50m, or a file of this installation.")
    rows = tuple((Cell(f"{c['number']}  {c['name']}"), num(c["wait"], t, 1), num(c["trucks"], t)) for c in found.open)
    head = (t("Crossing"), t("Mean wait, h"), t("Trucks a day, both ways"))
    table = Table("map", title, head, rows, t("Other trucks are included; most waits and shares are assumed."))
    made = drawn("map", title, told, source, lambda width: specs[width == NARROW], table=table)
    # an island would load every boundary again, and has nothing to add
    return replace(made, spec=None, tab=t("Map"))


def _year(view: Reader) -> int:
    years = [str(y) for y in range(view.plan.start, view.plan.end + YEARS_AFTER + 1)]
    return int(chosen(view, "year", years, str(view.plan.end)))


def _goods(view: Reader) -> str:
    return chosen(view, "goods", GOODS, "general")


def _ends(view: Reader, net: Network) -> tuple[tuple[str, str], ...]:
    """Return the pair of places that the address names, none where it names no two cities of the network."""
    places = {n.id for n in _cities(view, net)}
    a, b = view.query.get("from", ""), view.query.get("to", "")
    return ((a, b),) if a in places and b in places and a != b else ()


def _cities(view: Reader, net: Network) -> list[Node]:
    return [n for n in net.nodes if n.kind == "city" and n.economy in view.desk.parties]


def _filters(view: Reader, net: Network) -> tuple[Filter, ...]:
    from birge.texts import sort_key

    t = view.t
    key = sort_key(t.lang)
    named = sorted(((n.id, n.name(t.lang)) for n in _cities(view, net)), key=lambda x: key(x[1]))
    goods = {
        "general": t("general goods"),
        "perishables": t("perishables"),
        "bulk": t("bulk goods"),
        "valuables": t("valuables"),
    }
    control = {"normal": t("normal"), "longer-checks": t("checks take longer")}
    years = [(str(y), str(y)) for y in range(view.plan.start, view.plan.end + YEARS_AFTER + 1)]
    maps = [("planned", t("with the plan")), ("today", t("today"))]
    return (
        pick(view, "from", t("From"), named),
        pick(view, "to", t("To"), named),
        pick(view, "goods", t("Goods"), [(g, goods[g]) for g in GOODS], "general"),
        pick(view, "control", t("Control"), [(r, control.get(r, r)) for r in regimes(net)], "normal"),
        pick(view, "year", t("Plan until the end of"), years, str(view.plan.end)),
        pick(view, "map", t("Map"), maps, "planned"),
    )
