"""A run as a report in the reader's language: the paper's sections, and what is said of the run itself.

`composed_run(run, book, lang) → Document`: the answer, measures, both sides' statistics and sources come from the paper
(`birge.report.paper_text`); before the sources stand what being late costs, the odds by outlook, what it would take,
what the odds hang on, power in the years ahead and how to repeat the run. Texts of the plan that lack the language
stand in English, marked so.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, replace

from birge.assess.assessment import Assessment
from birge.factbook import Factbook
from birge.pages.paper import Wanted, paper
from birge.pages.sides import marked, shown
from birge.plan.delays import steps_of
from birge.report.input_names import input_name
from birge.report.outlooks import outlook_words
from birge.report.paper_parts import Cell, Column, Document, Heading, Part, Prose, Table
from birge.report.paper_text import composed
from birge.report.passport import command
from birge.report.power_text import power_told
from birge.report.words import of_100
from birge.texts import Translator, translator

__all__ = ["composed_run"]

INPUTS = 10


def composed_run(run: Assessment, book: Factbook, lang: str) -> Document:
    """Return the report of a run in `lang`, one of the four languages."""
    t = translator(lang)
    made = composed(paper(Wanted(run.plan, book, run.as_of, lang, run=run)))
    parts = list(made.parts)
    last = max(k for k, p in enumerate(parts) if isinstance(p, Heading) and p.text == t("Sources"))
    return replace(made, parts=(*parts[:last], *_of_run(run, t), *parts[last:]))


def _of_run(run: Assessment, t: Translator) -> Iterator[Part]:
    yield from _late(run, t)
    if run.headline.target.odds_with is not None:
        yield from _outlooks(run, t)
        yield from _needed(run, t)
        yield from _hangs(run, t)
    yield from _power(run, t)
    yield Heading(t("The run"))
    facts = t(
        "From {draws} simulated futures, seed {seed}, figures known on {date}.",
        draws=t.number(run.draws),
        seed=run.seed,
        date=t.date(run.as_of),
    )
    yield Prose(facts)
    yield Prose(command(run), "note")
    if run.warnings:
        yield Heading(t("Warnings"), 2)
    for warning in run.warnings:
        yield Prose(marked(warning) if t.lang != "en" else warning)


def _target(run: Assessment, ident: str, t: Translator) -> str:
    """Return a target in words: indicator, value, year, whose statistics."""
    indicator, target = next((i, x) for i, x in run.plan.targets() if x.id == ident)
    title = shown(indicator.title, t.lang)
    if indicator.kind == "milestone":
        return f"{title}, {target.year}"
    basis = next((shown(p.statistics, t.lang) for p in run.plan.parties if p.code == target.basis), "")
    value = f"{t.number(target.value)} {t.named('unit', indicator.unit)}"
    return ", ".join(x for x in (f"{title}: {value}", str(target.year), basis) if x)


def _late(run: Assessment, t: Translator) -> Iterator[Part]:
    rows: list[tuple[Cell, ...]] = []
    for v in run.verdicts:
        d = v.delay
        if d is not None:
            moved, error = (t.number(100 * x, 1) for x in (d.odds_change, d.odds_change_se))
            odds = of_100(d.odds_undelayed), of_100(v.target.odds_with)
            turnover = "-" if d.turnover_change_musd is None else t.number(d.turnover_change_musd, 1)
            change = f"{moved} (± {error})" if d.odds_change_se else t("none")
            rows.append((_target(run, v.target.id, t), *odds, change, turnover))
    if not rows:
        return
    titles = {m.id: shown(m.title, t.lang) for m in run.plan.measures}
    late = "; ".join(
        t(
            "{what} by {months} months",
            what=titles.get(item) or shown(steps_of(run.plan, item)[0].title, t.lang),
            months=f"{months:g}",
        )
        for item, months in run.delays.items()
    )
    told = t("Put off: {what}. The same futures on time and late; ± is the error of their difference.", what=late)
    columns = (
        Column(t("Target"), 4),
        Column(t("On time"), 1, right=True),
        Column(t("Late"), 1, right=True),
        Column(t("Change of the odds, of 100"), 1.4, right=True),
        Column(t("Turnover, mn USD a year"), 1.4, right=True),
    )
    yield Heading(t("What being late costs"))
    yield Table(t("Late"), told, columns, tuple(rows))


def _outlooks(run: Assessment, t: Translator) -> Iterator[Part]:
    head, words = run.headline.target, outlook_words(t)
    yield Heading(t("Odds by outlook"))
    rows = tuple((words.get(k, k), of_100(v)) for k, v in sorted(head.variants.items(), key=lambda v: -v[1]))
    columns = (Column(t("If the past continues this way"), 4), Column(t("Odds"), 1, right=True))
    yield Table(t("Odds by outlook"), _target(run, head.id, t), columns, rows)


def _needed(run: Assessment, t: Translator) -> Iterator[Part]:
    n = run.headline.needed
    if n is None or n.growth_median is None:
        return

    def share(value: float | None) -> str:
        return t("none would do") if value is None else f"{t.number(100 * value, 1)} %"

    scale = n.effect_scale_for_odds_50
    rows = (
        (t("Growth a year for even odds"), share(n.growth_for_odds_50)),
        (t("Growth a year for 80 of 100"), share(n.growth_for_odds_80)),
        (t("Growth a year of the median future"), share(n.growth_median)),
        (
            t("Times the plan's effects for even odds"),
            t("none would do") if scale is None else t.number(scale, 1),
        ),
    )
    yield Heading(t("What it would take"))
    columns = (Column(t("What"), 4), Column(t("Value"), 1.4, right=True))
    yield Table(t("What it would take"), _target(run, run.headline.target.id, t), columns, rows)


def _power(run: Assessment, t: Translator) -> Iterator[Part]:
    told = power_told(asdict(run.power) if run.power else None, run.plan, t)
    if told is None:
        return
    yield Heading(told.title)
    columns = tuple(Column(name, 1.0, right=k > 0) for k, name in enumerate(told.head))
    yield Table(told.title, " ".join(told.notes), columns, told.rows)


def _hangs(run: Assessment, t: Translator) -> Iterator[Part]:
    found = run.headline.sensitivity[:INPUTS]
    if not found:
        return
    rows = tuple(
        (
            input_name(s.id, s.meaning, run.plan, t.lang) or (marked(s.meaning) if t.lang != "en" else s.meaning),
            of_100(s.odds_low),
            of_100(s.odds_high),
            t("assumed") if s.assumed else t("evidence"),
        )
        for s in found
    )
    columns = (
        Column(t("Input"), 4),
        Column(t("Odds where it is low"), 1.2, right=True),
        Column(t("Odds where it is high"), 1.2, right=True),
        Column(t("Rests on"), 1.2),
    )
    yield Heading(t("What the odds hang on"))
    yield Table(t("What the odds hang on"), _target(run, run.headline.target.id, t), columns, rows)
