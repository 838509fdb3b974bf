"""One assessment as one self-contained page: no network, no script, good on a phone, in print and on dark paper.

`page` gathers what the template shows; sentences come from `findings`, charts from `drawings`, gauges from `gauges`,
what the numbers mean from `passport`.
"""

from __future__ import annotations

from importlib.resources import files
from typing import Any

from birge.assess.assessment import Assessment
from birge.charts import dots, odds_strip, repainted
from birge.factbook import Factbook
from birge.plan.due import due
from birge.report.drawings import contribution_drawing, fan_drawings, milestone_drawing
from birge.report.findings import (
    assumed_odds,
    base_rate_line,
    carried,
    costly_delays,
    doubtful,
    doubtful_line,
    even_odds,
    firm_inputs,
    needed_lines,
    newest_both,
    next_figure_line,
    past_targets_line,
    reported,
    weight_line,
)
from birge.report.gauges import Gauge, gauges
from birge.report.input_names import input_name
from birge.report.passport import command, definitions, figures, passport, size_of, sources, version
from birge.report.words import (
    bn,
    change_of_100,
    day,
    indicator_of,
    measure_title,
    musd,
    of_100,
    plural,
    range_of_100,
    readable,
    statistics,
    target_name,
    target_value,
    target_when,
    variant_name,
)

__all__ = ["page"]

CONTENTS = (
    ("targets", "Targets"),
    ("carries", "What carries it"),
    ("delay", "Delays"),
    ("next", "Who does what next"),
    ("needed", "What it would take"),
    ("robust", "How firm"),
    ("numbers", "Whose numbers"),
    ("assumptions", "Assumptions"),
    ("reading", "Meaning"),
    ("sources", "Sources"),
)


def page(run: Assessment, book: Factbook) -> str:
    """Return the HTML of the report."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    loader = Environment(loader=PackageLoader("birge.report"), autoescape=True, undefined=StrictUndefined)
    robust = _robust(run)
    firm = bool(robust["others"] or robust["sensitivity"] or robust["base_rate"])
    return loader.get_template("report.html").render(
        run=run,
        plan=run.plan,
        style=_style(),
        version=version(),
        command=command(run),
        as_of=day(run.as_of),
        facts_until=day(run.facts_until),
        contents=[c for c in CONTENTS if firm or c[0] != "robust"],
        warnings=[w[:1].upper() + w[1:] + "." for w in run.warnings],
        gauges=gauges(run),
        spans=_spans,
        definitions=definitions(run),
        passport=passport(run),
        sources=sources(run.plan),
        needed=needed_lines(run),
        due=_due(run),
        **_head(run, book),
        **_targets(run),
        **_carries(run),
        **_delays(run),
        **robust,
        **_numbers(run, book),
        **_assumptions(run),
    )


def _style() -> str:
    sheet = (files("birge.report") / "templates" / "report.css").read_text("utf-8")
    return sheet.replace("{{ repainted }}", repainted(".chart"))


def _pair(run: Assessment) -> tuple[str, str]:
    a, b = run.plan.parties
    return a.code, b.code


def _head(run: Assessment, book: Factbook) -> dict[str, Any]:
    t = run.headline.target
    if t.odds_with is None:
        told = f"Not modelled: {target_name(run.plan, t)}"
        return {"headline": told, "deck": [f"Why: {t.reason}."], "dots": None, "ranged": False}
    told = f"{of_100(t.odds_with)} of 100 dots are filled"
    drawn = dots(t.odds_with, t.odds_range if t.variants else None, told)
    return {"headline": _headline(run), "deck": _deck(run, book), "dots": drawn, "ranged": bool(t.variants)}


def _headline(run: Assessment) -> str:
    t = run.headline.target
    indicator = indicator_of(run.plan, t)
    name = indicator.title.en
    if indicator.kind == "milestone":
        return f"In about {of_100(t.odds_with)} of 100 futures: {target_name(run.plan, t)}"
    lower = name[:1].lower() + name[1:]
    when = target_when(run.plan, t)
    return f"About {of_100(t.odds_with)} of 100 futures reach {target_value(run.plan, t)} of {lower} {when}"


def _deck(run: Assessment, book: Factbook) -> list[str]:
    """Return what to know beside the headline: the other basis, the plan's part, what the odds hang on."""
    t = run.headline.target
    lines = []
    for v in run.verdicts:
        o = v.target
        if (o.indicator, o.year, o.value) == (t.indicator, t.year, t.value) and o.basis != t.basis and o.odds_with:
            basis = statistics(run.plan, o.basis)
            lines.append(f"Counted {basis}, it is about {of_100(o.odds_with)} of 100.".replace("Counted as", "As"))
    if t.odds_without is not None and t.odds_with is not None:
        gain, error = t.odds_with - t.odds_without, t.simulation_error or 0.0
        if abs(gain) < error:
            lines.append(
                "What is modelled of the plan moves these odds by less than the error of the count, "
                f"± {100 * error:.1f} of 100."
            )
        else:
            lines.append(
                f"If the plan stopped today it would be {of_100(t.odds_without)}: what can be modelled of the plan is "
                f"worth {change_of_100(gain, signed=False)} of 100."
            )
    hangs = [f"Over defensible outlooks the odds run from {range_of_100(t.odds_range)}"] if t.variants else []
    hangs = [h.replace(" - ", " to ") for h in hangs]
    hangs += [
        f"without {d.figure}{f' ({d.kind})' if d.kind else ''} they are {of_100(d.odds)}"
        for d in doubtful(run, book.observations(_pair(run), run.as_of))[:1]
    ]
    if hangs:
        text = "; ".join(hangs) + "."
        lines.append(text[:1].upper() + text[1:])
    return [" ".join(lines[:-1]), lines[-1]] if len(lines) > 2 else lines


def _spans(gauge: Gauge) -> list[tuple[str, str, str]]:
    """Return (start, width, kind) of a gauge's parts in per cent."""
    made, at = [], 0.0
    for part in gauge.parts:
        made.append((f"{100 * at:.2f}", f"{100 * part.share:.2f}", part.kind))
        at += part.share
    return made


def _targets(run: Assessment) -> dict[str, Any]:
    rows = []
    for v in run.verdicts:
        t = v.target
        name = target_name(run.plan, t)
        if t.odds_with is None:
            rows.append({"name": name, "chip": "", "big": "not modelled", "strip": None, "small": t.reason})
            continue
        small = [f"{range_of_100(t.odds_range)} over defensible outlooks"] if t.variants else []
        small.append(f"{of_100(t.odds_without)} if the plan stopped")
        if t.median is not None and t.interval80 is not None:
            low, high = (bn(x, 1) for x in t.interval80)
            small.append(f"median {bn(t.median)} bn USD, 80 of 100 futures: {low} - {high}")
        drawn = odds_strip(t.odds_with, t.odds_range if t.variants else None, t.odds_without, "; ".join(small))
        chip = f"projected from {t.projected_from}" if t.projected_from else ""
        big = f"{of_100(t.odds_with)} of 100"
        rows.append({"name": name, "chip": chip, "big": big, "strip": drawn, "small": " · ".join(small)})
    fans = fan_drawings(run) if any(v.target.median is not None for v in run.verdicts) else []
    source = f"bn USD a year, current prices; figures published until {day(run.facts_until)}, futures of this run."
    return {"targets": rows, "fans": fans, "fan_source": source}


def _carries(run: Assessment) -> dict[str, Any]:
    found = carried(run)
    t = run.headline.target
    rows = []
    for m in run.headline.measures:
        first = m.id == "not-the-plan"
        low, high = m.interval80_musd
        rows.append(
            {
                "title": measure_title(run.plan, m.id),
                "mean": musd(m.mean_musd),
                "span": f"{musd(low)} - {musd(high)}",
                "odds": of_100(m.alone_odds)
                if first
                else change_of_100(m.shapley_odds) + (f" ± {100 * m.shapley_odds_se:.2f}" if m.shapley_odds_se else ""),
                "without": "-" if first else of_100(m.without_odds),
                "rests": "the past" if first else "assumed" if m.assumed else "evidence",
            }
        )
    if len(rows) < 2:
        rows = []
    silent = f"{plural(found.silent, 'measure')} of the plan without a modelled effect on it." if found.silent else ""
    story = ""
    if found.without is not None and t.median is not None:
        before, after = bn(found.without.median_musd), bn(t.median)
        story = f"Trade as it is carries it: the median is {before} bn USD without the plan's open measures, "
        story += f"{after} bn with them."
    return {
        "measures": rows,
        "silent": silent,
        "carries": f"{story} {assumed_odds(run) or ''}",
        "headline_target": target_name(run.plan, t),
        "contributions": contribution_drawing(run) if rows else None,
        "contribution_source": f"mn USD in {t.year}, current prices. Bar: 80 of 100 futures; dot: mean. From this run.",
        "groups": _groups(run),
    }


def _groups(run: Assessment) -> list[tuple[str, ...]]:
    titles = {p.id: p.title.en for p in run.plan.pillars}
    kinds = {
        "assumed": "Effects that are assumed",
        "evidence": "Effects that rest on evidence",
        "plan": "The whole plan",
    }
    rows: list[tuple[str, ...]] = []
    for g in run.headline.groups:
        name = kinds.get(g.kind) or titles.get(g.id, g.id)
        span = " - ".join(musd(v) for v in g.interval80_musd)
        rows.append((name, musd(g.mean_musd), span, change_of_100(g.shapley_odds), of_100(g.without_odds)))
    return rows


def _delays(run: Assessment) -> dict[str, Any]:
    titles = {m.id: m.title.en for m in run.plan.milestones()}
    rows = [
        {
            "title": titles[m.id],
            "planned": day(m.planned),
            "even": even_odds(run, m),
            "on_time": of_100(m.p_on_time) if m.p_on_time is not None else "-",
            "lost": change_of_100(m.odds_gain_per_month, 2, signed=False),
            "reported": reported(run, m.id),
        }
        for m in costly_delays(run)
    ]
    source = (
        "Bar: from 10 to 90 of 100 futures; dot: even odds; hollow diamond: planned date; dotted line: the day of this "
        "assessment. Dates of this run."
    )
    late = [
        (
            target_name(run.plan, v.target),
            of_100(v.delay.odds_undelayed),
            of_100(v.target.odds_with),
            f"{change_of_100(v.delay.odds_change)} ± {100 * v.delay.odds_change_se:.1f}"
            if v.delay.odds_change_se
            else "none",
            "-" if v.delay.turnover_change_musd is None else musd(v.delay.turnover_change_musd),
        )
        for v in run.verdicts
        if v.delay is not None
    ]
    items = ", ".join(f"{item} by {months:g} months" for item, months in run.delays.items())
    told = f"Put off: {items}. The same futures on time and late; ± is the error of their difference"
    return {
        "milestones": milestone_drawing(run),
        "delays": rows,
        "milestone_source": source,
        "late": late,
        "late_told": told,
    }


def _due(run: Assessment) -> list[tuple[str, list[dict[str, str]]]]:
    found = due(run.plan, run.as_of)
    groups = (
        ("Next", found.next),
        ("Past its date, with a word since", found.overdue),
        ("Past its date, not known since", found.silent),
    )
    return [
        (
            title,
            [
                {"item": r.item, "organisation": r.organisation, "due": day(r.due), "last_word": readable(r.last_word)}
                for r in rows
            ],
        )
        for title, rows in groups
        if rows
    ]


def _robust(run: Assessment) -> dict[str, Any]:
    """Return the headline's odds under other assumptions, and which inputs move them."""
    t = run.headline.target
    named: list[tuple[str, float | None]] = [(variant_name(k), v) for k, v in t.variants.items() if k != "central"]
    named += [
        ("if the plan stopped today", t.odds_stop if t.odds_stop is not None else t.odds_without),
        ("if the plan had never been", t.odds_never),
        ("only effects that rest on evidence", t.odds_without_assumed),
        ("if none of the effects stood in the trend already", t.odds_kappa_0),
        ("if all of the effects stood in the trend already", t.odds_kappa_1),
        ("if delays and effects had nothing in common", t.odds_independent),
    ]
    rows = [
        {"name": name, "chip": "", "big": of_100(v), "strip": odds_strip(v, None, t.odds_with, of_100(v)), "small": ""}
        for name, v in named
        if v is not None
    ]
    inputs = firm_inputs(run)[:10]
    sensitivity = [
        (
            input_name(s.id, s.meaning, run.plan, "en") or s.meaning,
            "assumed" if s.assumed else "evidence",
            of_100(s.odds_low),
            of_100(s.odds_high),
            f"{change_of_100(s.difference)} ± {100 * s.se:.1f}",
        )
        for s in inputs
    ]
    others = rows if t.odds_with is not None else []
    looked = len(run.headline.sensitivity)
    still = (
        f"Of {plural(looked, 'drawn input')}, {len(firm_inputs(run))} move the odds by more than chance would in one "
    )
    still += "run of a hundred; more draws show smaller ones."
    base = base_rate_line(run)
    return {"others": others, "sensitivity": sensitivity, "looked": still if looked else "", "base_rate": base}


def _numbers(run: Assessment, book: Factbook) -> dict[str, Any]:
    known = book.observations(_pair(run), run.as_of)
    doubts = doubtful(run, known)
    lines = [newest_both(run) or "There is no year for which both sides have published turnover."]
    lines.append(weight_line(run, doubts))
    lines += [doubtful_line(d) for d in doubts]
    lines += [text for text in (past_targets_line(run), next_figure_line(run)) if text]
    mirror = [
        {"year": r.year, "cells": [*map(_whole, r.published), _gap(r.difference), *map(_whole, r.compiled)]}
        for r in run.mirror
    ]
    short = [p.short.en for p in run.plan.parties]
    blank = [sum(r.published[k] is None for r in run.mirror) for k in (0, 1)]
    told = "; ".join(
        f"{name}: no published figure for {plural(n, 'year')}" for name, n in zip(short, blank, strict=True)
    )
    groups = figures(known, dict(zip(_pair(run), short, strict=True)))
    return {
        "numbers": lines,
        "growth": _growth(run),
        "mirror": mirror,
        "codes": short,
        "blanks": f"{told} of {len(run.mirror)}.",
        "figures": groups,
        "count": sum(len(rows) for _, rows in groups),
    }


def _whole(value: float | None) -> str:
    return "no data" if value is None else f"{value:,.0f}"


def _gap(difference: float | None) -> str:
    return "-" if difference is None else f"{100 * difference:+.0f} %"


def _growth(run: Assessment) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    for p in run.growth or ():
        part = p.part + (" (assumed)" if p.assumed else "")
        years = f"{p.years[0]}-{p.years[1]}"
        if p.low is None or p.high is None:
            rows.append((part, years, "not known", "-", p.reason or ""))
            continue
        same = round(p.low) == round(p.high)
        money = f"{p.low:,.0f}" if same else f"{p.low:,.0f} to {p.high:,.0f}"
        share = "-"
        if p.share is not None:
            low, high = (100 * v for v in p.share)
            share = f"{low:.0f} %" if same else f"{low:.0f} to {high:.0f} %"
        rows.append((part, years, money, share, p.evidence))
    return rows


def _assumptions(run: Assessment) -> dict[str, Any]:
    """Return every effect with its size, its evidence, whether it is assumed, and what its measure moves."""
    shares = {m.id: m for m in run.headline.measures}
    rows = []
    for m in run.plan.measures:
        share = shares.get(m.id)
        moves = (
            f"{musd(share.mean_musd)} mn USD, {change_of_100(share.shapley_odds)} of 100"
            if share
            else "nothing that is modelled for this target"
        )
        rows += [
            {
                "measure": m.title.en,
                "driver": e.driver,
                "size": size_of(e.size),
                "evidence": e.evidence,
                "kind": "assumed" if e.assumed else "evidence",
                "moves": moves,
            }
            for e in m.effects
        ]
    assumed = sum(r["kind"] == "assumed" for r in rows)
    return {"assumptions": rows, "assumed": f"{assumed} of {plural(len(rows), 'effect')} of the plan are assumed."}
