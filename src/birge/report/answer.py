"""The answer as text, in the order of the reader's questions: read in half a minute on a terminal of 100 columns."""

from __future__ import annotations

import shutil
import sys
from itertools import groupby

from birge.assess.assessment import Assessment
from birge.assess.odds import MeasureShare, TargetOdds
from birge.factbook import Factbook
from birge.plan.due import due
from birge.report.findings import (
    assumed_odds,
    carried,
    costly_delays,
    doubtful,
    doubtful_line,
    even_odds,
    growth_lines,
    needed_lines,
    newest_both,
    next_figure_line,
    past_targets_line,
    weight_line,
)
from birge.report.lines import Column, bullet, paragraph, table
from birge.report.power_lines import power_line
from birge.report.words import (
    bn,
    change_of_100,
    day,
    indicator_of,
    measure_title,
    musd,
    of_100,
    origin,
    plural,
    range_of_100,
    readable,
    target_name,
    target_value,
    target_when,
)

__all__ = ["answer"]

PIPE = 100
"""Width where the output is no terminal."""
MEASURES, MILESTONES, DUE = 3, 3, 3
ODDS = (
    Column("", flexible=True),
    Column("of 100", right=True),
    Column("by outlook", right=True),
    Column("if stopped", right=True),
    Column("median, bn", right=True),
    Column("80 %, bn", right=True),
)


def answer(run: Assessment, book: Factbook, width: int | None = None) -> str:
    """Return the whole answer, wrapped to `width` columns (the terminal's, 100 in a pipe, if None)."""
    columns = width or _columns()
    sections = [
        _head(run, columns),
        *_targets(run, columns),
        _put_off(run, columns),
        _carries(run, columns),
        _delays(run, columns),
        _next(run, columns),
        ["What it would take", *(line for text in needed_lines(run) for line in bullet(text, columns))],
        ["Whose numbers", *(line for text in _numbers(run, book) for line in bullet(text, columns))],
    ]
    return "\n\n".join("\n".join(lines) for lines in sections if lines)


def _columns() -> int:
    """Return the width of the terminal within reason, 100 in a pipe."""
    if not sys.stdout.isatty():
        return PIPE
    return min(max(shutil.get_terminal_size((PIPE, 24)).columns, 40), 120)


def _head(run: Assessment, width: int) -> list[str]:
    facts = [
        f"as of {run.as_of}",
        f"trade figures until {run.facts_until}",
        f"{run.draws:,} simulated futures",
        f"seed {run.seed}",
        f"{run.runtime_s:.0f} s",
    ]
    facts += [f"scenario {run.scenario}"] if run.scenario else []
    facts += [f"{item} off" for item in run.without]
    facts += [f"{item} {months:g} months late" for item, months in run.delays.items()]
    lines = paragraph(f"{run.plan.title.en} ({origin(run.plan)})", width) + paragraph(" · ".join(facts), width)
    for warning in run.warnings:
        lines += paragraph(f"! {warning[:1].upper()}{warning[1:]}", width, "", "  ")
    return lines


def _targets(run: Assessment, width: int) -> list[list[str]]:
    """Return a table with a heading for each value that is aimed at, and a line for each dated milestone."""
    known = [v.target for v in run.verdicts if v.target.odds_with is not None]
    dated = [t for t in known if indicator_of(run.plan, t).kind == "milestone"]
    rows: list[list[str]] = []
    for heading, group in groupby([t for t in known if t not in dated], key=lambda t: _heading(run, t)):
        rows += [[heading], *(_odds(run, t) for t in group)]
    lines = table(rows[0][0], ODDS, rows[1:], width) if rows else []
    carried_on = {t.projected_from for t in known if t.projected_from}
    lines += [f"  * projected from {max(carried_on)}, the last year with a figure"] if carried_on else []
    for t in dated:
        told = f"about {of_100(t.odds_with)} of 100 ({of_100(t.odds_without)} if stopped)"
        lines += paragraph(f"{target_name(run.plan, t)}: {told}", width, "", "  ")
    power = power_line(run)
    lines += paragraph(power, width, "", "  ") if power else []
    missing = [v.target for v in run.verdicts if v.target.odds_with is None]
    if missing:
        told = "; ".join(
            f"{indicator_of(run.plan, t).title.en} {target_when(run.plan, t)} ({t.reason})" for t in missing
        )
        lines += paragraph(f"Not modelled: {told}", width, "", "  ")
    return [lines]


def _heading(run: Assessment, t: TargetOdds) -> str:
    return f"{indicator_of(run.plan, t).title.en} of {target_value(run.plan, t)}"


def _odds(run: Assessment, t: TargetOdds) -> list[str]:
    row = [target_when(run.plan, t) + (" *" if t.projected_from else ""), f"about {of_100(t.odds_with)}"]
    row += [range_of_100(t.odds_range) if t.variants else "-", of_100(t.odds_without)]
    if t.median is None or t.interval80 is None:
        return [*row, "-", "-"]
    return [*row, bn(t.median), f"{bn(t.interval80[0], 1)} - {bn(t.interval80[1], 1)}"]


def _put_off(run: Assessment, width: int) -> list[str]:
    """Return what the delays that were asked for cost each target."""
    rows = []
    for v in run.verdicts:
        if v.delay is not None:
            d, change = v.delay, v.delay.turnover_change_musd
            cost = f"{change_of_100(d.odds_change)} ± {100 * d.odds_change_se:.1f}" if d.odds_change_se else "none"
            cells = [target_name(run.plan, v.target), of_100(d.odds_undelayed), of_100(v.target.odds_with), cost]
            rows.append([*cells, "-" if change is None else musd(change)])
    if not rows:
        return []
    columns = [
        Column("", flexible=True),
        Column("on time", right=True),
        Column("delayed", right=True),
        Column("odds of 100", right=True),
        Column("mn USD a year", right=True),
    ]
    items = ", ".join(f"{item} by {months:g} months" for item, months in run.delays.items())
    told = f"Put off: {items}; the same futures on time and delayed, ± the error of the difference."
    return [*table("What being late costs", columns, rows, width), *bullet(told, width)]


def _carries(run: Assessment, width: int) -> list[str]:
    head = run.headline.target
    if head.odds_with is None or not run.headline.measures:
        return []
    found = carried(run, MEASURES)
    rows = []
    if found.without is not None:
        rows.append(["not the plan", f"{found.without.median_musd:,.0f}", of_100(found.without.alone_odds), "the past"])
    rows += [_share(run, m) for m in found.named]
    if found.small:
        what = f"{plural(len(found.small), 'other measure')}{' together' if len(found.small) > 1 else ''}"
        odds = sum(m.shapley_odds or 0.0 for m in found.small)
        kinds = {m.assumed for m in found.small}
        rest = "mixed" if len(kinds) > 1 else _rests(found.small[0])
        rows.append([what, _plus(sum(m.mean_musd for m in found.small)), change_of_100(odds), rest])
    columns = [
        Column("", flexible=True),
        Column("mn USD a year", right=True),
        Column("odds of 100", right=True),
        Column("rests on"),
    ]
    title = f"What carries it ({target_when(run.plan, head)})"
    note = [assumed_odds(run) or ""]
    note += [f"{plural(found.silent, 'measure')} without a modelled effect."] if found.silent else []
    return [*table(title, columns, rows, width), *bullet(" ".join(n for n in note if n), width)]


def _share(run: Assessment, m: MeasureShare) -> list[str]:
    return [measure_title(run.plan, m.id), _plus(m.mean_musd), change_of_100(m.shapley_odds), _rests(m)]


def _plus(value: float) -> str:
    text = musd(value)
    return f"+{text}" if value >= 0.05 else text


def _rests(m: MeasureShare) -> str:
    return "assumed" if m.assumed else "evidence"


def _delays(run: Assessment, width: int) -> list[str]:
    rows = costly_delays(run)
    if not rows:
        return []
    titles = {m.id: m.title.en for m in run.plan.milestones()}
    cells = [
        [
            titles[m.id],
            day(m.planned),
            even_odds(run, m),
            "-" if m.p_on_time is None else f"{of_100(m.p_on_time)} of 100",
            change_of_100(m.odds_gain_per_month, 2, signed=False),
        ]
        for m in rows[:MILESTONES]
    ]
    columns = [
        Column("", flexible=True),
        Column("planned", right=True),
        Column("even odds by", right=True),
        Column("on time", right=True),
        Column("lost a month, of 100", right=True),
    ]
    return table("What a delay costs", columns, cells, width)


def _next(run: Assessment, width: int) -> list[str]:
    found = due(run.plan, run.as_of, count=DUE)
    late = [plural(len(found.overdue), "item") + " past the date" if found.overdue else ""]
    late.append(f"{plural(len(found.silent), 'item')} past the date and without a word since" if found.silent else "")
    told = "; ".join(t for t in late if t)
    tail = bullet(f"{told}: `birge plan due` lists them.", width) if told else []
    if not found.next:
        return ["Who does what next", "  Nothing is due.", *tail]
    columns = [Column("", flexible=True), Column("organisation", flexible=True), Column("due", right=True)]
    columns.append(Column("last word"))
    rows = [[r.item, r.organisation, day(r.due), readable(r.last_word.replace("reported ", ""))] for r in found.next]
    return [*table("Who does what next", columns, rows, width), *tail]


def _numbers(run: Assessment, book: Factbook) -> list[str]:
    a, b = run.plan.parties
    doubts = doubtful(run, book.observations((a.code, b.code), run.as_of))
    lines = [newest_both(run) or "There is no year for which both sides have published turnover."]
    lines.append(weight_line(run, doubts))
    lines += [doubtful_line(d) for d in doubts]
    lines += growth_lines(run)
    lines += [t for t in (past_targets_line(run), next_figure_line(run)) if t]
    return lines
