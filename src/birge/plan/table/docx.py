"""The table as a Word document: the ministries' table of measures, then an appendix for each kind of record.

The main table has one row per measure under headings with the pillars (`agreed`). An appendix has one row per field
that is not empty: the record's ids, the field, its value. The second line of each heading names the table and column
by which it is read back. What is not listed has the schema's default, so a document stays as long as the plan is.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from birge.errors import Problem
from birge.plan.schema import Plan
from birge.plan.table.agreed import Bodies, MainColumn, columns, covered, mark, repeated
from birge.plan.table.cells import CellError, escaped, shown, understood
from birge.plan.table.fields import Column, Table, table, tables
from birge.plan.table.rows import Row
from birge.plan.table.word_parts import Cell, Run, cell_lines, is_merged, rows_of, table_xml
from birge.texts import LANGUAGES, Translator, translator

__all__ = ["read", "write"]

Rows = Mapping[str, Sequence[Row]]
PAGE = (16838, 11906)  # A4 across, in twentieths of a point
APPENDIX = (4200, 4200, 6600)
HEADINGS = ("record", "field", "value")


def write(plan: Plan, rows: Rows, path: Path, lang: str) -> None:
    """Write the document."""
    from docx import Document
    from docx.oxml import parse_xml

    t = translator(lang)
    document = Document()
    _page(document, plan, t)
    body = document.element.body

    def put(xml: str) -> None:
        body.insert(len(body) - 1, parse_xml(xml))  # before the section's properties

    for text in _introduction(plan, t):
        document.add_paragraph(text)
    document.add_heading(t("Measures"), 1)
    bodies = Bodies.of(rows["organisations"], lang)
    sides = bodies.sides([p.code for p in plan.parties], rows["measures"])
    main = columns(lang, sides)
    names = {p.code: p.short.get(lang) for p in plan.parties}
    heads = [_head(_title(c, names, t), f"measures/{c.key}") for c in main]
    put(table_xml(_fitted(main), heads, _main_rows(rows, main, bodies, sides, t)))
    for number, each in enumerate(tables(), 1):
        document.add_heading(t("Appendix {number}. {title}", number=number, title=t.named("table", each.name)), 2)
        skip = covered(main) if each.name == "measures" else set()
        words = (t("Record"), t("Field"), t("Value"))
        heads = [_head(word, f"{each.name}/{key}") for word, key in zip(words, HEADINGS, strict=True)]
        put(table_xml(APPENDIX, heads, _appendix(each, rows[each.name], skip, t)))
    packed = io.BytesIO()
    document.save(packed)
    path.write_bytes(packed.getvalue())


def _introduction(plan: Plan, t: Translator) -> list[str]:
    texts = [
        plan.origin_note.get(t.lang),
        t("Milestones and last reports repeat the appendices; change them there."),
        t("In the appendices each row is one field; a field that is not listed is empty or has its usual value."),
    ]
    if not t.reviewed:
        texts.append(t("The texts of this form in this language have not been reviewed by a native speaker."))
    return [_legal(text) for text in texts]


def _legal(text: str) -> str:
    """Return a text as an XML file can hold it; only what is not read back may be shown so."""
    return escaped(text).replace("\\\\", "\\")


def _page(document: Any, plan: Plan, t: Translator) -> None:
    """Set up the page, the fonts, the title and the page numbers."""
    from docx.enum.section import WD_ORIENT
    from docx.opc.constants import RELATIONSHIP_TYPE
    from docx.oxml import parse_xml
    from docx.oxml.ns import nsdecls, qn
    from docx.shared import Pt, RGBColor, Twips

    section = document.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Twips(PAGE[0]), Twips(PAGE[1])
    for side in ("left_margin", "right_margin", "top_margin", "bottom_margin"):
        setattr(section, side, Twips(850))
    for name, size in (("Normal", 10), ("Title", 18), ("Heading 1", 13), ("Heading 2", 11)):
        style = document.styles[name]
        style.font.size, style.font.color.rgb = Pt(size), RGBColor(0x22, 0x22, 0x22)
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        fonts.attrib.clear()
        for script in ("ascii", "hAnsi", "cs", "eastAsia"):
            fonts.set(qn(f"w:{script}"), "Noto Sans")
    # Where Noto Sans is not installed, the font table sends the reader to Arial, which has the Kazakh letters too.
    part = document.part.part_related_by(RELATIONSHIP_TYPE.FONT_TABLE)
    font = b'<w:font w:name="Noto Sans"><w:altName w:val="Arial"/><w:family w:val="swiss"/></w:font></w:fonts>'
    part._blob = part.blob.replace(b"</w:fonts>", font)
    document.core_properties.title = _legal(plan.title.get(t.lang))[:255]
    document.core_properties.author = "Birge"
    document.core_properties.comments = ""
    document.add_heading(_legal(plan.title.get(t.lang)), 0)
    foot = section.footer.paragraphs[0]
    foot.add_run(f"{_legal(plan.origin_note.get(t.lang))}    {t('Page')} ").font.size = Pt(8)
    for field in ("PAGE", "NUMPAGES"):
        if field == "NUMPAGES":
            foot.add_run(" / ").font.size = Pt(8)
        look = '<w:rPr><w:sz w:val="16"/></w:rPr>'
        xml = f'<w:fldSimple {nsdecls("w")} w:instr=" {field} "><w:r>{look}<w:t>1</w:t></w:r></w:fldSimple>'
        foot._p.append(parse_xml(xml))


def _head(title: str, key: str) -> Cell:
    return [[Run(_legal(title), "bold")], [Run(key, "grey")]]


def _fitted(main: Sequence[MainColumn]) -> list[int]:
    """Return the widths of the main table's columns, scaled to the page."""
    room = PAGE[0] - 2 * 850
    whole = sum(c.width for c in main)
    return [c.width * room // whole for c in main]


def _title(column: MainColumn, names: Mapping[str, str], t: Translator) -> str:
    kind, _, side = column.key.partition(".")
    if kind == "responsible":
        if side == "joint":
            return t("Responsible: joint bodies")
        return t("Responsible: {party}", party=names[side])
    if column.key == "title":
        return t("The same in the other languages")
    return {
        "number": t("No."),
        "title": t("Text as agreed"),
        "form": t("Form of completion"),
        "deadline": t("Deadline as written"),
        "cost": t("Cost and source of funds"),
        "~milestones": t("Milestones"),
        "~status": t("Status and last report"),
        "origin": t("Origin"),
    }[kind]


def _main_rows(
    rows: Rows, main: Sequence[MainColumn], bodies: Bodies, sides: Sequence[str], t: Translator
) -> list[list[Cell]]:
    titles = _pillar_titles(rows, t.lang)
    out: list[list[Cell]] = []
    pillar: str | None = None
    for row in rows["measures"]:
        if row.values["pillar"] != pillar:
            pillar = str(row.values["pillar"])
            title = titles.get(pillar, pillar)
            out.append([[[Run(title, "bold"), Run(mark(title), "hidden")], [Run(pillar, "grey")]]])
        steps, last = repeated(rows, str(row.values["id"]), t.lang)
        again = {"~milestones": steps, "~status": last}
        cells: list[Cell] = []
        for column in main:
            if column.key in again:
                cells.append(_repeats(again[column.key]))
            elif column.key.startswith("responsible."):
                cells.append(bodies.written(row, column.key.partition(".")[2], sides, t))
            else:
                cells.append(column.written(row, t))
        out.append(cells)
    return out


def _pillar_titles(rows: Rows, lang: str) -> dict[str, str]:
    return {
        str(r.values.get("id")): escaped(str(r.values.get(f"title.{lang}") or r.values.get("title.en") or "-"))
        for r in rows["pillars"]
    }


def _repeats(lines: Sequence[str]) -> Cell:
    """Return a cell that repeats what stands elsewhere, with the hidden mark of its text."""
    if not lines:
        return [[Run(mark(""), "hidden")]]
    whole = mark("\n".join(lines))
    return [[Run(line), *([Run(whole, "hidden")] if k == len(lines) - 1 else [])] for k, line in enumerate(lines)]


def _appendix(each: Table, rows: Sequence[Row], skip: set[str], t: Translator) -> list[list[Cell]]:
    out: list[list[Cell]] = []
    count: dict[tuple[str, ...], int] = {}
    for row in rows:
        count[row.parents] = count.get(row.parents, 0) + 1
        name = str(row.values[each.identity]) if each.identity else f"#{count[row.parents]}"
        label = "plan" if each.name == "plan" else "/".join((*row.parents, name))
        present = {c.keys[:-1] for c in each.columns if row.values[c.key] not in (None, (), {})}
        wanted = [c for c in each.columns if c.key != each.identity and c.key not in skip and _listed(c, row, present)]
        for k, column in enumerate(wanted):
            names = ": ".join(t.named("field", part) for part in column.keys)
            value = shown(column, row.values[column.key], t)
            field = [Run(f"{names} "), Run(column.key, "grey")]
            out.append([[[Run(label, "grey" if k else "bold")]], [field], [[Run(value)]]])
    return out


def _listed(column: Column, row: Row, present: set[tuple[str, ...]]) -> bool:
    """Return whether a field has to be written: it is in a part that is there and differs from the default."""
    inside = len(column.keys) == 1 or any(p[: len(column.keys) - 1] == column.keys[:-1] for p in present)
    return inside and repr(row.values[column.key]) != repr(column.default)


def read(package: io.BytesIO, base: Rows | None) -> tuple[dict[str, list[Row]], list[Problem]]:
    """Return the rows of every table in the document, and what is wrong by table and row.

    `base` has the organisations and pillars where the document has no appendix with them.
    """
    from docx import Document

    document = Document(package)
    problems: list[Problem] = []
    found: dict[str, list[Row]] = {}
    main: tuple[str, list[str], list[list[Any]]] | None = None
    known = {t.name for t in tables()}
    for number, each in enumerate(document.element.body.iter(f"{_W}tbl"), 1):
        lines = rows_of(each)
        keys = [cell_lines(c)[-1].text.strip() if cell_lines(c) else "" for c in lines[0]] if lines else []
        name = next((k.partition("/")[0] for k in keys if k.partition("/")[0] in known), "")
        where = f"table {number} ({name})"
        if not name:
            if any(cell_lines(c) for line in lines for c in line):
                remedy = "restore the grey line of its heading, or take it out"
                problems.append(Problem(f"table {number}", "table-unknown", "no table of a plan", remedy))
        elif not any(k.partition("/")[2] in HEADINGS for k in keys):
            if main is not None:
                problems.append(Problem(where, "table-twice", "there are two tables of measures", "delete one"))
            main = where, keys, lines
        elif name in found:
            problems.append(Problem(where, "table-twice", f"there are two tables {name}", "delete one"))
        else:
            found[name] = _read_appendix(table(name), keys, lines, where, problems)
    measures = found.pop("measures", None)
    if main is not None:
        whole = {n: found.get(n) or list((base or {}).get(n, ())) for n in known}
        found["measures"] = _read_main(*main, measures or [], whole, problems)
    return found, problems


_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def _whole(line: Sequence[Any], width: int, place: str, problems: list[Problem]) -> bool:
    """Return whether a row has its cells; says so where cells are merged, missing or hold tables."""
    if any(is_merged(c) for c in line):
        problems.append(Problem(place, "cells-merged", "cells are merged", "split them again"))
    elif any(c.find(f"{_W}tbl") is not None for c in line):
        problems.append(Problem(place, "table-in-cell", "a cell holds a table", "write its text instead"))
    elif len(line) != width:
        message = f"the row has {len(line)} cells, the heading {width}"
        problems.append(Problem(place, "row-cells", message, "restore the row's cells"))
    else:
        return True
    return False


def _missing(where: str, wanted: Sequence[str], keys: Sequence[str], problems: list[Problem]) -> bool:
    gone = [k for k in wanted if k not in keys]
    for key in gone:
        remedy = "restore it from a fresh export, with its grey line in the heading"
        problems.append(Problem(f"{where}, row 1", "column-missing", f"the column {key} is gone", remedy))
    return bool(gone)


def _read_appendix(
    each: Table, keys: Sequence[str], lines: Sequence[Sequence[Any]], where: str, problems: list[Problem]
) -> list[Row]:
    wanted = [f"{each.name}/{k}" for k in HEADINGS]
    if _missing(where, wanted, keys, problems):
        return []
    record, field, value = (keys.index(k) for k in wanted)
    made: dict[str, tuple[dict[str, Any], dict[str, str], str]] = {}
    for number, line in enumerate(lines[1:], 2):
        place = f"{where}, row {number}"
        if not any(cell_lines(c) for c in line) or not _whole(line, len(keys), place, problems):
            continue
        label = _joined(line[record]).strip()
        words = _joined(line[field]).split()
        column = each.column(words[-1]) if words else None
        if not label or column is None or column.key == each.identity:
            what = f"{each.name} has no field {words[-1]!r}" if words else "the row names no field"
            what = what if label else "the row names no record"
            remedy = "write the record's id and the grey name of the field as in the other rows"
            problems.append(Problem(place, "row-unclear", what, remedy))
            continue
        values, places, _ = made.setdefault(label, ({}, {}, place))
        if column.key in places:
            problems.append(Problem(place, "row-twice", f"{label}: {column.key} stands twice", "delete one"))
            continue
        places[column.key] = place
        try:
            values[column.key] = understood(column, _joined(line[value]))
        except CellError as error:
            problems.append(Problem(place, error.code, f"{column.key}: {error.message}", error.remedy))
    return [_record(each, label, *held) for label, held in made.items()]


def _joined(cell: Any) -> str:
    return "\n".join(line.text for line in cell_lines(cell))


def _record(each: Table, label: str, values: dict[str, Any], places: dict[str, str], place: str) -> Row:
    parts = tuple(part.strip() for part in label.split("/"))
    if each.name == "plan":
        return Row((), values, place, places)
    if each.identity:
        values[each.identity] = parts[-1]
    return Row(parts[:-1], values, place, places)


def _read_main(
    where: str,
    keys: Sequence[str],
    lines: Sequence[Sequence[Any]],
    further: Sequence[Row],
    rows: Rows,
    problems: list[Problem],
) -> list[Row]:
    """Return the measures of the main table with the fields that stand in the appendix."""
    names = [k.partition("/")[2] for k in keys]
    lang = next((lang for lang in LANGUAGES if f"title.{lang}" in names), "en")
    parties = [str(r.values.get("code")) for r in rows["parties"]]
    sides = [*parties, *(["joint"] if "responsible.joint" in names else [])]
    main = columns(lang, sides)
    if _missing(where, [c.key for c in main], names, problems):
        return []
    bodies = Bodies.of(rows["organisations"], lang)
    titles = _pillar_titles(rows, lang)
    rest = {str(r.values.get("id")): r for r in further}
    pillar: str | None = None
    out: list[Row] = []
    for number, line in enumerate(lines[1:], 2):
        place = f"{where}, row {number}"
        if len(line) == 1:
            pillar = _read_pillar(line[0], titles, place, problems) or pillar
            continue
        if not any(cell_lines(c) for c in line) or not _whole(line, len(keys), place, problems):
            continue
        cells = {c.key: line[names.index(c.key)] for c in main}
        row = _read_measure(cells, main, bodies, place, problems)
        if pillar is None:
            problems.append(Problem(place, "pillar-missing", "no pillar stands above the row", "restore its heading"))
        ident = str(row.values.get("id"))
        more = rest.pop(ident, None)
        values = {**(more.values if more else {}), **row.values, "pillar": pillar}
        places = {**(more.places if more else {}), **row.places}
        out.append(Row((), values, place, places))
        for key, wanted in zip(("~milestones", "~status"), repeated(rows, ident, lang), strict=True):
            _unchanged(cells[key], "\n".join(wanted), f"{place}, column {key[1:]}", problems)
    for label, row in rest.items():
        remedy = "delete its rows here, or restore it in the table of measures"
        problems.append(Problem(row.place, "record-unknown", f"there is no measure {label!r}", remedy))
    return out


def _read_pillar(cell: Any, titles: Mapping[str, str], place: str, problems: list[Problem]) -> str | None:
    lines = cell_lines(cell)
    ident = lines[-1].text.strip() if lines else ""
    if ident not in titles:
        remedy = f"let the last line be one of {', '.join(titles)}"
        problems.append(Problem(place, "pillar-unknown", f"there is no pillar {ident!r}", remedy))
        return None
    _unchanged(cell, titles[ident], place, problems, lines[:-1])
    return ident


def _unchanged(cell: Any, wanted: str, place: str, problems: list[Problem], lines: Any = None) -> None:
    """Say so where somebody changed a text that only repeats another; an old repetition is no change."""
    lines = cell_lines(cell) if lines is None else lines
    text = "\n".join(line.text for line in lines).strip()
    marks = [line.hidden for line in lines if line.hidden]
    if not text and not marks:
        return  # a new row leaves it to the appendix
    if text != wanted.strip() and mark(text) not in marks:
        message = "the text only repeats an appendix, and it was changed here"
        problems.append(Problem(place, "cell-repeats", message, "change it in the appendix, restore it here"))


def _read_measure(
    cells: Mapping[str, Any], main: Sequence[MainColumn], bodies: Bodies, place: str, problems: list[Problem]
) -> Row:
    values: dict[str, Any] = {}
    places: dict[str, str] = {}
    named: list[tuple[str, int, str]] = []
    for column in main:
        at = f"{place}, column {column.key}"
        lines = cell_lines(cells[column.key])
        if column.key.startswith("responsible."):
            named += bodies.read(lines, column.key.partition(".")[2], at, problems)
        elif not column.key.startswith("~"):
            values |= column.read(lines, at, problems)
            places |= {f.key: at for f in column.fields}
    for key in ("responsible", "co_responsible"):
        values[key] = tuple(i for k, _, i in sorted((n for n in named if n[0] == key), key=lambda n: n[1]))
    return Row((), values, place, places)
