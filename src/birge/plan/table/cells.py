r"""One value of a plan as a cell, and back, without loss.

Text stands as it is. What a cell cannot hold is written with a backslash: `\0` an empty text, `\\` a backslash,
`\u0007` a sign that no file takes or a space at the edge, `\;` and `\=` inside lists. Choices stand in the reader's
language and are understood in all four; dates are `2026-11-30` or `30.11.2026`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from typing import Any

from birge.plan.table.fields import Column
from birge.texts import LANGUAGES, Translator, translator

__all__ = ["CellError", "escaped", "exact", "shown", "understood", "unescaped"]

FORBIDDEN = re.compile("[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\u2028\\u2029\\ufeff\\ufffe\\uffff]|_(?=x[0-9A-Fa-f]{4}_)")
MARK = re.compile(r"\\(?:(\\)|(0)|([;=:])|u([0-9a-fA-F]{4}))")
ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
DOTTED = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")


class CellError(ValueError):
    """A cell does not say what its column needs: a code, what is wrong, and how to mend it."""

    def __init__(self, code: str, message: str, remedy: str) -> None:
        super().__init__(code, message, remedy)
        self.code, self.message, self.remedy = code, message, remedy


def escaped(text: str, also: str = "") -> str:
    """Return `text` as a cell can hold it; the signs in `also` are marked too."""
    if not text:
        return "\\0"
    text = text.replace("\\", "\\\\")
    for sign in also:
        text = text.replace(sign, f"\\{sign}")
    text = FORBIDDEN.sub(lambda m: f"\\u{ord(m[0]):04x}", text)
    start, end = (f"\\u{ord(c):04x}" if c.isspace() else c for c in (text[0], text[-1]))
    return start if len(text) == 1 else start + text[1:-1] + end


def unescaped(text: str) -> str:
    """Return what `escaped` was given."""

    def plain(m: re.Match[str]) -> str:
        return "\\" if m[1] else "" if m[2] else m[3] or chr(int(m[4], 16))

    return MARK.sub(plain, text.strip())


def shown(column: Column, value: Any, t: Translator) -> str:
    """Return `value` as the text of a cell; empty for none."""
    if value is None:
        return ""
    if column.shape == "several":
        return "; ".join(_item(column, v, t, ";") for v in value)
    if column.shape == "pairs":
        return "; ".join(f"{escaped(k, ';=')}={_item(column, v, t, ';=')}" for k, v in value.items())
    return _item(column, value, t, "")


def understood(column: Column, text: str) -> Any:
    """Return the value that the text of a cell stands for, None for an empty cell; raises CellError."""
    text = text.strip()
    if column.shape == "several":
        return tuple(_value(column, part) for part in _split(text, ";"))
    if column.shape == "pairs":
        pairs = [(part, _split(part, "=")) for part in _split(text, ";")]
        if bad := next((part for part, pair in pairs if len(pair) != 2), None):
            raise CellError("pair", f"{bad!r} is not of the form name=value", "write name=value; name=value")
        return {unescaped(k): _value(column, v) for _, (k, v) in pairs}
    return _value(column, text) if text else None


def exact(value: float) -> bool:
    """Return whether a spreadsheet's number (16 significant digits) holds `value` exactly, its sign included."""
    if isinstance(value, int):
        return abs(value) < 10**15
    return float(f"{value:.16G}") == value and not (value == 0 and math.copysign(1, value) < 0)


def _item(column: Column, value: Any, t: Translator, also: str) -> str:
    if column.kind == "yes-no":
        return t("yes") if value else t("no")
    if column.kind == "date":
        return t.date(value)
    if column.kind in ("number", "whole"):
        return repr(value) if t.lang == "en" else repr(value).replace(".", ",")
    text = str(value)
    if column.kind == "choice" and text not in LANGUAGES:
        text = t.named("word", text)
    return escaped(text, also)


def _value(column: Column, text: str) -> Any:
    text = text.strip()
    if column.kind == "text":
        return unescaped(text)
    if column.kind == "date":
        return _day(text)
    if column.kind in ("number", "whole"):
        return _number(text, column.kind == "whole")
    words = _words(("yes", "no") if column.kind == "yes-no" else column.choices)
    found = words.get(unescaped(text).casefold())
    if found is None:
        known = ", ".join(column.choices) or "yes, no"
        raise CellError("choice", f"{text!r} is none of the words for {column.key}", f"write one of {known}")
    return found == "yes" if column.kind == "yes-no" else found


@cache
def _words(choices: tuple[str, ...]) -> Mapping[str, str]:
    """Return the choice for each of its names in every language."""
    named = {translator(lang).named("word", c).casefold(): c for lang in LANGUAGES for c in choices}
    return {**named, **{c.casefold(): c for c in choices}}


def _day(text: str) -> date:
    parts: tuple[str, ...] | None = None
    if m := ISO.fullmatch(text):
        parts = m.groups()
    elif m := DOTTED.fullmatch(text):
        parts = m.groups()[::-1]
    try:
        if parts:
            return date(*map(int, parts))
        return datetime.fromisoformat(text).date()
    except ValueError:
        remedy = "write it as 2026-11-30 or 30.11.2026"
        raise CellError("date", f"{text!r} is not a date", remedy) from None


def _number(text: str, whole: bool) -> float | int:
    plain = re.sub(r"(?<=\d)[ \u00a0\u202f](?=\d{3}(?:\D|$))", "", text).replace("\u2212", "-")
    if "." not in plain and plain.count(",") == 1:
        plain = plain.replace(",", ".")
    try:
        value = int(plain) if whole else float(plain)
        if math.isfinite(value):
            return value
    except ValueError:
        pass
    kind = "a whole number" if whole else "a number"
    raise CellError("number", f"{text!r} is not {kind}", "write digits only, such as 12 or 12.5")


def _split(text: str, sign: str) -> list[str]:
    """Split at `sign` where no backslash stands before it."""
    parts, start, k = [], 0, 0
    while k < len(text):
        if text[k] == "\\":
            k += 1
        elif text[k] == sign:
            parts.append(text[start:k])
            start = k + 1
        k += 1
    parts.append(text[start:])
    return [] if parts == [""] else [p.strip() for p in parts if p.strip() or len(parts) == 1]
