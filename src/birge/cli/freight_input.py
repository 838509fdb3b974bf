"""What the commands of `birge freight` are given: pair, network, ways of control, plan, roads and trips."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from birge.factbook.network import Network
    from birge.models.freight import Roads, Study, Trips
    from birge.plan import Plan
    from birge.plan.crossing import AtCrossing

__all__ = [
    "acting",
    "dates_of",
    "known_language",
    "known_regime",
    "network_of",
    "opened_by",
    "pair_of",
    "plan_of",
    "roads_of",
    "study_of",
]


def pair_of(text: str) -> tuple[str, str]:
    """Return the two codes of KAZ-KGZ; raises InputError."""
    from birge.errors import InputError

    codes = text.upper().split("-")
    if len(codes) != 2 or any(len(c) != 3 or not c.isalpha() for c in codes) or codes[0] == codes[1]:
        raise InputError.at("--pair", "pair", f"{text!r} is not a pair", "write two ISO codes, such as KAZ-KGZ")
    return codes[0], codes[1]


def network_of(pair: str, folder: Path | None, waits: str = "reported") -> Network:
    """Return the embedded network of a pair, or the one in `folder`; `waits` reported or, for the former, border."""
    from birge.assess.bordered import with_border_waits
    from birge.errors import InputError
    from birge.factbook.network import corridors
    from birge.models.freight.gmns import read_gmns

    if waits not in ("reported", "border"):
        raise InputError.at("--waits", "waits-unknown", f"{waits!r}", "write reported or border")
    if waits == "border" and folder:
        remedy = "leave out --waits, or --network"
        raise InputError.at("--waits", "waits-of-network", "a network of files has its own waits", remedy)
    net = read_gmns(folder) if folder else corridors(pair_of(pair))
    if waits == "border" and net.nodes:
        net = with_border_waits(net, pair_of(pair))
    if not net.nodes:
        message = f"no network ships for {pair}"
        raise InputError.at("--pair", "network-missing", message, "give one by --network; see birge freight import")
    return net


def study_of(
    pair: tuple[str, str], regime: str = "normal", opened: tuple[str, ...] = (), net: Network | None = None
) -> Study:
    """Return the study of a pair by the embedded figures."""
    from birge.factbook import Factbook
    from birge.models.freight import study

    return study(pair, Factbook.embedded(), opened, regime, network=net)


def known_regime(net: Network, regime: str) -> None:
    """Raise InputError where the network knows no such way of control."""
    from birge.errors import InputError

    known = dict.fromkeys(["normal", *(r for p in net.passages.values() for r in p.curves)])
    if regime not in known:
        raise InputError.at("--regime", "regime-unknown", f"{regime!r}", f"write one of {', '.join(known)}")


def known_language(language: str) -> None:
    """Raise InputError where names have no such language."""
    from birge.errors import InputError
    from birge.texts import LANGUAGES

    if language not in LANGUAGES:
        remedy = f"write one of {', '.join(LANGUAGES)}"
        raise InputError.at("--language", "language-unknown", f"{language!r} is no language of names", remedy)


def plan_of(file: Path | None) -> Plan:
    """Return the plan in `file`, the embedded one without."""
    from birge.plan import embedded, load

    return load(file)[0] if file else embedded()


def dates_of(file: Path | None) -> dict[str, date | None]:
    """Return the planned date of each milestone."""
    return {m.id: m.planned for m in plan_of(file).milestones()}


def opened_by(net: Network, plan: Path | None, on: datetime | None, with_plan: bool) -> tuple[str, ...]:
    """Return what is taken as opened."""
    from birge.units import month_of

    known = net.openings()
    if with_plan or on is None:
        return tuple(known) if with_plan else ()
    dates, until = dates_of(plan), month_of(on.date())
    return tuple(
        name
        for name, (milestone, lag) in known.items()
        if (planned := dates.get(milestone)) is not None and month_of(planned) + lag <= until
    )


def acting(net: Network, pair: tuple[str, str], plan: Path | None, on: datetime | None) -> tuple[AtCrossing, ...]:
    """Return the plan's effects on hours and capacity of crossings: all, or those planned to be there by a date."""
    from birge.errors import InputError, Problem
    from birge.plan.crossing import at_crossings
    from birge.units import month_of

    made = plan_of(plan)
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


def roads_of(network: Path, demand: Path, matrix: str, toll: float) -> tuple[Roads, Trips]:
    """Return the network and its trips, by the kinds of the two files."""
    from birge.models.freight.gmns import read_gmns_roads, read_trips
    from birge.models.freight.omx import read_omx
    from birge.models.freight.tntp import read_tntp, read_tntp_trips

    roads = read_tntp(network, toll) if network.is_file() else read_gmns_roads(network, toll)
    if demand.suffix.lower() == ".omx":
        return roads, read_omx(demand, roads.nodes, matrix)
    if demand.suffix.lower() in (".csv", ".xlsx"):
        return roads, read_trips(demand, roads.nodes)
    return roads, read_tntp_trips(demand, roads.nodes)
