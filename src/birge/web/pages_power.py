"""Power: the year of the side that holds the water by month and source, its reservoir, and what exchange is worth."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from birge.charts.months import level, stack
from birge.models.power.system import System
from birge.pages.border import placed
from birge.pages.power import HYDROLOGY, REGIMES, Exchange, WaterYear, exchange, system_of, year_solved
from birge.report.power import inflow_names, regime_names, source_names
from birge.report.power_text import power_told
from birge.texts import country
from birge.web.blocks import Cell, Filter, Page, Picture, Table
from birge.web.blocks_more import asked, drawn, num, pick
from birge.web.pages_power_ahead import ahead, split, typical_days
from birge.web.pages_power_together import together
from birge.web.reader import Reader
from birge.web.shelf import taken

__all__ = ["asked_power", "power_page"]

FIRST_YEAR, YEARS_AFTER = 2024, 5


def _name(view: Reader, code: str) -> str:
    """Return a party's name as the plan has it, a third state's as the language has it."""
    return next((p.short.get(view.t.lang) for p in view.plan.parties if p.code == code), country(code, view.t.lang))


def asked_power(view: Reader) -> tuple[int, str, str]:
    """Return year, inflow and regime that the address asks for; raises InputError for any that is not there."""
    years = _years(view)
    usual = min(max(view.day.year, years[0]), years[-1])
    year, inflow, regime = asked(
        view,
        {
            "year": (view.t("Year"), [str(y) for y in years], str(usual)),
            "inflow": (view.t("Inflow"), HYDROLOGY, "mean"),
            "regime": (view.t("Exchange"), REGIMES, "swap"),
        },
    )
    return int(year), inflow, regime


def power_page(view: Reader) -> Page:
    """Return dispatch by month and source, the reservoir's level, the exchange, and gains for analysts."""
    t, pair = view.t, view.desk.parties
    title = t("Power")
    origin = (view.plan.origin_note.get(t.lang),) if view.plan.origin == "reconstructed" else ()
    system = system_of(pair)
    if system is None:
        told = t("No power system of these two sides is in the tables; nothing can be said of power.")
        return Page("power", title, (told,), origin)
    year, inflow, regime = asked_power(view)
    solved = taken(("year", pair, year, inflow, regime), partial(year_solved, system, year, inflow, regime))
    blocks: list[Table | Picture] = []
    lead = (
        t(
            "Water and electricity of {side} in {year}: a year that ends with the water it began with.",
            side=_name(view, system.home().economy),
            year=year,
        ),
    )
    notes = [*origin, t("A model of the whole year with its assumptions, not a forecast of any plant.")]
    gains, more, told_by_run = None, None, _run_table(view)
    if told_by_run is not None:
        blocks.append(told_by_run)
    if solved is None:
        notes.append(t("This is being computed; the page asks again by itself."))
    else:
        blocks += [_dispatch(view, system, solved.water), _level(view, system, solved.water)]
    place = _reservoir(view, system.lowest().id)
    if solved is not None:
        blocks += typical_days(view, system, solved.dispatch, place, _source(view))
    policy = ahead(view, inflow, place)
    blocks += policy
    if policy and told_by_run is not None:
        notes.append(
            t(
                "The odds of the years ahead and those of the policy answer two questions. The years draw growth of "
                "demand and the dates of new plants, count both sides, and know a year's river in January; the water "
                "they leave is kept with some caution. The policy has the usual growth, counts the side with the water "
                "alone, decides each month without knowing the river, and says how often rationing falls short in some "
                "month."
            )
        )
    if not policy:
        notes.append(t("The policy of the months ahead has not been worked out for these tables."))
    if view.actor.side:
        gains = taken(("exchange", pair, year, inflow), partial(exchange, system, year, inflow))
        if gains is not None:
            blocks += _gains(view, gains)
        more = together(view, system, year, inflow)
        blocks += more or []
    else:
        notes.append(t("How gains of exchange could be shared is for the two sides' analysts: sign in."))
    waits = solved is None or (bool(view.actor.side) and (gains is None or more is None))
    return Page("power", title, lead, tuple(notes), _filters(view), tuple(blocks), waits=waits)


def _run_table(view: Reader) -> Table | None:
    """Return what the run that this reader may see says of power."""
    told = power_told(view.document["power"], view.plan, view.t) if view.document else None
    if told is None:
        return None
    rows = tuple((Cell(r[0]), *(Cell(c, kind="n") for c in r[1:])) for r in told.rows)
    return Table("by-run", told.title, told.head, rows, " ".join(told.notes))


def _years(view: Reader) -> list[int]:
    return list(range(max(FIRST_YEAR, view.plan.start), max(FIRST_YEAR, view.plan.end) + YEARS_AFTER + 1))


def _filters(view: Reader) -> tuple[Filter, ...]:
    t = view.t
    year, inflow, regime = asked_power(view)
    rivers, regimes = inflow_names(t), regime_names(t)
    return (
        pick(view, "year", t("Year"), [(str(y), str(y)) for y in _years(view)], str(year)),
        pick(view, "inflow", t("Inflow"), [(h, rivers[h]) for h in HYDROLOGY], inflow),
        pick(view, "regime", t("Exchange"), [(r, regimes[r]) for r in REGIMES], regime),
    )


def _sources(view: Reader, system: System, found: WaterYear) -> dict[str, str]:
    """Return the sources that give anything in the year, by their names."""
    t = view.t
    words = source_names(t, _reservoir(view, found.reservoir))
    kinds = dict.fromkeys(k for m in found.months for k, v in m.sources.items() if abs(v) > 0.05)
    return {k: words.get(k, k) for k in kinds}


def _reservoir(view: Reader, name: str) -> str:
    """Return a reservoir's name in the page's language where the network knows the place, else from its id."""
    return placed(view.desk.parties, name, view.t.lang)


def _dispatch(view: Reader, system: System, found: WaterYear) -> Picture:
    t = view.t
    names = _sources(view, system, found) | {"returned": t("returned"), "missing": t("missing")}
    rows = []
    for m in found.months:
        parts = {**m.sources, "returned": m.returned, "missing": m.missing}
        rows += [{"month": m.month, "source": names[k], "value": v} for k, v in parts.items() if k in names]
    demand = [{"month": m.month, "value": m.demand + m.given + m.sold} for m in found.months]
    line = t("demand and what is given")
    order = [n for n in names.values() if any(abs(r["value"]) > 0.05 for r in rows if r["source"] == n)]  # type: ignore[arg-type]
    rows = [r for r in rows if r["source"] in order]
    missing = sum(m.missing for m in found.months)
    told = t(
        "Missing over the year: {missing} GWh of {demand} GWh.",
        missing=t.number(missing),
        demand=t.number(sum(m.demand for m in found.months)),
    )
    gwh, month = t("GWh a month"), t("month")
    return drawn(
        "dispatch",
        t("Where the power comes from"),
        told,
        _source(view),
        lambda w: stack(rows, demand, order, w, gwh, month, line, t.lang),
        table=_months(view, system, found),
    )


def _source(view: Reader) -> str:
    year, inflow, regime = asked_power(view)
    return view.t(
        "Factbook tables of power; least cost of the year {year}, inflow: {inflow}, exchange: {regime}. Water values, "
        "costs of missing power and load shapes are assumed.",
        year=year,
        inflow=next(c.label for c in _filters(view)[1].choices if c.value == inflow),
        regime=next(c.label for c in _filters(view)[2].choices if c.value == regime),
    )


def _level(view: Reader, system: System, found: WaterYear) -> Picture:
    t = view.t
    rows = [{"month": 0, "value": found.start}, *({"month": m.month, "value": m.volume} for m in found.months)]
    rules = (
        (found.stop, t("plants stop: {value} km³", value=t.number(found.stop, 1))),
        (found.full, t("full: {value} km³", value=t.number(found.full, 1))),
    )
    low = min(found.months, key=lambda m: m.volume)
    told = t("Lowest at the end of month {month}: {value} km³.", month=low.month, value=t.number(low.volume, 1))
    title = t("Level of the reservoir {reservoir}", reservoir=_reservoir(view, found.reservoir))
    axis, month = t("km³"), t("end of month")
    cells = tuple((Cell(str(r["month"])), num(r["value"], t, 1)) for r in rows)
    table = Table("level", title, (t("end of month"), t("km³")), cells, f"{rules[0][1]}; {rules[1][1]}")
    return drawn(
        "level",
        title,
        told,
        _source(view),
        lambda w: level(rows, rules, w, axis, month, t.lang),
        table=table,
    )


def _months(view: Reader, system: System, found: WaterYear) -> Table:
    t = view.t
    names = _sources(view, system, found)
    sold = any(m.sold > 0.05 for m in found.months)
    rows = tuple(
        (
            Cell(str(m.month), value=m.month),
            num(m.demand, t),
            *(num(m.sources.get(k, 0.0), t) for k in names),
            num(m.missing, t),
            num(m.given, t),
            num(m.returned, t),
            *((num(m.sold, t),) if sold else ()),
            num(m.volume, t, 1),
        )
        for m in found.months
    )
    columns = (t("Demand"), *names.values(), t("Missing"), t("Given"), t("Returned"), *((t("Sold"),) if sold else ()))
    unit = t.named("unit", "GWh")
    head = (t("Month"), *(f"{name}, {unit}" for name in columns), t("Water at its end, km³"))
    return Table("dispatch", t("The year by month, GWh"), head, rows, _source(view))


def _gains(view: Reader, found: Sequence[Exchange]) -> list[Table | Picture]:
    """Return gains against today first, as they should be read, then against standing alone."""
    t = view.t
    codes = [p.code for p in view.plan.parties]
    players = sorted(found[0].shares, key=lambda c: codes.index(c) if c in codes else len(codes))
    today, alone = ([e for e in found if e.against == against] for against in ("today", "alone"))
    told = t(
        "Illustrative, for analysts. Values for a third state are no statement of that state. Read the gain against "
        "today's exchange."
    )
    dear = t(
        "Illustrative, for analysts: against standing alone, where missing power is dear. Values for a third state are "
        "no statement of that state."
    )
    return [
        *split(view, today, {c: _name(view, c) for c in players}, told),
        _worth(view, today, players, "gains", t("What open lines are worth against today's exchange"), told),
        _split_table(view, today, players, told),
        _worth(view, alone, players, "gains-alone", t("What exchange is worth against standing alone"), dear),
    ]


def _worth(view: Reader, found: Sequence[Exchange], players: Sequence[str], name: str, title: str, told: str) -> Table:
    t = view.t
    rows = tuple(
        (
            Cell(" + ".join(_name(view, c) for c in players if c in g.members)),
            num(e.price, t),
            num(g.gain, t),
            num(g.missing_power, t),
            Cell("; ".join(f"{_name(view, k)} {t.number(v)}" for k, v in g.outside.items()) or "-", kind="n"),
            num(g.carbon, t, 1),
        )
        for e in found
        for g in e.gains
    )
    head = (
        t("Together"),
        t("Price of irrigation water, mn USD/km³"),
        t("Gain, mn USD a year"),
        t("Of it missing power, mn USD"),
        t("Felt outside, mn USD"),
        t("CO2, mn t"),
    )
    return Table(name, title, head, rows, told)


def _split_table(view: Reader, found: Sequence[Exchange], players: Sequence[str], told: str) -> Table:
    t = view.t
    rows = tuple(
        (num(e.price, t), *(num(e.shares[c], t) for c in players), Cell(t("yes") if e.stable else t("no")))
        for e in found
    )
    unit = t("mn USD a year")
    head = (
        t("Price of irrigation water, mn USD/km³"),
        *(f"{_name(view, c)}, {unit}" for c in players),
        t("No pair would gain more alone"),
    )
    return Table("shares", t("One way to share the gain of all (Shapley), mn USD a year"), head, rows, told)
