"""A paper as a Word document to edit: real headings, repeated table heads, alternative texts, page numbers."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime
from typing import Any

from birge.report.paper_charts import drawn_png
from birge.report.paper_parts import Document, Figure, Heading, Prose, Table, cell_text
from birge.texts import translator

__all__ = ["as_docx", "blank_document", "legal", "page_field", "saved"]

FONT = "Noto Sans"
LOCALES = {"en": "en-GB", "ru": "ru-RU", "kk": "kk-KZ", "ky": "ky-KG"}
ROOM_CM = 17.4
SIZES = {"lead": 12.5, "plain": 9.5, "note": 8.0}


def as_docx(paper: Document) -> bytes:
    """Return the paper as DOCX."""
    from docx.shared import Pt, RGBColor

    document = blank_document(paper.title, paper.lang)
    document.add_heading(legal(paper.title), 0)
    for line in paper.under:
        run = document.add_paragraph().add_run(legal(line))
        run.font.size, run.font.color.rgb = Pt(9), RGBColor(0x57, 0x60, 0x6A)
    for part in paper.parts:
        _add(document, part, paper)
    foot = document.sections[0].footer.paragraphs[0]
    foot.add_run(f"{legal(paper.foot)}    {paper.page} ").font.size = Pt(7.5)
    page_field(foot, "PAGE", 7.5)
    foot.add_run(" / ").font.size = Pt(7.5)
    page_field(foot, "NUMPAGES", 7.5)
    return saved(document)


def saved(document: Any) -> bytes:
    """Return a document as the bytes of its file."""
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def blank_document(title: str, lang: str) -> Any:
    """Return an empty A4 document with title, language and our fonts."""
    import docx
    from docx.oxml.ns import qn
    from docx.shared import Cm, Pt, RGBColor

    document = docx.Document()
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(1.8)
    section.top_margin, section.bottom_margin = Cm(1.8), Cm(2.0)
    core = document.core_properties
    core.title, core.language, core.author = legal(title)[:255], LOCALES[lang], "Birge"
    core.created = core.modified = datetime.now(UTC).replace(tzinfo=None)
    core.comments = ""
    for name, size in (("Normal", 9.5), ("Title", 20), ("Heading 1", 14), ("Heading 2", 11)):
        style = document.styles[name]
        style.font.name, style.font.size = FONT, Pt(size)
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for key in list(fonts.attrib):
            if "Theme" in key:
                del fonts.attrib[key]
        for kind in ("w:ascii", "w:hAnsi", "w:cs", "w:eastAsia"):
            fonts.set(qn(kind), FONT)
        if name != "Normal":
            style.font.color.rgb = RGBColor(0x1C, 0x21, 0x27)
    _speak(document.styles["Normal"].element.get_or_add_rPr(), lang)
    for inner in document.styles.element.iter(qn("w:lang")):
        inner.set(qn("w:val"), LOCALES[lang])
    return document


def _speak(properties: Any, lang: str) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    element = OxmlElement("w:lang")
    element.set(qn("w:val"), LOCALES[lang])
    properties.append(element)


def page_field(paragraph: Any, name: str, size: float) -> None:
    """Add a field, such as PAGE, that the word processor fills in."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn
    from docx.shared import Pt

    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), name)
    run = paragraph.add_run("1")
    run.font.size = Pt(size)
    field.append(run._r)
    paragraph._p.append(field)


def _add(document: Any, part: Any, paper: Document) -> None:
    from docx.shared import Pt

    if isinstance(part, Heading):
        document.add_heading(legal(part.text), part.level)
    elif isinstance(part, Prose):
        run = document.add_paragraph().add_run(legal(part.text))
        run.font.size, run.bold = Pt(SIZES[part.look]), part.look == "lead"
    elif isinstance(part, Figure):
        _figure(document, part)
    else:
        _table(document, part, paper)


def _figure(document: Any, part: Figure) -> None:
    from docx.shared import Cm, Pt

    title = document.add_paragraph()
    title.paragraph_format.keep_with_next = True
    title.add_run(legal(part.title)).bold = True
    picture = document.add_picture(io.BytesIO(drawn_png(part.spec)), width=Cm(ROOM_CM))
    document.paragraphs[-1].paragraph_format.keep_with_next = True
    described = picture._inline.docPr
    described.set("descr", legal(part.told))
    described.set("title", legal(part.title))
    document.add_paragraph().add_run(legal(part.source)).font.size = Pt(7.5)


def _table(document: Any, part: Table, paper: Document) -> None:
    from docx.oxml import parse_xml

    from birge.plan.table.word_parts import Run, table_xml

    t = translator(paper.lang)
    whole = sum(c.width for c in part.columns)
    widths = [int(ROOM_CM * 567 * c.width / whole) for c in part.columns]
    head = [[[Run(legal(c.title), "bold")]] for c in part.columns]
    rows: list[list[Any]] = []
    for row in part.rows:
        if len(row) == 1:
            rows.append([[[Run(legal(str(row[0])), "bold")]]])
            continue
        pairs = zip(row, part.columns, strict=True)
        rows.append([[[Run(legal(cell_text(value, column, t, paper.blank)))]] for value, column in pairs])
    element = parse_xml(table_xml(widths, head, rows))
    document.add_paragraph()._p.addprevious(element)
    _described(element, part.told)


def _described(table: Any, told: str) -> None:
    """Say in the table's properties what it holds; the schema wants it as the last of them."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    element = OxmlElement("w:tblDescription")
    element.set(qn("w:val"), legal(told))
    table.tblPr.append(element)


def legal(text: str) -> str:
    """Return `text` without characters that XML 1.0 cannot hold."""
    return re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]", "", text)
