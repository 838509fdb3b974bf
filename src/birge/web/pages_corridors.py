"""Corridors: how goods go between the main places of the two, in how many hours and at what cost, and a map."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from birge.charts.freight_map import MapWords, freight_map
from birge.factbook.network import Network, Node
from birge.pages.corridors import Corridor, Performance, Way, between, main_pairs, network_of, opened_by, regimes
from birge.texts import Translator
from birge.web.blocks import Cell, Filter, Page, Picture, Table
from birge.web.blocks_more import NARROW, WIDE, chosen, drawn, num, pick
from birge.web.boundaries import boundaries
from birge.web.reader import Reader
from birge.web.shelf import taken

if TYPE_CHECKING:
    from birge.report.freight_map import MapFigures

__all__ = ["corridors_of", "corridors_page"]

GOODS = ("general", "perishables", "bulk", "valuables")
YEARS_AFTER = 5


def corridors_of(view: Reader, net: Network) -> tuple[tuple[Corridor, ...] | None, tuple[str, ...]]:
    """Return the corridors that the address asks for, None while they are computed, and what the plan opens."""
    pair, ends = view.desk.parties, _ends(view, net)
    planned = {m.id: m.planned for m in view.plan.milestones()}
    opened = opened_by(net, planned, date(_year(view), 12, 31))
    goods, regime = chosen(view, "goods", GOODS, "general"), chosen(view, "control", regimes(net), "normal")
    make = partial(_between, pair, ends, opened, goods, regime)
    return taken(("corridors", pair, ends, opened, goods, regime), make), opened


def corridors_page(view: Reader) -> Page:
    """Return the main corridors today and with the plan, the ways of one of them, and the map."""
    t, pair = view.t, view.desk.parties
    title = t("Corridors")
    origin = (view.plan.origin_note.get(t.lang),) if view.plan.origin == "reconstructed" else ()
    net = network_of(pair)
    if net is None:
        told = t("No network of roads and railways ships for these two sides; nothing can be said of corridors.")
        return Page("corridors", title, (told,), origin)
    found, opened = corridors_of(view, net)
    lead = (
        t("Hours and cost of a tonne between places of the two sides: what is used today, and what the plan opens."),
    )
    notes = (*origin, *((t("This is being computed; the page asks again by itself."),) if found is None else ()))
    blocks: list[Table | Picture] = []
    drawing = None
    if found is not None:
        drawing = taken(("map", pair, t.lang, view.boundaries), partial(_map, pair, t, view.boundaries))
        if drawing is not None:
            blocks.append(_picture(view, *drawing))
        blocks += [_compared(view, net, found, opened), *_ways(view, net, found[0]), _links(view, net, opened)]
    waits = found is None or drawing is None
    return Page("corridors", title, lead, notes, _filters(view, net), tuple(blocks), waits=waits)


def _between(
    pair: tuple[str, str], ends: tuple[tuple[str, str], ...], opened: tuple[str, ...], goods: str, regime: str
) -> tuple[Corridor, ...]:
    return between(pair, ends or main_pairs(pair), opened, goods, regime)


def _map(
    pair: tuple[str, str], t: Translator, own: Path | None
) -> tuple[MapFigures, tuple[dict[str, Any], dict[str, Any]]]:
    """Return what the map shows and its specs for a wide and a narrow page."""
    from birge.factbook import Factbook
    from birge.models.freight import study
    from birge.report.freight_map import map_figures

    found = map_figures(study(pair, Factbook.embedded()), (), t.lang)
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
    title = t("Map of the corridors")
    told = t("Links as wide as the tonnes they carry in the model, crossings by their mean wait, both names at each.")
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
    return (
        pick(view, "from", t("From"), named),
        pick(view, "to", t("To"), named),
        pick(view, "goods", t("Goods"), [(g, goods[g]) for g in GOODS], "general"),
        pick(view, "control", t("Control"), [(r, control.get(r, r)) for r in regimes(net)], "normal"),
        pick(view, "year", t("Plan until the end of"), years, str(view.plan.end)),
    )


def _compared(view: Reader, net: Network, found: Sequence[Corridor], opened: Sequence[str]) -> Table:
    t = view.t
    rows = tuple(
        (
            Cell(_name(view, net, c), f"corridors?from={c.start}&to={c.end}"),
            *(_both(view, a, b, d) for (a, d), (b, _) in zip(_values(c.today), _values(c.planned), strict=True)),
        )
        for c in found
    )
    head = (
        t("Corridor"),
        t("km"),
        t("Hours, half of trips"),
        t("Hours, 95 of 100 trips"),
        t("Hours at crossings"),
        t("km/h with delay"),
        t("km/h without delay"),
        t("USD a tonne"),
        t("Cost with time, USD a tonne"),
        t("By rail, of 100 t"),
        t("CO2e, kg a tonne"),
    )
    stones = {m.id: m.title.get(t.lang) for m in view.plan.milestones()}
    names = ", ".join(stones.get(o.partition("+")[0], o) for o in opened) or t("nothing yet")
    told = [
        t("Means over all ways by what they carry; waits at today's trucks, assumed where no count is published."),
        t("Today → with what the plan's dates open by the end of {year}: {what}.", year=_year(view), what=names),
    ]
    if all(_values(c.today) == _values(c.planned) for c in found):
        told.append(t("What the plan opens by then changes none of these corridors."))
    return Table("corridors", t("Main corridors"), head, rows, " ".join(told))


def _name(view: Reader, net: Network, c: Corridor) -> str:
    return f"{net.node(c.start).name(view.t.lang)} - {net.node(c.end).name(view.t.lang)}"


def _both(view: Reader, today: float, planned: float, decimals: int) -> Cell:
    """Return a value today, and with the plan where that differs."""
    now, then = (view.t.number(v, decimals) for v in (today, planned))
    return Cell(now if now == then else f"{now} → {then}", kind="n")


def _values(i: Performance) -> tuple[tuple[float, int], ...]:
    return (
        (i.km, 0),
        (i.p50, 1),
        (i.p95, 1),
        (i.tfi1, 1),
        (i.swd, 1),
        (i.swod, 1),
        (i.money, 1),
        (i.cost, 1),
        (100 * i.share_rail, 0),
        (i.co2_t, 1),
    )


def _ways(view: Reader, net: Network, c: Corridor) -> list[Table]:
    t = view.t
    name = _name(view, net, c)
    head = (
        t("Way"),
        t("Of 100 t"),
        t("km"),
        t("Hours, half of trips"),
        t("Hours, 95 of 100 trips"),
        t("Wait at the crossing, h"),
        t("USD a tonne"),
    )

    def rows(ways: Sequence[Way]) -> tuple[tuple[Cell, ...], ...]:
        return tuple(
            (
                Cell(f"{t('road') if w.mode == 'road' else t('rail')}: {_via(view, net, w)}"),
                num(100 * w.share, t),
                num(w.km, t),
                num(w.p50, t, 1),
                num(w.p95, t, 1),
                num(w.wait, t, 1),
                num(w.money, t, 1),
            )
            for w in ways
        )

    titles = (
        ("ways", t("Ways today: {corridor}", corridor=name), c.ways_today),
        ("ways-planned", t("Ways with the plan: {corridor}", corridor=name), c.ways_planned),
    )
    told = t("The most used ways; shares come from a model of choice and are not counts.")
    kept = titles if c.ways_planned != c.ways_today else titles[:1]
    return [Table(n, title, head, rows(ways), told) for n, title, ways in kept]


def _via(view: Reader, net: Network, w: Way) -> str:
    return net.node(w.crossing).name(view.t.lang) if w.crossing else view.t("no crossing of the two")


def _links(view: Reader, net: Network, opened: Sequence[str]) -> Table:
    t = view.t
    stones = {m.id: m for m in view.plan.milestones()}
    waiting = dict.fromkeys(
        [
            *((k.milestone, k.milestone) for k in net.links if k.milestone),
            *((p.opening, p.milestone) for p in net.passages.values() if p.milestone),
        ]
    )
    rows = []
    for opening, milestone in waiting:
        stone = stones.get(milestone)
        what = Cell(stone.title.get(t.lang), f"measures?item={milestone}") if stone else Cell(milestone)
        lag = opening.partition("+")[2]
        rows.append(
            (
                what,
                Cell(t.date(stone.planned) if stone and stone.planned else t("no date"), kind="date"),
                Cell(lag or "0", kind="n"),
                Cell(t("yes") if opening in opened else t("no")),
            )
        )
    head = (t("Milestone"), t("Planned"), t("Months after it"), t("Open by then"))
    return Table("opens", t("What the plan opens"), head, tuple(rows), empty=t("nothing is recorded"))
