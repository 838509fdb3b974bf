"""The embedded plan: complete, sourced, in four languages, modest, and silent on what was not yet public."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from birge.assess import assess
from birge.plan import due, embedded, load, plan_hash
from birge.plan.known import known, public_on
from birge.plan.schema import Plan, Source, State, Text

ROOT = Path(__file__).parents[2]
SMALL = ROOT / "tests" / "plans" / "small.yaml"
FACTBOOK = ROOT.parent / "shared" / "factbook"
PLAN = embedded()
THEN = date(2025, 9, 1)
NOW = date(2026, 11, 24)
OTHERS = ("ru", "kk", "ky")
NAMES_IN_LATIN = {"CASA", "CarGoRuqsat", "VIII"}
KAZAKH_ONLY = set("әғқұһіӘҒҚҰҺІ")
KYRGYZ_AND_KAZAKH = set("өүңӨҮҢ")
RUSSIAN = set("абвгдеёжзийклмнопрстуфхцчшщъыьэюяАБВГДЕЁЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯ")
ALPHABET = {
    "ru": RUSSIAN,
    "kk": RUSSIAN | KAZAKH_ONLY | KYRGYZ_AND_KAZAKH,
    "ky": RUSSIAN | KYRGYZ_AND_KAZAKH,
}


def parts(record: Any, kind: type, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every part of `record` that is a `kind`, with its path."""
    if isinstance(record, kind):
        yield path, record
    elif isinstance(record, tuple):
        for k, item in enumerate(record):
            yield from parts(item, kind, f"{path}.{getattr(item, 'id', k)}")
    elif isinstance(record, dict):
        for key, item in record.items():
            yield from parts(item, kind, f"{path}.{key}")
    elif hasattr(type(record), "model_fields"):
        for name in type(record).model_fields:
            yield from parts(getattr(record, name), kind, f"{path}.{name}")


TEXTS = list(parts(PLAN, Text))
SOURCES = list(parts(PLAN, Source))


def test_it_has_the_six_pillars_and_enough_in_each() -> None:
    measures = Counter(m.pillar for m in PLAN.measures)
    indicators = Counter(i.pillar for i in PLAN.indicators)
    assert list(measures) == ["trade", "complex", "energy", "transport", "culture", "dialogue"]
    assert [p.id for p in PLAN.pillars] == list(measures)
    assert dict(measures) == {"trade": 7, "complex": 5, "energy": 9, "transport": 3, "culture": 9, "dialogue": 5}
    assert sum(indicators.values()) >= 15
    assert set(indicators) == set(measures)
    assert [m.number for m in PLAN.measures] == [str(k) for k in range(1, len(PLAN.measures) + 1)]


def test_the_target_stands_in_both_dated_forms_on_both_sides_statistics() -> None:
    rows = {(t.year, t.basis): t for i, t in PLAN.targets() if i.id == "turnover"}
    assert set(rows) == {(y, b) for y in (2027, 2030) for b in ("KAZ", "KGZ")}
    assert {t.value for t in rows.values()} == {3000.0}
    assert rows[2027, "KAZ"].source.title != rows[2030, "KAZ"].source.title


def test_every_item_has_a_source_and_every_source_a_name() -> None:
    for m in PLAN.measures:
        assert m.sources, m.id
    for i in PLAN.indicators:
        assert i.baseline or i.targets or i.sources, i.id
    assert len(SOURCES) > 100
    for path, s in SOURCES:
        assert s.title.strip(), path
        assert s.url or "BACI" in s.title, path
    for m in PLAN.milestones():
        for report in m.status:
            assert report.source or m.source or any(m in owner.milestones and owner.sources for owner in PLAN.measures)


@pytest.mark.shared
@pytest.mark.skipif(not FACTBOOK.is_dir(), reason="../shared/factbook is not beside this repository")
def test_every_source_is_in_the_factbook() -> None:
    text = "\n".join(p.read_text("utf-8") for p in sorted(FACTBOOK.iterdir()) if p.suffix in (".md", ".csv"))
    missing = {s.url or s.title.split(":")[0] for _, s in SOURCES if (s.url or s.title.split(":")[0]) not in text}
    assert missing == set()


@pytest.mark.shared
@pytest.mark.skipif(not FACTBOOK.is_dir(), reason="../shared/factbook is not beside this repository")
def test_ranks_and_targets_equal_the_factbooks_tables() -> None:
    with (FACTBOOK / "partners_2023_baci_kaz_kgz.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for reporter, partner, flow, name in (
        ("KGZ", "KAZ", "export", "partner-rank-in-kgz"),
        ("KGZ", "KAZ", "import", "partner-rank-in-kgz-imports"),
        ("KAZ", "KGZ", "export", "partner-rank-in-kaz"),
    ):
        theirs = [r for r in rows if (r["reporter"], r["flow"]) == (reporter, flow)]
        order = sorted(theirs, key=lambda r: -float(r["value_usd_million"]))
        rank = 1 + [r["partner"] for r in order].index(partner)
        assert next(i for i in PLAN.indicators if i.id == name).baseline[0].value == rank
    with (FACTBOOK / "trade_target_history.csv").open(encoding="utf-8") as file:
        dated = {(r["by_year"], r["source_url"]) for r in csv.DictReader(file)}
    for i, t in PLAN.targets():
        if i.id == "turnover":
            assert (str(t.year), t.source.url) in dated


def test_effects_have_evidence_and_act_on_few_measures() -> None:
    acting = [m for m in PLAN.measures if m.effects]
    assert {m.pillar for m in acting} == {"trade", "complex", "transport"}
    for m in acting:
        for e in m.effects:
            assert len(e.evidence) > 60, m.id
            assert e.assumed == ("ssumed" in e.evidence), m.id
            assert re.search(r"\d", e.evidence) or "no figure published" in e.evidence, m.id
    for r in PLAN.risks:
        assert re.search(r"\d", r.evidence), r.id


def test_owners_stand_where_a_source_names_them_and_some_are_missing() -> None:
    used = {o for m in PLAN.measures for o in m.responsible + m.co_responsible}
    used |= {m.owner for m in PLAN.milestones() if m.owner}
    used |= {o for meeting in PLAN.meetings for d in meeting.decisions for o in d.owners}
    assert used == {o.id for o in PLAN.organisations}
    assert 0 < sum(not m.responsible for m in PLAN.measures) < len(PLAN.measures) / 2


def test_papers_and_their_milestones_tell_the_same_dates() -> None:
    papers = {i.id: i for i in PLAN.instruments}
    linked = [m for m in PLAN.milestones() if m.instrument]
    assert len(linked) >= 8
    for m in linked:
        paper = papers[m.instrument or ""]
        done = next((s.finished for s in m.status if s.state is State.DONE), None)
        if m.side:
            assert paper.ratified.get(m.side) == done, m.id
        elif m.id.endswith("in-force"):
            assert paper.in_force == done, m.id
        else:
            assert paper.signed == done, m.id


def digits(text: str) -> list[str]:
    """Return the digits of `text`, however numbers and dates are written in a language."""
    return sorted(re.findall(r"\d", text))


@pytest.mark.parametrize(("path", "text"), TEXTS, ids=[p for p, _ in TEXTS])
def test_every_text_stands_in_four_languages_in_their_letters(path: str, text: Text) -> None:
    for lang in OTHERS:
        words = getattr(text, lang)
        assert words, (path, lang)
        for word in re.findall(r"[^\W\d_]+", words):
            assert word in NAMES_IN_LATIN or set(word) <= ALPHABET[lang], (path, lang, word)
        assert (words[-1] == ".") == (text.en[-1] == "."), (path, lang)
        if not re.search(r"\d{4}-\d\d-\d\d", text.en):
            assert digits(words) == digits(text.en), (path, lang)
    assert not re.search(r"[^\x00-\x7f]", text.en), path
    assert set(text.unreviewed) == set(OTHERS), path


def test_the_states_have_one_name_in_each_language() -> None:
    wrong = {"ru": ("Киргиз", "киргиз"), "kk": ("Кыргыз", "Казак", "Киргиз"), "ky": ("Қазақ", "Қырғыз", "Казах")}
    for lang, stems in wrong.items():
        for path, text in TEXTS:
            assert not [s for s in stems if s in text.get(lang)], (path, lang)
    joined = " ".join(t.get("ru") for _, t in TEXTS)
    assert "Казахстан" in joined
    assert "Кыргызстан" in joined


def test_all_measures_together_stay_within_the_full_facilitation_package() -> None:
    run = assess(PLAN, 1_000, as_of=NOW)
    assert not [w for w in run.warnings if "facilitation package" in w]
    assert not [w for w in run.warnings if "bound" in w]
    gain = run.joint.turnover() - run.joint.turnover(plan=False)
    share = np.abs(gain[:, -1]).mean() / run.joint.turnover()[:, -1].mean()
    assert share < 0.03
    assert {v.target.id for v in run.verdicts} == {t.id for _, t in PLAN.targets()}
    assert all(v.target.odds_with is not None for v in run.verdicts)


def test_an_assessment_of_the_past_sees_nothing_that_came_later() -> None:
    run = assess(PLAN, 1_000, as_of=THEN)
    assert {v.target.id for v in run.verdicts} == {
        "turnover-2027-kaz",
        "turnover-2027-kgz",
        "turnover-2030-kaz",
        "turnover-2030-kgz",
        "complex-2026",
    }
    assert "navigation-seals" not in run.joint.measures
    assert "issyk-kul-study" not in run.dates.network.ids
    assert run.plan_hash == plan_hash(PLAN)
    shown = {m.id for v in run.verdicts for m in v.milestones}
    assert shown <= set(run.dates.network.ids)


def later(plan: Plan, as_of: date) -> list[str]:
    """Return what in `plan` carries a date of publication after `as_of`."""
    found = [path for path, s in parts(plan.measures, type(plan.measures[0])) if (public_on(s) or as_of) > as_of]
    found += [m.id for m in plan.measures if (m.deadline.known_on or as_of) > as_of]
    for m in plan.milestones():
        found += [m.id for s in m.status if (s.known_on or s.reported) > as_of]
    for i in plan.instruments:
        found += [i.id for d in (i.initialled, i.signed, i.in_force, *i.ratified.values()) if d and d > as_of]
    for group in (plan.meetings, plan.events, plan.barriers, plan.initiatives, plan.region_pairs):
        found += [r.id for r in group if (public_on(r) or as_of) > as_of]
    for i in plan.indicators:
        found += [f"{i.id}.{b.year}" for b in i.baseline if (b.source.date or as_of) > as_of]
        found += [t.id for t in i.targets if (t.known_on or as_of) > as_of]
    return found


@pytest.mark.parametrize("day", [date(2024, 1, 1), date(2024, 12, 31), THEN, date(2026, 1, 1), NOW])
def test_the_plan_as_known_on_a_day_holds_nothing_later_and_is_whole(day: date) -> None:
    then = known(PLAN, day)
    assert later(then, day) == []
    steps = {m.id for m in then.milestones()}
    assert {a for m in then.milestones() for a in m.after} <= steps
    assert {e.start for m in then.measures for e in m.effects} <= steps
    assert {m.instrument for m in then.milestones() if m.instrument} <= {i.id for i in then.instruments}
    assert {d.measure for x in then.meetings for d in x.decisions if d.measure} <= {m.id for m in then.measures}
    assert known(then, day) == then
    assert Plan.model_validate(then.canonical()) == then


def test_knowledge_only_grows_and_is_complete_today() -> None:
    days = [date(2024, 6, 1), THEN, date(2026, 2, 1), NOW]
    seen = [{m.id for m in known(PLAN, d).measures} for d in days]
    assert all(a <= b for a, b in pairwise(seen))
    assert known(PLAN, NOW) == PLAN
    road = {d: next(m for m in known(PLAN, d).measures if m.id == "almaty-issyk-kul").deadline for d in (THEN, NOW)}
    assert road[THEN].due is None
    assert road[NOW].due == date(2026, 11, 30)
    small = load(SMALL)[0]
    assert known(small, date(2031, 1, 1)) == small
    assert [i.ratified for i in known(small, date(2026, 4, 1)).instruments] == [{}]
    assert known(small, date(2026, 2, 1)).barriers == ()


def test_a_decision_that_its_measure_carries_is_listed_once() -> None:
    rows = due(PLAN, NOW, count=50)
    ids = [r.id for part in (rows.next, rows.overdue, rows.silent) for r in part]
    assert len(ids) == len(set(ids))
    assert "complex-open" in ids
    assert not {"council-7-complex", "council-7-turnover", "energy-winter"} & set(ids)
    assert not {"consulate-osh", "university-branch", "golden-bridge-monument"} & set(ids)


def test_the_page_that_explains_the_plan_counts_as_the_file_does() -> None:
    page = (ROOT / "docs" / "explanation" / "plan-file.md").read_text("utf-8")
    acting = [m for m in PLAN.measures if m.effects]
    nobody = sum(not m.responsible + m.co_responsible for m in PLAN.measures)
    assert (nobody, len(PLAN.measures), len(PLAN.instruments)) == (14, 38, 15)
    assert "Fourteen of the 38 measures" in page
    assert "fifteen papers" in page
    assert (sum(len(m.effects) for m in acting), len(acting)) == (13, 11)
    assert "Thirteen effects act on drivers of trade, in eleven measures" in page
    for first, last in re.findall(r"measures? (\d+)(?:-(\d+))?", page):
        assert 1 <= int(first) <= int(last or first) <= len(PLAN.measures)
    spans = [(int(a), int(b)) for a, b in re.findall(r"\| measures (\d+)-(\d+)", page)]
    covered = sorted(k for a, b in [*spans, (8, 8)] for k in range(a, b + 1))
    assert covered == list(range(1, len(PLAN.measures) + 1))


def test_barriers_and_initiatives_are_worded_neutrally() -> None:
    text = " ".join(t.en.lower() for path, t in TEXTS if path.startswith((".barriers", ".initiatives")))
    for word in ("blockade", "bribe", "smuggl", "blame", "illegal", "unofficial", "refus", "late"):
        assert word not in text, word
