"""The table in Word and Excel: an edited cell changes exactly its field, and what is wrong is told by its place."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pytest

from birge.errors import InputError
from birge.plan import Plan, load
from birge.plan.compare import compare
from birge.plan.table import export_table, import_table
from birge.plan.table.agreed import columns
from birge.plan.table.fields import tables
from birge.plan.table.files import MOST_BYTES
from birge.texts import LANGUAGES

SMALL = Path(__file__).parents[1] / "plans" / "small.yaml"
PLAN = load(SMALL.with_name("earlier.yaml"))[0]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tables")
    for lang in ("en", "ru"):
        export_table(PLAN, folder / f"{lang}.docx", lang)
        export_table(PLAN, folder / f"{lang}.xlsx", lang)
    return folder


def problems(path: Path, onto: Plan | None = None) -> dict[str, str]:
    with pytest.raises(InputError) as caught:
        import_table(path, onto)
    assert all(p.remedy and p.message for p in caught.value.problems)
    return {p.where: p.code for p in caught.value.problems}


def changed(path: Path) -> list[str]:
    return [str(c) for c in compare(PLAN, import_table(path)[0])]


# --- Excel -----------------------------------------------------------------------------------------------------------


def sheet_of(book: Any, name: str) -> Any:
    return next(s for s in book.worksheets if str(s.cell(2, 1).value).partition("/")[0] == name)


def column_of(sheet: Any, key: str) -> int:
    return next(c.column for c in sheet[2] if str(c.value).partition("/")[2] == key)


def edited(made: Path, out: Path, change: Callable[[Any], None], lang: str = "en") -> Path:
    book = openpyxl.load_workbook(made / f"{lang}.xlsx")
    change(book)
    book.save(out)
    return out


def setting(name: str, key: str, row: int, value: Any) -> Callable[[Any], None]:
    def change(book: Any) -> None:
        sheet = sheet_of(book, name)
        sheet.cell(row, column_of(sheet, key), value)

    return change


@pytest.mark.parametrize(
    ("name", "key", "row", "value", "told"),
    [
        ("measures", "title.ru", 3, "Новый текст", "measures.industrial-complex.title.ru: Построить"),
        ("measures", "cost_musd", 3, 70.5, "measures.industrial-complex.cost_musd: 68.1 → 70.5"),
        ("measures", "deadline.due", 3, "30.06.2027", "measures.industrial-complex.deadline.due: 2026-12-31 → 2027"),
        ("measures", "responsible", 3, "kaz-government", "measures.industrial-complex.responsible: "),
        ("measures.milestones", "planned", 6, "2027-01-31", "milestones.complex-open.planned: 2026-12-31 → 2027-01-31"),
        ("measures.milestones.status", "state", 3, "остановлено", ""),
        ("events", "attendance", 3, 500, "events.golden-bridge.attendance: added (500)"),
    ],
)
def test_one_edited_cell_of_a_workbook_changes_one_field(
    made: Path, tmp_path: Path, name: str, key: str, row: int, value: Any, told: str
) -> None:
    path = edited(made, tmp_path / "e.xlsx", setting(name, key, row, value), "ru")
    if not told:
        assert list(problems(path).values()) == ["choice"]
        return
    (line,) = changed(path)
    assert told in line


def test_choices_are_understood_in_every_language(made: Path, tmp_path: Path) -> None:
    for word in ("в работе", "орындалуда", "аткарылууда", "In progress"):
        path = edited(made, tmp_path / "e.xlsx", setting("measures.milestones.status", "state", 6, word), "ru")
        assert changed(path) == []


def test_text_that_looks_like_a_formula_stays_text(tmp_path: Path) -> None:
    plan = load(SMALL)[0]
    for text in ("=1+1", "+7", "-x", "@sum", "https://example.org", "{=A1}"):
        measure = plan.measures[0].model_copy(update={"number": text})
        export_table(plan.model_copy(update={"measures": (measure,)}), tmp_path / "f.xlsx")
        sheet = sheet_of(openpyxl.load_workbook(tmp_path / "f.xlsx"), "measures")
        cell = sheet.cell(3, column_of(sheet, "number"))
        assert (cell.value, cell.data_type, cell.hyperlink) == (text, "s", None)


def test_the_workbook_has_a_sheet_per_kind_of_record_and_one_that_explains_them(made: Path) -> None:
    book = openpyxl.load_workbook(made / "ru.xlsx")
    assert len(book.sheetnames) == len(tables()) + 1
    explained = book.worksheets[0]
    rows = [[c.value for c in row] for row in explained.iter_rows()]
    assert rows[0][0] == PLAN.title.ru
    assert rows[1][0] == PLAN.origin_note.ru
    assert len(rows) >= sum(len(t.columns) for t in tables())
    for sheet in book.worksheets[1:]:
        assert sheet.freeze_panes is not None
        assert sheet.freeze_panes.endswith("3")
        assert all(d.width for d in sheet.column_dimensions.values())


def test_everything_wrong_in_a_workbook_is_told_at_once_by_sheet_and_cell(made: Path, tmp_path: Path) -> None:
    places: dict[str, str] = {}

    def change(book: Any) -> None:
        for name, key, row, value, code in (
            ("measures", "pillar", 3, None, "missing"),
            ("measures", "cost_musd", 4, "12,5", "number-as-text"),
            ("measures", "deadline.due", 5, "next May", "date"),
            ("measures.milestones", "measures^", 3, "nothing", "parent-unknown"),
            ("indicators.targets", "value", 3, "many", "number"),
            ("indicators.targets", "year", 4, None, "missing"),
            ("organisations", "id", 4, "kaz-government", "row-twice"),
            ("events", "kind", 3, "party", "choice"),
            ("measures", "cost_note", 6, "#REF!", "cell-error"),
        ):
            sheet = sheet_of(book, name)
            cell = sheet.cell(row, column_of(sheet, key))
            cell.value = value
            if code == "cell-error":
                cell.data_type = "e"
            at = "A" if code == "parent-unknown" else cell.column_letter
            places[f"{sheet.title}!{at}{row}"] = code

    # The report on the milestone whose measure is gone has lost its milestone too.
    places["Reports on milestones!A3"] = "parent-unknown"
    assert problems(edited(made, tmp_path / "e.xlsx", change)) == places


def test_a_formula_is_refused_by_its_cell_and_never_read_as_nothing(made: Path, tmp_path: Path) -> None:
    def change(book: Any) -> None:
        sheet, parent = sheet_of(book, "measures"), sheet_of(book, "measures.milestones")
        sheet.cell(3, column_of(sheet, "title.ru"), '=A1&"x"')
        sheet.cell(sheet.max_row + 1, column_of(sheet, "form.en"), "=A3")
        parent.cell(4, 1, "=A3")

    with pytest.raises(InputError) as caught:
        import_table(edited(made, tmp_path / "f.xlsx", change))
    assert sorted(p.where.split("!")[0] for p in caught.value.problems if p.code == "formula") == [
        "Measures",
        "Measures",
        "Milestones",
    ]


def test_unknown_references_are_told_by_cell_when_the_schema_is_met(made: Path, tmp_path: Path) -> None:
    from birge.plan.check import check
    from birge.variables import variables

    path = edited(made, tmp_path / "e.xlsx", setting("measures", "responsible", 3, "kaz-government; nobody"))
    plan, places = import_table(path)
    (problem,) = [places.named(p) for p in check(plan, places, variables(), {})]
    assert problem.code == "unknown-reference"
    sheet = sheet_of(openpyxl.load_workbook(path), "measures")
    letter = sheet.cell(3, column_of(sheet, "responsible")).column_letter
    assert problem.where == f"Measures!{letter}3"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda b: sheet_of(b, "measures").delete_cols(3), "column-missing"),
        (lambda b: sheet_of(b, "measures").delete_rows(2), "sheet-unknown"),
        (lambda b: sheet_of(b, "measures").merge_cells("A3:B3"), "cells-merged"),
        (lambda b: sheet_of(b, "events").cell(3, 40, "stray"), "column-unnamed"),
        (lambda b: sheet_of(b, "events").cell(2, 40, "events/title.en"), "column-unknown"),
        (lambda b: b.remove(sheet_of(b, "events")), "table-missing"),
        (lambda b: b.copy_worksheet(sheet_of(b, "events")), "sheet-twice"),
        (lambda b: b.create_sheet("Notes").cell(1, 1, "mine"), "sheet-unknown"),
        (lambda b: sheet_of(b, "plan").delete_rows(3), "missing"),
    ],
)
def test_a_broken_workbook_is_refused(made: Path, tmp_path: Path, change: Any, code: str) -> None:
    assert code in problems(edited(made, tmp_path / "e.xlsx", change)).values()


def test_missing_sheets_are_taken_from_the_plan_it_changes(made: Path, tmp_path: Path) -> None:
    def change(book: Any) -> None:
        for sheet in list(book.worksheets):
            if sheet.title != sheet_of(book, "organisations").title:
                book.remove(sheet)
        setting("organisations", "name.en", 3, "Cabinet")(book)

    path = edited(made, tmp_path / "e.xlsx", change)
    (line,) = [str(c) for c in compare(PLAN, import_table(path, PLAN)[0])]
    assert line.startswith("organisations.kaz-government.name.en: ")
    assert set(problems(path).values()) == {"table-missing"}


# --- Word ------------------------------------------------------------------------------------------------------------


def table_of(document: Any, key: str) -> Any:
    return next(t for t in document.tables if key in t.rows[0].cells[0].text)


def cell_of(document: Any, measure: str, key: str) -> Any:
    """Return the cell of a measure in the main table."""
    table = table_of(document, "measures/number")
    keys = [c.text.rpartition("\n")[2] for c in table.rows[0].cells]
    at = keys.index(f"measures/{key}")
    row = next(r for r in table.rows[1:] if f": {measure}" in r.cells[0].text)
    return row.cells[at]


def field_of(document: Any, table: str, record: str, key: str) -> Any:
    """Return the value's cell in an appendix."""
    rows = table_of(document, f"{table}/record").rows[1:]
    return next(r.cells[2] for r in rows if r.cells[0].text == record and r.cells[1].text.split()[-1] == key)


def word(made: Path, out: Path, change: Callable[[Any], None], lang: str = "ru") -> Path:
    document = docx.Document(str(made / f"{lang}.docx"))
    change(document)
    document.save(str(out))
    return out


def replaced(cell: Any, old: str, new: str) -> None:
    runs = [r for p in cell.paragraphs for r in p.runs if old in r.text]
    runs = [r for r in runs if r.text == old] or runs
    assert len(runs) == 1, [r.text for p in cell.paragraphs for r in p.runs]
    runs[0].text = runs[0].text.replace(old, new)


@pytest.mark.parametrize(
    ("key", "old", "new", "told"),
    [
        ("title.ru", "открыть", "запустить", "title.ru: "),
        ("title", "Build and open", "Open", "title.en: "),
        ("deadline.ru", "31.12.2026", "30.06.2027", "deadline.due: 2026-12-31 → 2027-06-30"),
        ("deadline.ru", "год", "ежегодно", "deadline.kind: year → annually"),
        ("cost", "68,1", "70", "cost_musd: 68.1 → 70.0"),
        ("number", "1", "1.1", "number: 1 → 1.1"),
        ("origin", "реконструкция", "опубликовано", "origin: reconstructed → published"),
    ],
)
def test_one_edited_line_of_the_main_table_changes_one_field(
    made: Path, tmp_path: Path, key: str, old: str, new: str, told: str
) -> None:
    path = word(made, tmp_path / "e.docx", lambda d: replaced(cell_of(d, "industrial-complex", key), old, new))
    (line,) = changed(path)
    assert line.startswith("measures.industrial-complex.")
    assert told in line


def test_an_organisation_is_added_by_its_name_alone_in_any_language(made: Path, tmp_path: Path) -> None:
    def change(document: Any) -> None:
        cell_of(document, "industrial-complex", "responsible.KAZ").add_paragraph("Министерство транспорта Казахстана")
        cell_of(document, "industrial-complex", "responsible.KGZ").add_paragraph(
            "co-responsible: Ministry of Foreign Affairs of the Kyrgyz Republic"
        )

    lines = changed(word(made, tmp_path / "e.docx", change))
    assert lines == [
        "measures.industrial-complex.responsible: kaz-government; kgz-cabinet → kaz-government; kaz-transport; "
        "kgz-cabinet",
        "measures.industrial-complex.co_responsible: nothing → kgz-mfa",
    ]


def test_an_edited_value_of_an_appendix_changes_one_field_and_old_repetitions_do_no_harm(
    made: Path, tmp_path: Path
) -> None:
    def change(document: Any) -> None:
        record = "industrial-complex/complex-open"
        field_of(document, "measures.milestones", record, "planned").text = "31.03.2027"

    assert changed(word(made, tmp_path / "e.docx", change)) == [
        "measures.industrial-complex.milestones.complex-open.planned: 2026-12-31 → 2027-03-31"
    ]


def test_everything_wrong_in_a_document_is_told_at_once_by_table_and_row(made: Path, tmp_path: Path) -> None:
    def change(document: Any) -> None:
        one = "industrial-complex"
        cell_of(document, one, "responsible.KAZ").add_paragraph("Ministry of Nothing")
        cell_of(document, one, "responsible.KGZ").add_paragraph("Министерство транспорта Казахстана")
        replaced(cell_of(document, one, "cost"), "68,1", "much")
        replaced(cell_of(document, one, "deadline.ru"), "31.12.2026", "31.02.2026")
        replaced(cell_of(document, one, "~milestones"), "Комплекс открыт", "Комплекс закрыт")
        field_of(document, "indicators.targets", "turnover/turnover-2027-kaz", "value").text = ""
        rows = table_of(document, "events/record").rows
        rows[1]._tr.addnext(__import__("copy").deepcopy(rows[1]._tr))

    found = problems(word(made, tmp_path / "e.docx", change))
    assert sorted(found.values()) == sorted(
        [
            "organisation-unknown",
            "organisation-side",
            "number",
            "date",
            "cell-repeats",
            "missing",
            "row-twice",
        ]
    )
    assert {w.partition(" ")[0] for w in found} == {"table"}
    assert "table 1 (measures), row 3, column cost" in found


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda d: [r._tr.remove(r._tr.tc_lst[2]) for r in table_of(d, "events/record").rows], "column-missing"),
        (lambda d: [_drop(r, 3) for r in table_of(d, "measures/number").rows], "column-missing"),
        (lambda d: table_of(d, "measures/number").rows[2].cells[1].merge(_next(d)), "cells-merged"),
        (lambda d: _remove(table_of(d, "events/record")), "table-missing"),
        (lambda d: d.add_table(1, 1).rows[0].cells[0].add_paragraph("mine"), "table-unknown"),
        (lambda d: _remove_row(table_of(d, "measures/number").rows[1]), "pillar-missing"),
    ],
)
def test_a_broken_document_is_refused(made: Path, tmp_path: Path, change: Any, code: str) -> None:
    assert code in problems(word(made, tmp_path / "e.docx", change)).values()


def _drop(row: Any, k: int) -> None:
    if len(row._tr.tc_lst) > k:
        row._tr.remove(row._tr.tc_lst[k])


def _next(document: Any) -> Any:
    return table_of(document, "measures/number").rows[2].cells[2]


def _remove(table: Any) -> None:
    table._tbl.getparent().remove(table._tbl)


def _remove_row(row: Any) -> None:
    row._tr.getparent().remove(row._tr)


def test_the_document_is_one_a_ministry_can_print(made: Path) -> None:
    document = docx.Document(str(made / "ru.docx"))
    section = document.sections[0]
    assert section.page_width > section.page_height
    assert "PAGE" in section.footer._element.xml
    assert PLAN.origin_note.ru in section.footer.paragraphs[0].text
    assert document.paragraphs[0].text == PLAN.title.ru
    main = document.tables[0]
    assert "w:tblHeader" in main.rows[0]._tr.xml
    heads = [c.text.partition("\n")[0] for c in main.rows[0].cells]
    assert heads[:4] == ["№", "Согласованный текст", "То же на других языках", "Форма завершения"]
    assert "Ответственные: Кыргызстан" in heads
    assert document.styles["Normal"].font.name == "Noto Sans"
    with zipfile.ZipFile(made / "ru.docx") as parts:
        assert b'w:altName w:val="Arial"' in parts.read("word/fontTable.xml")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_two_labels_of_a_cell_are_alike(lang: str) -> None:
    for column in columns(lang, ["KAZ", "KGZ", "joint"]):
        assert len(column.labels()) >= len([f for f in column.fields if f.label])
        for label, field in column.labels().items():
            assert ":" not in label
            assert all(other.key == field.key for text, other in column.labels().items() if text == label)


# --- files that are none ---------------------------------------------------------------------------------------------


def bomb(path: Path, name: str) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr(name, b"<x/>")
        with parts.open("xl/sheet.xml", "w") as part:
            for _ in range(64):
                part.write(b"\0" * 2**20)


def bad_files(folder: Path, made: Path) -> Iterator[tuple[Path, str]]:
    def file(name: str, data: bytes) -> Path:
        (folder / name).write_bytes(data)
        return folder / name

    yield folder / "none.xlsx", "file-unreadable"
    yield folder, "file-unreadable"
    yield file("empty.xlsx", b""), "file-empty"
    yield file("text.docx", b"just words"), "file-type"
    yield file("half.xlsx", (made / "en.xlsx").read_bytes()[:2000]), "file-broken"
    yield file("old.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600), "file-old"
    secret = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le")
    yield file("secret.xlsx", secret), "file-encrypted"
    for name, part in (("bomb.xlsx", "xl/workbook.xml"), ("bomb.docx", "word/document.xml")):
        bomb(folder / name, part)
        yield folder / name, "file-unpacks-too-large"
    with zipfile.ZipFile(folder / "other.xlsx", "w") as parts:
        parts.writestr("hello.txt", "hello")
    yield folder / "other.xlsx", "file-type"
    for name, part in (("hollow.xlsx", "xl/workbook.xml"), ("hollow.docx", "word/document.xml")):
        with zipfile.ZipFile(folder / name, "w") as parts:
            parts.writestr(part, "<x/>")
        yield folder / name, "file-broken"
    with zipfile.ZipFile(folder / "entities.xlsx", "w") as parts:
        parts.writestr("xl/workbook.xml", '<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>')
    yield folder / "entities.xlsx", "file-doctype"
    with (folder / "huge.xlsx").open("wb") as huge:
        huge.truncate(300 * 2**20)
    yield folder / "huge.xlsx", "file-too-large"
    workbook = openpyxl.Workbook()
    workbook.save(folder / "blank.xlsx")
    yield folder / "blank.xlsx", "table-missing"
    docx.Document().save(str(folder / "blank.docx"))
    yield folder / "blank.docx", "table-missing"


def test_what_is_no_table_is_refused_with_the_reason(tmp_path: Path, made: Path) -> None:
    assert MOST_BYTES < 300 * 2**20
    found = [(path.name, set(problems(path).values()), code) for path, code in bad_files(tmp_path, made)]
    assert [row for row in found if row[1] != {row[2]}] == []


def test_an_export_that_cannot_be_is_refused(tmp_path: Path) -> None:
    plan = load(SMALL)[0]
    for name, code in (("a.pdf", "format"), ("none/a.docx", "file-unwritable"), ("none/a.xlsx", "file-unwritable")):
        with pytest.raises(InputError) as caught:
            export_table(plan, tmp_path / name)
        assert [p.code for p in caught.value.problems] == [code]
    long = plan.measures[0].model_copy(update={"number": "x" * 40_000})
    with pytest.raises(InputError) as caught:
        export_table(plan.model_copy(update={"measures": (long,)}), tmp_path / "a.xlsx")
    assert [p.code for p in caught.value.problems] == ["cell-too-long"]
    twice = plan.model_copy(update={"measures": (plan.measures[0], plan.measures[0])})
    with pytest.raises(InputError) as caught:
        export_table(twice, tmp_path / "a.docx")
    assert {p.code for p in caught.value.problems} == {"id-twice"}
    assert list(tmp_path.iterdir()) == []
