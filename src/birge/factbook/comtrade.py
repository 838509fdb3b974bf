"""Read trade of a pair from UN Comtrade: a saved response (JSON or CSV), or a query by `comtradeapicall`.

A row counts if it is the total of all goods (`cmdCode` TOTAL), of all modes, customs procedures and second partners.
`flowCode` X and M become exports and imports; RX and RM, which X and M contain, are said in the note of X and M.
`primaryValue` is in US dollars and equals `fobvalue` or `cifvalue`, which gives the valuation. A row that the country
did not report itself (`isReported` false) is marked derived, so that no model uses it.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from birge.errors import BirgeError, InputError, Problem
from birge.factbook.codes import iso3, numeric
from birge.factbook.observation import Observation
from birge.factbook.read import once
from birge.factbook.sdmx import Loaded
from birge.factbook.table import number, read_table, read_text

__all__ = ["fetch_comtrade", "parse_comtrade", "read_comtrade"]

TOTALS = {"cmdCode": {"TOTAL"}, "partner2Code": {"0"}, "customsCode": {"C00"}, "motCode": {"0"}, "mosCode": {"0"}}
"""What makes a row a total; a column that is absent or empty is taken as one."""
FLOWS = {"X": True, "M": False}
PARTS = {"RX": ("X", "re-exports"), "RM": ("M", "re-imports")}
NEEDED = ("flowCode", "primaryValue", "cmdCode")


def read_comtrade(path: str | Path, pair: tuple[str, str], published: date, assumed: bool = True) -> Loaded:
    """Return what the saved response `path` says of the trade of `pair`, in mn USD.

    `published` is the date of the release or of the download. Raises InputError naming every bad row.
    """
    file = Path(path)
    if file.suffix.lower() != ".json":
        table = read_table(file, ("refYear", "period", *NEEDED))
        missing = [n for n in NEEDED if n not in table.names]
        if missing:
            raise InputError.at(table.where, "column-missing", f"there is no {', '.join(missing)}", "save all columns")
        return parse_comtrade([r.cells for r in table.rows], pair, published, file.stem, assumed, file.name)
    try:
        found = json.loads(read_text(file))
    except (ValueError, RecursionError) as error:
        raise InputError.at(str(file), "json-broken", str(error), "save the response again") from error
    rows = found.get("data") if isinstance(found, dict) else found
    if not isinstance(rows, list) or not all(isinstance(r, dict) for r in rows):
        raise InputError.at(str(file), "format-wrong", "there is no list `data`", "save the response as it came")
    return parse_comtrade(rows, pair, published, file.stem, assumed, file.name)


def parse_comtrade(
    rows: Sequence[Mapping[str, Any]],
    pair: tuple[str, str],
    published: date,
    name: str = "comtrade",
    assumed: bool = True,
    where: str = "data",
) -> Loaded:
    """Return the observations in the `data` of a response; rows of other pairs and of parts of trade are left out."""
    found: list[tuple[str, Observation]] = []
    problems: list[Problem] = []
    parts: dict[tuple[Any, ...], str] = {}
    left_out = 0
    for count, row in enumerate(rows, 1):
        flow = _text(row, "flowCode").upper()
        sides = _economy(row, "reporter"), _economy(row, "partner")
        if set(sides) != set(pair) or not _total(row) or flow not in (*FLOWS, *PARTS):
            left_out += 1
            continue
        place = f"{where}: row {count}"
        try:
            year, months = _period(row)
            value = number(_text(row, "primaryValue")) / 1e6
        except ValueError:
            message = (
                f"period or primaryValue is not a number: {_text(row, 'period')!r}, {_text(row, 'primaryValue')!r}"
            )
            problems.append(Problem(place, "value-wrong", message, "save the response as it came"))
            continue
        if value < 0:
            problems.append(Problem(place, "value-negative", f"trade is {value:g}", "save the response as it came"))
        if flow in PARTS:
            whole, word = PARTS[flow]
            parts[(sides[0], whole, year, months)] = f"of which {word} {value:,.1f} mn USD"
            left_out += 1
        else:
            me, other = str(sides[0]), str(sides[1])
            made = _observation(row, (me, other), pair, (year, months), value, name)
            made["id"] += f"-{published}"
            found.append((place, _dated(made, published, assumed)))
    problems += once(found)
    if problems:
        raise InputError(problems)
    return Loaded(tuple(_with_part(o, parts) for _, o in found), left_out)


def fetch_comtrade(
    pair: tuple[str, str], years: Iterable[int], key: str | None = None, today: date | None = None
) -> Loaded:
    """Ask UN Comtrade for the trade of `pair` in `years` as both report it; needs `comtradeapicall` and a network.

    Without a subscription `key` the public preview answers. Raises BirgeError if the package or the answer is missing.
    """
    try:
        import comtradeapicall
    except ImportError as error:
        raise BirgeError("comtradeapicall is not installed → pip install 'birge[comtrade]'") from error
    rows: list[Mapping[str, Any]] = []
    for me, other in (pair, pair[::-1]):
        asked = {
            "typeCode": "C",
            "freqCode": "A",
            "clCode": "HS",
            "period": ",".join(map(str, years)),
            "reporterCode": numeric(me),
            "partnerCode": numeric(other),
            "partner2Code": "0",
            "cmdCode": "TOTAL",
            "flowCode": "X,M,RX,RM",
            "customsCode": "C00",
            "motCode": "0",
            "includeDesc": True,
        }
        try:
            answer = comtradeapicall.getFinalData(key, **asked) if key else comtradeapicall.previewFinalData(**asked)
        except Exception as error:
            raise BirgeError(f"UN Comtrade does not answer: {error} → check the network, or save a response") from error
        if answer is None:
            raise BirgeError("UN Comtrade refused the query → check the key and the years, or save a response")
        rows += answer.to_dict("records")
    return parse_comtrade(rows, pair, today or date.today(), "comtrade", assumed=False, where="UN Comtrade")


def _text(row: Mapping[str, Any], name: str) -> str:
    value = row.get(name)
    if isinstance(value, float):
        return "" if math.isnan(value) else f"{value:.15g}"
    return "" if value is None else str(value).strip()


def _economy(row: Mapping[str, Any], side: str) -> str | None:
    return iso3(_text(row, f"{side}ISO")) or iso3(_text(row, f"{side}Code"))


def _total(row: Mapping[str, Any]) -> bool:
    return all(_text(row, k) in ({""} | wanted) for k, wanted in TOTALS.items())


def _period(row: Mapping[str, Any]) -> tuple[int, tuple[int, int]]:
    """Return year and months; raises ValueError."""
    period = _text(row, "period") or _text(row, "refYear")
    if len(period) == 6:
        month = int(period[4:])
        if not 1 <= month <= 12:
            raise ValueError(period)
        return int(period[:4]), (month, month)
    if len(period) != 4:
        raise ValueError(period)
    return int(period), (1, 12)


def _observation(
    row: Mapping[str, Any],
    sides: tuple[str, str],
    pair: tuple[str, str],
    period: tuple[int, tuple[int, int]],
    value: float,
    name: str,
) -> dict[str, Any]:
    me, other = sides
    year, months = period
    flow = f"{me}-{other}" if FLOWS[_text(row, "flowCode").upper()] else f"{other}-{me}"
    own = _text(row, "isReported").lower() not in ("false", "0")
    primary = _text(row, "primaryValue")
    valuation = next((v for k, v in (("fobvalue", "f.o.b."), ("cifvalue", "c.i.f.")) if _text(row, k) == primary), None)
    return {
        "id": f"{name}-{me}-{flow}-{year}-{months[0]:02d}{months[1]:02d}".lower(),
        "pair": pair,
        "year": year,
        "months": months,
        "flow": flow,
        "reporter": me,
        "value": value,
        "kind": "annual" if months == (1, 12) else "part",
        "valuation": valuation or "not stated",
        "derived": not own,
        "source": f"UN Comtrade, {_text(row, 'classificationCode') or 'HS'}, {name}",
        "note": "" if own else "estimated by the United Nations, not reported",
    }


def _dated(made: dict[str, Any], published: date, assumed: bool) -> Observation:
    return Observation(
        unit="mn USD",
        step=None,
        published=published,
        published_assumed=assumed,
        vintage="not known",
        verified="official",
        **made,
    )


def _with_part(o: Observation, parts: Mapping[tuple[Any, ...], str]) -> Observation:
    exports = o.flow.startswith(str(o.reporter))
    said = parts.get((o.reporter, "X" if exports else "M", o.year, o.months))
    return replace(o, note="; ".join(filter(None, (o.note, said)))) if said else o
