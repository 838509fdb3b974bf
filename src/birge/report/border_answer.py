"""What a simulated crossing says, as text and as a JSON document."""

from __future__ import annotations

import calendar
import math
import textwrap
from collections.abc import Sequence
from typing import Any

import numpy as np

from birge.factbook.border import queue_reports
from birge.models.border import Simulation
from birge.models.border.simulate import Estimate, StreamResult
from birge.report.words import plural

__all__ = ["answer", "assumed_text", "document"]

WIDTH = 110


def answer(made: Simulation) -> str:
    """Return the answer for a terminal."""
    # one order for both directions whichever the design names first
    streams = sorted(made.streams, key=lambda s: s.id)
    hours = list(streams[0].over)
    shown = 8.0 if 8.0 in hours else hours[0]
    lines = [
        f"{made.design.title} · control: {made.design.control(made.regime)} · "
        f"{plural(made.replications, 'run')} of {made.days} days, seed {made.seed}",
        "",
        f"{'Direction':<12}{'trucks a day':>15}{'mean wait, h':>16}{'P50':>8}{'P90':>8}{'mean dwell, h':>16}"
        f"{'P90':>8}{'queue':>8}{f'over {shown:g} h':>12}{'stay away a day':>17}",
    ]
    for s in streams:
        lines.append(
            f"{s.id:<12}{_trucks(s.per_day):>15}{s.wait_mean!s:>16}{s.wait_p50:>8.1f}{s.wait_p90:>8.1f}{s.dwell_mean!s:>16}"
            f"{s.dwell_p90:>8.1f}{s.queue_mean:>8.0f}{100 * s.over[shown]:>10.0f} %{s.stayed_away_per_day:>17.1f}"
        )
    told = "wait: in queues and blocked lanes; dwell: all time inside; queue: trucks that wait, mean."
    lines += ["", f"± half of the 95 % interval over runs; {told}" if made.replications > 1 else told.capitalize()]
    lines += [
        f"{s.id}: of the trucks wait " + ", ".join(f"{100 * v:.1f} % over {h:g} h" for h, v in s.over.items())
        for s in streams
    ]
    lines += [said for s in streams if (said := _others(s))]
    lines += [said for s in streams if (said := _booked(made, s))]
    lines += [said for s in streams if (said := _by_goods(s))]
    lines += [said for s in streams if (said := _seasons(made, s))]
    lines.append("")
    lines += [f"{'Station':<22}{'in use':>8}{'blocked':>9}{'wait, h':>9}"]
    for name in sorted(made.utilisation, key=lambda n: [n.startswith(s.id.lower()) for s in streams][::-1]):
        used = made.utilisation[name]
        lines.append(f"{name:<22}{100 * used:>6.0f} %{100 * made.blocked[name]:>7.0f} %{made.station_wait[name]:>9.2f}")
    lines += _reported(made)
    low, high = made.carriers_usd_year
    cost = f"{low / 1e3:,.0f} to {high / 1e3:,.0f} thousand USD" if high else "no cost of an hour given"
    idle = made.design.costs
    burns = " to ".join(f"{x:g}" for x in idle.idling_l_h)
    share = " to ".join(f"{100 * x:g}" for x in idle.idling_share)
    lines += [
        "",
        f"Carriers: {made.truck_hours_year:,.0f} truck-hours a year inside, "
        + (f"{made.detour_hours_year:,.0f} on the way to another stream, " if made.detour_hours_year else "")
        + cost,
        *([f"Wagons: {made.wagon_hours_year:,.0f} wagon-hours a year inside"] if made.wagon_hours_year else []),
        f"Operator: {made.operator_usd_year / 1e3:,.0f} thousand USD a year",
        f"Idling: {made.fuel_t_year[0]:,.0f} to {made.fuel_t_year[1]:,.0f} t of fuel, "
        f"{made.co2_t_year[0]:,.0f} to {made.co2_t_year[1]:,.0f} t of CO2 a year "
        f"({burns} l an hour, {share} % of the time in a queue)",
        assumed_text([*made.design.assumptions(), *_unsaid(made)]),
    ]
    return "\n".join(lines)


def assumed_text(parts: Sequence[str]) -> str:
    """Return the assumed parts of a design, a line for each kind: stations, breakdowns, staff, arrivals and so on."""
    if not parts:
        return "Assumed: nothing"
    found: dict[str, list[str]] = {}
    for part in parts:
        kind, _, name = part.partition(" of ") if " of " in part else part.partition(" ")
        found.setdefault(kind, []).append(name)
    told = [f"{kind}: {', '.join(sorted(names))}" if names[0] else kind for kind, names in found.items()]
    folded = textwrap.TextWrapper(WIDTH, initial_indent="  ", subsequent_indent="    ", break_on_hyphens=False)
    return "\n".join(["Assumed:", *map(folded.fill, told)])


def _trucks(x: Estimate) -> str:
    return f"{x.mean:,.1f}" + (f" ± {x.half:,.1f}" if x.half is not None else "")


def _others(s: StreamResult) -> str:
    """Return what happens to trucks that neither pass nor stay away, and how many had not left; "" without any."""
    parts = [
        f"{x:.1f} trucks {what}"
        for x, what in (
            (s.turned_away_per_day, "a day turned away (no place at the first station, or late)"),
            (s.no_show_per_day, "a day booked and did not come"),
            (s.diverted_out_per_day, "a day stayed away and drove to another stream"),
            (s.diverted_in_per_day, "a day came from another stream"),
            (s.inside_at_end, "inside or with a slot when a run ends"),
        )
        if x >= 0.05
    ]
    return f"{s.id}: {'; '.join(parts)}" if parts else ""


def _booked(made: Simulation, s: StreamResult) -> str:
    """Return how long before their slot trucks book; "" where nobody books."""
    if not math.isfinite(s.lead_mean):
        return ""
    return f"{s.id}: from booking to the slot {s.lead_mean:.1f} h on average, {s.lead_most:.0f} h at most (no wait)"


def _by_goods(s: StreamResult) -> str:
    """Return the wait by kind of goods; "" where there is one."""
    if len(s.goods) < 2:
        return ""
    return f"{s.id}, mean wait by goods: " + ", ".join(f"{g.id} {g.wait_mean} h" for g in s.goods)


def _reported(made: Simulation) -> list[str]:
    """Return reports of the queue at a crossing of the factbook, where trucks that passed were counted too."""
    known = [r for r in queue_reports(made.design.id) if r.queued is not None and r.crossed_24h]
    if not known:
        return []
    said = [
        f"  {r.seen} {r.direction}: {r.queued:,.0f} trucks stood there and {r.crossed_24h:,.0f} a day passed, which is "
        f"{24 * (r.queued or 0) / (r.crossed_24h or 1):,.0f} h"
        for r in known[-3:]
    ]
    return ["", "Reported (hours are the queue over what passes: true of any queue, no measured wait):", *said]


def _unsaid(made: Simulation) -> list[str]:
    """Return the figures of idling that the design leaves to their defaults, which are assumed."""
    given = made.design.costs.model_fields_set
    names = {"idling_l_h": "idling of litres an hour", "idling_share": "idling of share of a wait with the engine on"}
    return [said for field, said in names.items() if field not in given]


def _seasons(made: Simulation, s: StreamResult) -> str:
    """Return the month with the longest wait beside the one with the shortest, of runs that reach two of them."""
    wait, left = made.wait_by_month[s.id], made.left_by_month[s.id]
    known = [m for m in range(12) if math.isfinite(wait[m]) and math.isfinite(left[m])]
    if len(known) < 2:
        return ""
    low, high = min(known, key=lambda m: wait[m]), max(known, key=lambda m: wait[m])
    short, long = (
        f"in {calendar.month_name[m + 1]}, {wait[m]:.1f} h with {left[m]:.0f} trucks a day" for m in (low, high)
    )
    return f"{s.id}: shortest mean wait {short}; longest {long}"


def document(made: Simulation) -> dict[str, Any]:
    """Return the result as plain data; what cannot be computed is null."""
    return {
        "design": made.design.model_dump(mode="json", exclude_defaults=True),
        "run": {
            "regime": made.regime,
            "seed": made.seed,
            "days": made.days,
            "warmup_days": made.warmup_days,
            "replications": made.replications,
            "little_relative_error": made.little,
        },
        "assumed": made.design.assumptions(),
        "streams": [
            {
                "id": s.id,
                "wait_h": {
                    "mean": _plain(s.wait_mean.mean),
                    "half95": s.wait_mean.half,
                    "p50": _plain(s.wait_p50),
                    "p90": _plain(s.wait_p90),
                },
                "dwell_h": {
                    "mean": _plain(s.dwell_mean.mean),
                    "half95": s.dwell_mean.half,
                    "p50": _plain(s.dwell_p50),
                    "p90": _plain(s.dwell_p90),
                },
                "share_over_h": {f"{h:g}": _plain(v) for h, v in s.over.items()},
                "trucks_per_day": _plain(s.per_day.mean),
                "queue_mean": s.queue_mean,
                "stayed_away_per_day": s.stayed_away_per_day,
                "turned_away_per_day": s.turned_away_per_day,
                "no_show_per_day": s.no_show_per_day,
                "diverted_out_per_day": s.diverted_out_per_day,
                "diverted_in_per_day": s.diverted_in_per_day,
                "inside_at_end": s.inside_at_end,
                "booking_lead_h": {"mean": _plain(s.lead_mean), "most": s.lead_most},
                "goods": [
                    {
                        "id": g.id,
                        "trucks_per_day": g.per_day,
                        "wait_h": {"mean": _plain(g.wait_mean.mean), "half95": g.wait_mean.half},
                        "dwell_h": {"mean": _plain(g.dwell_mean.mean), "half95": g.dwell_mean.half},
                    }
                    for g in s.goods
                ],
                "queue_by_hour": _plain(made.queue_by_clock[s.id]),
                "queue_by_month": _plain(made.queue_by_month[s.id]),
                "wait_by_hour_h": _plain(made.wait_by_clock[s.id]),
                "wait_by_month_h": _plain(made.wait_by_month[s.id]),
                "left_by_hour": _plain(made.left_by_clock[s.id]),
                "left_per_day_by_month": _plain(made.left_by_month[s.id]),
            }
            for s in made.streams
        ],
        "stations": [
            {
                "id": name,
                "utilisation": used,
                "blocked": made.blocked[name],
                "wait_h": made.station_wait[name],
                "utilisation_by_hour": _plain(made.utilisation_by_clock[name]),
            }
            for name, used in made.utilisation.items()
        ],
        "yearly": {
            "truck_hours": made.truck_hours_year,
            "wagon_hours": made.wagon_hours_year,
            "detour_hours": made.detour_hours_year,
            "carriers_usd": list(made.carriers_usd_year),
            "operator_usd": made.operator_usd_year,
            "fuel_t": list(made.fuel_t_year),
            "co2_t": list(made.co2_t_year),
        },
    }


def _plain(x: Any) -> Any:
    if isinstance(x, np.ndarray):
        return [_plain(v) for v in x.tolist()]
    if isinstance(x, list):
        return [_plain(v) for v in x]
    return None if not math.isfinite(x) else float(x)
