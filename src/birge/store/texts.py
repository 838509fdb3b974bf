"""Texts by language with their state: draft, machine, reviewed by a named reader; stale when the source has changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from birge.store.agreement import standing_plan
from birge.store.canonical import digest, plain
from birge.store.desk import Desk
from birge.store.errors import Missing
from birge.store.kinds import LANGUAGES, Language, Translation
from birge.store.records import Record, create, edit, listing, read

__all__ = ["Shown", "review", "reviewed", "texts", "translate"]


@dataclass(frozen=True)
class Shown:
    """A text as a page shows it; `stale` if its source is no longer what it was made from."""

    field: str
    lang: Language
    text: str
    state: str
    reader: str | None
    stale: bool


def translate(desk: Desk, of: str, field: str, lang: Language, text: str, machine: bool = False) -> Record:
    """Write a text for a field of a record or of an item of the plan, as a draft or as made by a machine."""
    state = "machine" if machine else "draft"
    made = Translation(
        of=of, field=field, lang=lang, text=text, state=state, source=digest(_source(desk, of, field, lang))
    )
    there = [r for r in listing(desk, "text", of) if r.side == desk.actor.side and r.key == f"{of}:{field}:{lang}"]
    return edit(desk, there[0].id, there[0].newest, made) if there else create(desk, "text", made)


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
    if of in desk.places:
        stand = standing_plan(desk.connection, desk.now.date())
        node = _item(plain(stand.plan), of) if stand else None
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
    if isinstance(node, Mapping):
        if node.get("id") == ident and "title" in node:
            return node
        node = list(node.values())
    if isinstance(node, Iterable) and not isinstance(node, str):
        for part in node:
            if (found := _item(part, ident)) is not None:
                return found
    return None
