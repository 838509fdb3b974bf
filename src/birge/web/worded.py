"""Words for what the tables of the factbook and the designs say in short English: flows, units, notes, assumed parts.

A note is looked up with its references taken out (`{1}`, `{2}`, …), as a catalogue holds no Latin letters; what no
catalogue has stands in English and is marked so.
"""

from __future__ import annotations

import re

from birge.factbook import Observation
from birge.texts import Translator
from birge.web.blocks import Cell
from birge.web.passport_parts import short
from birge.web.reader import Reader

__all__ = ["amount", "assumed_part", "day_of", "direction", "flow", "noted"]

# an address with its number, such as "24.kg 358784", or a body known by its letters
REFERENCE = re.compile(r"\b(?:[a-z0-9]+\.)+[a-z]{2,}\b(?: [a-z]?\d+(?![\d-]))?|\bCPMM\b")
MONTH = re.compile(r"(\d{4})-(\d\d)")


def direction(view: Reader, code: str) -> str:
    """Return a direction such as `KAZ-KGZ` by the names of the parties, or a stream of the complex in words."""
    t, ends = view.t, code.upper().split("-")
    known = {p.code for p in view.plan.parties}
    if len(ends) == 2 and set(ends) <= known:
        return " → ".join(short(view, c) for c in ends)
    words = {"inbound": t("goods that come in"), "residents": t("goods of residents"), "trains": t("trains")}
    return words.get(code, code)


def flow(view: Reader, code: str) -> str:
    """Return a flow of trade in words."""
    return view.t("turnover") if code == "turnover" else direction(view, code)


def amount(view: Reader, o: Observation) -> str:
    """Return the value of a figure with its unit."""
    return f"{view.t.number(o.value, 1)} {view.t.named('unit', o.unit)}"


def day_of(t: Translator, seen: str) -> str:
    """Return a day that may be known by its month only, such as 2017-10."""
    from datetime import date

    if found := MONTH.fullmatch(seen):
        return seen if t.lang == "en" else f"{found[2]}.{found[1]}"
    return t.date(date.fromisoformat(seen))


def noted(t: Translator, note: str) -> Cell:
    """Return a note of a table in the page's language."""
    if t.lang == "en":
        return Cell(note)
    references = REFERENCE.findall(note)
    template = note
    for n, reference in enumerate(references, start=1):
        template = template.replace(reference, f"{{{n}}}", 1)
    said = t.named("note", template)
    return Cell(note, lang="en") if said == template else Cell(said.format("", *references))


def assumed_part(view: Reader, name: str) -> Cell:
    """Return an assumed part of a design of a crossing in words: a station, its breakdowns, arrivals, costs.

    What has no words in the page's language is marked as English.
    """
    t = view.t
    words = {
        "station": t("station"),
        "breakdowns of": t("breakdowns"),
        "staff": t("staff"),
        "arrivals of": t("how trucks arrive"),
        "balking of": t("who turns away from a long queue"),
        "appointments of": t("booked slots"),
    }
    kind = next((k for k in words if name.startswith(f"{k} ")), "")
    if not kind:
        return Cell(t("costs")) if name == "costs" else Cell(name, lang="en" if t.lang != "en" else None)
    of = name.removeprefix(f"{kind} ")
    ends, _, station = (of[:7], of[7:8], of[8:]) if direction(view, of[:7]) != of[:7] else ("", "", of)
    what = [t.named("station", station)] if station and direction(view, station) == station else []
    where = [direction(view, ends)] if ends else [direction(view, station)] if not what else []
    return Cell(f"{words[kind]}: {', '.join((*what, *where))}")
