"""The plan's texts by language: how each stands, and the form in which a named reader writes and reviews one.

A text lies over the plan once it is reviewed and submitted; it is stale as soon as what it was made from has changed.
Until then pages show the fallback, and say so.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import Response

from birge.errors import InputError
from birge.store.access import Thing
from birge.store.desk import Desk
from birge.store.errors import Missing
from birge.store.lengths import LONGEST
from birge.store.records import submit
from birge.store.texts import STATES, PlanText, plan_texts, review, translate
from birge.texts import Translator
from birge.web.blocks import Cell, Table
from birge.web.forms import Field, Form, Sent, door
from birge.web.working.typed import seen
from birge.web.working.visit import Visit, acted, visited

__all__ = ["router"]

router = APIRouter(include_in_schema=False)
MOST = 200


def _languages(t: Translator) -> dict[str, str]:
    return {"en": t("English"), "ru": t("Russian"), "kk": t("Kazakh"), "ky": t("Kyrgyz")}


def _states(t: Translator) -> dict[str, str]:
    return {
        "missing": t("not there"),
        "stale": t("stale: its source has changed"),
        "machine": t("made by a machine"),
        "draft": t("not reviewed"),
        "reviewed": t("reviewed"),
    }


def _field(t: Translator, field: str) -> str:
    return ": ".join(t.named("field", part) for part in field.split(".") if part != "text") or t.named("field", field)


def _readable(desk: Desk, lang: Any) -> list[PlanText]:
    desk.require("read", Thing("plan", desk.actor.side, frozenset({"plan"})))
    return plan_texts(desk, lang)


@router.get("/{lang}/texts")
def texts_page(request: Request, lang: str) -> Response:
    """Show the plan's texts by language and state; `to` and `state` in the address choose."""
    visit = visited(request, lang)
    t, asked = visit.t, request.query_params
    to = asked.get("to", lang if lang != "en" else "ru")
    state = asked.get("state", "")
    with visit.desk() as desk:
        found = _readable(desk, lang)
    shown = [x for x in found if x.lang == to and (x.state == state if state else x.state != "reviewed")]
    title = f"{_languages(t).get(to, t('all'))}: {_states(t).get(state, t('all that is not reviewed'))}"
    left = len(shown) - MOST
    head = (t("Item"), t("Field"), t("Source"), t("Text"), t("State"), t("Read by"))
    rows = tuple(_row(t, x) for x in shown[:MOST])
    more = t.plural("and {n} more", "and {n} more", left) if left > 0 else ""
    lead = (t("A text stands on pages and papers once a named reader has reviewed it, until its source changes."),)
    table = Table("texts", title, head, rows, more, t("nothing here"))
    return visit.show(t("Translations"), (), lead, (table,), first=(_counts(t, found),))


def _counts(t: Translator, found: list[PlanText]) -> Table:
    """Return how many texts stand how in each language; each count leads to them."""
    rows = []
    for lang, name in _languages(t).items():
        of = [x for x in found if x.lang == lang]
        if of:
            counts = [(s, sum(1 for x in of if x.state == s)) for s in STATES]
            links = [f"/{t.lang}/texts?{urlencode({'to': lang, 'state': s})}" for s in STATES]
            cells = (Cell(str(n), link if n else None) for (_, n), link in zip(counts, links, strict=True))
            rows.append((Cell(name), *cells))
    return Table("counts", t("Texts of the plan"), (t("Language"), *_states(t).values()), tuple(rows))


def _row(t: Translator, x: PlanText) -> tuple[Cell, ...]:
    link = f"/{t.lang}/texts/{x.of}/{x.field}?to={x.lang}"
    text = Cell(x.text or "-", lang=x.lang if x.text and x.lang != t.lang else None)
    return (
        Cell(x.title, link),
        Cell(_field(t, x.field)),
        Cell(x.source),
        text,
        Cell(_states(t)[x.state]),
        Cell(x.reader or "-"),
    )


@router.get("/{lang}/texts/{item}/{field}")
def text_page(request: Request, lang: str, item: str, field: str) -> Response:
    """Show one text of the plan: its source, what stands, and the form for it; `to` in the address is its language."""
    return _text(visited(request, lang), item, field, request.query_params.get("to", ""))


def _one(desk: Desk, lang: str, item: str, field: str, to: str) -> PlanText:
    found = [x for x in _readable(desk, lang) if (x.of, x.field, x.lang) == (item, field, to)]
    if not found:
        raise Missing("there is no such text", id=item[:64])
    return found[0]


def _about(desk: Desk, item: str) -> Thing:
    place = desk.places.get(item)
    items, bodies = (place.items, place.organisations) if place else (frozenset[str](), frozenset[str]())
    return Thing("text", desk.actor.side, frozenset({item}) | items, bodies, desk.actor.login)


def _text(visit: Visit, item: str, field: str, to: str) -> Response:
    t = visit.t
    with visit.desk() as desk:
        x = _one(desk, t.lang, item, field, to)
        may = desk.may("write", _about(desk, item))
    own = x.record if x.record is not None and x.record.side == visit.side else None
    language = _languages(t)[x.lang]
    lead: tuple[str, ...] = (
        t("{field} in {language}: {state}", field=_field(t, field), language=language, state=_states(t)[x.state]),
        t("Source: {text}", text=x.source),
    )
    if x.reader:
        lead += (t("Read by: {name}", name=x.reader),)
    fields = (
        Field("to", "", "hidden", x.lang),
        Field("seen", "", "hidden", str(own.newest) if own else "0"),
        Field("text", f"{t('Text')}, {language}", "area", x.text),
        Field("reader", t("Name of the reader who knows the language")),
    )
    buttons = (("reviewed", t("Mark as reviewed")), ("draft", t("Keep as a draft")))
    forms = [Form(f"/{t.lang}/texts/{item}/{field}", fields, buttons)] if may else []
    return visit.show(x.title, forms, lead)


def _write(request: Request, sent: Sent, lang: str, item: str, field: str) -> Response:
    to = sent.text("to")

    def do(desk: Desk) -> str:
        desk.require("write", _about(desk, item))
        x = _one(desk, lang, item, field, to)
        text, reader, verdict = sent.text("text"), sent.text("reader"), sent.text("verdict")
        if verdict not in ("reviewed", "draft"):
            raise InputError.at("verdict", "verdict", "no such step", "use one of the buttons")
        if not text:
            raise InputError.at("text", "empty", "no text is typed", "type one")
        if verdict == "reviewed" and not reader:
            raise InputError.at("reader", "empty", "no reader is named", "name who has read it")
        made = translate(desk, item, field, x.lang, text[:LONGEST], seen=seen(sent))
        if verdict == "reviewed":
            made = review(desk, made.id, made.version, reader[:200])
            submit(desk, made.id, made.version)
        return f"/{lang}/texts?to={x.lang}"

    return acted(request, lang, sent, do, lambda visit: _text(visit, item, field, to))


for path, handler in (("/{lang}/texts/{item}/{field}", _write),):
    router.add_route(path, door(handler), methods=["POST"])
