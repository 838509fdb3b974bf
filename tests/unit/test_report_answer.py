"""The printed answer: in the order of the questions, readable on any terminal, for any plan."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from birge.assess import Assessment, assess
from birge.factbook import Factbook, read_observations
from birge.plan import embedded, load
from birge.plan.due import due
from birge.report.answer import answer
from birge.report.findings import costly_delays, even_odds
from birge.report.lines import Column, table
from birge.report.words import bn, change_of_100, musd, of_100, readable, target_name, target_value

SMALL = Path(__file__).parents[1] / "plans" / "small.yaml"
BOOK = Factbook.embedded()
MORE = BOOK.extended(read_observations(SMALL.with_name("small-observations.csv")))
RUN = assess(draws=500, as_of=date(2026, 11, 24), factbook=BOOK)
OTHER = assess(load(SMALL)[0], draws=500, as_of=date(2027, 9, 1), factbook=MORE)
QUESTIONS = ["What carries it", "What a delay costs", "Who does what next", "What it would take", "Whose numbers"]


def without_measures() -> Assessment:
    """Return a run of the small plan without any measure."""
    plan = load(SMALL)[0].model_copy(update={"measures": ()})
    return assess(plan, draws=500, as_of=date(2027, 9, 1), factbook=MORE)


def unmodelled() -> Assessment:
    """Return a run of the small plan whose only target is in real prices, which nothing models."""
    plan = load(SMALL)[0]
    indicator = plan.indicators[0]
    target = indicator.targets[0]
    real = target.model_copy(update={"settlement": target.settlement.model_copy(update={"prices": "real"})})
    changed = plan.model_copy(update={"indicators": (indicator.model_copy(update={"targets": (real,)}),)})
    return assess(changed, draws=500, as_of=date(2027, 9, 1), factbook=MORE)


@pytest.mark.parametrize("width", [60, 80, 100, 120])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    for run, book in ((RUN, BOOK), (OTHER, MORE)):
        assert max(map(len, answer(run, book, width).splitlines())) <= width


def test_the_answer_is_short_and_in_the_order_of_the_questions() -> None:
    text = answer(RUN, BOOK, 100)
    assert len(text.splitlines()) <= 67
    places = [text.index(q) for q in QUESTIONS]
    assert places == sorted(places)
    assert text.startswith(
        "Kazakhstan - Kyrgyz Republic cooperation plan 2025-2027 (reconstruction from public sources)"
    )


def test_odds_and_due_items_are_those_of_the_run() -> None:
    text = answer(RUN, BOOK, 100)
    for v in RUN.verdicts:
        assert f"about {of_100(v.target.odds_with)}" in text
    first = due(RUN.plan, RUN.as_of).next[0]
    assert " ".join(first.item.split()[:2]) in text
    assert "`birge plan due` lists them" in text
    assert "projected from 2024" in text


def test_nothing_is_said_in_long_zeros_or_internal_ids() -> None:
    for run, book in ((RUN, BOOK), (OTHER, MORE)):
        text = answer(run, book, 100)
        assert "0.0 " not in text
        assert "compilation-" not in text


def test_unverified_figures_are_named_by_year_and_side() -> None:
    told = replace(RUN, unverified={"compilation-2025-kaz-kgz + compilation-2025-kgz-kaz": 0.45})
    text = " ".join(answer(told, BOOK, 100).split())
    assert "the turnover of 2025, Kazakhstan's side (2.36 bn USD, unverified compilation): about 45 of 100" in text


def test_a_plan_without_measures_and_one_without_modelled_targets_are_answered() -> None:
    bare, blind = without_measures(), unmodelled()
    assert "What carries it" in answer(bare, MORE, 100)
    shown = [r.item[:12] in answer(bare, MORE, 100) for r in due(bare.plan, bare.as_of).next[:3]]
    assert all(shown) if shown else "Nothing is due" in answer(bare, MORE, 100)
    text = " ".join(answer(blind, MORE, 100).split())
    assert "Not modelled: Turnover in 2031, as Georgia counts (" in text
    assert "about" not in text.split("Who does what next")[0]


def test_a_milestone_whose_date_has_passed_is_not_known_since() -> None:
    rows = costly_delays(OTHER)
    assert rows
    assert all(even_odds(OTHER, m).startswith("not known since") for m in rows if m.p50 and m.p50 < OTHER.as_of)


def test_numbers_that_round_to_nothing_say_so() -> None:
    assert [musd(v) for v in (0.0, 0.01, 0.96, 3015.4)] == ["0", "under 0.1", "1.0", "3,015"]
    assert [change_of_100(v) for v in (0.0, 0.0007, 0.031, -0.002)] == ["under 0.1", "+0.1", "+3.1", "-0.2"]
    assert change_of_100(0.0001, 2, signed=False) == "0.01"
    assert [of_100(v) for v in (0.0, 0.001, 0.384, 0.999, 1.0)] == ["0", "<1", "38", ">99", "100"]
    assert bn(None) == "-"
    assert readable("in progress, 2026-01-21") == "in progress, 21 Jan 2026"


def test_a_target_says_its_value_in_its_own_unit() -> None:
    assert target_name(RUN.plan, RUN.headline.target) == "Trade turnover of 3.0 bn USD in 2027, as Kazakhstan counts"
    assert target_value(OTHER.plan, OTHER.headline.target) == "900 mn USD"
    assert RUN.plan == embedded()


def test_a_table_folds_where_its_columns_do_not_fit() -> None:
    columns = [Column("", flexible=True), Column("due", right=True)]
    wide = table("Items", columns, [["First item", "31 Dec"], ["A heading"], ["Second", "1 Jan"]], 40)
    assert wide == ["Items            due", "  First item  31 Dec", "A heading", "  Second       1 Jan"]
    narrow = table("Items", columns, [["First item", "31 Dec"]], 24)
    assert narrow == ["Items", "  First item", "    due: 31 Dec"]
