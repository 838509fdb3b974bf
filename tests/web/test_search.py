"""The search: letters folded, all words wanted, links to passports, and nothing that the reader may not see."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from birge.plan import embedded
from birge.texts import LANGUAGES, folded, translator
from birge.web import Settings, application
from birge.web.serve import founded
from tests.web.conftest import ALONE


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    registry = founded(f"sqlite:///{tmp_path_factory.mktemp('search')}/birge.sqlite")
    yield TestClient(application(registry, Settings(draws=0)), base_url=ALONE)
    registry.close()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Қырғызстан", "кыргызстан"),
        ("үчүн", "УЧУН"),
        ("өткізу", "откизу"),
        ("ещё", "еще"),
        ("Ұлттық һәм", "улттык хам"),
    ],
)
def test_letters_that_a_keyboard_lacks_are_the_plain_ones(one: str, other: str) -> None:
    assert folded(one) == folded(other)


def test_folding_keeps_letters_apart_that_are_no_variants() -> None:
    for a, b in (("и", "й"), ("ш", "щ"), ("е", "э"), ("ъ", "ь")):
        assert folded(a) != folded(b)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_measure_and_milestone_is_found_by_its_own_title(alone: TestClient, lang: str) -> None:
    plan = embedded()
    for x in [*plan.measures[::9], *plan.milestones()[::25], *plan.instruments[:1], *plan.organisations[:1]]:
        title = (getattr(x, "title", None) or x.name).get(lang)  # type: ignore[union-attr]
        html = alone.get(f"/{lang}/search", params={"q": title.upper()[:100]}).text
        assert re.search(rf'href="passport/[a-z-]+/{x.id}"', html), title


def test_plain_letters_find_kazakh_and_kyrgyz_words_and_links_open(alone: TestClient) -> None:
    proper, plain = (alone.get("/kk/search", params={"q": q}).text for q in ("өткізу", "откизу"))
    links = re.findall(r'href="(passport/[^"]+)"', proper)
    assert links
    assert links == re.findall(r'href="(passport/[^"]+)"', plain)
    for link in links[:8]:
        assert alone.get(f"/kk/{link}").status_code == 200


def test_sources_lead_to_what_rests_on_them(alone: TestClient) -> None:
    html = alone.get("/en/search", params={"q": "kt.kz hubs"}).text
    assert 'href="passport/milestone/complex-operators"' in html
    assert "<td" in html


@pytest.mark.parametrize(
    ("lang", "asked", "told"),
    [
        ("ru", "таможня", "Таможенн"),
        ("ru", "таможням", "Таможенн"),
        ("en", "customers", "Customs"),
        ("ru", "энергетику", "нергети"),
    ],
)
def test_other_forms_of_a_word_are_found_by_its_beginning_and_the_page_says_so(
    alone: TestClient, lang: str, asked: str, told: str
) -> None:
    html = alone.get(f"/{lang}/search", params={"q": asked}).text
    assert re.search(rf'<a href="passport/[^"]+"[^>]*>[^<]*{told}', html), asked
    loose = "Nothing holds exactly these words; this is what has words with the same beginning."
    assert translator(lang)(loose) in html
    whole = alone.get(f"/{lang}/search", params={"q": told}).text
    assert translator(lang)(loose) not in whole


def test_beginnings_are_of_words_and_all_are_wanted(alone: TestClient) -> None:
    # «аможенная» is inside a word and begins none
    for asked in ("аможенным", "таможня зебра"):
        assert "<td" not in alone.get("/ru/search", params={"q": asked}).text


def test_all_words_are_wanted_and_nothing_is_said_to_be_nothing(alone: TestClient) -> None:
    assert "Nothing that you may see" in alone.get("/en/search", params={"q": "complex zebra"}).text
    assert 'id="found"' not in alone.get("/en/search").text
    assert 'id="found"' not in alone.get("/en/search", params={"q": "  "}).text
    for odd in ("<script>alert(1)</script>", "%", "_", "'; --", "x" * 5_000, "\u0000", "%00"):
        answer = alone.get("/en/search", params={"q": odd})
        assert answer.status_code < 500
        assert "<script>alert" not in answer.text
    assert "<td" not in alone.get("/en/search", params={"q": "%_%"}).text


def test_the_box_stands_on_every_page_and_keeps_what_was_asked(alone: TestClient) -> None:
    assert 'action="/ky/search"' in alone.get("/ky/answer").text
    assert 'value="complex &amp; road"' in alone.get("/en/search", params={"q": "complex & road"}).text
