"""The user's own figures: read from CSV and XLSX, refused with line or cell, all problems at once."""

from __future__ import annotations

import zipfile
from datetime import date
from pathlib import Path

import pytest
from openpyxl import Workbook

from birge.errors import InputError
from birge.factbook import Factbook, read_observations

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
        ("2024,KAZ-KGZ,KAZ,5,15.02.2025,s,,,,,", "published-wrong"),
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
    assert {c for _, c in codes(empty)} == {"column-missing"}
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
