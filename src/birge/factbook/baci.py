"""Sum CEPII's BACI by pair and year with DuckDB, straight from its CSV files or the ZIP they come in.

BACI holds a row per year `t`, exporter `i`, importer `j`, product `k` with value `v` in thousand USD and quantity `q`
in tonnes: some 11 million rows a year. Files of a ZIP are unpacked one at a time beside the temporary files; DuckDB
streams them within `MEMORY`. Gaulier and Zignago (2010), CEPII working paper 2010-23; Etalab 2.0, cite CEPII.
"""

from __future__ import annotations

import calendar
import re
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from birge.errors import BirgeError, InputError
from birge.factbook.codes import iso3
from birge.factbook.observation import Observation
from birge.factbook.sdmx import Loaded
from birge.factbook.table import read_table

__all__ = ["MEMORY", "pair_sums", "read_baci"]

MEMORY = "512MB"
"""What DuckDB may use before it spills to the temporary folder."""
COLUMNS = ["t", "i", "j", "k", "v", "q"]


def read_baci(path: str | Path, pair: tuple[str, str], published: date | None = None) -> Loaded:
    """Return BACI's trade of `pair` by year in mn USD, reconciled f.o.b.

    Without `published` the release in the file's name (V202501: January 2025) gives it.
    """
    file = Path(path)
    match = re.search(r"V(20\d\d)(0[1-9]|1[0-2])", file.name)
    if published is None and match is None:
        remedy = "keep the name it was published under, or say --published"
        raise InputError.at(str(file), "release-unknown", "the name holds no release such as V202501", remedy)
    release = match[0] if match else "release not stated"
    day = published or _last_day(release)
    rows = [(year, f"{i}-{j}", value) for year, i, j, value in pair_sums(file, pair)]
    if not rows:
        raise InputError.at(str(file), "pair-missing", f"{pair[0]} and {pair[1]} do not trade in it", "check --pair")
    found = [
        Observation(
            id=f"baci-{release}-{flow}-{year}".lower(),
            pair=pair,
            year=year,
            months=(1, 12),
            flow=flow,
            reporter="BACI",
            value=value,
            unit="mn USD",
            kind="annual",
            step=None,
            valuation="f.o.b. (reconciled)",
            published=day,
            published_assumed=published is None,
            vintage="not known",
            verified="official",
            derived=False,
            source=f"CEPII BACI {release}, file {file.name}",
            note="summed over products" + ("" if published else "; day of the release assumed"),
        )
        for year, flow, value in rows
    ]
    return Loaded(tuple(found), 0)


def _last_day(release: str) -> date:
    """Return the last day of the month in a release such as V202501."""
    year, month = int(release[1:5]), int(release[5:7])
    return date(year, month, calendar.monthrange(year, month)[1])


def pair_sums(path: str | Path, pair: tuple[str, str] | None = None) -> list[tuple[int, str, str, float]]:
    """Return (year, exporter, importer, mn USD) summed over products, of one pair or of all.

    Economies are ISO codes, from the release's own table of codes where it lies beside the file or in the ZIP.
    """
    try:
        import duckdb
    except ImportError as error:
        raise BirgeError("DuckDB is not installed → pip install 'birge[duckdb]'") from error
    file = Path(path)
    totals: dict[tuple[int, str, str], float] = {}
    with tempfile.TemporaryDirectory() as folder, duckdb.connect() as base:
        base.execute(f"SET memory_limit = '{MEMORY}'")
        base.execute("SET threads = 2")
        base.execute(f"SET temp_directory = '{folder}/spill'")
        names = _codes(file, Path(folder))
        wanted = [k for k, code in names.items() if pair is None or code in pair]
        for part in _parts(file, Path(folder)):
            for year, i, j, thousand in _sums(base, part, file, wanted if pair else None):
                a, b = names.get(i) or iso3(str(i)), names.get(j) or iso3(str(j))
                if a and b and (pair is None or {a, b} == set(pair)):
                    totals[year, a, b] = totals.get((year, a, b), 0.0) + thousand / 1000
    return [(*key, value) for key, value in sorted(totals.items())]


def _sums(base: Any, part: Path, file: Path, wanted: list[int] | None) -> list[tuple[int, int, int, float]]:
    """Sum one CSV over products; raises InputError where it is not BACI."""
    import duckdb

    with part.open("rb") as stream:
        header = stream.readline(200).decode("utf-8", "replace").strip().replace('"', "").split(",")
    if header != COLUMNS:
        message = f"{part.name} begins with {','.join(header)[:60]!r}, not {','.join(COLUMNS)}"
        raise InputError.at(str(file), "format-wrong", message, "name a CSV or ZIP of BACI as CEPII publishes it")
    where = "WHERE i IN (SELECT unnest(?)) AND j IN (SELECT unnest(?))" if wanted is not None else ""
    query = f"""
        SELECT t, i, j, sum(v) FROM read_csv(?, header = true, delim = ',', columns = {{
            t: 'INTEGER', i: 'INTEGER', j: 'INTEGER', k: 'VARCHAR', v: 'DOUBLE', q: 'VARCHAR'}})
        {where} GROUP BY t, i, j"""
    try:
        return list(base.execute(query, [str(part), *([wanted] * 2 if wanted is not None else [])]).fetchall())
    except duckdb.Error as error:
        message = str(error).partition("\n")[0]
        raise InputError.at(f"{file}", "csv-broken", f"{part.name}: {message}", "download it again") from error


def _parts(file: Path, folder: Path) -> Iterator[Path]:
    """Yield each CSV of trade, those of a ZIP unpacked one at a time."""
    if file.suffix.lower() != ".zip":
        yield file
        return
    with _archive(file) as archive:
        found = [n for n in archive.namelist() if re.search(r"BACI_.*_Y\d{4}.*\.csv$", n)]
        if not found:
            raise InputError.at(str(file), "format-wrong", "no BACI_…_Y….csv is in it", "name a ZIP of BACI")
        for name in found:
            part = folder / Path(name).name
            with archive.open(name) as source, part.open("wb") as target:
                shutil.copyfileobj(source, target, 1 << 20)
            yield part
            part.unlink()


def _codes(file: Path, folder: Path) -> dict[int, str]:
    """Return the release's number of each economy with its ISO code; ISO's own numbers where there is no table."""
    table: Path | None = next(iter(sorted(file.parent.glob("country_codes*.csv"))), None)
    if not file.is_file():
        raise InputError.at(str(file), "file-unreadable", "there is no such file", "name a file that exists")
    if file.suffix.lower() == ".zip":
        with _archive(file) as archive:
            inside = next((n for n in archive.namelist() if re.search(r"country_codes.*\.csv$", n)), None)
            if inside:
                table = folder / "country_codes.csv"
                table.write_bytes(archive.read(inside))
    if table is None:
        return {n: code for n in range(1000) if (code := iso3(str(n)))}
    rows = read_table(table, ("country_code", "country_iso3")).rows
    return {int(r.cells["country_code"]): r.cells["country_iso3"] for r in rows if r.cells["country_code"].isdigit()}


@contextmanager
def _archive(file: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(file) as archive:
            yield archive
    except zipfile.BadZipFile as error:
        raise InputError.at(str(file), "file-unreadable", "not a readable ZIP", "download it again") from error
