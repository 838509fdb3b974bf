"""Read trade of a pair from SDMX-CSV, version 1.0 (first column DATAFLOW) or 2.0 (STRUCTURE, STRUCTURE_ID, ACTION).

```
REF_AREA | REPORTER | COUNTRY               who counts              ISO alpha-2, alpha-3 or UN number
COUNTERPART_AREA | COUNTERPART_COUNTRY | …  its partner
TIME_PERIOD                                 2024, 2024-Q1, 2024-S1, 2024-M01, 2024-01
INDICATOR | FLOW | TRADE_FLOW | …           exports or imports      MEANINGS, or the user's own
OBS_VALUE × 10^UNIT_MULT in UNIT_MEASURE    US dollars → mn USD
OBS_STATUS                                  P → first print, R → revised, E → noted, M or no value → left out
```

`read_sdmx(path, pair, published, mapping) → Loaded`. `mapping` names what the file does not say: a code of the flow
column as `exports` or `imports` (`{"exports": "TXG"}`), its column (`indicator`), or `UNIT_MULT`, `UNIT_MEASURE`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from birge.errors import InputError, Problem
from birge.factbook.codes import iso3
from birge.factbook.observation import Observation
from birge.factbook.read import once
from birge.factbook.table import Row, Table, number, read_table

__all__ = ["MEANINGS", "Loaded", "read_sdmx"]

MEANINGS = {
    "TXG_FOB_USD": ("exports", "f.o.b."),
    "TMG_CIF_USD": ("imports", "c.i.f."),
    "TMG_FOB_USD": ("imports", "f.o.b."),
    "XG_FOB_USD": ("exports", "f.o.b."),
    "MG_CIF_USD": ("imports", "c.i.f."),
    "MG_FOB_USD": ("imports", "f.o.b."),
    "X": ("exports", "not stated"),
    "M": ("imports", "not stated"),
    "EXPORTS": ("exports", "not stated"),
    "IMPORTS": ("imports", "not stated"),
}
"""Flow codes that are understood as they are: the direction-of-trade statistics of the IMF, and plain words."""
BALANCES = {"TBG_USD", "B"}
"""Codes of the balance of trade, which follows from the flows: left out."""
REPORTER = ("REF_AREA", "REPORTER", "COUNTRY")
PARTNER = ("COUNTERPART_AREA", "COUNTERPART_COUNTRY", "COUNTERPART", "PARTNER")
FLOW = ("INDICATOR", "TRADE_FLOW", "FLOW", "INDICATORS", "MEASURE")
DOLLARS = {"USD", "US_DOLLAR", "US$"}
OPTIONS = ("exports", "imports", "indicator", "UNIT_MULT", "UNIT_MEASURE")
SPANS = {"Q": 3, "S": 6, "T": 4, "B": 2, "M": 1}
"""Months in a quarter, semester, third, two months and month of SDMX reporting periods."""


@dataclass(frozen=True)
class Loaded:
    """The observations of a pair that a file holds, and how many of its rows were about something else."""

    observations: tuple[Observation, ...]
    left_out: int


def read_sdmx(
    path: str | Path,
    pair: tuple[str, str],
    published: date,
    mapping: Mapping[str, str] | None = None,
    assumed: bool = True,
) -> Loaded:
    """Return what the SDMX-CSV file `path` says of the trade of `pair`, in mn USD.

    `published` is the date of the release, which the format does not hold; `assumed` marks it so. Raises InputError
    naming the line of everything that is wrong.
    """
    file = Path(path)
    table = read_table(file, ("DATAFLOW", "STRUCTURE", "TIME_PERIOD", "OBS_VALUE", *REPORTER, *PARTNER))
    table = replace(table, names=[_code(n) for n in table.names])
    columns = _columns(table, mapping or {})
    found: list[tuple[str, Observation]] = []
    problems: list[Problem] = []
    left_out = 0
    for row in table.rows:
        cells = {_code(k): _code(v) for k, v in row.cells.items()}
        sides = iso3(cells[columns["reporter"]]), iso3(cells[columns["partner"]])
        if set(sides) != set(pair) or _empty(cells) or cells[columns["flow"]] in BALANCES:
            left_out += 1
            continue
        wrong, made = _observation(row, cells, columns, (str(sides[0]), str(sides[1])), table, mapping or {})
        problems += wrong
        if made:
            found.append((row.place("OBS_VALUE"), _dated(made, pair, published, assumed, file)))
    problems += once(found)
    if problems:
        raise InputError(problems)
    return Loaded(tuple(o for _, o in found), left_out)


def _columns(table: Table, mapping: Mapping[str, str]) -> dict[str, str]:
    problems = [
        Problem("--map", "mapping-unknown", f"{k!r} is no name", f"use one of {', '.join(OPTIONS)}")
        for k in mapping
        if k not in OPTIONS
    ]
    named = mapping.get("indicator")
    wanted = {"reporter": REPORTER, "partner": PARTNER, "flow": (named,) if named else FLOW}
    found = {k: next((n for n in names if n in table.names), None) for k, names in wanted.items()}
    for name, column in {**found, "TIME_PERIOD": None, "OBS_VALUE": None}.items():
        if column is None and name not in table.names:
            options = " or ".join(wanted.get(name, (name,)))
            remedy = "name it: --map indicator=COLUMN" if name == "flow" else "add it to the first row"
            problems.append(Problem(table.where, "column-missing", f"there is no column {options}", remedy))
    if "UNIT_MULT" not in mapping and "UNIT_MULT" not in table.names:
        remedy = "say it: --map UNIT_MULT=0 (units), 3 (thousands), 6 (millions) or 9"
        problems.append(Problem(table.where, "column-missing", "there is no column UNIT_MULT", remedy))
    if problems:
        raise InputError(problems)
    return {k: str(v) for k, v in found.items()}


def _code(text: str) -> str:
    """Return the code of a cell that may hold `code: label`."""
    return text.partition(": ")[0].strip()


def _empty(cells: Mapping[str, str]) -> bool:
    return cells.get("OBS_VALUE", "") in ("", "NaN") or cells.get("OBS_STATUS", "").upper() in ("M", "L")


def _observation(
    row: Row,
    cells: Mapping[str, str],
    columns: Mapping[str, str],
    sides: tuple[str, str],
    table: Table,
    mapping: Mapping[str, str],
) -> tuple[list[Problem], dict[str, Any] | None]:
    """Return what is wrong with the row, or the fields that it fills."""
    wrong: list[Problem] = []
    flow = _flow(cells.get(columns["flow"], ""), mapping)
    if flow is None:
        code = cells.get(columns["flow"], "")
        remedy = f"say what it is: --map exports={code} or --map imports={code}, or remove the row"
        wrong.append(Problem(row.place(columns["flow"]), "flow-unknown", f"{code!r} is not a known flow", remedy))
    period = _period(cells["TIME_PERIOD"])
    if period is None:
        message = f"TIME_PERIOD is {cells['TIME_PERIOD']!r}"
        wrong.append(Problem(row.place("TIME_PERIOD"), "period-wrong", message, "write 2024, 2024-Q1 or 2024-01"))
    if cells.get("ACTION", "I").upper() == "D":
        wrong.append(Problem(row.place("ACTION"), "action-delete", "the row deletes a figure", "remove the row"))
    code = cells.get(columns["flow"], "")
    measure = cells.get("UNIT_MEASURE") or mapping.get("UNIT_MEASURE") or ("USD" if code.endswith("_USD") else "")
    if flow is not None and measure.upper() not in DOLLARS:
        remedy = "ask for US dollars, nothing is converted here; if they are: --map UNIT_MEASURE=USD"
        message = f"UNIT_MEASURE is {measure!r}" if measure else "the currency is not stated"
        wrong.append(Problem(row.place("UNIT_MEASURE"), "unit-wrong", message, remedy))
    value = 0.0
    try:
        power = cells.get("UNIT_MULT") or mapping.get("UNIT_MULT", "")
        value = number(cells["OBS_VALUE"], table.comma) * 10.0 ** (int(power) - 6)
    except ValueError:
        message = f"OBS_VALUE is {cells['OBS_VALUE']!r}, UNIT_MULT {cells.get('UNIT_MULT', '')!r}"
        wrong.append(Problem(row.place("OBS_VALUE"), "value-wrong", message, "write a number, and 0, 3, 6 or 9"))
    if value < 0:
        wrong.append(
            Problem(row.place("OBS_VALUE"), "value-negative", f"trade is {value:g}", "trade is not below zero")
        )
    if wrong or flow is None or period is None:
        return wrong, None
    exports, valuation = flow
    me, other = sides
    status = cells.get("OBS_STATUS", "").upper()
    name = cells.get("STRUCTURE_ID") or cells.get("DATAFLOW") or "SDMX-CSV"
    return [], {
        "year": period[0],
        "months": period[1],
        "flow": f"{me}-{other}" if exports else f"{other}-{me}",
        "reporter": me,
        "value": value,
        "valuation": valuation,
        "vintage": {"P": "first print", "R": "revised"}.get(status, "not known"),
        "note": "estimated by the reporter" if status == "E" else "",
        "source": name,
    }


def _dated(made: dict[str, Any], pair: tuple[str, str], published: date, assumed: bool, file: Path) -> Observation:
    year, (low, high) = made["year"], made["months"]
    whole = (low, high) == (1, 12)
    name = f"{file.stem}-{made['reporter']}-{made['flow']}-{year}-{low:02d}{high:02d}-{published}".lower()
    made["source"] = f"{made['source']}, file {file.name}"
    return Observation(
        id=name,
        pair=pair,
        unit="mn USD",
        kind="annual" if whole else "part",
        step=None,
        published=published,
        published_assumed=assumed,
        verified="official",
        derived=False,
        **made,
    )


def _flow(code: str, mapping: Mapping[str, str]) -> tuple[bool, str] | None:
    """Return whether `code` means exports, and the valuation; None if it is not known."""
    for word in ("exports", "imports"):
        if code in mapping.get(word, "").split(","):
            return word == "exports", MEANINGS.get(code, ("", "not stated"))[1]
    known = MEANINGS.get(code.upper())
    return None if known is None else (known[0] == "exports", known[1])


def _period(text: str) -> tuple[int, tuple[int, int]] | None:
    """Return year and months of an SDMX time period, None for days, weeks and misprints."""
    match = re.fullmatch(r"(\d{4})(?:-(?:A1|([QSTBM]?)(\d{1,2})))?", text)
    if match is None:
        return None
    year = int(match[1])
    if match[3] is None:
        return year, (1, 12)
    span, k = SPANS[match[2] or "M"], int(match[3])
    return (year, ((k - 1) * span + 1, k * span)) if 1 <= k <= 12 // span else None
