"""The ministries' own table of measures: which field stands in which cell, and what a cell says back.

Every field of a measure stands in exactly one place: a line of a cell here, or a row of the appendix `measures`. A
line without a label is the cell's first field; `label: …` names another (the label is the field's name in any of the
four languages). Two columns repeat the appendices for the reader, and so do the headings with the pillars' titles;
each carries a hidden mark of its text, so that a change there is told instead of lost.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from birge.errors import Problem
from birge.plan.table.cells import CellError, escaped, shown, understood, unescaped
from birge.plan.table.fields import Column, table
from birge.plan.table.rows import Row
from birge.plan.table.word_parts import Line, Run
from birge.texts import LANGUAGES, Translator, translator

__all__ = ["Bodies", "Field", "MainColumn", "columns", "covered", "mark", "repeated"]

NUMBERED = re.compile(r"(\d{1,3})\)\s+(.*)", re.DOTALL)
WITH_ID = re.compile(r"(.*?)\s*\(([a-z0-9][a-z0-9-]*)\)\s*", re.DOTALL)


@dataclass(frozen=True)
class Field:
    """One field in a cell: its key and, unless it is the cell's first, the fields whose names label it."""

    key: str
    label: tuple[str, ...] = ()

    def named(self, t: Translator) -> str:
        """Return the label in the reader's language."""
        return ", ".join(t.named("field", part) for part in self.label)


@dataclass(frozen=True)
class MainColumn:
    """A column of the main table: its key in the grey line, its width, and the fields in its cells."""

    key: str
    width: int
    fields: tuple[Field, ...] = ()

    def labels(self) -> dict[str, Field]:
        """Return the field for every label in every language."""
        return {f.named(translator(lang)).casefold(): f for lang in LANGUAGES for f in self.fields if f.label}

    def written(self, row: Row, t: Translator) -> list[list[Run]]:
        """Return the paragraphs of a cell."""
        labels = self.labels()
        out = []
        for f in self.fields:
            text = shown(_column(f.key), row.values.get(f.key), t)
            if not text:
                continue
            if not f.label:
                head, colon, rest = text.partition(":")
                text = f"{head}\\:{rest}" if colon and head.strip().casefold() in labels else text
                out.append([Run(text)])
            else:
                out.append([Run(f"{f.named(t)}: ", "grey"), Run(text, "grey" if f.key == "id" else "plain")])
        return out

    def read(self, lines: Sequence[Line], place: str, problems: list[Problem]) -> dict[str, Any]:
        """Return the values in a cell; a field without a line is empty."""
        labels = self.labels()
        first = next((f for f in self.fields if not f.label), None)
        texts: dict[str, str] = {}
        current: Field | None = None
        for line in lines:
            head, colon, rest = line.text.partition(":")
            named = labels.get(head.strip().casefold()) if colon else None
            if named is None and current is not None:
                texts[current.key] += f"\n{line.text}"
                continue
            current, text = (named, rest) if named else (first, line.text)
            if current is None:
                remedy = f"begin the line with one of {', '.join(f.named(translator('en')) for f in self.fields)}"
                problems.append(Problem(place, "line-unlabelled", f"{line.text!r} has no label", remedy))
            elif current.key in texts:
                problems.append(Problem(place, "line-twice", f"{current.key} stands twice", "delete one of the lines"))
            else:
                texts[current.key] = text
                continue
            break
        values: dict[str, Any] = {}
        for f in self.fields:
            try:
                values[f.key] = understood(_column(f.key), texts.get(f.key, ""))
            except CellError as error:
                problems.append(Problem(place, error.code, f"{f.key}: {error.message}", error.remedy))
        return values


def columns(lang: str, sides: Sequence[str]) -> tuple[MainColumn, ...]:
    """Return the columns of the main table in `lang`; `sides` are the parties' codes, and `joint` where needed."""
    others = tuple(other for other in LANGUAGES if other != lang)

    def text(key: str, label: tuple[str, ...] = ()) -> tuple[Field, ...]:
        return Field(f"{key}.{lang}", label), *(Field(f"{key}.{o}", (*label, o)) for o in others)

    deadline = (*text("deadline.text"), Field("deadline.kind", ("kind",)), Field("deadline.due", ("due",)))
    cost = (Field("cost_musd", ("cost_musd",)), Field("cost_note", ("cost_note",)), *text("funds", ("funds",)))
    return (
        MainColumn("number", 800, (Field("number"), Field("id", ("id",)))),
        MainColumn(f"title.{lang}", 2250, (Field(f"title.{lang}"),)),
        MainColumn("title", 2200, tuple(Field(f"title.{o}", (o,)) for o in others)),
        MainColumn(f"form.{lang}", 1250, text("form")),
        *(MainColumn(f"responsible.{side}", 1550) for side in sides),
        MainColumn(f"deadline.{lang}", 1500, deadline),
        MainColumn("cost", 1300, cost),
        MainColumn("~milestones", 1750),
        MainColumn("~status", 1300),
        MainColumn("origin", 1250, (Field("origin"),)),
    )


def covered(main: Sequence[MainColumn]) -> set[str]:
    """Return the keys of a measure that stand in the main table."""
    return {f.key for c in main for f in c.fields} | {"responsible", "co_responsible", "pillar"}


def _column(key: str) -> Column:
    found = table("measures").column(key)
    if found is None:
        raise LookupError(f"a measure has no field {key}")
    return found


def mark(text: str) -> str:
    """Return a short mark by which a changed text is noticed."""
    return "#" + hashlib.sha256(text.strip().encode()).hexdigest()[:10]


def repeated(rows: Mapping[str, Sequence[Row]], measure: str, lang: str) -> tuple[list[str], list[str]]:
    """Return what the main table repeats of a measure: its milestones, and the last reports on it or on one of them."""
    t = translator(lang)
    steps = [r for r in rows["measures.milestones"] if r.parents == (measure,)]
    titles = []
    for step in steps:
        title = step.values.get(f"title.{lang}") or step.values.get("title.en") or ""
        day = step.values.get("planned")
        titles.append(escaped(f"{title} — {t.date(day)}" if day else str(title)))
    reports = [r for r in rows["measures.status"] if r.parents == (measure,)]
    reports += [r for r in rows["measures.milestones.status"] if r.parents[:1] == (measure,)]
    dated = [r for r in reports if r.values.get("reported") and r.values.get("state")]
    newest = max((r.values["reported"] for r in dated), default=None)
    # Where both sides spoke on the same day, both words stand there.
    last = [_report(r, lang, t) for r in dated if r.values["reported"] == newest]
    return titles, list(dict.fromkeys(last)) or [t("no report")]


def _report(row: Row, lang: str, t: Translator) -> str:
    state = t.named("word", str(row.values["state"]))
    told = t("{state}, reported {date}", state=state, date=t.date(row.values["reported"]))
    note = row.values.get(f"note.{lang}") or row.values.get("note.en")
    return f"{told}: {escaped(str(note))}" if note else told


@dataclass
class Bodies:
    """The organisations of a plan: their names on paper and back to ids."""

    names: dict[str, set[str]] = field(default_factory=dict)
    shown: dict[str, str] = field(default_factory=dict)
    side: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, rows: Sequence[Row], lang: str) -> Bodies:
        """Return the organisations in `rows`, shown in `lang`."""
        made = cls()
        for row in rows:
            ident = str(row.values.get("id"))
            texts = {other: row.values.get(f"name.{other}") for other in LANGUAGES}
            made.names[ident] = {_tidy(str(text)) for text in texts.values() if text}
            made.shown[ident] = " ".join(str(texts[lang] or texts["en"] or "").split()) or ident
            made.side[ident] = str(row.values.get("party") or "joint")
        return made

    def sides(self, parties: Sequence[str], measures: Sequence[Row]) -> list[str]:
        """Return the columns that the measures need: the parties, and `joint` where a joint or third body answers."""
        named = {o for r in measures for key in ("responsible", "co_responsible") for o in r.values.get(key) or ()}
        other = any(self.side.get(o, "joint") not in parties for o in named)
        return [*parties, *(["joint"] if other else [])]

    def written(self, row: Row, side: str, sides: Sequence[str], t: Translator) -> list[list[Run]]:
        """Return the paragraphs of one side's cell: name and id, those who help with their label.

        Where the order of the sides is not the order of the list, each name carries its place in it.
        """
        out = []
        for key, label in (("responsible", ""), ("co_responsible", f"{t('co-responsible')}: ")):
            bodies = list(row.values.get(key) or ())
            places = [self._place(o, sides) for o in bodies]
            counted = places != sorted(places) or any(NUMBERED.match(self.shown.get(o, "")) for o in bodies)
            for number, (body, place) in enumerate(zip(bodies, places, strict=True), 1):
                if sides[place] == side:
                    lead = f"{number}) " if counted else ""
                    name = escaped(self.shown.get(body, body), ":")
                    out.append([Run(label, "grey"), Run(f"{lead}{name} "), Run(f"({body})", "grey")])
        return out

    def _place(self, body: str, sides: Sequence[str]) -> int:
        side = self.side.get(body, "joint")
        return list(sides).index(side) if side in sides else len(sides) - 1

    def read(self, lines: Sequence[Line], side: str, place: str, problems: list[Problem]) -> list[tuple[str, int, str]]:
        """Return (`responsible` or `co_responsible`, place in the list, id) for each line of a cell."""
        helps = {translator(lang)("co-responsible").casefold() for lang in LANGUAGES}
        out = []
        for text in (part.strip() for line in lines for part in line.text.split("\n") if part.strip()):
            head, colon, rest = text.partition(":")
            helping = bool(colon) and head.strip().casefold() in helps
            name, number = (rest.strip() if helping else text), 1_000
            if m := NUMBERED.match(name):
                number, name = int(m[1]), m[2]
            ident = self._identify(name, place, problems)
            if ident is None:
                continue
            if self.side[ident] != side and side != "joint":
                message = f"{ident} is not an organisation of {side}"
                problems.append(Problem(place, "organisation-side", message, "write it in the column of its side"))
            out.append(("co_responsible" if helping else "responsible", number, ident))
        return out

    def _identify(self, text: str, place: str, problems: list[Problem]) -> str | None:
        m = WITH_ID.fullmatch(text)
        name, ident = (unescaped(m[1]), m[2]) if m else (unescaped(text), None)
        named = [i for i, names in self.names.items() if _tidy(name) in names or _tidy(text) in names]
        remedy = "write a name of the appendix of organisations, or add the organisation there"
        if ident in self.names and (ident in named or not name.strip() or _tidy(name) == _tidy(self.shown[ident])):
            return ident
        if ident in self.names:
            message = f"the name {name!r} and the id {ident!r} do not agree"
            problems.append(Problem(place, "organisation-differs", message, remedy))
        elif len(named) == 1:
            return named[0]
        else:
            what = "two organisations have the name" if named else "there is no organisation"
            problems.append(Problem(place, "organisation-unknown", f"{what} {text!r}", remedy))
        return None


def _tidy(name: str) -> str:
    return " ".join(name.split()).casefold()
