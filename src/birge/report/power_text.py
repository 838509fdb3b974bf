"""What a run says of power, as a table in the reader's language: the report and the power page show the same.

`power_told(power, plan, t) → PowerTold`, from the document's `power`; None where the run has none (an earlier release,
or a pair without a power model).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from birge.pages.border import placed
from birge.pages.sides import shown
from birge.plan.schema import Plan
from birge.report.words import of_100
from birge.texts import Translator

__all__ = ["PowerTold", "power_told"]


@dataclass(frozen=True)
class PowerTold:
    """Heading, heads and rows of cells as read, and lines under the table."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...]


def power_told(power: Mapping[str, Any] | None, plan: Plan, t: Translator) -> PowerTold | None:
    """Return the years of the document's `power` as a table."""
    if power is None or power["reason"] or not power["years"]:
        return None
    sides = {p.code: shown(p.short, t.lang) for p in plan.parties}
    parties = sorted(sides, key=lambda code: code != power["home"])
    first, second = (p.code for p in plan.parties)
    name = placed((first, second), str(power["reservoir"]), t.lang)
    levels = list(power["years"][0]["below"])
    words = (
        t("{reservoir} down to {level} km³, of 100", reservoir=name, level=_decimal(levels[0], t)),
        *(t("{reservoir} below {level} km³, of 100", reservoir=name, level=_decimal(x, t)) for x in levels[1:]),
    )
    head = (
        t("Year"),
        *(t("Winter short of power, of 100: {side}", side=sides[p]) for p in parties),
        *words,
        *(t("Electricity in turnover, mn USD: {side}", side=sides[p]) for p in sides),
    )
    rows = []
    for y in power["years"]:
        short = {s["party"]: s["short_odds"] for s in y["sides"]}
        rows.append(
            (
                str(y["year"]),
                *(of_100(short[p]) for p in parties),
                *(of_100(y["below"][x]) for x in levels),
                *(t.number(y["traded_musd"][p]) for p in sides),
            )
        )
    return PowerTold(t("Power in the years ahead"), head, tuple(rows), _notes(power, t))


def _notes(power: Mapping[str, Any], t: Translator) -> tuple[str, ...]:
    notes = [
        t(
            "A winter is short where more power is missing from October to March than rationing covers. "
            "Nothing is built or bought beyond the plan and today's contracts."
        )
    ]
    if power["observed_musd"] is not None:
        notes.append(
            t(
                "All power between the two in {year} was worth about {value} mn USD: "
                "electricity cannot carry a target.",
                year=power["observed_year"],
                value=t.number(power["observed_musd"]),
            )
        )
    error = power["error"]
    notes.append(
        t(
            "Read from a table of solved years; direct solves differ by {gwh} GWh of missing winter power "
            "and {km3} km³ (root mean square).",
            gwh=t.number(error["short_winter_home"]),
            km3=t.number(error["volume_least"], 2),
        )
    )
    return tuple(notes)


def _decimal(level: str, t: Translator) -> str:
    """Return a level such as 5.6 as the reader writes it."""
    return t.number(float(level), len(level.partition(".")[2]))
