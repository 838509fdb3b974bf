"""Changes are told in words, in four languages; the due list can be narrowed and says how old the last word is."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from birge.errors import InputError
from birge.plan import Plan, due, embedded
from birge.plan.due import Only
from birge.plan.load import parse
from birge.plan.told import told, words_changed
from birge.report.overview import change_list, due_list, overview
from birge.texts import LANGUAGES

TEXT = (Path(__file__).parents[1] / "plans" / "small.yaml").read_text("utf-8")


def plan(*changes: tuple[str, str]) -> Plan:
    text = TEXT
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return parse(text, "f")[0]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (("due: 2027-12-31", "due: 2028-06-30"), "deadline: due moved from 2027-12-31 to 2028-06-30"),
        (("planned: 2026-06-30,", "planned: 2026-09-30,"), "planned date moved from 2026-06-30 to 2026-09-30"),
        (("planned: 2027-06-30, ", ""), "milestone «Open»: planned date withdrawn, was 2027-06-30"),
        (
            ("planned: 2026-06-30,", "status: [{state: done, reported: 2026-07-02, finished: 2026-07-01}],"),
            "milestone «Draft»: status: done on 2026-07-01",
        ),
        (("    responsible: [desk]\n", ""), "responsible organisations: removed Trade desk"),
        (("{en: One window}", "{en: One narrow window}"), "text changed: One {+narrow+} window"),
        (("{en: Forum}", "{en: Forum, ru: Форум}"), "title (Russian) set to Форум"),
        (("value: 900", "value: 950.5"), "target «2031, Georgia»: value: 900 → 950.5"),
        (("mode: -0.01", "mode: -0.02"), "effect on trade.cost (GEO-ARM): size: most likely: -0.01 → -0.02"),
        (("currency: GEL", "currency: USD"), "currency: GEL → USD"),
        (("from: open, ramp_months: 12", "from: open, ramp_months: 6, assumed: false"), "assumed: yes → no"),
    ],
)
def test_a_change_is_told_as_people_ask(change: tuple[str, str], sentence: str) -> None:
    assert sentence in change_list(plan(), plan(change))


def test_added_and_removed_records_are_named() -> None:
    without = parse("\n".join(line for line in TEXT.splitlines() if "id: two" not in line), "f")[0]
    assert told(plan(), without) == [("measure «2. Forum»", ["is gone"])]
    assert told(without, plan()) == [("measure «2. Forum»", ["is new"])]


def test_equal_plans_have_no_differences_in_any_language() -> None:
    lines = {change_list(embedded(), embedded(), lang) for lang in LANGUAGES}
    assert len(lines) == len(LANGUAGES)
    assert told(embedded(), embedded()) == []


def test_changed_words_are_marked_and_the_rest_stays() -> None:
    assert words_changed("a b c d", "a x c d") == "a [-b-] {+x+} c d"
    assert words_changed("a b", "a b c") == "a b {+c+}" or words_changed("a b ", "a b c") == "a b {+c+}"
    marked = words_changed("до конца 2026 года", "до конца 2027 года")
    assert marked == "до конца [-2026-] {+2027+} года"


@pytest.mark.parametrize("lang", ["ru", "kk", "ky"])
def test_no_english_word_stands_between_the_titles(lang: str) -> None:
    """Take every text of the plan out of the page: what is left is ours and has no Latin letter."""
    shown = embedded()
    day = date(2026, 11, 24)
    page = "\n".join((overview(shown, day, lang), due_list(shown, day, lang)))
    theirs: list[str] = []

    def walk(value: object) -> None:
        if isinstance(value, dict):
            for v in value.values():
                walk(v)
        elif isinstance(value, list):
            for v in value:
                walk(v)
        elif isinstance(value, str):
            theirs.append(value)

    walk(shown.canonical())
    for text in sorted(set(theirs), key=len, reverse=True):
        if len(text) > 3:
            page = page.replace(text, "")
    assert re.findall(r"[A-Za-z]{2,}", page) == []


def test_the_due_list_is_narrowed_by_organisation_pillar_and_side() -> None:
    day = date(2026, 11, 24)

    def rows(only: Only) -> set[str]:
        found = due(embedded(), day, count=100, only=only)
        return {r.id for r in (*found.next, *found.overdue, *found.silent)}

    everything = rows(Only())
    assert "complex-open" in rows(Only(organisation="kgz-cabinet"))
    assert "complex-open" in rows(Only(side="KGZ"))
    assert "karasu-rebuilt" not in rows(Only(side="KGZ"))
    assert "karasu-rebuilt" in rows(Only(side="KAZ"))
    by_pillar = [rows(Only(pillar=p.id)) for p in embedded().pillars]
    assert set().union(*by_pillar) <= everything
    assert sum(map(len, by_pillar)) == len(set().union(*by_pillar))


@pytest.mark.parametrize("only", [Only(organisation="x"), Only(pillar="x"), Only(side="XXX")])
def test_an_unknown_filter_is_refused_with_what_there_is(only: Only) -> None:
    with pytest.raises(InputError) as caught:
        due(embedded(), date(2026, 11, 24), only=only)
    assert "use one of" in caught.value.problems[0].remedy


def test_the_age_of_the_last_word_is_counted_in_days() -> None:
    told_on = ("planned: 2026-06-30,", "planned: 2026-06-30, status: [{state: in progress, reported: 2026-03-01}],")
    text = due_list(plan(told_on), date(2026, 3, 22), "ru")
    assert "последнее сообщение 21 день назад" in text
    assert "last word today" in due_list(plan(told_on), date(2026, 3, 1))
    assert due_list(plan(told_on), date(2026, 2, 1)).count("last word") == 0
