"""`birge freight import` and `template`: networks of your own, checked, and an example to begin with."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from birge.factbook.network import Network

__all__ = ["import_command", "template_command"]

SHOWN = 5


def import_command(
    file: Annotated[Path, typer.Argument(help="An OpenStreetMap extract (.osm, .osm.gz, .osm.bz2), or a GMNS folder.")],
    out: Annotated[Path, typer.Option("--out", help="Folder to write the GMNS network to.")],
    economy: Annotated[
        list[str] | None,
        typer.Option(
            "--economy",
            metavar="CODE[=PLACE]",
            help="ISO code of the territory of an extract; of one with a border CODE=PLACE for each side.",
        ),
    ] = None,
) -> None:
    """Check a network of your own and write it as GMNS, for --network and assign."""
    from birge.errors import InputError
    from birge.models.freight.gmns_out import copy_gmns, write_gmns

    if file.is_dir():
        if economy:
            remedy = "leave it out, and write birge_economy in node.csv and link.csv"
            raise InputError.at("--economy", "economy-of-tables", "a GMNS folder has its own territories", remedy)
        net = _checked(file)
        rest = copy_gmns(file, out, net)
        print(f"written: {out}, {_counts(net)}; lengths in km, speeds in km/h, other columns as they are")
        if rest:
            print(f"not copied, since Birge does not read them: {', '.join(rest)}")
    else:
        net = _extract(file, economy or [])
        write_gmns(net, out)
        print(f"written: {out}, {_counts(net)}")
        print("contains OpenStreetMap data, © OpenStreetMap contributors, ODbL 1.0")
        print(
            "assumed: speeds where there is no maxspeed, lanes where not tagged, capacity of a lane and costs, by class"
        )
    unknown = [n.name() for n in net.nodes if n.border and n.id not in net.passages]
    if unknown:
        print(f"waits are not known at {', '.join(unknown)}: fill hours in {out / 'crossing_waits.csv'}")


def template_command(
    out: Annotated[Path, typer.Option("--out", help="Folder to write the network to.")],
    pair: Annotated[str, typer.Option("--pair", help="The two parties as ISO codes.")] = "KAZ-KGZ",
) -> None:
    """Write a small network to begin with: two cities, a crossing with waits by direction, made-up figures."""
    from birge.cli.freight_input import pair_of
    from birge.errors import InputError, Problem
    from birge.factbook.codes import iso3
    from birge.models.freight.gmns_out import template_of, write_gmns

    sides = pair_of(pair)
    wrong = [c for c in sides if iso3(c) != c]
    if wrong:
        raise InputError(Problem("--pair", "economy-unknown", c, "write a code of ISO 3166-1, as EST") for c in wrong)
    if (out / "node.csv").exists():
        raise InputError.at("--out", "file-exists", f"{out / 'node.csv'} exists", "name a new folder")
    write_gmns(template_of(sides), out)
    print(f"written: {out}; its figures are made up, put yours in their place")
    print(f"birge freight route Alfa Beta --network {out} --pair {pair.upper()}")


def _counts(net: Network) -> str:
    crossings = sum(n.border for n in net.nodes)
    said = f", {crossings} of them crossings" if crossings else ""
    return f"{len(net.nodes)} nodes{said}, {len(net.links)} links"


def _checked(folder: Path) -> Network:
    """Return the network of a GMNS folder; raises InputError with what is wrong for routes and for congestion."""
    from birge.errors import InputError, Problem
    from birge.models.freight.gmns import read_gmns, read_gmns_roads

    problems: dict[Problem, None] = {}
    net = None
    try:
        net = read_gmns(folder)
    except InputError as error:
        problems |= dict.fromkeys(error.problems)
    try:
        read_gmns_roads(folder)
    except InputError as error:
        problems |= dict.fromkeys(error.problems)
    if net is None or problems:
        raise InputError(problems)
    return net


def _extract(file: Path, economy: list[str]) -> Network:
    """Return the network of an extract, having said which border controls are no crossing and what was left out."""
    from birge.errors import InputError
    from birge.models.freight.osm import read_osm

    one, sides = _territories(economy)
    made = read_osm(file, one, sides)
    problems = made.network.problems()
    if problems:
        raise InputError(problems)
    if made.plain:
        what = (
            "both sides have one territory" if sides else "name a place on each side: --economy EST=Narva --economy …"
        )
        print(f"border control that is no crossing: {', '.join(made.plain)} ({what})")
    if made.dropped:
        more = f" and {len(made.dropped) - SHOWN} more" if len(made.dropped) > SHOWN else ""
        print(f"left out, as they pass the border without a control: {', '.join(made.dropped[:SHOWN])}{more}")
    return made.network


def _territories(given: list[str]) -> tuple[str, dict[str, str]]:
    """Return the one territory, or a place in each; raises InputError for codes that are none, and for a mix."""
    from birge.errors import InputError, Problem
    from birge.factbook.codes import iso3

    pairs = [(code.strip(), place.strip()) for code, _, place in (text.partition("=") for text in given)]
    problems = [
        Problem("--economy", "economy-unknown", f"{code!r} is no economy", "write a code of ISO 3166-1, as EST")
        for code, _ in pairs
        if iso3(code) != code
    ]
    if len(pairs) > 1 and (not all(place for _, place in pairs) or len({code for code, _ in pairs}) < len(pairs)):
        message = f"{', '.join(given)}"
        remedy = "name each territory once with a place in it: --economy EST=Narva --economy RUS=Ivangorod"
        problems.append(Problem("--economy", "economy-mixed", message, remedy))
    if problems:
        raise InputError(problems)
    if len(pairs) == 1 and not pairs[0][1]:
        return pairs[0][0], {}
    return "", dict(pairs)
