"""How long the water lasts and what it costs, in words: `birge power policy`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["policy_text"]


def policy_text(d: Mapping[str, Any]) -> str:
    """Return the document of a policy as sentences and two small tables."""
    q, place = d["question"], d["reservoir"].replace("-", " ").title()
    who = "both sides count" if q["together"] else "only the side with the water counts"
    who += "; the policy knows the head" if q["head"] else ""
    said = f"irrigation water that is missing at {q['water_price']:g} mn USD/km3" if q["water_price"] else ""
    lines = [
        f"{place} from {q['from_volume']:g} km3 in January {q['year']}, {q['months']} months, {q['hydrology']} inflow, "
        f"{q['regime']}; {who}{'; ' + said if said else ''}. Illustrative.",
        "",
        f"Odds of 100 futures, from {q['paths']} drawn rivers (in brackets 95 % intervals), that the water falls to",
        "a level at which plants are said to stop:",
    ]
    for y in d["years"]:
        odds = ", ".join(
            f"{k} km3: {100 * v:.0f} {_between(y['odds_below_95'][k])}" for k, v in y["odds_below"].items()
        )
        lines.append(f"  {y['year']}: {odds}; lowest on average {y['lowest_mean']:.1f} km3")
    lines += ["", "Missing power, and odds of 100 that rationing does not cover it:"]
    for y in d["years"]:
        each = ", ".join(
            f"{c} {v:,.0f} GWh, {100 * y['odds_unserved'][c]:.0f} of 100 {_between(y['odds_unserved_95'][c])}"
            for c, v in y["missing"].items()
        )
        lines.append(f"  {y['year']}: {each}")
    for r in d["rivers"]:
        each = ", ".join(f"{c} {v:,.0f} GWh ({100 * r['odds_unserved'][c]:.0f})" for c, v in r["missing"].items())
        lines.append(f"  from {r['from']}, {r['river']} third of rivers ({r['inflow']:.1f} km3): {each}")
    lines += ["", "Bought, and what it costs; given and returned; irrigation water missing over its price range:"]
    for y in d["years"]:
        dry = ", ".join(
            f"{c} {v:.1f} km3 ({y['irrigation_cost'][c][0]:.0f} to {y['irrigation_cost'][c][1]:.0f} mn USD)"
            for c, v in y["irrigation_missing"].items()
        )
        lines.append(
            f"  {y['year']}: {y['bought']:,.0f} GWh for {y['paid']:,.0f} mn USD; {y['given']:,.0f} and "
            f"{y['returned']:,.0f} GWh; {dry}"
        )
    codes = list(d["economies"])
    lines += ["", "Month by month: water left (km3: 10 %, middle, 90 %), value of water (mn USD/km3), missing GWh"]
    lines.append(f"{'':>9}{'10 %':>8}{'50 %':>8}{'90 %':>8}{'value':>8}" + "".join(f"{c:>8}" for c in codes))
    for m in d["months"]:
        v = m["volume"]
        lines.append(
            f"{m['month']:>9}{v['p10']:>8.1f}{v['p50']:>8.1f}{v['p90']:>8.1f}{m['value']:>8,.0f}"
            + "".join(f"{m['missing'][c]['mean']:>8,.0f}" for c in codes)
        )
    return "\n".join([*lines, "", *_cost(d["cost"])])


def _between(ends: Sequence[float]) -> str:
    return f"({100 * ends[0]:.0f} to {100 * ends[1]:.0f})"


def _cost(c: Mapping[str, float]) -> list[str]:
    head = (
        f"The yield at the water level of the moment, which no bound covers, adds {100 * c['head']:+.1f} % to what the "
        f"months cost (standard error {100 * c['head_error']:.1f}, {c['head_paths']:,.0f} paths with either yield)."
    )
    if "bound" not in c:
        return [
            f"Cost {c['cost']:,.0f} mn USD with what follows, standard error {c['error']:,.0f}; with caution no bound "
            "speaks of the mean cost.",
            head,
        ]
    return [
        f"Lower bound {c['bound']:,.0f} mn USD, cost of the policy {c['cost']:,.0f}, standard error {c['error']:.1f}: "
        f"its upper 95 % limit lies {100 * c['gap']:.2f} % above the bound, {100 * c['gap_of_horizon']:.1f} % of the "
        f"{c['horizon']:,.0f} that the months themselves cost.",
        head,
    ]
