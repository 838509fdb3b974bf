"""Read the user's own observations from a long table, CSV or XLSX; all problems at once, by line or cell.

Needed columns: `year, flow, reporter, value, published, source`. Optional: `id, month_from, month_to, unit` (mn USD,
or per cent on a year earlier), `kind, step, valuation, published_assumed, vintage, verified, derived, note`. `flow` is
AAA-BBB (exports of AAA to BBB) or `turnover`; for turnover the columns `party_a, party_b` name the pair.
"""

from __future__ import annotations

import csv
import io
import math
import zipfile
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from birge.errors import InputError, Problem
from birge.factbook.observation import Observation

__all__ = ["MAX_BYTES", "read_observations"]

MAX_BYTES = 100_000_000
"""The largest table that is opened, unpacked."""
NEEDED = ("year", "flow", "reporter", "value", "published", "source")
DEFAULTS = {
    "id": "",
    "party_a": "",
    "party_b": "",
    "month_from": "1",
    "month_to": "12",
    "unit": "mn USD",
    "kind": "annual",
    "step": "",
    "valuation": "not stated",
    "published_assumed": "false",
    "vintage": "not known",
    "verified": "press",
    "derived": "false",
    "note": "",
}
CHOICES = {
    "unit": ("mn USD", "per cent on a year earlier"),
    "kind": ("annual", "part", "growth", "rounded", "over"),
    "vintage": ("first print", "revised", "not known"),
    "verified": ("official", "press", "unverified compilation"),
    "published_assumed": ("true", "false"),
    "derived": ("true", "false"),
}


def read_observations(path: str | Path) -> tuple[Observation, ...]:
    """Return the observations of the CSV or XLSX file `path`.

    Raises InputError naming line or cell of everything that is wrong; then nothing is read.
    """
    file = Path(path)
    rows = list(_xlsx(file) if file.suffix.lower() == ".xlsx" else _csv(file))
    if not rows:
        raise InputError.at(str(file), "table-empty", "the table has no rows", f"write rows under {', '.join(NEEDED)}")
    found: list[Observation] = []
    problems: list[Problem] = []
    for number, (places, row) in enumerate(rows, 1):
        wrong = list(_problems(places, row))
        problems += wrong
        if not wrong:
            found.append(_observation(row, f"{file.stem}-{number}"))
    if problems:
        raise InputError(problems)
    return tuple(found)


Row = tuple[Mapping[str, str], dict[str, str]]


def _csv(file: Path) -> Iterator[Row]:
    try:
        if file.stat().st_size > MAX_BYTES:
            raise _too_large(file, file.stat().st_size)
        text = file.read_text("utf-8-sig")
    except OSError as error:
        raise InputError.at(
            str(file), "file-unreadable", error.strerror or str(error), "name a file that exists"
        ) from error
    except UnicodeDecodeError as error:
        raise InputError.at(str(file), "not-utf-8", f"byte {error.start} is not UTF-8", "save it as UTF-8") from error
    reader = csv.DictReader(io.StringIO(text))
    _header(str(file), reader.fieldnames or [])
    for row in reader:
        place = f"{file}:{reader.line_num}"
        yield dict.fromkeys((*NEEDED, *DEFAULTS), place), {k: (v or "").strip() for k, v in row.items() if k}


def _xlsx(file: Path) -> Iterator[Row]:
    from openpyxl import load_workbook
    from openpyxl.utils import get_column_letter

    try:
        with zipfile.ZipFile(file) as archive:
            size = sum(i.file_size for i in archive.infolist())
        if size > MAX_BYTES:
            raise _too_large(file, size)
        sheet = load_workbook(file, read_only=True, data_only=True).worksheets[0]
        table = list(sheet.iter_rows(values_only=True))
    except (OSError, zipfile.BadZipFile, KeyError) as error:
        raise InputError.at(
            str(file), "file-unreadable", "not a readable XLSX file", "save it as XLSX or CSV"
        ) from error
    names = [str(v).strip() if v is not None else "" for v in table[0]] if table else []
    _header(f"{file}!{sheet.title}!A1", names)
    for number, cells in enumerate(table[1:], 2):
        if any(v is not None for v in cells):
            places = {n: f"{file}!{sheet.title}!{get_column_letter(c)}{number}" for c, n in enumerate(names, 1)}
            spare = f"{file}!{sheet.title}!A{number}"
            yield (
                {n: places.get(n, spare) for n in (*NEEDED, *DEFAULTS)},
                dict(zip(names, map(_cell, cells), strict=False)),
            )


def _cell(value: Any) -> str:
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value).strip()


def _too_large(file: Path, size: int) -> InputError:
    return InputError.at(
        str(file),
        "file-too-large",
        f"{size / 1e6:,.0f} MB unpacked, more than {MAX_BYTES / 1e6:,.0f}",
        "split the table",
    )


def _header(where: str, names: list[str] | Any) -> None:
    missing = [n for n in NEEDED if n not in names]
    unknown = [n for n in names if n and n not in (*NEEDED, *DEFAULTS)]
    problems = [
        Problem(where, "column-missing", f"there is no column {n!r}", "add it to the first row") for n in missing
    ]
    problems += [
        Problem(where, "column-unknown", f"column {n!r} is not known", "correct or remove it") for n in unknown
    ]
    if problems:
        raise InputError(problems)


def _problems(places: Mapping[str, str], row: Mapping[str, str]) -> Iterator[Problem]:
    full = {**DEFAULTS, **{k: v for k, v in row.items() if v}}
    for name, test, remedy in (
        ("year", lambda v: 1900 <= int(v) <= 2200, "write a year such as 2024"),
        ("month_from", lambda v: 1 <= int(v) <= 12, "write a month from 1 to 12"),
        ("month_to", lambda v: int(full["month_from"]) <= int(v) <= 12, "write a month not before month_from"),
        ("value", lambda v: math.isfinite(float(v)), "write a number"),
        ("published", lambda v: bool(date.fromisoformat(v)), "write a date as 2025-02-25"),
        ("flow", lambda v: v == "turnover" or _pair(v), "write turnover or two ISO codes such as KAZ-KGZ"),
        ("source", bool, "say where the figure comes from"),
        ("step", lambda v: not v or float(v) > 0, "write the last digit in mn USD, such as 100"),
    ):
        try:
            good = test(full.get(name, ""))
        except ValueError:
            good = False
        if not good:
            yield Problem(places[name], f"{name}-wrong", f"{name} is {full.get(name, '')!r}", remedy)
    for name, choices in CHOICES.items():
        if full[name] not in choices:
            yield Problem(
                places[name], f"{name}-wrong", f"{name} is {full[name]!r}", f"use one of {', '.join(choices)}"
            )
    if full.get("flow") == "turnover" and not _pair(f"{full['party_a']}-{full['party_b']}"):
        yield Problem(places["party_a"], "pair-missing", "turnover of which pair?", "fill party_a and party_b")
    if full["unit"] == "mn USD" and _negative(full.get("value", "")):
        yield Problem(places["value"], "value-negative", f"trade is {full['value']}", "trade is not below zero")
    if (full["unit"] == "mn USD") == (full["kind"] == "growth"):
        yield Problem(places["unit"], "unit-kind", "growth is per cent, all else mn USD", "correct unit or kind")
    if full["kind"] == "rounded" and not full["step"]:
        yield Problem(places["step"], "step-missing", "a rounded figure needs its last digit", "write step in mn USD")


def _pair(text: str) -> bool:
    codes = text.split("-")
    return len(codes) == 2 and codes[0] != codes[1] and all(len(c) == 3 and c.isalpha() and c.isupper() for c in codes)


def _negative(text: str) -> bool:
    try:
        return float(text) < 0
    except ValueError:
        return False


def _observation(row: Mapping[str, str], ident: str) -> Observation:
    from birge.factbook.embedded import observation

    full = {**DEFAULTS, **{k: v for k, v in row.items() if v}}
    if not full["party_a"]:
        full["party_a"], full["party_b"] = full["flow"].split("-")
    return observation({**full, "id": full["id"] or ident, "reporter": row.get("reporter", "")})
