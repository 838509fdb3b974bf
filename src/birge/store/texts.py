"""Texts by language with their state: draft, machine, reviewed by a named reader; stale when the source has changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from birge.store.agreement import standing_plan
from birge.store.canonical import digest, plain
from birge.store.desk import Desk
from birge.store.errors import Missing
from birge.store.kinds import LANGUAGES, Language, Translation
from birge.store.records import Record, create, edit, listing, read

__all__ = ["STATES", "PlanText", "Shown", "plan_texts", "review", "reviewed", "texts", "translate"]

State = Literal["missing", "stale", "machine", "draft", "reviewed"]
STATES: tuple[State, ...] = ("missing", "stale", "machine", "draft", "reviewed")


@dataclass(frozen=True)
class Shown:
    """A text as a page shows it; `stale` if its source is no longer what it was made from."""

    field: str
    lang: Language
    text: str
    state: str
    reader: str | None
    stale: bool


@dataclass(frozen=True)
class PlanText:
    """A text of the plan in a language: its item and field, what it is made from, how it stands and in which record.

    `record` is the side's own or the other's that says it, None where the plan itself does or nobody; `reader` is the
    one who reviewed it, where one is named.
    """

    of: str
    title: str
    field: str
    lang: Language
    source: str
    text: str
    state: State
    reader: str | None = None
    record: Record | None = None


def plan_texts(desk: Desk, lang: Language = "en") -> list[PlanText]:
    """Return every text of the plan that holds, in every language but its own, with its state; `lang` names items.

    English is the plan's own language where nobody marks it as unreviewed. A text that the plan has and does not mark
    is reviewed: both sides have confirmed it.
    """
    stand = standing_plan(desk.connection, desk.now.date())
    if stand is None or stand.record not in {r.id for r in listing(desk, "plan", official=True)}:
        raise Missing("there is no plan in this registry: import one")
    said: dict[tuple[str, str, str], Record] = {}
    for r in sorted(listing(desk, "text"), key=lambda r: (r.side == desk.actor.side, r.at)):
        said[r.payload.of, r.payload.field, r.payload.lang] = r
    found, seen = [], set()
    for node in _items(plain(stand.plan)):
        if (of := str(node["id"])) in seen:
            continue
        seen.add(of)
        names = node.get("title") or node.get("name") or {}
        title = str(names.get(lang) or names.get("en") or of)
        for field, text in _fields(node):
            for to in LANGUAGES:
                if to != "en" or "en" in (text.get("unreviewed") or ()):
                    found.append(_stand(of, title, field, text, to, said.get((of, field, to))))
    return found


def _stand(of: str, title: str, field: str, text: Mapping[str, Any], lang: Language, record: Record | None) -> PlanText:
    """Return how a text stands: as its record says, else as the plan does."""
    source = _first(text, lang) or ""
    if record is None:
        held = str(text.get(lang) or "")
        unread: State = "draft" if lang in (text.get("unreviewed") or ()) else "reviewed"
        return PlanText(of, title, field, lang, source, held, unread if held else "missing")
    made: Translation = record.payload
    state: State = "stale" if digest(source) != made.source else made.state
    return PlanText(of, title, field, lang, source, made.text, state, made.reader, record)


def _items(node: Any) -> Iterator[Mapping[str, Any]]:
    """Yield every item with an id and a name, the outer ones first."""
    if isinstance(node, Mapping):
        if "id" in node and ("title" in node or "name" in node):
            yield node
        node = list(node.values())
    if isinstance(node, Iterable) and not isinstance(node, str):
        for part in node:
            yield from _items(part)


def _fields(node: Mapping[str, Any], at: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the texts of an item that are no report's: by path, such as `deadline.text`."""
    for name, value in node.items():
        if isinstance(value, Mapping) and "id" not in value:
            if "en" in value and set(value) <= {*LANGUAGES, "unreviewed"}:
                yield f"{at}{name}", value
            else:
                yield from _fields(value, f"{at}{name}.")


def translate(
    desk: Desk, of: str, field: str, lang: Language, text: str, machine: bool = False, seen: int | None = None
) -> Record:
    """Write a text for a field of a record or of an item of the plan, as a draft or as made by a machine.

    Raises Conflict with `seen`, the version that the writer has read (0: none), where there is a newer one.
    """
    state = "machine" if machine else "draft"
    made = Translation(
        of=of, field=field, lang=lang, text=text, state=state, source=digest(_source(desk, of, field, lang))
    )
    there = [r for r in listing(desk, "text", of) if r.side == desk.actor.side and r.key == f"{of}:{field}:{lang}"]
    if not there or seen == 0:
        return create(desk, "text", made)
    return edit(desk, there[0].id, there[0].newest if seen is None else seen, made)


def review(desk: Desk, ident: str, seen: int, reader: str) -> Record:
    """Mark a text as reviewed by a named reader, against the source as it is now."""
    held = read(desk, ident).payload
    source = digest(_source(desk, held.of, held.field, held.lang))
    return edit(desk, ident, seen, held.model_copy(update={"state": "reviewed", "reader": reader, "source": source}))


def texts(desk: Desk, of: str) -> list[Shown]:
    """Return the texts of a record or an item of the plan that the actor may see."""
    found = []
    for r in listing(desk, "text", of):
        t = r.payload
        stale = digest(_source(desk, t.of, t.field, t.lang)) != t.source
        found.append(Shown(t.field, t.lang, t.text, t.state, t.reader, stale))
    return found


def reviewed(desk: Desk, data: dict[str, Any], on: date) -> None:
    """Lay the texts reviewed until a day over a plan as plain data, the own side's on top; stale ones are left out.

    A text that was reviewed is no longer marked as unreviewed.
    """
    found: list[tuple[dict[str, Any], Translation]] = []
    for r in sorted(listing(desk, "text", official=True), key=lambda r: (r.side == desk.actor.side, r.at)):
        said: Translation = r.payload
        if said.state != "reviewed" or r.at[:10] > on.isoformat():
            continue
        names = said.field.removeprefix("event.").split(".")
        node: Any = _item(data, _in_plan(desk, said.of))
        for name in names:
            node = node.get(name) if isinstance(node, dict) else None
        if isinstance(node, dict) and (source := _first(node, said.lang)) and digest(source) == said.source:
            found.append((node, said))
    for node, said in found:
        node[said.lang] = said.text
        node["unreviewed"] = [lang for lang in node.get("unreviewed") or () if lang != said.lang]


def _in_plan(desk: Desk, of: str) -> str:
    """Return the id under which a record lies over the plan; the ids of the plan stay as they are."""
    if of in desk.places:
        return of
    try:
        payload = read(desk, of).payload
    except Missing:
        return of
    return str(getattr(getattr(payload, "event", payload), "id", of))


def _first(node: Mapping[str, Any], lang: Language) -> str | None:
    """Return the text in the first language that is not `lang`; a copy that stands in for English does not count."""
    copies = {f"{node[other]} ({other})" for other in LANGUAGES if node.get(other)}
    texts = (str(node[other]) for other in LANGUAGES if other != lang and node.get(other))
    return next((text for text in texts if text not in copies), None)


def _source(desk: Desk, of: str, field: str, lang: Language) -> str:
    """Return the text a translation is made from: the field in the first language that is not `lang`."""
    node: Any = None
    stand = standing_plan(desk.connection, desk.now.date())
    if stand is not None and stand.record in {r.id for r in listing(desk, "plan", official=True)}:
        node = _item(plain(stand.plan), of)
    if node is None:
        node = plain(read(desk, of).payload)
    for name in field.split("."):
        node = node.get(name) if isinstance(node, Mapping) else None
    if isinstance(node, str):
        return node
    if isinstance(node, Mapping) and (found := _first(node, lang)):
        return found
    raise Missing(f"{of} has no text {field!r} to translate into {lang}", of=of)


def _item(node: Any, ident: str) -> Mapping[str, Any] | None:
    """Find the item with an id anywhere in the plan."""
    return next((item for item in _items(node) if item.get("id") == ident), None)
