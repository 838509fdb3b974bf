"""What a sized crossing says, as text and as a JSON document."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from birge.models.border import Sizing
from birge.models.border.decisions import ROOM, Decision, shift_of
from birge.models.border.sizing import Option
from birge.report.border_answer import assumed_text

__all__ = ["answer", "decision_name", "document"]


def answer(made: Sizing) -> str:
    """Return the answer for a terminal."""
    asked = made.asked
    service = f"P90 of the wait at most {asked.p90_wait_h:g} h in {100 * asked.in_share:g} % of weeks"
    lines = [
        f"{made.design.title} · control: {made.design.control(made.regime)} · asked: {service}, seed {made.seed}",
        "",
    ]
    if made.chosen is not None:
        lines.append(f"Cheapest found: {_usd(made.chosen.operator_usd_year)} a year for the operator.")
    elif made.budget is None:
        lines.append("No design that was tried meets this. The closest:")
    elif made.best.operator_usd_year > made.budget:
        least = f"the least that was tried costs {_usd(made.best.operator_usd_year)}"
        lines.append(f"No design that was tried costs {_usd(made.budget)} a year or less; {least}:")
    else:
        beyond = f"; the cheapest that does costs {_usd(made.beyond.operator_usd_year)}" if made.beyond else ""
        lines.append(f"No design that was tried within {_usd(made.budget)} a year meets this{beyond}. The closest:")
    best = made.chosen or made.best
    lines += ["", f"{'':<34}{'now':>20}{'sized':>20}"]
    lines += [
        f"{decision_name(made, d):<34}{a:>20}{b:>20}"
        for d, a, b in zip(made.free, made.now.chosen, best.chosen, strict=True)
        if a != b
    ] or ["(nothing has to change)"]
    rows: tuple[tuple[str, Callable[[Option], str]], ...] = (
        ("operator, thousand USD/year", lambda o: f"{o.operator_usd_year / 1e3:,.0f}"),
        ("carriers, thousand USD/year", _carriers),
        ("P90 of the wait, h", lambda o: f"{o.p90_h:.1f}"),
        ("weeks that meet it", lambda o: f"{100 * o.share:.0f} %"),
        ("trucks that stay away", lambda o: f"{100 * o.lost:.1f} %"),
    )
    lines += ["", *(f"{name:<34}{say(made.now):>20}{say(best):>20}" for name, say in rows), "", "What binds:"]
    for b in made.binding:
        cost = f"{b.step_usd_year:,.0f} USD a year"
        more = "at its limit" if b.more_p90_h is None else f"one more, {cost}: P90 {b.more_p90_h:.1f} h"
        less = "no fewer possible" if b.less_p90_h is None else f"one less: {b.less_p90_h:.1f} h"
        lines.append(f"  {decision_name(made, b.decision):<34}{b.now:>4}  {more}; {less}")
    if made.closed is not None:
        shut = ", ".join(f"{name} {hours:g}" for name, hours in made.closed.hours.items())
        lines += [
            f"  closed hours a week: {shut}",
            f"    one server in them: P90 {made.closed.p90_h:.1f} h, {100 * made.closed.share:.0f} % of weeks, "
            f"{made.closed.step_usd_year:,.0f} USD a year more",
            "    (write a shift of 0 servers in these hours, and sizing may open it)",
        ]
    room = [d.of for d in made.free if d.kind == "servers" and made.design.station(d.of).most_servers is None]
    if room:
        lines.append(f"  limits of {', '.join(dict.fromkeys(room))} are assumed: {ROOM} times as many, or {ROOM} more")
    lines += ["", "Cost against wait (operator, thousand USD a year; P90 in h; weeks met):"]
    lines += [
        f"  {o.operator_usd_year / 1e3:>10,.0f}{o.p90_h:>8.1f}{100 * o.share:>6.0f} %"
        f"{'  over the budget' if made.budget is not None and o.operator_usd_year > made.budget else ''}"
        for o in _spread(made.curve)
    ]
    for d in made.demand:
        kept = f"the design above: P90 {d.kept.p90_h:.1f} h, {100 * d.kept.share:.0f} % of weeks"
        sized = f"sized again: {_usd(d.sized.operator_usd_year)}" if d.sized else "no design tried is enough"
        lines.append(f"Demand × {d.level:g}: {kept}; {sized}")
    if made.verdict is not None:
        lines += [
            "",
            f"With chance {100 * (1 - made.error):g} % every contender checked is judged rightly, "
            f"up to {100 * made.tolerance:g} of 100 weeks",
            f"({made.judged} checked, {made.verdict.replications} runs for this one"
            f"{', stopped before the guarantee' if made.verdict.cut else ''}).",
            "The search finds local optima: no single step down and no exchange that was tried is cheaper and enough.",
        ]
    lines += _notes(made)
    lines += [f"{made.runs} simulated years.", assumed_text(made.design.assumptions())]
    return "\n".join(lines)


def _usd(amount: float) -> str:
    return f"{amount:,.0f} USD" if amount < 1e6 else f"{amount / 1e6:,.2f} mn USD"


def _carriers(o: Option) -> str:
    if not o.carriers_usd_year[1]:
        return "not stated"
    return " to ".join(f"{x / 1e3:,.0f}" for x in o.carriers_usd_year)


def _notes(made: Sizing) -> list[str]:
    if not any(s.balking is not None and s.balking.to is not None for s in made.design.streams):
        return []
    return [
        "Trucks that drive to another stream are in every simulated year and count where they join, not as lost.",
        "Only the closed forms that the search starts from leave them out.",
    ]


def decision_name(made: Sizing, d: Decision) -> str:
    """Return what a decision is about: a station or pool and the start of the shift, or its places to wait."""
    if d.kind == "places":
        return f"{d.of}, places"
    return f"{d.of}, from {shift_of(made.design, d).start}"


def _spread(curve: tuple[Option, ...], most: int = 8) -> list[Option]:
    """Return at most so many points of the curve, the ends always."""
    if len(curve) <= most:
        return list(curve)
    return [curve[round(k * (len(curve) - 1) / (most - 1))] for k in range(most)]


def document(made: Sizing) -> dict[str, Any]:
    """Return the result as plain data."""

    def option(o: Option | None) -> dict[str, Any] | None:
        if o is None:
            return None
        return {
            "decisions": [
                {"kind": d.kind, "of": d.of, "shift": None if d.shift < 0 else d.shift, "value": n}
                for d, n in zip(made.free, o.chosen, strict=True)
            ],
            "operator_usd_year": o.operator_usd_year,
            "carriers_usd_year": list(o.carriers_usd_year),
            "wait_p90_h": o.p90_h,
            "share_of_weeks": o.share,
            "share_lost": o.lost,
        }

    return {
        "design": made.result().model_dump(mode="json", exclude_defaults=True),
        "asked": {
            "wait_p90_h": made.asked.p90_wait_h,
            "share_of_weeks": made.asked.in_share,
            "share_lost": made.asked.lost,
            "regime": made.regime,
            "budget_usd_year": made.budget,
            "seed": made.seed,
        },
        "now": option(made.now),
        "chosen": option(made.chosen),
        "best": option(made.best),
        "beyond_budget": option(made.beyond),
        "curve": [option(o) for o in made.curve],
        "binding": [
            {
                "kind": b.decision.kind,
                "of": b.decision.of,
                "shift": None if b.decision.shift < 0 else b.decision.shift,
                "value": b.now,
                "one_more_p90_h": b.more_p90_h,
                "one_less_p90_h": b.less_p90_h,
                "step_usd_year": b.step_usd_year,
            }
            for b in made.binding
        ],
        "closed": None
        if made.closed is None
        else {
            "hours_week": made.closed.hours,
            "one_server_p90_h": made.closed.p90_h,
            "one_server_share_of_weeks": made.closed.share,
            "step_usd_year": made.closed.step_usd_year,
        },
        "demand": [{"level": d.level, "kept": option(d.kept), "sized": option(d.sized)} for d in made.demand],
        "guarantee": None
        if made.verdict is None
        else {
            "error": made.error,
            "tolerance": made.tolerance,
            "checked": made.judged,
            "replications": made.verdict.replications,
            "share_of_weeks": made.verdict.mean,
            "stopped_early": made.verdict.cut,
        },
        "simulated_years": made.runs,
        "assumed": made.design.assumptions(),
        "notes": _notes(made),
    }
