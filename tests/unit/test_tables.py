"""Every embedded row has source, unit and year; what the factbook's files say is in, once, and nothing else."""

from __future__ import annotations

import csv
import os
import re
import tomllib
from collections import Counter
from datetime import date
from importlib.resources import files
from pathlib import Path

import pytest

from birge.factbook import Factbook, Observation
from birge.factbook.reference import column_meanings, reference_page

ROOT = Path(__file__).parents[2]
SHARED = Path(os.environ.get("BIRGE_SHARED", ROOT.parent / "shared")) / "factbook"
BOOK = Factbook.embedded()
TABLES = sorted(BOOK.catalogue)
SIDES = {"KZ_to_KG": "KAZ-KGZ", "KG_to_KZ": "KGZ-KAZ", "turnover": "turnover"}
REPORTERS = {
    "KAZ_gov": "KAZ", "KAZ_side": "KAZ", "KAZ_stat": "KAZ", "KAZ_president": "KAZ",
    "KGZ_NSC": "KGZ", "KGZ_gov": "KGZ", "KGZ_side": "KGZ", "KGZ_embassy": None,
    "Comtrade_penppml": "COMTRADE", "UN_Comtrade": "COMTRADE", "UNCTAD_matrix": "UNCTAD", "CEPII_BACI": "BACI",
}  # fmt: skip
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
Key = tuple[int, tuple[int, int], str, str | None, float]


def shared(name: str) -> list[dict[str, str]]:
    if not (SHARED / name).exists():
        pytest.skip(f"needs ../shared/factbook/{name}, or BIRGE_SHARED naming the folder")
    return list(csv.DictReader((SHARED / name).read_text("utf-8").splitlines()))


def rows(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader((files("birge.factbook") / "tables" / f"{name}.csv").read_text("utf-8").splitlines()))


@pytest.mark.parametrize("name", TABLES)
def test_every_row_has_source_unit_and_year(name: str) -> None:
    for number, row in enumerate(rows(name), 2):
        assert row["source"].strip(), (name, number)
        assert row["unit"].strip(), (name, number)
        year = row["year"] or row.get("stated", "")[:4]
        assert re.fullmatch(r"(19|20)\d\d", year), (name, number)
        if row.get("published"):
            assert date.fromisoformat(row["published"]).year >= int(row["year"]), (name, number)


@pytest.mark.parametrize("name", TABLES)
def test_ids_are_unique_and_no_row_stands_twice(name: str) -> None:
    table = rows(name)
    assert [k for k, n in Counter(tuple(r.values()) for r in table).items() if n > 1] == []
    if "id" in table[0]:
        assert [k for k, n in Counter(r["id"] for r in table).items() if n > 1] == []


@pytest.mark.parametrize("name", TABLES)
def test_the_catalogue_describes_every_column(name: str) -> None:
    entry = dict(BOOK.catalogue[name])
    assert list(rows(name)[0]) == entry["columns"]
    assert sorted(set(entry["columns"]) - set(column_meanings(name, entry))) == []
    for field in ("title", "unit", "source", "licence", "vintage"):
        assert entry[field], field


def test_no_meaning_without_a_column() -> None:
    known = tomllib.loads((files("birge.factbook") / "tables" / "columns.toml").read_text("utf-8"))
    used = {c for e in BOOK.catalogue.values() for c in e["columns"]}
    assert sorted({c for c, meaning in known.items() if isinstance(meaning, str)} - used) == []
    for name in set(TABLES) & set(known):
        assert sorted(set(known[name]) - set(BOOK.catalogue[name]["columns"])) == [], name


def test_the_reference_page_is_current() -> None:
    page = ROOT / "docs" / "reference" / "factbook.md"
    assert page.read_text("utf-8") == reference_page(), (
        "run: python -m birge.factbook.reference > docs/reference/factbook.md"
    )


def key(o: Observation) -> Key:
    return o.year, o.months, o.flow, o.reporter, o.value


def test_every_statement_of_the_factbook_is_in_once_with_its_date_and_nothing_else_is() -> None:
    have = {key(o): o for o in BOOK.every if o.verified != "unverified compilation"}
    assert len(have) == sum(o.verified != "unverified compilation" for o in BOOK.every)
    wanted = set()
    for row in shared("trade_kz_kg.csv"):
        if int(row["year"]) < 2000:
            continue
        value = float(row["value_usd_million"] or re.findall(r"([+-][\d.]+)%", row["note"])[0])
        names = re.match(r"(?:(...)-)?(...)$", row["period"])
        period = (1, 12)
        if names and names[2] in MONTHS:
            period = (MONTHS.index(names[1] or names[2]) + 1, MONTHS.index(names[2]) + 1)
        found = (int(row["year"]), period, SIDES[row["flow"]], REPORTERS[row["reporter"]], value)
        assert found in have, row
        wanted.add(found)
        o = have[found]
        assert o.derived == (row["status"] == "EST"), o.id
        assert (o.verified == "official") == row["status"].startswith("OFF"), o.id
        if re.fullmatch(r"\d{4}-\d\d-\d\d", row["date"]) and o.id != "kaz-2024-0112-turnover":
            assert (o.published.isoformat(), o.published_assumed) == (row["date"], False), o.id
        elif o.id != "kaz-2024-0112-turnover":
            assert o.published_assumed, o.id
    # stated in the note of 2013: 8 months of 2014 grew by 5.2 %
    assert set(have) - wanted == {(2014, (1, 8), "turnover", "KAZ", 5.2)}


def test_the_compilation_is_in_as_it_was_found() -> None:
    have = {(o.year, o.flow): o.value for o in BOOK.every if o.verified == "unverified compilation"}
    wanted = {}
    for row in shared("kaz_kgz_kaz_side_2000_2025.csv"):
        wanted[int(row["year"]), "KAZ-KGZ"] = float(row["kaz_exports_to_kgz_musd"])
        wanted[int(row["year"]), "KGZ-KAZ"] = float(row["kaz_imports_from_kgz_musd"])
    assert have == wanted


@pytest.mark.parametrize(
    ("name", "reporter", "years"),
    [
        ("bilateral_matrix_1996_2016_penppml.csv", "COMTRADE", range(2000, 2017)),
        ("bilateral_matrix_2015_unctad.csv", "UNCTAD", range(2015, 2016)),
        ("bilateral_matrix_2023_baci.csv", "BACI", range(2023, 2024)),
    ],
)
def test_the_matrices_say_the_same(name: str, reporter: str, years: range) -> None:
    have = {(o.year, o.flow): o.value for o in BOOK.every if o.reporter == reporter}
    found = 0
    for row in shared(name):
        flow = f"{row['exporter']}-{row['importer']}"
        if flow in ("KAZ-KGZ", "KGZ-KAZ") and int(row["year"]) in years:
            assert have[int(row["year"]), flow] == float(row["value_usd_million"])
            found += 1
    assert found >= 2


def test_a_later_print_is_never_known_before_the_first() -> None:
    for year, first in ((2023, "kaz-2023-0112-turnover-3"), (2024, "kaz-2024-0112-turnover")):
        printed = next(o for o in BOOK.every if o.id == first)
        later = [o for o in BOOK.every if o.year == year and o.verified == "unverified compilation"]
        assert {o.vintage for o in later} == {"revised"}
        assert all(o.published > printed.published for o in later)
    for o in BOOK.every:
        if o.vintage == "first print" and not o.published_assumed:
            assert (o.published - date(o.year, o.months[1], 28)).days <= 370, o.id


def test_prices_and_quantities_are_those_of_the_factbook() -> None:
    theirs = {
        (r["year"], r["product"], float(r["quantity"]), float(r["value_usd_million"] or 0))
        for r in shared("products_kz_kg.csv")
        if r["quantity"]
    }
    for row in rows("product_prices"):
        if row["product"] == "electricity":
            (swap,) = [r for r in shared("energy_swaps.csv") if r["year"] == "2023 Jan-May"]
            assert float(row["quantity"]) == float(swap["gwh"])
            assert row["value"] in swap["terms"]
            continue
        own = float(row["quantity"])
        found = {(y, p, q) for y, p, q, v in theirs if v == float(row["value"] or 0)}
        assert (row["year"], row["product"], own) in found or (row["year"], row["product"], own / 1000) in found
    levels = {(r["country"], r["year"]): r for r in shared("macro_gdp_pop_growth_2010_2024.csv")}
    for row in rows("price_level"):
        if row["year"] == "2025":
            continue
        other = levels[row["economy"], row["year"]]
        assert float(row["gdp"]) == float(other["gdp_current_usd_mn_WB"] or other["gdp_usd_mn_CIA_2024"])
        assert float(row["real_growth_pct"]) == float(other["real_gdp_growth_pct_CIA"])
