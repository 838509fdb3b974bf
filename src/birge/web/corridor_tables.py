"""The tables of the page of corridors: indicators today and with the plan, crossings, ways, what of the plan counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from birge.factbook.network import Network
from birge.pages.corridors import Corridor, Met, Performance, Way
from birge.plan.crossing import HOURS, OPENING
from birge.web.blocks import Cell, Table, said
from birge.web.blocks_more import num
from birge.web.passport_parts import linked
from birge.web.reader import Reader
from birge.web.worded import direction

if TYPE_CHECKING:
    from birge.models.freight.planned import AtWork

__all__ = ["at_work", "by_definition", "changed", "compared", "crossings", "found_line", "ways"]

Values = tuple[tuple[float | None, int], ...]


def found_line(view: Reader, net: Network, c: Corridor, year: int) -> str:
    """Return what the plan does to the first corridor, in a sentence."""
    t = view.t
    words = {
        "road": t(
            "by road half of the trips take less than {now} h today, {then} h with the plan at the end of {year}"
        ),
        "rail": t(
            "by rail half of the trips take less than {now} h today, {then} h with the plan at the end of {year}"
        ),
    }
    mode = "road" if "road" in c.today and "road" in c.planned else "rail"
    if mode not in c.today or mode not in c.planned:
        return t("{corridor}: no way leads there today.", corridor=_name(view, net, c))
    now, then = (t.number(i[mode].p50, 1) for i in (c.today, c.planned))
    return f"{_name(view, net, c)}: {words[mode].format(now=now, then=then, year=year)}."


def changed(view: Reader, found: Sequence[Corridor], year: int) -> str:
    """Return how the main table is to be read, and whether the plan changes anything in it."""
    t = view.t
    told = [
        t("Today → with the plan at the end of {year}.", year=year),
        t("Means over all ways by what they carry; waits are those at which trucks and queues agree."),
    ]
    if all(_main(c.today) == _main(c.planned) for c in found):
        told.append(t("What the plan has by then changes none of these corridors."))
    if any((b or 0) > (a or 0) + 0.05 for c in found for a, b in zip(_hard(c.today), _hard(c.planned), strict=True)):
        told.append(
            t("A figure can rise though nobody is worse off: a longer or slower way takes more goods than before.")
        )
    return " ".join(told)


def compared(view: Reader, net: Network, found: Sequence[Corridor], told: str) -> Table:
    """Return hours, cost and emissions of each corridor over all its ways, today and with the plan."""
    t = view.t
    head = (
        t("Corridor"),
        t("km"),
        t("By rail, of 100 t"),
        t("Hours, mean"),
        t("By road: hours, half of trips"),
        t("By road: hours, 95 of 100 trips"),
        t("USD a tonne"),
        t("Cost with time, USD a tonne"),
        t("CO2e, kg a tonne"),
    )
    rows = tuple(
        (Cell(_name(view, net, c), _ends(view, c)), *_pairs(view, _main(c.today), _main(c.planned))) for c in found
    )
    return Table("corridors", t("Main corridors"), head, rows, told)


def by_definition(view: Reader, net: Network, found: Sequence[Corridor]) -> Table:
    """Return the indicators in CAREC CPMM's definitions by mode, reliability and emissions, today and with the plan."""
    t = view.t
    head = (
        t("Corridor"),
        t("Mode"),
        t("{term}: hours at crossings", term="TFI1"),
        t("{term}: USD at crossings, a truck", term="TFI2"),
        t("{term}: USD per 500 km and 20 t", term="TFI3"),
        t("{term}: km/h with delay", term="TFI4 (SWD)"),
        t("{term}: km/h without delay", term="SWOD"),
        t("Reliability: {term} of hours", term="P95 / P50"),
        t("CO2e, g a tonne-km"),
    )
    words = {"road": t("road"), "rail": t("rail")}
    rows = tuple(
        (
            Cell(_name(view, net, c), _ends(view, c)),
            Cell(words[m]),
            *_pairs(view, _definitions(c.today.get(m), m), _definitions(c.planned.get(m), m)),
        )
        for c in found
        for m in words
        if m in c.today or m in c.planned
    )
    told = t(
        "By the definitions of {survey}: costs and speeds of its reports of 2022-2023, fees of 2020-2022. Fuel of "
        "trucks: {fuel}, well to wheel. Lengths, transfers and empty returns are assumed.",
        survey="CAREC CPMM",
        fuel="DEFRA 2007",
    )
    return Table("indicators", t("Indicators of the corridors"), head, rows, told)


def _ends(view: Reader, c: Corridor) -> str:
    """Return the address of one corridor under the filters of this page."""
    kept = {k: view.query[k] for k in ("goods", "control", "year", "map", "as_of", "run") if view.query.get(k)}
    return f"corridors?{urlencode({'from': c.start, 'to': c.end, **kept})}"


def _name(view: Reader, net: Network, c: Corridor) -> str:
    return f"{net.node(c.start).name(view.t.lang)} - {net.node(c.end).name(view.t.lang)}"


def _both(view: Reader, today: float | None, planned: float | None, decimals: int) -> Cell:
    """Return a value today, and with the plan where that differs; a dash where there is none."""
    now, then = ("-" if v is None else view.t.number(round(v, decimals) + 0.0, decimals) for v in (today, planned))
    return Cell(now if now == then else f"{now} → {then}", kind="n")


def _pairs(view: Reader, now: Values, then: Values) -> tuple[Cell, ...]:
    return tuple(_both(view, a, b, d) for (a, d), (b, _) in zip(now, then, strict=True))


def _main(by: Mapping[str, Performance]) -> Values:
    """Return what the main table says of a corridor, with decimals: over all ways, its hours by road."""
    i, road = by["all"], by.get("road")
    return (
        (i.km, 0),
        (100 * i.share_rail, 0),
        (i.hours, 1),
        (road.p50 if road else None, 1),
        (road.p95 if road else None, 1),
        (i.money, 1),
        (i.cost, 1),
        (i.co2_t, 0),
    )


def _hard(by: Mapping[str, Performance]) -> tuple[float | None, ...]:
    """Return what nobody wants more of: cost, mean hours, long hours by road."""
    return by["all"].cost, by["all"].hours, by["road"].p95 if "road" in by else None


def _definitions(i: Performance | None, mode: str) -> Values:
    """Return what CPMM's indicators say of one mode, with decimals; no fee is known by rail."""
    if i is None:
        return tuple((None, d) for d in (2, 0, 0, 1, 1, 2, 0))
    return (
        (i.tfi1, 2),
        (i.tfi2 if mode == "road" else None, 0),
        (i.tfi3, 0),
        (i.swd, 1),
        (i.swod, 1),
        (i.reliability, 2),
        (1000 * i.co2_tkm, 0),
    )


def crossings(view: Reader, net: Network, found: Sequence[Met]) -> Table:
    """Return waits and trucks at each crossing, today and with the plan."""
    t = view.t
    rows = tuple(
        (
            Cell(net.node(m.crossing).name(t.lang)),
            _both(view, m.now and m.now[0], m.then and m.then[0], 2),
            _both(view, m.now and m.now[1], m.then and m.then[1], 0),
            Cell(t("border model") if m.designed else t("assumed")),
        )
        for m in found
    )
    head = (t("Crossing"), t("Mean wait, h"), t("Trucks a day, both ways"), t("Wait rests on"))
    told = t(
        "Waits of the border model, mean of both directions, over trucks that choose by them; shares of crossings and "
        "most trucks are assumed, as no counts are published. A dash: not open."
    )
    told += " " + t("The page of the border simulates each direction by itself, at the trucks of its designs.")
    return Table("waits", t("Waits and trucks at crossings"), head, rows, told)


def at_work(view: Reader, net: Network, found: Sequence[AtWork], year: int, dated: str) -> Table:
    """Return what the plan does at crossings and on links, from when, and whether it counts in the year asked."""
    t, plan = view.t, view.plan
    measures = {m.id: m for m in plan.measures}
    stones = {m.id: m for m in plan.milestones()}
    rows = []
    for w in found:
        m, stone = measures[w.measure], stones[w.milestone]
        rows.append(
            (
                said(m.title, t, linked(view, f"passport/measure/{m.id}")),
                Cell(_does(view, net, w)),
                said(stone.title, t, linked(view, f"passport/milestone/{stone.id}")),
                Cell(t.date(stone.planned) if stone.planned else t("no date planned"), kind="date"),
                Cell(t.date(w.begins) if w.begins else t("no date"), kind="date"),
                Cell(t("yes") if w.counts else t("no")),
                Cell(t("assumed") if w.assumed else t("evidence")),
            )
        )
    head = (
        t("Measure"),
        t("What it does"),
        t("Milestone"),
        t("Planned"),
        t("Begins"),
        t("Counts by the end of {year}", year=year),
        t("Size"),
    )
    told = [dated, t("Sizes are means of what is taken in the plan, at once and in full; no wait falls below nothing.")]
    empty = t("The plan has no measure at a crossing and opens no link.")
    return Table("counts", t("What the plan does at crossings and on links"), head, tuple(rows), " ".join(told), empty)


def _does(view: Reader, net: Network, w: AtWork) -> str:
    """Return what an effect does, in words."""
    t, e = view.t, w.effect
    if e.driver == OPENING:
        return "; ".join(_opened(view, net, e.opens)) or t("opens nothing on this network")
    known = {n.id: n.name(t.lang) for n in net.nodes if n.border}
    where = known.get(e.crossing, e.crossing) if e.crossing else t("every crossing")
    if e.direction:
        where += f", {direction(view, e.direction)}"
    if e.driver == HOURS:
        sign = "-" if w.size < 0 else "+"
        return t("{crossing}: {hours} h of waiting", crossing=where, hours=sign + t.number(abs(w.size), 2))
    return t("{crossing}: serves {factor} times as many trucks", crossing=where, factor=t.number(w.size, 1))


def _opened(view: Reader, net: Network, opens: Sequence[str]) -> list[str]:
    t = view.t
    links = [k for k in net.links if k.milestone in opens]
    words = {
        "road": lambda km: t("opens {km} km of road", km=km),
        "rail": lambda km: t("opens {km} km of railway", km=km),
    }
    made = [
        words[mode](t.number(sum(k.km for k in links if k.mode == mode)))
        for mode in ("road", "rail")
        if any(k.mode == mode for k in links)
    ]
    return made + [
        t("opens the crossing {name}", name=net.node(p.id).name(t.lang))
        for p in net.passages.values()
        if p.opening and p.opening in opens
    ]


def ways(view: Reader, net: Network, c: Corridor) -> list[Table]:
    """Return the most used ways of a corridor, today and with the plan where that differs."""
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

    def rows(found: Sequence[Way]) -> tuple[tuple[Cell, ...], ...]:
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
            for w in found
        )

    titles = (
        ("ways", t("Ways today: {corridor}", corridor=name), c.ways_today),
        ("ways-planned", t("Ways with the plan: {corridor}", corridor=name), c.ways_planned),
    )
    told = t("The most used ways; shares come from a model of choice and are not counts.")
    kept = titles if c.ways_planned != c.ways_today else titles[:1]
    return [Table(n, title, head, rows(found), told) for n, title, found in kept]


def _via(view: Reader, net: Network, w: Way) -> str:
    return net.node(w.crossing).name(view.t.lang) if w.crossing else view.t("no crossing of the two")
