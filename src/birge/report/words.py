"""How numbers, dates and names read: the same words on a terminal and on a page.

A number that rounds to nothing says so ("under 0.1"); modelled dates have months, agreed dates have days.
"""

from __future__ import annotations

import re
from datetime import date

from birge.assess.odds import TargetOdds
from birge.plan.schema import Indicator, Plan

__all__ = [
    "bn",
    "change_of_100",
    "day",
    "growth",
    "indicator_of",
    "joined",
    "measure_title",
    "month",
    "musd",
    "of_100",
    "origin",
    "plural",
    "range_of_100",
    "readable",
    "statistics",
    "target_name",
    "target_value",
    "target_when",
    "variant_name",
]

NOT_THE_PLAN = "not-the-plan"
VARIANTS = {
    "central": "central outlook",
    "damped": "growth that fades out",
    "growth-of-all-years": "growth of all years on record",
    "newest-as-announced": "the newest unverified figure as it was announced before its year was over",
    "shifts-stay": "re-routed trade that stays for good",
    "with-gdp": "trade that follows the two GDPs",
    "without-newest-unverified": "without the newest unverified figures",
}


def of_100(odds: float | None) -> str:
    """Return a fraction as odds for the reader: 0.384 → "38", under half of one → "<1"."""
    if odds is None:
        return "not modelled"
    if 0 < odds < 0.005:
        return "<1"
    if 0.995 < odds < 1:
        return ">99"
    return f"{100 * odds:.0f}"


def range_of_100(odds: tuple[float, float] | None) -> str:
    """Return a range of odds: (0.29, 0.7) → "29 - 70"."""
    return f"{of_100(odds[0])} - {of_100(odds[1])}" if odds else "-"


def change_of_100(change: float | None, decimals: int = 1, *, signed: bool = True) -> str:
    """Return a change of odds in hundredths; what rounds to nothing is "under 0.1", as no simulation shows a zero."""
    if change is None:
        return "-"
    least = 10.0**-decimals
    if abs(100 * change) < least / 2:
        return f"under {least:.{decimals}f}"
    return f"{100 * change:{'+' if signed else ''}.{decimals}f}"


def musd(value: float) -> str:
    """Return mn USD: 3,015 - 1.0 - under 0.1 - 0."""
    if value == 0:
        return "0"
    if abs(value) < 0.05:
        return "under 0.1"
    return f"{value:,.1f}" if abs(value) < 10 else f"{value:,.0f}"


def bn(value: float | None, decimals: int = 2) -> str:
    """Return mn USD as bn USD, "-" if not known."""
    return "-" if value is None else f"{value / 1000:,.{decimals}f}"


def readable(text: str) -> str:
    """Return `text` with its ISO dates as days: "reported 2026-01-21" → "reported 21 Jan 2026"."""
    return re.sub(r"\b\d{4}-\d{2}-\d{2}\b", lambda m: day(date.fromisoformat(m[0])), text)


def growth(rate: float) -> str:
    """Return a yearly rate in per cent: 0.127 → "12.7 %"."""
    return f"{100 * rate:.1f} %"


def month(when: date | None) -> str:
    """Return the month of a modelled date, "no date" without one."""
    return f"{when:%b %Y}" if when else "no date"


def day(when: date | None) -> str:
    """Return an agreed date with its day, "no date" without one."""
    return f"{when.day} {when:%b %Y}" if when else "no date"


def plural(count: int, noun: str) -> str:
    """Return "1 figure", "2 figures"."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def joined(parts: list[str]) -> str:
    """Return "a, b and c"."""
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def origin(plan: Plan) -> str:
    """Return how the plan file came about, for titles."""
    return "reconstruction from public sources" if plan.origin == "reconstructed" else "published plan"


def measure_title(plan: Plan, ident: str, lang: str = "en") -> str:
    """Return the title of a measure in `lang`, or "not the plan"."""
    return next((m.title.get(lang) for m in plan.measures if m.id == ident), "not the plan")


def indicator_of(plan: Plan, target: TargetOdds) -> Indicator:
    """Return the indicator of a target."""
    return next(i for i in plan.indicators if i.id == target.indicator)


def statistics(plan: Plan, basis: str | None) -> str:
    """Return whose statistics count, as in "as Kazakhstan counts"; empty if not said."""
    return next((p.statistics.en for p in plan.parties if p.code == basis), "")


def target_value(plan: Plan, target: TargetOdds) -> str:
    """Return a target's value with its unit: "3.0 bn USD", "900 mn USD"."""
    unit = indicator_of(plan, target).unit.removesuffix("/year")
    if unit == "mn USD" and target.value >= 1000:
        decimals = 1 if round(target.value) % 100 == 0 else 2
        return f"{bn(target.value, decimals)} bn USD"
    return f"{target.value:,.0f} {unit}"


def target_when(plan: Plan, target: TargetOdds) -> str:
    """Return when and on whose statistics: "in 2027, as Kazakhstan counts"."""
    if indicator_of(plan, target).kind == "milestone":
        return f"by the end of {target.year}"
    by = statistics(plan, target.basis)
    return f"in {target.year}, {by}" if by else f"in {target.year}"


def target_name(plan: Plan, target: TargetOdds) -> str:
    """Return a target in words: value, year and whose statistics."""
    indicator = indicator_of(plan, target)
    if indicator.kind == "milestone":
        return f"{indicator.title.en} {target_when(plan, target)}"
    return f"{indicator.title.en} of {target_value(plan, target)} {target_when(plan, target)}"


def variant_name(name: str) -> str:
    """Return the name of an outlook in words."""
    if name.startswith("growth-since-"):
        return f"growth as since {name.removeprefix('growth-since-')}"
    return VARIANTS.get(name, name.replace("-", " "))
