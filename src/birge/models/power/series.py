"""Hours of one's own: a CSV file of 8,760 rows whose columns replace profiles of the tables.

A column of demand is the ratio to the mean of the year, so that its mean is 1; any other is the share of capacity that
is available in the hour, from 0 to 1. A column `hour` is for the reader.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from birge.errors import InputError, Problem
from birge.models.power.system import System

__all__ = ["read_series"]

Floats = NDArray[np.float64]
HOURS = 8_760
SHOWN = 10
"""So many values are named that are wrong; the rest is counted."""
MEAN = 0.01
"""How far from 1 the mean of a column of demand may lie."""


def read_series(path: Path, system: System | None = None) -> Mapping[str, Floats]:
    """Return the columns of a file: 8,760 hours by the name of their profile in the tables of `system`.

    Raises InputError with line and column of what is no number, out of the range of its kind, or no profile.
    """
    lines = _lines(path)
    header, *rows = lines or [(0, [])]
    names = [n.strip() for n in header[1]]
    problems = _header(path, names, system)
    if problems:
        raise InputError(problems)
    wrong: list[Problem] = []
    demands = {n.profile for n in system.nodes} if system else set()
    values = np.zeros((len(rows), len(names)))
    for k, (line, row) in enumerate(rows):
        if len(row) != len(names):
            message, remedy = f"{len(row)} values for {len(names)} columns", "write one for each column of line 1"
            wrong.append(Problem(f"{path.name}, line {line}", "columns", message, remedy))
            continue
        for c, (name, text) in enumerate(zip(names, row, strict=True)):
            if name == "hour":
                continue
            try:
                values[k, c] = float(text)
            except ValueError:
                values[k, c] = np.nan
            if problem := _value(name, text, float(values[k, c]), name in demands, system is not None):
                wrong.append(Problem(f"{path.name}, line {line}, column {name}", *problem))
    problems = wrong[:SHOWN]
    if len(wrong) > SHOWN:
        message = f"{len(wrong) - SHOWN:,} more values are wrong"
        problems.append(
            Problem(path.name, "more", message, f"mend those that are named first, all {len(wrong):,} alike")
        )
    if len(rows) != HOURS:
        message = f"{len(rows):,} rows below the header"
        problems.append(Problem(path.name, "length", message, f"give {HOURS:,} hours, a row each"))
    found = {n: values[:, c] for c, n in enumerate(names) if n != "hour"}
    if not problems:
        problems += [
            Problem(f"{path.name}, column {n}", "mean", f"its mean is {v.mean():.4g}", "divide by the mean of the year")
            for n, v in found.items()
            if n in demands and abs(v.mean() - 1) > MEAN
        ]
    if problems:
        raise InputError(problems)
    return found


def _lines(path: Path) -> list[tuple[int, list[str]]]:
    """Return the rows of a file that are not blank, each with its line."""
    try:
        table = csv.reader(io.StringIO(path.read_text("utf-8-sig"), newline=""))
        return [(table.line_num, row) for row in table if row]
    except UnicodeDecodeError as error:
        raise InputError.at("--series", "encoding", f"{path} is not UTF-8", "save it as CSV in UTF-8") from error
    except csv.Error as error:
        raise InputError.at("--series", "not-csv", f"{path}: {error}", "save it as CSV in UTF-8") from error
    except OSError as error:
        message = f"{path}: {error.strerror}"
        raise InputError.at("--series", "file-unreadable", message, "name a CSV file in UTF-8") from error


def _header(path: Path, names: list[str], system: System | None) -> list[Problem]:
    """Return what is wrong with the first line."""
    where, own = f"{path.name}, line 1", [n for n in names if n != "hour"]
    if not own:
        message = "the file is empty" if not names else "no column but the hour"
        return [Problem(str(path), "empty", message, "give a header and 8,760 rows, a column for each profile")]
    if len(names) == 1 and len(names[0].split(";")) > 1:
        return [
            Problem(where, "separator", "columns are set apart by ;", "set them apart by commas, decimals by points")
        ]
    problems = [
        Problem(where, "column-twice", f"{n!r} stands {own.count(n)} times", "leave one of them")
        for n in dict.fromkeys(own)
        if own.count(n) > 1
    ]
    strange = [n for n in dict.fromkeys(own) if system is not None and n not in system.profiles]
    if strange and system is not None:
        message = f"no profile {', '.join(n[:40] or 'without a name' for n in strange[:SHOWN])}"
        known = ", ".join(sorted(system.profiles))
        problems.append(Problem(where, "unknown", message, f"name columns among {known}"))
    return problems


def _value(name: str, text: str, value: float, demand: bool, known: bool) -> tuple[str, str, str] | None:
    """Return what is wrong with a value: code, message, remedy."""
    if not np.isfinite(value):
        return "number", f"{text.strip()!r} is no number", "write a number, such as 0.25"
    if value < 0:
        return "negative", f"{value:g} is below 0", "write 0 or more"
    if known and not demand and value > 1:
        return "share", f"{value:g} is above 1", "write the share of capacity, 0 to 1"
    return None
