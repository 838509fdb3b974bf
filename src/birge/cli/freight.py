"""`birge freight`: routes and corridors, what a crossing is worth, road congestion, a map, networks of your own."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from birge.cli.freight_input import (
    OmxNames,
    known_language,
    known_regime,
    network_of,
    one_date,
    opened_by,
    pair_of,
    planned_works,
    roads_of,
    waits_words,
)
from birge.cli.freight_networks import import_command, template_command
from birge.cli.out import write_out

if TYPE_CHECKING:
    from birge.models.freight import Roads, Trips
    from birge.models.freight.zones import Ends

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
PlanOption = Annotated[Path | None, typer.Option("--plan", help="Plan file (YAML); the embedded plan if left out.")]
OnOption = Annotated[
    datetime | None,
    typer.Option(
        "--on", formats=["%Y-%m-%d"], help="Count what the plan has begun by this date, at middle dates of milestones."
    ),
]
AsOf = Annotated[
    datetime | None,
    typer.Option("--as-of", formats=["%Y-%m-%d"], help="Use only what was known on this date; today if left out."),
]
WithPlan = Annotated[bool, typer.Option("--with-plan", help="Count all of the plan: its links and crossings.")]
Regime = Annotated[str, typer.Option("--regime", help="Control at crossings: normal, or a regime of the network.")]
WaitsOption = Annotated[
    str | None,
    typer.Option(
        "--waits",
        help="Waits at crossings: border (the border model's, the usual) or reported (queues as reported, weeks with "
        "longer checks among them).",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print a JSON document.")]
Language = Annotated[str, typer.Option("--language", help="Language of names: en, ru, kk or ky.")]


MOST_HOURS = 1000
"""Largest change of a wait that `measure` is asked for."""


@app.command()
def places(pair: PairOption = "KAZ-KGZ", language: Language = "en", network: NetworkOption = None) -> None:
    """List the places of the network with every name they are found by."""
    known_language(language)
    for n in network_of(pair, network).nodes:
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
    as_of: AsOf = None,
    regime: Regime = "normal",
    waits: WaitsOption = None,
    network: NetworkOption = None,
    language: Language = "en",
    every: Annotated[bool, typer.Option("--all", help="Show every alternative.")] = False,
    as_json: AsJson = False,
) -> None:
    """Print the ways between two places by mode and crossing: share, hours, cost, emissions, legs."""
    from birge.models.freight import class_of_goods, costs, graph, routes, waits_today
    from birge.models.freight.planned import standing, state_planned, state_today
    from birge.report.freight import own_waits_text, route_document, route_text

    known_language(language)
    one_date(with_plan, on)
    net, sides = network_of(pair, network, waits), pair_of(pair)
    known_regime(net, regime)
    a, b = net.find(start, "start").id, net.find(end, "end").id
    what, known = class_of_goods(goods, sides), costs()
    asked = with_plan or on is not None
    if network is None:
        state = state_today(sides, net, regime)
        if asked:
            found = planned_works(net, sides, plan, on, as_of)
            state = state_planned(state, standing(net, found))
        ways, opened = state.routes(a, b, what), state.opened
    else:
        opened = opened_by(net, plan, on, as_of) if asked else ()
        ways = routes(net, sides, a, b, what, known, opened, waits_today(net, regime, sides))
    g = graph(net, sides, known, opened)
    if as_json:
        own = {} if network is None else {"waits": own_waits_text(net, ways)}
        _print(route_document(g, ways, what, known) | own)
    else:
        agree = waits_words(waits) if network is None else own_waits_text(net, ways)
        print(f"{' - '.join(net.node(k).name(language) for k in (a, b))}; {agree}, {regime} control")
        print(route_text(g, ways, what, known, language, len(ways) if every else 4))


@app.command()
def corridor(
    start: Annotated[str, typer.Argument(help="One end: a place by any of its names.")],
    end: Annotated[str, typer.Argument(help="The other end.")],
    goods: GoodsOption = "general",
    pair: PairOption = "KAZ-KGZ",
    plan: PlanOption = None,
    on: OnOption = None,
    as_of: AsOf = None,
    regime: Regime = "normal",
    waits: WaitsOption = None,
    network: NetworkOption = None,
    language: Language = "en",
    as_json: AsJson = False,
) -> None:
    """Print a corridor's indicators (CAREC CPMM's TFI1-4, SWOD), reliability and emissions, today and with the plan."""
    from birge.models.freight import by_mode, class_of_goods, costs, routes, waits_today
    from birge.models.freight.planned import standing, state_planned, state_today
    from birge.report.freight import corridor_document, corridor_text, own_waits_text, planned_text

    known_language(language)
    net, sides = network_of(pair, network, waits), pair_of(pair)
    known_regime(net, regime)
    a, b = net.find(start, "start").id, net.find(end, "end").id
    what = class_of_goods(goods, sides)
    if network is None:
        found = planned_works(net, sides, plan, on, as_of)
        today = state_today(sides, net, regime)
        planned = state_planned(today, standing(net, found))
        opened, agree = planned.opened, waits_words(waits)
        both = [(s.indicators(s.routes(a, b, what), what)) for s in (today, planned)]
    else:
        found, opened = (), opened_by(net, plan, on, as_of)
        hours = waits_today(net, regime, sides)
        ways = [routes(net, sides, a, b, what, costs(), links, hours) for links in ((), opened)]
        both, agree = [by_mode(w, what, costs(), net) for w in ways], own_waits_text(net, ways[0])
    columns = list(zip(("today", "with the plan"), both, strict=True))
    if as_json:
        _print(corridor_document(columns, opened, found))
        return
    names = " - ".join(net.node(k).name(language) for k in (a, b))
    print(f"{names}, {what.name}; {agree}, {regime} control")
    print(corridor_text(columns))
    print(planned_text(net, opened, found, on.date() if on else None, language))


@app.command()
def measure(
    crossing: Annotated[str, typer.Argument(help="A crossing, by either of its names.")],
    hours: Annotated[float, typer.Option("--hours", help="Change of its wait, hours; negative is shorter.")] = -1.0,
    pair: PairOption = "KAZ-KGZ",
    regime: Regime = "normal",
    waits: WaitsOption = None,
    as_json: AsJson = False,
) -> None:
    """Print what a change of hours at a crossing does to trade costs, by section and direction."""
    from birge.errors import InputError
    from birge.models.freight import crossing_effect
    from birge.models.freight.planned import state_today
    from birge.report.freight import effect_document, effect_text

    if not -MOST_HOURS <= hours <= MOST_HOURS:
        remedy = f"write hours from -{MOST_HOURS} to {MOST_HOURS}, such as -2"
        raise InputError.at("--hours", "hours-out-of-range", f"{hours:g} h", remedy)
    sides = pair_of(pair)
    net = network_of(pair, None, waits)
    known_regime(net, regime)
    node = net.find(crossing, "crossing")
    if node.border and node.id not in net.passages:
        what = f"{node.name()} has no wait that depends on trucks"
        raise InputError.at("crossing", "crossing-without-wait", what, "name a crossing by road")
    made = state_today(sides, net, regime).market
    if node.id not in made.crossings:
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
    lookup: Annotated[str, typer.Option("--lookup", help="Which lookup of an OMX file names the zones.")] = "",
    ends: Annotated[
        str,
        typer.Option("--ends", help="What trips name: zone or node; zones (zone_id) if left out and there are any."),
    ] = "",
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
    roads, trips, named = roads_of(network, demand, OmxNames(matrix, lookup), ends, toll)
    made = solve(roads, trips, gap, iterations)
    if out is not None:
        _write_flows(out, roads, trips, made, named)
    if as_json:
        _print(assignment_document(roads, made))
    else:
        print(f"trips name {named.kind}s of the network")
        print(assignment_text(roads, made))
        if out is not None:
            print(f"written: {out}")


app.command("import")(import_command)
app.command("template")(template_command)


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
    as_of: AsOf = None,
    regime: Regime = "normal",
    waits: WaitsOption = None,
    language: Language = "en",
) -> None:
    """Draw corridors, trucks a day and waits at crossings, without map tiles."""
    from birge.models.freight.planned import standing, state_planned, state_today
    from birge.report.freight_map import write_map

    known_language(language)
    one_date(with_plan, on)
    net, sides = network_of(pair, None, waits), pair_of(pair)
    known_regime(net, regime)
    state = state_today(sides, net, regime)
    if with_plan or on is not None:
        found = planned_works(net, sides, plan, on, as_of)
        state = state_planned(state, standing(net, found))
    write_map(out, state, boundaries, language)
    print(f"written: {out}")


def _write_flows(out: Path, roads: Roads, trips: Trips, made: Any, named: Ends) -> None:
    import numpy as np

    from birge.errors import InputError
    from birge.models.freight.omx import write_omx

    if out.suffix.lower() == ".omx":
        zones = sorted({*trips.origin.tolist(), *trips.goal.tolist()})
        at = {z: k for k, z in enumerate(zones)}
        time, moved = np.zeros((len(zones), len(zones))), np.zeros((len(zones), len(zones)))
        for o, d, t, q in zip(trips.origin, trips.goal, made.times, trips.trips, strict=True):
            time[at[int(o)], at[int(d)]], moved[at[int(o)], at[int(d)]] = t, q
        write_omx(out, tuple(named.name(z) for z in zones), {"time": time, "trips": moved})
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
