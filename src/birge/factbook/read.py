"""Read the user's own observations from a long table, CSV or XLSX; all problems at once, by line or cell.

Needed columns: `year, flow, reporter, value, published, source`. Optional: `id, month_from, month_to, unit` (mn USD,
or per cent on a year earlier), `kind, step, valuation, published_assumed, vintage, verified, derived, note`. `flow` is
AAA-BBB (exports of AAA to BBB) or `turnover`; for turnover the columns `party_a, party_b` name the pair.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from birge.errors import InputError, Problem
from birge.factbook.observation import Observation
from birge.factbook.table import MAX_BYTES, Row, Table, day, number, read_table

__all__ = ["MAX_BYTES", "NEEDED", "once", "read_observations", "write_observations"]

NEEDED = ("year", "flow", "reporter", "value", "published", "source")
LARGEST = 2_000_000.0
"""No two economies trade 2,000 bn USD a year: a larger figure is in USD or thousand USD."""
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
COLUMNS = ("id", "party_a", "party_b", *(c for c in (*NEEDED, *DEFAULTS) if c not in ("id", "party_a", "party_b")))
CHOICES = {
    "unit": ("mn USD", "per cent on a year earlier"),
    "kind": ("annual", "part", "growth", "rounded", "over"),
    "vintage": ("first print", "revised", "not known"),
    "verified": ("official", "press", "unverified compilation"),
    "published_assumed": ("true", "false"),
    "derived": ("true", "false"),
}
WORDS = {"истина": "true", "ложь": "false"}
"""What Excel in Russian writes for the two logical values."""


def read_observations(path: str | Path) -> tuple[Observation, ...]:
    """Return the observations of the CSV or XLSX file `path`.

    Raises InputError naming line or cell of everything that is wrong; then nothing is read.
    """
    file = Path(path)
    table = read_table(file, (*NEEDED, *DEFAULTS))
    if any(table.names):
        _header(table)
    if not table.rows:
        raise InputError.at(str(file), "table-empty", "the table has no rows", f"write rows under {', '.join(NEEDED)}")
    found: list[tuple[str, Observation]] = []
    problems: list[Problem] = []
    for row in table.rows:
        full = {**DEFAULTS, **{k: WORDS.get(v.lower(), v) for k, v in row.cells.items() if v}}
        wrong = list(_problems(row, full, table.comma))
        problems += wrong
        if not wrong:
            found.append((row.place("value"), _observation(full, file.stem, table.comma)))
    problems += once(found)
    if problems:
        raise InputError(problems)
    return tuple(o for _, o in found)


def write_observations(observations: Iterable[Observation]) -> str:
    """Return the observations as the long CSV that `read_observations` reads."""
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(COLUMNS)
    for o in observations:
        cells = {
            "party_a": o.pair[0],
            "party_b": o.pair[1],
            "month_from": o.months[0],
            "month_to": o.months[1],
            "reporter": o.reporter or "",
            "step": "" if o.step is None else f"{o.step:.12g}",
            "value": f"{o.value:.12g}",
            "published_assumed": str(o.published_assumed).lower(),
            "derived": str(o.derived).lower(),
        }
        table.writerow([cells[c] if c in cells else getattr(o, c) for c in COLUMNS])
    return out.getvalue()


def once(found: Sequence[tuple[str, Observation]]) -> Iterator[Problem]:
    """Yield a problem for each (place, observation) whose id or statement stands in `found` before."""
    statements: dict[Observation, str] = {}
    names: dict[str, str] = {}
    for place, o in found:
        bare = replace(o, id="", value=0.0, note="", pair=(min(o.pair), max(o.pair)))
        if bare in statements:
            message = f"the same statement stands at {statements[bare]}"
            yield Problem(place, "row-twice", message, "keep one, or correct period, date, kind or source")
        elif o.id in names:
            yield Problem(place, "id-twice", f"{o.id!r} stands at {names[o.id]}", "give each row its own id")
        statements.setdefault(bare, place)
        names.setdefault(o.id, place)


def _header(table: Table) -> None:
    known = (*NEEDED, *DEFAULTS)
    problems = [
        Problem(table.where, "column-missing", f"there is no column {n!r}", "add it to the first row")
        for n in NEEDED
        if n not in table.names
    ]
    problems += [
        Problem(table.where, "column-unknown", f"column {n!r} is not known", "correct or remove it")
        for n in table.names
        if n and n not in known
    ]
    if problems:
        raise InputError(problems)


def _problems(row: Row, full: dict[str, str], comma: bool) -> Iterator[Problem]:
    for name, test, remedy in (
        ("year", lambda v: 1900 <= int(v) <= 2200, "write a year such as 2024"),
        ("month_from", lambda v: 1 <= int(v) <= 12, "write a month from 1 to 12"),
        ("month_to", lambda v: int(full["month_from"]) <= int(v) <= 12, "write a month not before month_from"),
        ("value", lambda v: number(v, comma) < float("inf"), "write a number such as 1285.8, thousands not separated"),
        ("published", lambda v: bool(day(v)), "write a date as 2025-02-25 or 25.02.2025"),
        ("flow", lambda v: v == "turnover" or _pair(v), "write turnover or two ISO codes such as KAZ-KGZ"),
        ("source", bool, "say where the figure comes from"),
        ("step", lambda v: not v or number(v, comma) > 0, "write the last digit in mn USD, such as 100"),
    ):
        try:
            good = test(full.get(name, ""))
        except ValueError:
            good = False
        if not good:
            yield Problem(row.place(name), f"{name}-wrong", f"{name} is {full.get(name, '')!r}", remedy)
    for name, choices in CHOICES.items():
        if full[name] not in choices:
            message = f"{name} is {full[name]!r}"
            yield Problem(row.place(name), f"{name}-wrong", message, f"use one of {', '.join(choices)}")
    yield from _conflicts(row, full, comma)


def _conflicts(row: Row, full: dict[str, str], comma: bool) -> Iterator[Problem]:
    """Yield what is wrong between the columns of a row."""
    if full.get("flow") == "turnover" and not _pair(f"{full['party_a']}-{full['party_b']}"):
        yield Problem(row.place("party_a"), "pair-missing", "turnover of which pair?", "fill party_a and party_b")
    try:
        value = number(full.get("value", ""), comma)
    except ValueError:
        value = 0.0
    if full["unit"] == "mn USD" and value < 0:
        yield Problem(row.place("value"), "value-negative", f"trade is {full['value']}", "trade is not below zero")
    if full["unit"] == "mn USD" and value > LARGEST:
        message = f"trade is {value:,.0f} mn USD, more than any pair of economies has"
        yield Problem(row.place("value"), "value-implausible", message, "write it in mn USD")
    if full["unit"] != "mn USD" and value <= -100:
        yield Problem(row.place("value"), "value-implausible", f"growth is {value:g} per cent", "write above -100")
    if (full["unit"] == "mn USD") == (full["kind"] == "growth"):
        yield Problem(row.place("unit"), "unit-kind", "growth is per cent, all else mn USD", "correct unit or kind")
    if full["kind"] == "rounded" and not full["step"]:
        yield Problem(
            row.place("step"), "step-missing", "a rounded figure needs its last digit", "write step in mn USD"
        )
    if full["kind"] == "annual" and (full["month_from"], full["month_to"]) != ("1", "12"):
        yield Problem(row.place("kind"), "kind-months", "an annual figure covers months 1 to 12", "use kind part")


def _pair(text: str) -> bool:
    codes = text.split("-")
    return len(codes) == 2 and codes[0] != codes[1] and all(len(c) == 3 and c.isalpha() and c.isupper() for c in codes)


def _observation(full: dict[str, str], stem: str, comma: bool) -> Observation:
    from birge.factbook.embedded import observation

    a, b = full["flow"].split("-") if not full["party_a"] else (full["party_a"], full["party_b"])
    exact = {
        "party_a": a,
        "party_b": b,
        "value": repr(number(full["value"], comma)),
        "step": repr(number(full["step"], comma)) if full["step"] else "",
        "published": day(full["published"]).isoformat(),
        "reporter": full.get("reporter", ""),
    }
    made = observation({**full, **exact})
    return made if made.id else replace(made, id=_name(made, stem))


def _name(o: Observation, stem: str) -> str:
    """Return an id that the same statement always gets, and another statement in a file of the same name does not."""
    what = "|".join(map(str, (o.pair, o.kind, o.value, o.unit, o.published, o.source)))
    period = f"{o.year}-{o.months[0]:02d}{o.months[1]:02d}"
    mark = hashlib.blake2s(what.encode(), digest_size=4).hexdigest()
    return "-".join(filter(None, (stem, o.reporter, period, o.flow, mark))).lower()
