"""The user's own figures: read from CSV and XLSX, refused with line or cell, all problems at once."""

from __future__ import annotations

import gc
import zipfile
from datetime import date
from pathlib import Path

import pytest
from openpyxl import Workbook

from birge.errors import InputError
from birge.factbook import Factbook, read_observations
from birge.factbook.read import NEEDED, write_observations

HEADER = "year,flow,reporter,value,published,source,unit,kind,step,party_a,party_b"
GOOD = "2024,KAZ-KGZ,KAZ,1285.8,2025-02-15,own table,,,,,"


def table(tmp_path: Path, *rows: str) -> Path:
    path = tmp_path / "facts.csv"
    path.write_text("\n".join((HEADER, *rows)), "utf-8")
    return path


def codes(path: Path) -> list[tuple[str, str]]:
    with pytest.raises(InputError) as caught:
        read_observations(path)
    return [(p.where.replace(str(path), ""), p.code) for p in caught.value.problems]


def test_a_good_row_becomes_an_observation_and_extends_the_factbook(tmp_path: Path) -> None:
    (o,) = read_observations(table(tmp_path, GOOD))
    assert (o.pair, o.year, o.months, o.value, o.published) == (
        ("KAZ", "KGZ"),
        2024,
        (1, 12),
        1285.8,
        date(2025, 2, 15),
    )
    book = Factbook.embedded().extended([o])
    assert o in book.observations(("KGZ", "KAZ"))
    assert len(book.every) == len(Factbook.embedded().every) + 1


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("soon,KAZ-KGZ,KAZ,1,2025-02-15,s,,,,,", "year-wrong"),
        ("2024,KAZKGZ,KAZ,1,2025-02-15,s,,,,,", "flow-wrong"),
        ("2024,KAZ-KGZ,KAZ,nan,2025-02-15,s,,,,,", "value-wrong"),
        ("2024,KAZ-KGZ,KAZ,-5,2025-02-15,s,,,,,", "value-negative"),
        ("2024,KAZ-KGZ,KAZ,5,02/25/2025,s,,,,,", "published-wrong"),
        ("2024,KAZ-KGZ,KAZ,5,31.02.2025,s,,,,,", "published-wrong"),
        ("2024,KAZ-KGZ,KAZ,inf,2025-02-15,s,,,,,", "value-wrong"),
        ("2024,KAZ-KGZ,KAZ,1285800000,2025-02-15,s,,,,,", "value-implausible"),
        ('2024,KAZ-KGZ,KAZ,"1,285",2025-02-15,s,,,,,', "value-wrong"),
        ('2024,KAZ-KGZ,KAZ,"1,285.8",2025-02-15,s,,,,,', "value-wrong"),
        ("2024,KAZ-KGZ,KAZ,-100,2025-02-15,s,per cent on a year earlier,growth,,,", "value-implausible"),
        (GOOD, "row-twice"),
        ("2024,KAZ-KGZ,KAZ,1300,2025-02-15,own table,,,,,", "row-twice"),
        ("2024,KAZ-KGZ,KAZ,5,2025-02-15,,,,,,", "source-wrong"),
        ("2024,KAZ-KGZ,KAZ,5,2025-02-15,s,USD,,,,", "unit-wrong"),
        ("2024,KAZ-KGZ,KAZ,5,2025-02-15,s,,growth,,,", "unit-kind"),
        ("2024,KAZ-KGZ,KAZ,1700,2025-02-15,s,,rounded,,,", "step-missing"),
        ("2024,turnover,KAZ,1700,2025-02-15,s,,,,,", "pair-missing"),
    ],
)
def test_a_bad_row_names_its_line(tmp_path: Path, row: str, code: str) -> None:
    assert (":3", code) in codes(table(tmp_path, GOOD, row))


def test_all_problems_come_at_once(tmp_path: Path) -> None:
    found = codes(table(tmp_path, "soon,KAZ-KGZ,KAZ,x,2025-02-15,s,,,,,", GOOD, "2024,A-B,KAZ,5,never,s,,,,,"))
    assert sorted(found) == [
        (":2", "value-wrong"),
        (":2", "year-wrong"),
        (":4", "flow-wrong"),
        (":4", "published-wrong"),
    ]


def test_empty_missing_and_binary_files_are_refused(tmp_path: Path) -> None:
    assert codes(table(tmp_path))[0][1] == "table-empty"
    empty = tmp_path / "empty.csv"
    empty.write_text("")
    assert codes(empty) == [("", "table-empty")]
    empty.write_text("\n\n2024;KAZ-KGZ\n")
    assert codes(empty)[0] == (":3", "column-missing")
    empty.write_text(f"\n\n{';'.join(NEEDED)}\n2024;KAZ-KGZ;KAZ;1285,8;2025-02-15;own table\n")
    assert read_observations(empty)[0].value == 1285.8
    sheet = tmp_path / "empty.xlsx"
    Workbook().save(sheet)
    assert codes(sheet) == [("", "table-empty")]
    assert codes(tmp_path / "nothing.csv")[0][1] == "file-unreadable"
    binary = tmp_path / "b.csv"
    binary.write_bytes(b"\xff\xfe\x00")
    assert codes(binary)[0][1] == "not-utf-8"
    fake = tmp_path / "f.xlsx"
    fake.write_text("no archive")
    assert codes(fake)[0][1] == "file-unreadable"


def workbook(tmp_path: Path, *rows: list[object]) -> Path:
    book = Workbook()
    sheet = book.active
    sheet.title = "Trade"
    for row in (HEADER.split(","), *rows):
        sheet.append(row)
    path = tmp_path / "facts.xlsx"
    book.save(path)
    return path


def test_a_workbook_is_read_and_its_errors_name_cells(tmp_path: Path) -> None:
    good = [2024, "KAZ-KGZ", "KAZ", 1285.8, date(2025, 2, 15), "own table"]
    (o,) = read_observations(workbook(tmp_path, good))
    assert o.published == date(2025, 2, 15)
    path = workbook(tmp_path, good, [2024, "KAZ-KGZ", "KAZ", "many", date(2025, 2, 15), None])
    assert sorted(codes(path)) == [("!Trade!D3", "value-wrong"), ("!Trade!F3", "source-wrong")]


def test_a_huge_workbook_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "huge.xlsx"
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet,
    ):
        for _ in range(300):
            sheet.write(b"0" * 1_000_000)
    assert path.stat().st_size < 2_000_000
    assert codes(path) == [("", "file-too-large")]


def test_a_table_as_excel_in_russian_writes_it_is_understood(tmp_path: Path) -> None:
    text = (
        "year;flow;reporter;value;published;source;derived\r\n"
        '2024;KAZ-KGZ;KAZ;1 285,8;15.02.2025;"table, sheet 2";ЛОЖЬ\r\n'
        "2025;KAZ-KGZ;KAZ;1\u00a0759,29;15.02.2026;table;\r\n;;;;;;\r\n"
    )
    path = tmp_path / "facts.csv"
    for encoding in ("utf-8-sig", "utf-16"):
        path.write_bytes(text.encode(encoding))
        first, second = read_observations(path)
        assert (first.value, first.published, first.source) == (1285.8, date(2025, 2, 15), "table, sheet 2")
        assert second.value == 1759.29
    path.write_bytes(text.encode("cp1251"))
    with pytest.raises(InputError) as caught:
        read_observations(path)
    assert caught.value.problems[0].code == "not-utf-8"
    assert "CSV UTF-8" in caught.value.problems[0].remedy


def test_what_is_no_table_is_refused_with_its_line(tmp_path: Path) -> None:
    assert codes(table(tmp_path, "2024,KAZ-KGZ,KAZ,1285,8,2025-02-15,own table,,,,,,x")) == [(":2", "row-too-long")]
    assert codes(table(tmp_path, GOOD, '2024,"KAZ"-KGZ,KAZ,1,2025-02-15,s,,,,,')) == [(":3", "csv-broken")]
    twice = tmp_path / "twice.csv"
    twice.write_text("year,year,flow\n1,2,3\n")
    assert codes(twice)[0][1] == "column-twice"
    old = tmp_path / "old.xls"
    old.write_bytes(b"\xd0\xcf\x11\xe0")
    assert codes(old)[0][1] == "format-old"


def test_a_file_of_300_mb_is_refused_without_being_read(tmp_path: Path) -> None:
    for name in ("facts.csv", "facts.xlsx"):
        path = tmp_path / name
        with path.open("wb") as file:
            file.truncate(300_000_000)
        assert codes(path) == [("", "file-too-large")]


def test_a_stray_cell_far_away_costs_nothing(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    for column, name in enumerate(HEADER.split(","), 1):
        sheet.cell(1, column, name)
    for column, value in enumerate([2024, "KAZ-KGZ", "KAZ", 1285.8, date(2025, 2, 15), "own table"], 1):
        sheet.cell(1_000, column, value)
    sheet.cell(2, 16_384, "")
    path = tmp_path / "wide.xlsx"
    book.save(path)
    (o,) = read_observations(path)
    assert o.value == 1285.8


def test_entities_in_a_workbook_do_not_unfold(tmp_path: Path) -> None:
    good = workbook(tmp_path, [2024, "KAZ-KGZ", "KAZ", 1285.8, date(2025, 2, 15), "own table"])
    levels = "".join(f'<!ENTITY e{k} "{f"&e{k - 1};" * 20}">' for k in range(1, 9))
    doctype = f'<!DOCTYPE worksheet [<!ENTITY e0 "0123456789">{levels}]>'
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(good) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for item in source.namelist():
            data = source.read(item)
            if item == "xl/worksheets/sheet1.xml":
                data = doctype.encode() + data.replace(b"<v>2024</v>", b"<v>&e8;</v>")
            target.writestr(item, data)
    assert codes(path)[0][1] in ("file-unreadable", "year-wrong")
    gc.collect()  # a file left open warns here, not in some later test


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    every = Factbook.embedded().every
    path = tmp_path / "all.csv"
    path.write_text(write_observations(every), "utf-8")
    assert read_observations(path) == every


def test_an_annual_figure_covers_the_year(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_text(f"{','.join(NEEDED)},month_to\n2024,KAZ-KGZ,KAZ,5,2025-02-15,s,7\n")
    assert codes(path) == [(":2", "kind-months")]
