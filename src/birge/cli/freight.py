"""`birge freight`: routes and corridors, what a crossing is worth, road congestion, a map, networks of your own."""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from birge.cli.out import write_out

if TYPE_CHECKING:
    from birge.factbook.network import Network
    from birge.models.freight import Roads, Study, Trips
    from birge.plan import Plan
    from birge.plan.crossing import AtCrossing

__all__ = ["app"]

app = typer.Typer(
    rich_markup_mode=None, no_args_is_help=True, help="Corridors: which way cargo goes, and at what cost."
)

PairOption = Annotated[str, typer.Option("--pair", help="The two parties as ISO codes.")]
GoodsOption = Annotated[
    str, typer.Option("--goods", help="perishables, bulk, general or valuables, or a section I to XXI.")
]
NetworkOption = Annotated[
    Path | None, typer.Option("--network", help="A network of your own: a GMNS folder; the embedded one if left out.")
]
PlanOption = Annotated[Path | None, typer.Option("--plan", help="Plan file with dates of planned links.")]
OnOption = Annotated[
    datetime | None,
    typer.Option("--on", formats=["%Y-%m-%d"], help="Count links that the plan has open by this date."),
]
WithPlan = Annotated[bool, typer.Option("--with-plan", help="Count every planned link as open.")]
Regime = Annotated[str, typer.Option("--regime", help="Control at crossings: normal or longer-checks.")]
WaitsOption = Annotated[
    str,
    typer.Option(
        "--waits", help="Waits at crossings: reported (queues as reported), or border (the border model's designs)."
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print a JSON document.")]
Language = Annotated[str, typer.Option("--language", help="Language of names: en, ru, kk or ky.")]


MOST_HOURS = 1000
"""Largest change of a wait that `measure` is asked for."""


@app.command()
def places(pair: PairOption = "KAZ-KGZ", language: Language = "en", network: NetworkOption = None) -> None:
    """List the places of the network with every name they are found by."""
    _language(language)
    for n in _network(pair, network).nodes:
        names = dict.fromkeys([*(t for _, t in n.names), *n.others])
        print(f"{n.name(language)}  ({n.kind}, {n.economy})  {'; '.join(x for x in names if x != n.name(language))}")


@app.command()
def route(
    start: Annotated[str, typer.Argument(help="Where from: a place by any of its names.")],
    end: Annotated[str, typer.Argument(help="Where to.")],
    goods: GoodsOption = "general",
    pair: PairOption = "KAZ-KGZ",
    with_plan: WithPlan = False,
    on: OnOption = None,
    plan: PlanOption = None,
    regime: Regime = "normal",
    waits: WaitsOption = "reported",
    network: NetworkOption = None,
    language: Language = "en",
    every: Annotated[bool, typer.Option("--all", help="Show every alternative.")] = False,
    as_json: AsJson = False,
) -> None:
    """Print the ways between two places by mode and crossing: share, hours, cost, emissions, legs."""
    from birge.models.freight import class_of_goods, costs, graph, routes, waits_today
    from birge.report.freight import route_document, route_text

    _language(language)
    net, sides = _network(pair, network, waits), _pair(pair)
    _regime(net, regime)
    a, b = net.find(start, "start").id, net.find(end, "end").id
    what, known = class_of_goods(goods, sides), costs()
    opened = _opened(net, plan, on, with_plan)
    constants = _study(sides, net=net).constants if network is None else None
    found = routes(net, sides, a, b, what, known, opened, waits_today(net, regime), constants)
    g = graph(net, sides, known, opened)
    if as_json:
        _print(route_document(g, found, what, known))
    else:
        print(route_text(g, found, what, known, language, len(found) if every else 4))


@app.command()
def corridor(
    start: Annotated[str, typer.Argument(help="One end: a place by any of its names.")],
    end: Annotated[str, typer.Argument(help="The other end.")],
    goods: GoodsOption = "general",
    pair: PairOption = "KAZ-KGZ",
    plan: PlanOption = None,
    on: OnOption = None,
    regime: Regime = "normal",
    waits: WaitsOption = "reported",
    network: NetworkOption = None,
    as_json: AsJson = False,
) -> None:
    """Print a corridor's indicators (CAREC CPMM's TFI1-4, SWOD), reliability and emissions, today and with the plan."""
    from birge.models.freight import class_of_goods, costs, routes, waits_today, weighted
    from birge.models.freight.planned import at_work, waits_of, waits_with
    from birge.report.freight import corridor_document, corridor_text, planned_text

    net, sides = _network(pair, network, waits), _pair(pair)
    _regime(net, regime)
    a, b = net.find(start, "start").id, net.find(end, "end").id
    what, known = class_of_goods(goods, sides), costs()
    opened = _opened(net, plan, on, with_plan=on is None)
    effects = _acting(net, sides, plan, on) if network is None else ()
    columns = []
    for name, links, acting in (("today", (), ()), ("with the plan", opened, effects)):
        hours, constants = waits_today(net, regime), None
        if network is None:
            made = _study(sides, regime, links, net)
            constants = made.constants
            if made.market is not None:
                hours = waits_of(made.market, waits_with(made.market, sides, acting))
        found = routes(net, sides, a, b, what, known, links, hours, constants)
        columns.append((name, weighted(found, what, known, net)))
    if as_json:
        _print(corridor_document(columns, opened, at_work(effects)))
        return
    agree = f"{waits} waits that agree with trucks" if network is None else "waits at today's trucks"
    print(f"{net.node(a).name()} - {net.node(b).name()}, {what.name}; {agree}, {regime} control")
    print(corridor_text(columns))
    print(planned_text(net, _dates(plan), opened, at_work(effects)))


@app.command()
def measure(
    crossing: Annotated[str, typer.Argument(help="A crossing, by either of its names.")],
    hours: Annotated[float, typer.Option("--hours", help="Change of its wait, hours; negative is shorter.")] = -1.0,
    pair: PairOption = "KAZ-KGZ",
    regime: Regime = "normal",
    waits: WaitsOption = "reported",
    as_json: AsJson = False,
) -> None:
    """Print what a change of hours at a crossing does to trade costs, by section and direction."""
    from birge.errors import InputError
    from birge.models.freight import crossing_effect
    from birge.report.freight import effect_document, effect_text

    if not -MOST_HOURS <= hours <= MOST_HOURS:
        remedy = f"write hours from -{MOST_HOURS} to {MOST_HOURS}, such as -2"
        raise InputError.at("--hours", "hours-out-of-range", f"{hours:g} h", remedy)
    sides = _pair(pair)
    net = _network(pair, None, waits)
    _regime(net, regime)
    node = net.find(crossing, "crossing")
    if node.border and node.id not in net.passages:
        what = f"{node.name()} has no wait that depends on trucks"
        raise InputError.at("crossing", "crossing-without-wait", what, "name a crossing by road")
    made = _study(sides, regime, net=net).market
    if made is None or node.id not in made.crossings:
        names = ", ".join(n.name() for n in net.nodes if n.border and n.id in net.passages)
        raise InputError.at("crossing", "crossing-unknown", f"{crossing!r} is no crossing", f"name one of {names}")
    effect = crossing_effect(made, (f"{sides[0]}-{sides[1]}", f"{sides[1]}-{sides[0]}"), node.id, hours)
    if as_json:
        _print(effect_document(effect))
    else:
        print(effect_text(effect, made.crossings, net, node.id, hours))


@app.command()
def assign(
    network: Annotated[Path, typer.Argument(help="A GMNS folder, or a network file of TNTP.")],
    demand: Annotated[Path, typer.Argument(help="Trips: CSV (o_zone_id, d_zone_id, volume), TNTP, or OMX.")],
    gap: Annotated[float, typer.Option("--gap", help="Relative gap at which to stop.")] = 1e-8,
    iterations: Annotated[int, typer.Option("--iterations", min=2, help="Most iterations.")] = 1000,
    matrix: Annotated[str, typer.Option("--matrix", help="Which matrix of an OMX file.")] = "",
    toll: Annotated[float, typer.Option("--toll-factor", min=0, help="Time that a unit of toll costs.")] = 0.0,
    out: Annotated[Path | None, typer.Option("--out", help="Write flows (.csv) or times between zones (.omx).")] = None,
    as_json: AsJson = False,
) -> None:
    """Print the user equilibrium of trips on roads with capacities, with its gap and its checks."""
    from birge.errors import InputError
    from birge.models.freight import assign as solve
    from birge.report.freight import assignment_document, assignment_text

    if not 1e-14 <= gap < 1:
        raise InputError.at("--gap", "gap-out-of-range", f"{gap:g}", "write a number from 1e-14 to 1, such as 1e-8")
    roads, trips = _roads(network, demand, matrix, toll)
    made = solve(roads, trips, gap, iterations)
    if out is not None:
        _write_flows(out, roads, trips, made)
    if as_json:
        _print(assignment_document(roads, made))
    else:
        print(assignment_text(roads, made))
        if out is not None:
            print(f"written: {out}")


@app.command("import")
def import_command(
    file: Annotated[Path, typer.Argument(help="An OpenStreetMap extract (.osm, .osm.gz, .osm.bz2), or a GMNS folder.")],
    out: Annotated[Path, typer.Option("--out", help="Folder to write the GMNS network to.")],
    economy: Annotated[str, typer.Option("--economy", help="ISO code of the territory of an extract.")] = "",
) -> None:
    """Check a network of your own and write it as GMNS, for --network."""
    from birge.errors import InputError
    from birge.models.freight.gmns import read_gmns, write_gmns
    from birge.models.freight.osm import read_osm

    net = read_gmns(file) if file.is_dir() else read_osm(file, economy)
    problems = net.problems()
    if problems:
        raise InputError(problems)
    write_gmns(net, out)
    print(f"written: {out}, {len(net.nodes)} nodes, {len(net.links)} links")
    if not file.is_dir():
        print(
            "contains OpenStreetMap data, © OpenStreetMap contributors, ODbL 1.0; speeds and costs by class are assumed"
        )


@app.command("map")
def map_command(
    out: Annotated[Path, typer.Option("--out", help="The file to write: .svg, .png or .html.")],
    pair: PairOption = "KAZ-KGZ",
    boundaries: Annotated[
        Path | None, typer.Option("--boundaries", help="Boundaries to draw: GeoJSON or TopoJSON of your own.")
    ] = None,
    with_plan: WithPlan = False,
    on: OnOption = None,
    plan: PlanOption = None,
    regime: Regime = "normal",
    language: Language = "en",
) -> None:
    """Draw corridors, trucks a day and waits at crossings, without map tiles."""
    from birge.report.freight_map import write_map

    _language(language)
    net, sides = _network(pair, None), _pair(pair)
    _regime(net, regime)
    opened = _opened(net, plan, on, with_plan)
    write_map(out, _study(sides, regime, opened), opened, boundaries, language)
    print(f"written: {out}")


def _pair(text: str) -> tuple[str, str]:
    from birge.errors import InputError

    codes = text.upper().split("-")
    if len(codes) != 2 or any(len(c) != 3 or not c.isalpha() for c in codes) or codes[0] == codes[1]:
        raise InputError.at("--pair", "pair", f"{text!r} is not a pair", "write two ISO codes, such as KAZ-KGZ")
    return codes[0], codes[1]


def _network(pair: str, folder: Path | None, waits: str = "reported") -> Network:
    from birge.errors import InputError
    from birge.factbook.network import corridors
    from birge.models.freight.bordered import with_border_waits
    from birge.models.freight.gmns import read_gmns

    if waits not in ("reported", "border"):
        raise InputError.at("--waits", "waits-unknown", f"{waits!r}", "write reported or border")
    net = read_gmns(folder) if folder else corridors(_pair(pair))
    if waits == "border" and net.nodes and not folder:
        net = with_border_waits(net, _pair(pair))
    if not net.nodes:
        message = f"no network ships for {pair}"
        raise InputError.at("--pair", "network-missing", message, "give one by --network; see birge freight import")
    return net


def _study(
    pair: tuple[str, str], regime: str = "normal", opened: tuple[str, ...] = (), net: Network | None = None
) -> Study:
    from birge.factbook import Factbook
    from birge.models.freight import study

    return study(pair, Factbook.embedded(), opened, regime, network=net)


def _regime(net: Network, regime: str) -> None:
    from birge.errors import InputError

    known = dict.fromkeys(["normal", *(r for p in net.passages.values() for r in p.curves)])
    if regime not in known:
        raise InputError.at("--regime", "regime-unknown", f"{regime!r}", f"write one of {', '.join(known)}")


def _language(language: str) -> None:
    from birge.errors import InputError
    from birge.texts import LANGUAGES

    if language not in LANGUAGES:
        remedy = f"write one of {', '.join(LANGUAGES)}"
        raise InputError.at("--language", "language-unknown", f"{language!r} is no language of names", remedy)


def _plan(file: Path | None) -> Plan:
    from birge.plan import embedded, load

    return load(file)[0] if file else embedded()


def _dates(file: Path | None) -> dict[str, date | None]:
    return {m.id: m.planned for m in _plan(file).milestones()}


def _opened(net: Network, plan: Path | None, on: datetime | None, with_plan: bool) -> tuple[str, ...]:
    """Return what is taken as opened."""
    from birge.units import month_of

    known = net.openings()
    if with_plan or on is None:
        return tuple(known) if with_plan else ()
    dates, until = _dates(plan), month_of(on.date())
    return tuple(
        name
        for name, (milestone, lag) in known.items()
        if (planned := dates.get(milestone)) is not None and month_of(planned) + lag <= until
    )


def _acting(net: Network, pair: tuple[str, str], plan: Path | None, on: datetime | None) -> tuple[AtCrossing, ...]:
    """Return the plan's effects on hours and capacity of crossings: all, or those planned to be there by a date."""
    from birge.errors import InputError, Problem
    from birge.plan.crossing import at_crossings
    from birge.units import month_of

    made = _plan(plan)
    if {p.code for p in made.parties} != {*pair}:
        return ()
    every = at_crossings(made, None, date.max)
    remedy = f"name one of {', '.join(net.passages)}"
    unknown = [
        Problem(f"effect {e.name}", "crossing-unknown", f"{e.crossing!r} has no wait that depends on trucks", remedy)
        for e in every
        if e.crossing and e.crossing not in net.passages
    ]
    if unknown:
        raise InputError(unknown)
    if on is None:
        return every
    dates, until = [m.planned for m in made.milestones()], month_of(on.date())
    return tuple(e for e in every if (planned := dates[e.milestone]) is not None and month_of(planned) + e.lag <= until)


def _roads(network: Path, demand: Path, matrix: str, toll: float) -> tuple[Roads, Trips]:
    from birge.models.freight.gmns import read_gmns_roads, read_trips
    from birge.models.freight.omx import read_omx
    from birge.models.freight.tntp import read_tntp, read_tntp_trips

    roads = read_tntp(network, toll) if network.is_file() else read_gmns_roads(network, toll)
    if demand.suffix.lower() == ".omx":
        return roads, read_omx(demand, roads.nodes, matrix)
    if demand.suffix.lower() in (".csv", ".xlsx"):
        return roads, read_trips(demand, roads.nodes)
    return roads, read_tntp_trips(demand, roads.nodes)


def _write_flows(out: Path, roads: Roads, trips: Trips, made: Any) -> None:
    import numpy as np

    from birge.errors import InputError
    from birge.models.freight.omx import write_omx

    if out.suffix.lower() == ".omx":
        zones = sorted({*trips.origin.tolist(), *trips.goal.tolist()})
        at = {z: k for k, z in enumerate(zones)}
        time, moved = np.zeros((len(zones), len(zones))), np.zeros((len(zones), len(zones)))
        for o, d, t, q in zip(trips.origin, trips.goal, made.times, trips.trips, strict=True):
            time[at[int(o)], at[int(d)]], moved[at[int(o)], at[int(d)]] = t, q
        write_omx(out, tuple(roads.nodes[z] for z in zones), {"time": time, "trips": moved})
        return
    if out.suffix.lower() != ".csv":
        raise InputError.at("--out", "format-unknown", f"{out.name} is neither .csv nor .omx", "name one of them")
    rows = ["from_node_id,to_node_id,flow,time"]
    rows += [
        f"{roads.nodes[a]},{roads.nodes[b]},{v!r},{c!r}"
        for a, b, v, c in zip(roads.tail, roads.head, made.flow.tolist(), made.cost.tolist(), strict=True)
    ]
    write_out(out, "\n".join(rows) + "\n")


def _print(document: object) -> None:
    print(json.dumps(document, indent=2, ensure_ascii=False))
