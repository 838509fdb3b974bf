"""What changed between two versions of a plan, told by record in the reader's language.

`told(before, after, lang)` matches records by id and says what a desk asks: a deadline moved from one day to another,
a report came in, an organisation was added, a sentence was rewritten (with the words that changed). `compare` gives
the same differences as data.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from birge.plan.schema import Plan, Record, Status, Text
from birge.texts import LANGUAGES, Translator, translator

__all__ = ["Difference", "differences", "told", "words_changed"]

# Records without an id are the same record when these fields agree.
SAME = {"Effect": ("driver", "select", "start"), "Baseline": ("year", "basis"), "Source": ("title", "url", "date")}
REFERENCES = ("responsible", "co_responsible", "owners", "answers", "owner", "pillar", "measure", "milestone", "after")


@dataclass(frozen=True)
class Difference:
    """One difference: the sentence that tells it; `what` changed, and both values in words where it has them.

    `new` where the record as a whole was not there before.
    """

    sentence: str
    what: str = ""
    before: str = ""
    after: str = ""
    new: bool = False


def told(before: Plan, after: Plan, lang: str = "en") -> list[tuple[str, list[str]]]:
    """Return pairs of a record's name and the sentences on what changed in it, in the order of the plan."""
    return [(record, [d.sentence for d in found]) for record, found in differences(before, after, lang)]


def differences(before: Plan, after: Plan, lang: str = "en") -> list[tuple[str, list[Difference]]]:
    """Return pairs of a record's name and what changed in it, in the order of the plan.

    What changed in a milestone stands with its measure, in a target with its indicator.
    """
    teller = _Teller(before, after, translator(lang))
    return [(record, found) for record, found in teller.plan() if found]


def words_changed(before: str, after: str) -> str:
    """Return the sentence with removed words in [-…-] and new ones in {+…+}."""
    old, new = re.findall(r"\S+\s*", before), re.findall(r"\S+\s*", after)
    parts: list[str] = []
    for tag, i1, i2, j1, j2 in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            parts.append("".join(old[i1:i2]))
            continue
        gone, came = "".join(old[i1:i2]), "".join(new[j1:j2])
        if gone.strip():
            parts.append(f"[-{gone.strip()}-] ")
        if came.strip():
            parts.append(f"{{+{came.strip()}+}} ")
    return "".join(parts).strip()


class _Teller:
    """Words for the records of two plans."""

    def __init__(self, before: Plan, after: Plan, t: Translator) -> None:
        self.before, self.after, self.t = before, after, t
        self.names: dict[str, str] = {}
        for plan in (before, after):
            self._learn(plan)

    def _learn(self, record: Record) -> None:
        """Remember the titles of all records with an id."""
        for name in type(record).model_fields:
            for item in _records(getattr(record, name)):
                self._learn(item)
        title = _title(record, self.t.lang)
        if title and hasattr(record, "id"):
            self.names[str(record.id)] = title

    def plan(self) -> Iterator[tuple[str, list[Difference]]]:
        """Yield every record that may have changed with its sentences; the plan's own fields come first."""
        own = [n for n in Plan.model_fields if not _records(getattr(self.before, n) or getattr(self.after, n))]
        lines = [s for n in own for s in self.field(n, getattr(self.before, n), getattr(self.after, n), n)]
        yield self.t("the plan"), lines
        for name in (n for n in Plan.model_fields if n not in own):
            yield from self.group(name, getattr(self.before, name), getattr(self.after, name))

    def group(self, name: str, before: Sequence[Any], after: Sequence[Any]) -> Iterator[tuple[str, list[Difference]]]:
        """Yield the records of one list of the plan."""
        old, new = _by_key(before), _by_key(after)
        for key in dict.fromkeys([*new, *old]):
            record = new.get(key) or old.get(key)
            assert record is not None
            who = self.name(name, record)
            if key not in old:
                yield who, [Difference(self.t("is new"), new=True)]
            elif key not in new:
                yield who, [Difference(self.t("is gone"))]
            else:
                yield who, list(self.record(old[key], new[key], ""))

    def record(self, before: Record, after: Record, prefix: str) -> Iterator[Difference]:
        """Yield the sentences on one record; `prefix` names it where it is a part of another."""
        for name, info in type(after).model_fields.items():
            label = ": ".join(p for p in (prefix, self.t.named("field", info.alias or name)) if p)
            yield from self.field(name, getattr(before, name), getattr(after, name), label)

    def field(self, name: str, before: Any, after: Any, label: str) -> Iterator[Difference]:
        """Yield the sentences on one field."""
        if before == after:
            return
        label = label if label != name else self.t.named("field", name)
        sample = before if after is None else after
        if isinstance(sample, Text):
            yield from self._texts(before, after, label)
        elif isinstance(sample, Record) and before is not None and after is not None:
            yield from self.record(before, after, label)
        elif _records(before) or _records(after):
            yield from self._list(name, before, after, label)
        elif isinstance(sample, tuple):
            yield from self._names(name, before, after, label)
        else:
            yield self._value(name, before, after, label)

    def _texts(self, before: Text | None, after: Text | None, label: str) -> Iterator[Difference]:
        for lang in LANGUAGES:
            old, new = (getattr(text, lang) if text else None for text in (before, after))
            place = f"{label} ({self.t.named('field', lang)})"
            if old and new and old != new:
                sentence = self.t("{label}: text changed: {text}", label=place, text=words_changed(old, new))
                yield Difference(sentence, place, old, new)
            elif old != new:
                yield self._value("", old, new, place)
        marks = [text.unreviewed if text else () for text in (before, after)]
        yield from self._names("", marks[0], marks[1], f"{label}: {self.t.named('field', 'unreviewed')}")

    def _value(self, name: str, before: Any, after: Any, label: str) -> Difference:
        old, new = self.word(name, before), self.word(name, after)
        return Difference(self._sentence(before, after, old, new, label), label, old, new)

    def _sentence(self, before: Any, after: Any, old: str, new: str, label: str) -> str:
        if before is None:
            return self.t("{label} set to {after}", label=label, after=new)
        if after is None:
            return self.t("{label} withdrawn, was {before}", label=label, before=old)
        if isinstance(after, date):
            return self.t("{label} moved from {before} to {after}", label=label, before=old, after=new)
        return self.t("{label}: {before} → {after}", label=label, before=old, after=new)

    def _names(self, name: str, before: Sequence[Any], after: Sequence[Any], label: str) -> Iterator[Difference]:
        came, gone = ([self.word(name, v) for v in a if v not in b] for a, b in ((after, before), (before, after)))
        if came:
            what = ", ".join(came)
            yield Difference(self.t("{label}: added {what}", label=label, what=what), label, "", what)
        if gone:
            what = ", ".join(gone)
            yield Difference(self.t("{label}: removed {what}", label=label, what=what), label, what, "")
        if not came and not gone and before != after:
            yield Difference(self.t("order of {label} changed", label=label))

    def _list(self, name: str, before: Sequence[Any], after: Sequence[Any], label: str) -> Iterator[Difference]:
        if isinstance((*before, *after)[0], Status):
            yield from self._reports(before, after, label.rpartition(": ")[0])
            return
        old, new = _by_key(before), _by_key(after)
        for key in dict.fromkeys([*new, *old]):
            record = new.get(key) or old.get(key)
            assert record is not None
            who = self.name(name, record)
            if key not in old:
                yield Difference(self.t("added: {what}", what=who))
            elif key not in new:
                yield Difference(self.t("removed: {what}", what=who))
            else:
                yield from self.record(old[key], new[key], who)
        if set(old) == set(new) and list(old) != list(new):
            yield Difference(self.t("order of {label} changed", label=label))

    def _reports(self, before: Sequence[Status], after: Sequence[Status], prefix: str) -> Iterator[Difference]:
        head = f"{prefix}: " if prefix else ""
        for report in (s for s in after if s not in before):
            state = self.t.named("word", report.state.value)
            note = f" ({report.note.get(self.t.lang)})" if report.note else ""
            if report.finished:
                day = self.t.date(report.finished)
                yield Difference(head + self.t("status: {state} on {date}", state=state, date=day) + note)
            else:
                day = self.t.date(report.reported)
                yield Difference(head + self.t("status: {state}, reported {date}", state=state, date=day) + note)
        for report in (s for s in before if s not in after):
            state, day = self.t.named("word", report.state.value), self.t.date(report.reported)
            yield Difference(head + self.t("report withdrawn: {state}, {date}", state=state, date=day))

    def name(self, kind: str, record: Any) -> str:
        """Return what a record is called: its kind, number and title."""
        if type(record).__name__ == "Effect":
            chosen = ", ".join(record.select.values())
            return self.t("effect on {driver}", driver=record.driver) + (f" ({chosen})" if chosen else "")
        title = _title(record, self.t.lang) or str(getattr(record, "id", ""))
        if type(record).__name__ in ("Target", "Baseline"):
            who = next((p.short.get(self.t.lang) for p in self.after.parties if p.code == record.basis), "")
            title = f"{record.year}{f', {who}' if who else ''}"
        number = f"{record.number}. " if hasattr(record, "number") else ""
        return f"{self.t.named('record', kind)} «{number}{title}»"

    def word(self, name: str, value: Any) -> str:
        """Return a value in words."""
        if value is None:
            return ""
        if isinstance(value, bool):
            return self.t("yes") if value else self.t("no")
        if isinstance(value, date):
            return self.t.date(value)
        if isinstance(value, int | float):
            decimals = next((d for d in range(7) if round(value, d) == value), 7)
            return str(value) if name in ("year", "start", "end") else self.t.number(value, decimals)
        if isinstance(value, StrEnum):
            return self.t.named("word", value.value)
        if isinstance(value, Record):
            shown = _title(value, self.t.lang)
            own = ((n, getattr(value, n)) for n in type(value).model_fields)
            return shown or ", ".join(f"{self.t.named('field', n)} {self.word(n, v)}" for n, v in own if v is not None)
        if isinstance(value, Mapping):
            return ", ".join(f"{k} {self.word('', v)}" for k, v in value.items())
        if name in REFERENCES and value in self.names:
            return self.names[value]
        return self.t.named("unit" if name == "unit" else "word", str(value))


def _title(record: Any, lang: str) -> str:
    """Return the title or name of a record, empty where it has none."""
    text = getattr(record, "title", None) or getattr(record, "name", None) or getattr(record, "text", None)
    if isinstance(record, Text):
        text = record
    return text.get(lang) if isinstance(text, Text) else str(text or "")


def _records(value: Any) -> tuple[Record, ...]:
    """Return the records in a list of records, nothing for anything else."""
    return tuple(v for v in value if isinstance(v, Record)) if isinstance(value, tuple) else ()


def _by_key(records: Sequence[Any]) -> dict[Any, Any]:
    """Return the records by id, or by what makes them the same, or by place; a second one gets its count."""
    out: dict[Any, Any] = {}
    for record in records:
        fields = SAME.get(type(record).__name__, ())
        key = getattr(record, "id", None) or getattr(record, "code", None) or repr([getattr(record, f) for f in fields])
        number = 0
        while (key, number) in out:
            number += 1
        out[key, number] = record
    return out
