"""One door for figures of the user's own: find the format of a file and read it."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from birge.errors import InputError
from birge.factbook.baci import read_baci
from birge.factbook.comtrade import read_comtrade
from birge.factbook.read import read_observations
from birge.factbook.sdmx import Loaded, read_sdmx

__all__ = ["FORMATS", "format_of", "read_source"]

FORMATS = ("long", "sdmx-csv", "comtrade", "baci")


def read_source(
    path: str | Path,
    pair: tuple[str, str],
    form: str,
    published: date | None,
    mapping: Sequence[str],
    today: date,
) -> Loaded:
    """Return what `path` says of `pair`; `form` is one of FORMATS or `auto`, `mapping` holds NAME=VALUE.

    Formats without a date of publication take `published`, or else `today`, marked as assumed.
    """
    file = Path(path)
    if form not in (*FORMATS, "auto"):
        message = f"{form!r} is not known"
        raise InputError.at("--format", "format-unknown", message, f"use one of auto, {', '.join(FORMATS)}")
    kind = format_of(file) if form == "auto" else form
    if mapping and kind != "sdmx-csv":
        raise InputError.at(
            "--map", "mapping-unused", f"the file is {kind}", "leave --map out, or say --format sdmx-csv"
        )
    if kind == "long":
        every = read_observations(file)
        own = tuple(o for o in every if set(o.pair) == set(pair))
        if not own:
            found = ", ".join(sorted({"-".join(o.pair) for o in every})[:5])
            raise InputError.at(str(file), "pair-missing", f"it is about {found}", f"use --pair {found.split(',')[0]}")
        return Loaded(own, len(every) - len(own))
    if kind == "baci":
        return read_baci(file, pair, published)
    day, assumed = published or today, published is None
    loaded = (
        read_sdmx(file, pair, day, _mapping(mapping), assumed)
        if kind == "sdmx-csv"
        else read_comtrade(file, pair, day, assumed)
    )
    if not loaded.observations:
        message = f"none of its {loaded.left_out} rows is a figure of {pair[0]}-{pair[1]}"
        raise InputError.at(str(file), "pair-missing", message, "check --pair, and that it holds totals of all goods")
    return loaded


def format_of(file: Path) -> str:
    """Return the format of `file` by its name and first line; `long` if nothing else fits."""
    suffix = file.suffix.lower()
    if suffix == ".json":
        return "comtrade"
    if suffix in (".xlsx", ".xlsm", ".xls"):
        return "long"
    if suffix == ".zip" or zipfile.is_zipfile(file):
        return "baci"
    try:
        with file.open("rb") as stream:
            start = stream.read(4000)
    except OSError:
        return "long"
    coded = "utf-16" if start[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    first = start.decode(coded, "replace").partition("\n")[0].replace('"', "").strip()
    names = {n.partition(": ")[0].strip() for mark in ",;\t" for n in first.split(mark)}
    if first.replace(" ", "") == "t,i,j,k,v,q":
        return "baci"
    if {"flowCode", "primaryValue"} <= names:
        return "comtrade"
    if {"OBS_VALUE", "TIME_PERIOD"} <= names or names & {"DATAFLOW", "STRUCTURE"}:
        return "sdmx-csv"
    return "long"


def _mapping(pairs: Sequence[str]) -> dict[str, str]:
    wrong = [p for p in pairs if "=" not in p]
    if wrong:
        raise InputError.at("--map", "mapping-wrong", f"{wrong[0]!r} has no =", "write --map exports=CODE")
    return {k.strip(): v.strip() for k, v in (p.split("=", 1) for p in pairs)}
