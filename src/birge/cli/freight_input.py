"""What the commands of `birge freight` are given: pair, network, ways of control, plan, roads and trips."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from birge.factbook.network import Network
    from birge.models.freight import Roads, Trips
    from birge.models.freight.planned import AtWork
    from birge.models.freight.zones import Ends
    from birge.plan import Plan

__all__ = [
    "OmxNames",
    "known_language",
    "known_regime",
    "middle_of",
    "network_of",
    "one_date",
    "opened_by",
    "pair_of",
    "plan_of",
    "planned_works",
    "roads_of",
    "waits_words",
]


def pair_of(text: str) -> tuple[str, str]:
    """Return the two codes of KAZ-KGZ; raises InputError."""
    from birge.errors import InputError

    codes = text.upper().split("-")
    if len(codes) != 2 or any(len(c) != 3 or not c.isalpha() for c in codes) or codes[0] == codes[1]:
        raise InputError.at("--pair", "pair", f"{text!r} is not a pair", "write two ISO codes, such as KAZ-KGZ")
    return codes[0], codes[1]


def network_of(pair: str, folder: Path | None, waits: str | None = None) -> Network:
    """Return the embedded network of a pair with waits `border` (the usual) or `reported`, or the one in `folder`."""
    from birge.assess.bordered import with_border_waits
    from birge.errors import InputError
    from birge.factbook.network import corridors
    from birge.models.freight.gmns import read_gmns

    if waits not in (None, "reported", "border"):
        raise InputError.at("--waits", "waits-unknown", f"{waits!r}", "write border or reported")
    if waits and folder:
        remedy = "leave out --waits, or --network"
        raise InputError.at("--waits", "waits-of-network", "a network of files has its own waits", remedy)
    net = read_gmns(folder) if folder else corridors(pair_of(pair))
    if not net.nodes:
        message = f"no network ships for {pair}"
        raise InputError.at("--pair", "network-missing", message, "give one by --network; see birge freight import")
    return net if folder or waits == "reported" else with_border_waits(net, pair_of(pair))


def waits_words(waits: str | None) -> str:
    """Return which waits the embedded network has, in words."""
    return f"waits {'as reported' if waits == 'reported' else 'of the border model'}, agreeing with trucks"


def known_regime(net: Network, regime: str) -> None:
    """Raise InputError where the network knows no such way of control."""
    from birge.errors import InputError

    known = dict.fromkeys(["normal", *(r for p in net.passages.values() for r in p.curves)])
    if regime not in known:
        raise InputError.at("--regime", "regime-unknown", f"{regime!r}", f"write one of {', '.join(known)}")


def one_date(with_plan: bool, on: object) -> None:
    """Raise InputError where both a date and the whole plan are asked for."""
    from birge.errors import InputError

    if with_plan and on is not None:
        raise InputError.at("--on", "two-dates", "--with-plan asks for all of the plan", "give one of the two")


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


def middle_of(plan: Plan, as_of: datetime | None) -> dict[str, date | None]:
    """Return the middle date of each milestone, as known on a day; today if left out."""
    from birge.models.schedule import middle_dates

    return middle_dates(plan, _day(as_of))


def planned_works(
    net: Network, pair: tuple[str, str], file: Path | None, on: datetime | None, as_of: datetime | None
) -> tuple[AtWork, ...]:
    """Return the plan's effects on crossings and links; all count, or those that begin by `on` at their middle date.

    None for another pair than the plan's. Raises InputError for an effect at a crossing that has no wait.
    """
    from birge.errors import InputError, Problem
    from birge.models.freight.planned import works
    from birge.plan.crossing import OPENING
    from birge.plan.known import known

    plan = known(plan_of(file), _day(as_of))
    if {p.code for p in plan.parties} != {*pair}:
        return ()
    found = works(plan, net, middle_of(plan, as_of), on.date() if on else None, _day(as_of))
    remedy = f"name one of {', '.join(net.passages)}"
    unknown = [
        Problem(f"effect {e.name}", "crossing-unknown", f"{e.crossing!r} has no wait that depends on trucks", remedy)
        for e in (w.effect for w in found)
        if e.driver != OPENING and e.crossing not in ("", *net.passages)
    ]
    if unknown:
        raise InputError(unknown)
    return found


def opened_by(net: Network, file: Path | None, on: datetime | None, as_of: datetime | None) -> tuple[str, ...]:
    """Return what of a network of your own is open: all that waits for a milestone, or by `on` at its middle date."""
    from birge.plan.known import known
    from birge.units import month_of

    waiting = net.openings()
    if on is None or not waiting:
        return tuple(waiting)
    dates, until = middle_of(known(plan_of(file), _day(as_of)), as_of), month_of(on.date())
    return tuple(
        name
        for name, (milestone, lag) in waiting.items()
        if (done := dates.get(milestone)) is not None and month_of(done) + lag <= until
    )


def _day(as_of: datetime | None) -> date:
    return as_of.date() if as_of else date.today()


@dataclass(frozen=True)
class OmxNames:
    """Which matrix and which lookup of an OMX file to take; "" for the only one."""

    matrix: str = ""
    lookup: str = ""


def roads_of(network: Path, demand: Path, names: OmxNames, kind: str, toll: float) -> tuple[Roads, Trips, Ends]:
    """Return the network, its trips and what trips name (`kind` zone, node or "" for what there is), by the files."""
    from birge.models.freight.gmns import read_gmns_roads, read_trips
    from birge.models.freight.omx import read_omx
    from birge.models.freight.tntp import read_tntp, read_tntp_trips
    from birge.models.freight.zones import ends_of

    roads = read_tntp(network, toll) if network.is_file() else read_gmns_roads(network, toll)
    ends = ends_of(roads, kind)
    if demand.suffix.lower() == ".omx":
        return roads, read_omx(demand, ends, names.matrix, names.lookup), ends
    if demand.suffix.lower() in (".csv", ".xlsx"):
        return roads, read_trips(demand, ends), ends
    return roads, read_tntp_trips(demand, ends), ends
