"""The report of a run in four languages: whole, English texts marked; and words for odds that hardly differ."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from birge.assess import assess
from birge.factbook import Factbook
from birge.plan import embedded
from birge.plan.scenario import fitting, load_scenario, scenario_names
from birge.report.input_names import input_name
from birge.report.page import page
from birge.report.paper_parts import Heading, Table
from birge.report.run_text import composed_run
from birge.report.write import write
from birge.texts import LANGUAGES, translator
from tests.unit.test_assess_delays import AS_OF, SMALL

RUN = assess(draws=200, as_of=AS_OF, delays={"industrial-complex": 6})
BOOK = Factbook.embedded()


@pytest.mark.parametrize("lang", ["ru", "kk", "ky"])
def test_the_report_has_its_sections_in_the_readers_language(lang: str, tmp_path: Path) -> None:
    t = translator(lang)
    text = write(RUN, BOOK, tmp_path / lang, lang).read_text("utf-8")
    assert f'<html lang="{lang}"' in text
    made = composed_run(RUN, BOOK, lang)
    headings = [p.text for p in made.parts if isinstance(p, Heading) and p.level == 1]
    wanted = ("The answer", "What being late costs", "Odds by outlook", "What it would take", "What the odds hang on")
    places = [headings.index(t(w)) for w in (*wanted, "The run", "Sources")]
    assert places == sorted(places)
    late = next(p for p in made.parts if isinstance(p, Table) and p.name == t("Late"))
    assert len(late.rows) == sum(v.delay is not None for v in RUN.verdicts)
    assert "--delay industrial-complex=6" in text
    first = RUN.headline.sensitivity[0]
    assert str(input_name(first.id, first.meaning, RUN.plan, lang)) in text
    assert "(en)" in text
    assert "http" in text
    assert "<script" not in text


def test_the_english_report_says_what_being_late_costs() -> None:
    text = page(RUN, BOOK)
    assert "Put off: industrial-complex by 6 months" in text
    assert "Put off" not in page(assess(draws=100, as_of=AS_OF), BOOK)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_another_pair_has_a_report_too(lang: str, tmp_path: Path) -> None:
    from birge.factbook import read_observations
    from birge.plan import load

    book = BOOK.extended(read_observations(SMALL.with_name("small-observations.csv")))
    run = assess(load(SMALL)[0], 100, as_of=date(2027, 9, 1), factbook=book)
    text = write(run, book, tmp_path, lang).read_text("utf-8")
    assert not re.search("Kazakhstan|Казахстан|Қазақстан|Казакстан", text)


def test_near_equal_odds_are_told_in_words_and_not_as_two_numbers() -> None:
    head = RUN.headline.target
    assert head.odds_with is not None
    assert head.odds_stop is not None
    assert abs(head.odds_with - head.odds_stop) < (head.simulation_error or 0)
    text = page(RUN, BOOK)
    assert "moves these odds by less than the error of the count" in text
    assert "If the plan stopped today it would be" not in text


def test_scenarios_name_the_parties_as_the_plan_does_and_only_those_of_the_pair() -> None:
    from birge.plan import load

    plan, other = embedded(), load(SMALL)[0]
    assert set(fitting(plan)) == set(scenario_names())
    assert "fuel-supply-stops" not in fitting(other)
    assert fitting(other)
    for name in scenario_names():
        told = load_scenario(name)
        for lang in LANGUAGES:
            title = told.named(plan).get(lang)
            assert "{" not in title
            assert "party" not in title
            assert getattr(told.title, lang), (name, lang)
    fuel = load_scenario("fuel-supply-stops").named(plan)
    for lang in LANGUAGES:
        assert all(p.short.get(lang) in fuel.get(lang) for p in plan.parties)


def test_every_drawn_input_has_a_name_in_every_language() -> None:
    made = assess(draws=100, as_of=date(2026, 11, 24))
    for lang in ("ru", "kk", "ky"):
        for s in made.headline.sensitivity:
            named = input_name(s.id, s.meaning, made.plan, lang)
            assert named, (lang, s.id)
            assert "{" not in named
            assert s.id.split("/")[2:3] != [named], "an id is no name"
    level = next(s for s in made.headline.sensitivity if s.id == "outlook/level")
    assert input_name(level.id, level.meaning, made.plan, "ru") == "товарооборот 2025 года, по данным Казахстана"
    kappa = input_name("trade/kappa/industrial-complex", "", made.plan, "en")
    assert kappa == (
        "share of the effect of «Build and open the Industrial Trade and Logistics Complex at Karasu - Ak-Tilek» "
        "that stands in the trend"
    )
    assert input_name("unknown/thing", "x", made.plan, "ru") is None
