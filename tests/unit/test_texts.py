"""Interface texts: complete in every language, in its own script, with our own dates, numbers, names and alphabet."""

from __future__ import annotations

import ast
import re
import types
import typing
from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from pydantic import BaseModel

from birge.factbook import Factbook
from birge.plan import embedded
from birge.plan.schema import Plan
from birge.texts import LANGUAGES, catalogue_path, country, long_date, number, sort_key, translator

SRC = Path(__file__).parents[2] / "src" / "birge"
CODES = set(LANGUAGES)
FIGURES = Factbook.embedded().observations(("KAZ", "KGZ"))


def catalogue(lang: str) -> Catalog:
    with catalogue_path(lang).open("rb") as file:
        return read_po(file, locale=lang)


CATALOGUES = {lang: catalogue(lang) for lang in LANGUAGES}


def forms(text: str | tuple[str, ...]) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text)


def messages(lang: str) -> dict[tuple[str | None, str], tuple[str, ...]]:
    return {(m.context, forms(m.id)[0]): forms(m.string) for m in CATALOGUES[lang] if m.id}


def used() -> Iterator[tuple[str | None, str]]:
    """Yield the messages that the code names: `t("…")`, `t.plural("…", …)`, `t.named("context", "…")`."""
    for path in SRC.rglob("*.py"):
        code = path.read_text("utf-8")
        if "birge.texts" not in code and "view.t" not in code and "visit.t" not in code:
            continue
        for node in ast.walk(ast.parse(code)):
            if not isinstance(node, ast.Call):
                continue
            words = [a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
            name = node.func
            called = name.id if isinstance(name, ast.Name) else name.attr if isinstance(name, ast.Attribute) else ""
            if called in ("t", "plural") and words:
                yield None, words[0]
            elif called == "named" and len(words) == 2:
                yield words[0], words[1]


def parts(annotation: object) -> Iterator[object]:
    yield annotation
    for inner in typing.get_args(annotation):
        if not isinstance(annotation, types.GenericAlias | type) or inner is not Ellipsis:
            yield from parts(inner)


def schema_names(model: type[BaseModel], seen: set[type]) -> Iterator[tuple[str, str]]:
    """Yield every field and every word to choose that the plan's schema has, as (context, name)."""
    if model in seen:
        return
    seen.add(model)
    for name, field in model.model_fields.items():
        yield "field", field.alias or name
        for part in parts(field.annotation):
            if typing.get_origin(part) is typing.Literal:
                yield from (("word", w) for w in typing.get_args(part) if isinstance(w, str) and w not in CODES)
            elif isinstance(part, type) and issubclass(part, StrEnum):
                yield from (("word", w.value) for w in part)
            elif isinstance(part, type) and issubclass(part, BaseModel):
                yield from schema_names(part, seen)


def test_the_catalogues_hold_the_same_messages() -> None:
    keys = {lang: set(messages(lang)) for lang in LANGUAGES}
    assert len(keys["en"]) > 200
    for lang in LANGUAGES:
        assert keys[lang] ^ keys["en"] == set(), lang


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_message_is_translated_and_keeps_its_placeholders(lang: str) -> None:
    plural = CATALOGUES[lang].num_plurals
    for message in CATALOGUES[lang]:
        if not message.id:
            continue
        texts = forms(message.string)
        assert all(texts), f"{lang}: {message.id!r} is not translated"
        assert "fuzzy" not in message.flags, message.id
        assert len(texts) == (plural if isinstance(message.id, tuple) else 1), message.id
        # a name that stands for a sentence holds no places: English says which it has
        model = CATALOGUES["en"].get(message.id, message.context).string if message.context == "input" else message.id
        wanted = set(re.findall(r"\{\w+\}", forms(model)[0]))
        assert all(set(re.findall(r"\{\w+\}", text)) == wanted for text in texts), (lang, message.id)


@pytest.mark.parametrize("lang", ["ru", "kk", "ky"])
def test_no_latin_letter_stands_in_a_cyrillic_text(lang: str) -> None:
    for key, texts in messages(lang).items():
        for text in texts:
            bare = re.sub(r"\{\w+\}", "", text)
            assert not re.search(r"[A-Za-z]", bare), (lang, key, text)


@pytest.mark.parametrize(("lang", "foreign"), [("ru", "әғқңөұүһі"), ("ky", "әғқұһі"), ("kk", "")])
def test_no_letter_of_another_alphabet_stands_in_a_text(lang: str, foreign: str) -> None:
    for key, texts in messages(lang).items():
        assert not set(foreign) & set("".join(texts).casefold()), (lang, key)


@pytest.mark.parametrize("lang", ["ru", "kk", "ky"])
def test_what_nobody_reviewed_is_marked(lang: str) -> None:
    marked = "X-Review-State: unreviewed" in catalogue_path(lang).read_text("utf-8")
    assert translator(lang).reviewed is not marked


def test_every_message_of_the_code_is_in_the_catalogue() -> None:
    known = set(messages("en"))
    found = set(used())
    assert len(found) > 25
    assert found - known == set()


def test_every_name_of_the_schema_is_in_the_catalogue() -> None:
    missing = set(schema_names(Plan, set())) - set(messages("en"))
    assert missing == set(), "add these to src/birge/texts/*.po, in every language"


def test_every_unit_place_forum_and_product_of_the_embedded_plan_is_in_the_catalogue() -> None:
    plan = embedded()
    named = {("unit", i.unit) for i in plan.indicators} | {("unit", o.unit) for o in FIGURES}
    named |= {("word", o.valuation) for o in FIGURES}
    named |= {("place", r.place) for r in (*plan.events, *plan.meetings) if r.place}
    named |= {("forum", i.forum) for i in plan.initiatives} | {
        ("product", b.product) for b in plan.barriers if b.product
    }
    missing = named - set(messages("en"))
    assert missing == set(), "add these to src/birge/texts/*.po, in every language"


def test_the_words_of_one_choice_differ_in_every_language() -> None:
    choices = set()

    def walk(model: type[BaseModel]) -> None:
        for field in model.model_fields.values():
            for part in parts(field.annotation):
                if typing.get_origin(part) is typing.Literal:
                    choices.add(tuple(w for w in typing.get_args(part) if isinstance(w, str)))
                elif isinstance(part, type) and issubclass(part, BaseModel) and part is not model:
                    walk(part)

    walk(Plan)
    assert len(choices) > 10
    for words in choices:
        meanings: dict[str, set[str]] = {}
        for lang in LANGUAGES:
            for word in words:
                meanings.setdefault(translator(lang).named("word", word).casefold(), set()).add(word)
        assert {k: v for k, v in meanings.items() if len(v) > 1} == {}


@pytest.mark.parametrize(("n", "text"), [(1, "1 день"), (3, "3 дня"), (11, "11 дней"), (21, "21 день"), (1000, "дней")])
def test_russian_has_three_plural_forms(n: int, text: str) -> None:
    assert text in translator("ru").plural("last word {n} day ago", "last word {n} days ago", n)


def test_dates_and_numbers_follow_our_rules() -> None:
    day = date(2026, 11, 3)
    assert [translator(lang).date(day) for lang in ("en", "ru")] == ["2026-11-03", "03.11.2026"]
    assert [long_date(day, lang) for lang in LANGUAGES] == [
        "3 November 2026",
        "3 ноября 2026 года",
        "2026 жылғы 3 қараша",
        "2026-жылдын 3-ноябры",
    ]
    assert number(-1234.56, "en", 1) == "-1,234.6"
    assert number(1234567, "kk") == "1\u00a0234\u00a0567"
    assert number(1234.5, "ru", 1) == "1\u00a0234,5"


def test_countries_have_one_name_each() -> None:
    assert country("KGZ", "ru") == "Кыргызстан"
    assert [country("KAZ", lang) for lang in LANGUAGES] == ["Kazakhstan", "Казахстан", "Қазақстан", "Казакстан"]
    assert country("UZB", "ru") == "Узбекистан"
    assert country("XYZ", "en") == "XYZ"


def test_kazakh_and_kyrgyz_sort_by_their_alphabets() -> None:
    kazakh = ["аға", "әже", "бала", "гүл", "ғалым", "көл", "қала", "нан", "ыдыс", "іні", "тау", "ұл", "үй", "һәм"]
    wanted = ["аға", "әже", "бала", "гүл", "ғалым", "көл", "қала", "нан", "тау", "ұл", "үй", "һәм", "ыдыс", "іні"]
    assert sorted(kazakh, key=sort_key("kk")) == wanted
    assert sorted(kazakh) != wanted
    kyrgyz = ["оо", "өмүр", "пахта", "нан", "ңа", "уул", "үй", "факт"]
    assert sorted(kyrgyz, key=sort_key("ky")) == ["нан", "ңа", "оо", "өмүр", "пахта", "уул", "үй", "факт"]
    assert sorted(["б", "А", "a", "1", "а"], key=sort_key("kk")) == ["1", "a", "А", "а", "б"]


def test_another_language_is_refused() -> None:
    with pytest.raises(ValueError, match="none of en"):
        translator("de")
    with pytest.raises(ValueError, match="none of en"):
        sort_key("de")
