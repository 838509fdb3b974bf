"""A form drawn from a payload's schema, and the payload read back from it: one way for every kind of record.

`fields_of(model, held)` → boxes named by path (`event.title.en`, `follow_up.0.text.ru`); `data_of(model, sent)` → plain
data for `load_payload`. Empty boxes are absent; a text has a box per language; a list of organisations is ticked.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from enum import StrEnum
from typing import Any

from pydantic import BaseModel

from birge.plan.schema import Text
from birge.store.kinds import LANGUAGES, Words
from birge.texts import Translator
from birge.web.forms import Field, Sent

__all__ = ["Drawing", "data_of", "fields_of"]

BODIES = ("owners", "answers", "organisers", "responsible", "co_responsible")
BODY = ("owner",)
LEFT_OUT = ("unreviewed", "known_on")
FIRST = ("event", "title", "name", "id", "kind")
LAST = ("note", "text", "follow_up", "source")
SHORT = ("title", "name", "short")
MORE = 1


class Drawing(typing.NamedTuple):
    """What a form needs besides the schema: the reader's language, organisations, codes of the sides, pillars."""

    t: Translator
    bodies: tuple[tuple[str, str], ...]
    sides: tuple[str, ...]
    pillars: tuple[tuple[str, str], ...] = ()


def _plain(annotation: Any) -> tuple[Any, bool]:
    """Return an annotation without its constraints, and whether it may be absent."""
    optional = False
    while True:
        origin = typing.get_origin(annotation)
        if origin is typing.Annotated:
            annotation = typing.get_args(annotation)[0]
        elif origin in (typing.Union, types.UnionType):
            inner = [a for a in typing.get_args(annotation) if a is not type(None)]
            optional = optional or len(inner) < len(typing.get_args(annotation))
            annotation = inner[0]
        else:
            return annotation, optional


WORDS = _plain(Words)[0]


def fields_of(model: type[BaseModel], d: Drawing, held: Mapping[str, Any] | None = None, at: str = "") -> list[Field]:
    """Return the boxes of a model, filled with what is `held`: names first, the source last, parts under headings."""
    found: list[Field] = []
    for name, field in sorted(model.model_fields.items(), key=lambda item: _place(item[0])):
        if name in LEFT_OUT:
            continue
        value = (held or {}).get(name)
        if value is None and not field.is_required() and not held:
            default = field.get_default(call_default_factory=True)
            value = default if isinstance(default, str | int | float) else value
        found += _boxes(field.annotation, d, f"{at}{name}", _label(d, name), value, field.is_required())
    return found


def _place(name: str) -> int:
    if name in FIRST:
        return FIRST.index(name)
    return len(FIRST) + (name in LAST)


def _label(d: Drawing, name: str) -> str:
    said = d.t.named("field", name).replace("_", " ")
    return said[:1].upper() + said[1:]


def _texts(d: Drawing, path: str, label: str, said: Mapping[Any, str], needed: tuple[str, ...]) -> list[Field]:
    """Return a box per language: the reader's first, the needed ones, and the rest folded away."""
    kind = "text" if path.rsplit(".", 1)[-1] in SHORT else "area"
    names = {"en": d.t("English"), "ru": d.t("Russian"), "kk": d.t("Kazakh"), "ky": d.t("Kyrgyz")}
    shown = (d.t.lang, *(x for x in needed if x != d.t.lang))
    rest, fold = (x for x in LANGUAGES if x not in shown), d.t("{what} in other languages").format(what=label)
    return [
        Field(
            f"{path}.{x}",
            f"{label}, {names[x]}",
            kind,
            said.get(x) or "",
            fold="" if x in shown else fold,
            needed=x in needed,
        )
        for x in (*shown, *rest)
    ]


def _boxes(annotation: Any, d: Drawing, path: str, label: str, value: Any, needed: bool) -> list[Field]:
    kind, optional = _plain(annotation)
    needed = needed and not optional
    name = path.rsplit(".", 1)[-1]
    if kind is Text or kind == WORDS:
        return _texts(d, path, label, value or {}, ("en",) if kind is Text and needed else ())
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        inner = fields_of(kind, d, value, f"{path}.")
        return [replace(f, group=f.group or label, needed=f.needed and needed) for f in inner]
    origin, args = typing.get_origin(kind), typing.get_args(kind)
    if name in BODIES:
        return [Field(path, label, "many", "\n".join(value or ()), d.bodies)]
    choices = d.bodies if name in BODY else d.pillars if name == "pillar" else ()
    if choices:
        return [Field(path, label, "select", value or "", (("", "-"), *_with(choices, value)))]
    if origin is dict:
        found = [
            f for s in d.sides for f in _boxes(args[1], d, f"{path}.{s}", d.t.country(s), (value or {}).get(s), needed)
        ]
        return [replace(f, group=label) for f in found]
    if origin is tuple and args[-1] is not Ellipsis:
        held = value or ("",) * len(args)
        return [Field(f"{path}.{n}", f"{label} {n + 1}", "text", str(held[n])) for n in range(len(args))]
    if origin is tuple:
        rows = list(value or ())
        boxes = []
        for n in range(len(rows) + MORE):
            row = rows[n] if n < len(rows) else None
            boxes += _boxes(args[0], d, f"{path}.{n}", f"{label} {n + 1}", row, False)
        return boxes
    return [_box(kind, d, path, label, "" if value is None else str(value), needed)]


def _with(choices: tuple[tuple[str, str], ...], value: str | None) -> tuple[tuple[str, str], ...]:
    """Return the choices, with what is held where the plan knows it no more."""
    return choices if not value or value in dict(choices) else (*choices, (value, value))


def _box(kind: Any, d: Drawing, path: str, label: str, shown: str, needed: bool) -> Field:
    name = path.rsplit(".", 1)[-1]
    if typing.get_origin(kind) is typing.Literal:
        choices = tuple((str(a), d.t.named("word", str(a))) for a in typing.get_args(kind))
        return Field(path, label, "select", shown, (() if needed else (("", "-"),)) + choices)
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return Field(path, label, "select", shown, tuple((s.value, d.t.named("word", s.value)) for s in kind))
    if name in ("side", "party", "proposer", "reporter", "basis"):
        return Field(path, label, "select", shown, (("", "-"), *((s, d.t.country(s)) for s in d.sides)))
    if kind is date:
        return Field(path, label, "date", shown, needed=needed)
    if name == "id":
        label = d.t("Short name in Latin letters, such as autumn-2026")
    return Field(path, label, "area" if name in ("note", "text") else "text", shown, needed=needed)


def data_of(model: type[BaseModel], sides: tuple[str, ...], sent: Sent, held: Mapping[str, Any] | None = None) -> Any:
    """Return what was typed as plain data; what the form does not draw stays as it is `held`."""
    return _model(model, sides, sent, "", held) or {}


def _model(model: type[BaseModel], sides: tuple[str, ...], sent: Sent, at: str, held: Any) -> dict[str, Any] | None:
    found: dict[str, Any] = {}
    for name, field in model.model_fields.items():
        before = held.get(name) if isinstance(held, Mapping) else None
        if name in LEFT_OUT:
            continue
        value = _value(field.annotation, sides, sent, f"{at}{name}", before)
        if value not in (None, "", [], {}):
            found[name] = value
    # a text with nothing typed is absent, whatever it keeps beside
    if found and isinstance(held, Mapping):
        found |= {n: held[n] for n in LEFT_OUT if held.get(n)}
    return found or None


def _value(annotation: Any, sides: tuple[str, ...], sent: Sent, path: str, held: Any) -> Any:
    kind, _ = _plain(annotation)
    if kind == WORDS:
        return {x: said for x in LANGUAGES if (said := sent.text(f"{path}.{x}"))}
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return _model(kind, sides, sent, f"{path}.", held)
    origin, args = typing.get_origin(kind), typing.get_args(kind)
    if path.rsplit(".", 1)[-1] in BODIES:
        return [v for v in sent.many(path) if v]
    if origin is dict:
        found = {s: _value(args[1], sides, sent, f"{path}.{s}", (held or {}).get(s)) for s in sides}
        return {s: v for s, v in found.items() if v}
    if origin is tuple and args[-1] is not Ellipsis:
        parts = [_number(sent.text(f"{path}.{n}"), _plain(args[n])[0]) for n in range(len(args))]
        return parts if any(p != "" for p in parts) else None
    if origin is tuple:
        rows = list(held or ())
        numbers = {int(k[len(path) + 1 :].split(".")[0]) for k in sent.form if _row(k, path)}
        made = [
            _value(args[0], sides, sent, f"{path}.{n}", rows[n] if n < len(rows) else None) for n in sorted(numbers)
        ]
        return [m for m in made if m]
    return _number(sent.text(path), kind)


def _row(key: str, path: str) -> bool:
    part = key[len(path) + 1 :].split(".", maxsplit=1)[0]
    return key.startswith(f"{path}.") and part.isascii() and part.isdigit() and len(part) < 4


def _number(text: str, kind: Any) -> Any:
    """Return a number where one is asked for and typed; else the text, which the schema then refuses with a reason."""
    if kind not in (int, float) or not text:
        return text
    try:
        return kind(text.replace("\u00a0", "").replace(" ", "").replace(",", "."))
    except ValueError:
        return text
