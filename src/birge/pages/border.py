"""The crossings of a pair: what is reported of each today, and what trucks meet there in a simulation.

    factbook ─▶ ways(pair)        trucks and capacity by direction, assumed figures marked; queues as reported
    designs  ─▶ simulated(name)   throughput, waits, queue by hour; the same seed gives the same numbers

Nothing here is of one side alone: figures and designs ship with Birge. A pair without crossings has none.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from birge.factbook.border import CrossingRow, QueueReport, crossing_rows, queue_reports
from birge.factbook.network import corridors

if TYPE_CHECKING:
    from birge.models.border import Simulation

__all__ = [
    "COMPLEX",
    "CONTROLS",
    "Queueing",
    "Waits",
    "controls",
    "designs",
    "named",
    "placed",
    "queues",
    "simulated",
    "ways",
]

DAYS, REPLICATIONS, SEED = 365, 4, 1
CONTROLS = ("normal", "longer-checks", "crisis")
COMPLEX, REBUILT = "complex", "-rebuilt"


@dataclass(frozen=True)
class Waits:
    """What trucks of one direction or stream meet: trucks a day, hours, share over 8 hours, trucks in the queue."""

    stream: str
    per_day: float
    wait_mean: float
    wait_half: float | None
    wait_p50: float
    wait_p90: float
    over_8h: float
    queue_mean: float
    queue_by_hour: tuple[float, ...]
    stayed_away: float


@dataclass(frozen=True)
class Queueing:
    """A simulated design: its crossing, `variant` (today, rebuilt, complex), the run, its streams, what is assumed."""

    design: str
    crossing: str
    variant: str
    control: str
    days: int
    replications: int
    seed: int
    streams: tuple[Waits, ...]
    assumed: tuple[str, ...]
    co2_t_year: tuple[float, float]
    carriers_usd_year: tuple[float, float]


def ways(pair: tuple[str, str]) -> tuple[CrossingRow, ...]:
    """Return the directions of the pair's crossings as reported, today and rebuilt."""
    return crossing_rows(pair)


def queues(pair: tuple[str, str]) -> tuple[QueueReport, ...]:
    """Return the reported queues at the pair's crossings, the newest first."""
    own = {r.crossing for r in crossing_rows(pair)}
    return tuple(sorted((q for q in queue_reports() if q.crossing in own), key=lambda q: q.seen, reverse=True))


def designs(pair: tuple[str, str]) -> tuple[str, ...]:
    """Return the designs that ship for a pair: each crossing today and rebuilt, and the complex where there is one."""
    found = dict.fromkeys(r.crossing + (REBUILT if r.variant == "rebuilt" else "") for r in crossing_rows(pair))
    has = any(n.kind == COMPLEX for n in corridors(pair).nodes)
    return (*found, *((COMPLEX,) if has else ()))


def controls(pair: tuple[str, str]) -> tuple[str, ...]:
    """Return the ways of control that can be simulated."""
    return CONTROLS if crossing_rows(pair) else ()


def named(pair: tuple[str, str], lang: str) -> dict[str, str]:
    """Return both names of every crossing in a language, those of the factbook where the network has none."""
    found = {r.crossing: r.title for r in crossing_rows(pair)}
    return found | {n.id: n.name(lang) for n in corridors(pair).nodes if n.border}


def placed(pair: tuple[str, str], ident: str, lang: str) -> str:
    """Return a place's name in a language where the pair's network knows it, else what its id says."""
    place = next((n for n in corridors(pair).nodes if n.id == ident), None)
    return place.name(lang) if place else ident.replace("-", " ").title()


def simulated(names: Iterable[str], control: str = "normal") -> tuple[Queueing, ...]:
    """Return a simulated year of each design; a design without that way of control is left out."""
    from birge.models.border import default_design, simulate

    found = []
    for name in names:
        design = default_design(name)
        if control in ("normal", *(r.id for r in design.regimes)):
            made = simulate(design, regime=control, days=DAYS, replications=REPLICATIONS, seed=SEED)
            found.append(_told(name, made))
    return tuple(found)


def _told(name: str, made: Simulation) -> Queueing:
    variant = COMPLEX if name == COMPLEX else "rebuilt" if name.endswith(REBUILT) else "today"
    streams = tuple(
        Waits(
            s.id,
            s.per_day.mean,
            s.wait_mean.mean,
            s.wait_mean.half,
            s.wait_p50,
            s.wait_p90,
            s.over[8],
            s.queue_mean,
            tuple(float(v) for v in made.queue_by_clock[s.id][:, 0]),
            s.stayed_away_per_day,
        )
        for s in made.streams
    )
    return Queueing(
        name,
        name.removesuffix(REBUILT),
        variant,
        made.regime,
        made.days,
        made.replications,
        made.seed,
        streams,
        tuple(made.design.assumptions()),
        made.co2_t_year,
        made.carriers_usd_year,
    )
