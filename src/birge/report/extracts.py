"""Extracts of a signed protocol: for each organisation one Word and one Excel file with its own decisions only.

`write_extracts(extracts, folder)` writes `extract-ORGANISATION.docx` and `.xlsx`; the parts are those of a paper, so
both formats say the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from birge.errors import InputError
from birge.pages.protocol import Extract
from birge.report.paper_docx import as_docx
from birge.report.paper_parts import Column, Document, Prose, Table
from birge.report.paper_xlsx import as_xlsx
from birge.texts import long_date, translator

__all__ = ["extract_document", "write_extracts"]


def extract_document(extract: Extract) -> Document:
    """Return the extract of one organisation as the parts of a paper."""
    t, signing = translator(extract.lang), extract.signing
    day = long_date(signing.date, extract.lang)
    under = [extract.session, t("Signed on {date} in {place}", date=day, place=signing.place)]
    under.append(t("Signatories: {who}", who="; ".join(f"{name} - {who}" for name, who in extract.parties)))
    if signing.prevailing:
        language = t.named("field", signing.prevailing)
        under.append(t("Where the texts differ, this one prevails: {language}.", language=language))
    if not t.reviewed:
        under.append(t("The texts of this form in this language have not been reviewed by a native speaker."))
    columns = (
        Column(t("No."), 0.6),
        Column(t("Decision"), 5),
        Column(t("Organisation"), 3),
        Column(t("Due"), 1.4),
    )
    rows = tuple((number, text, who, due or t("no date")) for number, text, who, due in extract.rows)
    told = t("Decisions of the session that this organisation carries out.")
    foot = t("This extract was made from the registry; the signed paper is what counts.")
    return Document(
        lang=extract.lang,
        title=t("Extract from the protocol: {name}", name=extract.name),
        under=tuple(under),
        foot=foot,
        page=t("Page"),
        parts=(Prose(told, "note"), Table(t("Decisions"), told, columns, rows)),
        blank=t("no data"),
    )


def write_extracts(extracts: Sequence[Extract], folder: Path) -> list[Path]:
    """Write both files of each extract to `folder`; raises InputError where it cannot be written."""
    made = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for each in extracts:
            document = extract_document(each)
            for ending, content in (("docx", as_docx(document)), ("xlsx", as_xlsx(document))):
                path = folder / f"extract-{each.organisation}.{ending}"
                path.write_bytes(content)
                made.append(path)
    except OSError as error:
        told = f"{folder}: {error.strerror}"
        raise InputError.at("--out", "folder-unwritable", told, "name another folder") from error
    return made
