"""What a record is called and what it says, in lines a person reads; for every kind alike."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from pydantic import BaseModel

from birge.store.agreement import standing_plan
from birge.store.desk import Desk
from birge.store.records import Record
from birge.texts import Translator
from birge.web.blocks import spoken

__all__ = ["in_words", "kind_name", "lines_of", "name_of", "side_name", "told"]

LONGEST = 400
SHORT = 90
DAY = len("2026-11-30")
HASH = re.compile(r"[0-9a-f]{40,64}")


def name_of(record: Record, t: Translator, desk: Desk | None = None) -> str:
    """Return what a record is called: its title in the page's language, else its key.

    With a `desk` a report is called by its item, its day and who reports.
    """
    held: Any = record.payload
    if record.kind == "progress" and desk is not None:
        place = desk.places.get(held.item)
        bodies = desk.organisations if held.organisation else {}
        body = bodies.get(held.organisation)
        who = body.name.get(t.lang) if body else held.organisation or side_name(desk, t, record.side)
        return f"{place.title(t.lang) if place else held.item}, {t.date(held.reported)}, {who}"
    if record.kind == "plan":
        return t("effective from {day}", day=t.date(held.effective))
    if record.kind == "confirmation":
        word = t("sent back") if held.verdict == "sent back" else t("confirmed")
        return f"{word}, {held.by}, {t.date(held.on)}"
    if record.kind == "observation":
        ends = t("turnover") if held.flow == "turnover" else " → ".join(map(t.country, held.flow.split("-")))
        return f"{ends}, {held.year}: {t.number(held.value, 1)} {t.named('unit', held.unit)}"
    if record.kind in ("point", "statement", "text"):
        said = held.text if isinstance(held.text, str) else held.text[spoken(held.text, t)]
        number = f"{held.number}. " if record.kind == "point" else ""
        words = number + " ".join(said.split())
        return words if len(words) <= SHORT else f"{words[: SHORT - 1]}…"
    held = getattr(held, "event", held)
    title = getattr(held, "title", None) or getattr(held, "name", None)
    if isinstance(title, BaseModel):
        return str(title.get(t.lang))  # type: ignore[attr-defined]
    if isinstance(title, Mapping) and title:
        return str(title[spoken(title, t)])
    return record.key


def side_name(desk: Desk, t: Translator, code: str) -> str:
    """Return what a side is called: its short name in the plan, else its code."""
    stand = standing_plan(desk.connection, desk.now.date())
    parties = stand.plan.parties if stand else ()
    return next((p.short.get(t.lang) for p in parties if p.code == code), code)


def told(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Yield a content's fields and values; what is empty is left out, a whole plan or document only named."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if key in ("plan", "document") and isinstance(inner, Mapping):
                yield (key, str(inner.get("title", {}).get("en", "…")) if key == "plan" else "…")
                continue
            yield from told(inner, f"{name}.{key}" if name else str(key))
    elif isinstance(value, list | tuple):
        if all(isinstance(v, str | int | float) for v in value):
            if value:
                yield name, ", ".join(map(str, value))
        else:
            for n, inner in enumerate(value, start=1):
                yield from told(inner, f"{name}.{n}")
    elif value not in (None, ""):
        yield name, str(value)


def in_words(value: Mapping[str, Any], t: Translator) -> Iterator[tuple[str, str]]:
    """Yield a content's fields and values as the page says them; hashes say nothing to people and are left out."""
    for name, said in told(value):
        if HASH.fullmatch(said):
            continue
        label = ": ".join(t.named("field", part).replace("_", " ") for part in name.split("."))
        try:
            yield label, t.date(date.fromisoformat(said)) if len(said) == DAY else t.named("word", said)
        except ValueError:
            yield label, t.named("word", said)


def lines_of(value: Mapping[str, Any]) -> str:
    """Return a content on one line, shortened."""
    text = "; ".join(f"{name}: {said}" for name, said in told(value))
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def kind_name(t: Translator, kind: str) -> str:
    """Return what a kind of record is called."""
    return {
        "barrier": t("barrier"),
        "confirmation": t("confirmation"),
        "council": t("council"),
        "decision": t("decision"),
        "event": t("event"),
        "initiative": t("initiative"),
        "instrument": t("instrument"),
        "meeting": t("session"),
        "observation": t("figure of statistics"),
        "organisation": t("organisation"),
        "plan": t("plan version"),
        "point": t("point of a protocol"),
        "progress": t("report"),
        "region-pair": t("pair of regions"),
        "run": t("run"),
        "scenario": t("scenario"),
        "text": t("translation"),
    }.get(kind, kind)
