"""A council's draft protocol in Word: two originals of one draft, each naming its own side first.

`originals(Draft, folder)` writes both; `original(Draft, side)` returns one as bytes. Each authentic language is a part
of its own. An agreed point is printed as it stands, a contested one as [side 1: … | side 2: …], own side first.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from birge.errors import InputError, Problem
from birge.pages.protocol import Draft, Duty, Party, Point
from birge.report.paper_docx import blank_document, legal, page_field, saved
from birge.texts import LANGUAGES, Translator, long_date, translator

__all__ = ["original", "originals"]


def originals(draft: Draft, folder: Path) -> tuple[Path, Path]:
    """Write `protocol-CODE.docx` for each side to `folder`; raises InputError as `original` does."""
    made = [(folder / f"protocol-{p.code}.docx", original(draft, p.code)) for p in draft.parties]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, content in made:
            path.write_bytes(content)
    except OSError as error:
        told = f"{folder}: {error.strerror}"
        raise InputError.at("--out", "folder-unwritable", told, "name another folder") from error
    return made[0][0], made[1][0]


def original(draft: Draft, side: str) -> bytes:
    """Return the original of `side` as DOCX; raises InputError with every text and side that the draft lacks."""
    if problems := [*_problems(draft, side)]:
        raise InputError(problems)
    order = sorted(draft.parties, key=lambda p: p.code != side)
    first = draft.languages[0]
    document = blank_document(draft.title[first], first)
    for k, lang in enumerate(draft.languages):
        if k:
            document.add_page_break()
        _part(document, draft, order, lang)
    foot = document.sections[0].footer.paragraphs[0]
    t = translator(first)
    foot.add_run(f"{t('This draft is not signed and has no legal force.')}    {t('Page')} ")
    page_field(foot, "PAGE", 8)
    return saved(document)


def _part(document: Any, draft: Draft, order: list[Party], lang: str) -> None:
    """Add the whole protocol in one language."""
    t = translator(lang)
    document.add_heading(legal(draft.title[lang]), 1)
    document.add_paragraph().add_run(t("Draft protocol")).bold = True
    document.add_paragraph(legal(" - ".join(p.name[lang] for p in order)))
    document.add_paragraph(legal(t("Original of the side: {name}", name=order[0].name[lang])))
    where = [draft.place[lang] if draft.place else "", long_date(draft.day, lang) if draft.day else ""]
    if any(where):
        document.add_paragraph(legal(", ".join(w for w in where if w)))
    for point in draft.points:
        document.add_paragraph(legal(f"{point.number}. {_text(point, order, lang, t)}"))
        if told := _duty(Duty(point.owners, point.due), lang, t):
            document.add_paragraph(legal(told)).paragraph_format.left_indent = 360000
    names = ", ".join(t.named("field", each) for each in draft.languages)
    document.add_paragraph(t("Authentic texts: {languages}.", languages=names))
    if draft.prevailing:
        language = t.named("field", draft.prevailing)
        document.add_paragraph(t("Where the texts differ, this one prevails: {language}.", language=language))


def _text(point: Point, order: list[Party], lang: str, t: Translator) -> str:
    if point.agreed is not None:
        return point.agreed[lang]
    told = []
    for p in order:
        duty = _duty((point.duties or {}).get(p.code, Duty()), lang, t)
        text = (point.proposed or {})[p.code][lang]
        told.append(f"{p.name[lang]}: {text}{f' ({duty})' if duty else ''}")
    return f"[{' | '.join(told)}]"


def _duty(duty: Duty, lang: str, t: Translator) -> str:
    told = [t("Responsible: {who}", who=duty.owners[lang])] if duty.owners else []
    told += [t("Due: {date}", date=long_date(duty.due, lang))] if duty.due else []
    return ". ".join(told)


def _problems(draft: Draft, side: str) -> list[Problem]:
    codes = [p.code for p in draft.parties]
    found = []
    if side not in codes:
        found.append(Problem("side", "side-unknown", f"{side!r} is no side", f"use {' or '.join(codes)}"))
    wrong = [x for x in draft.languages if x not in LANGUAGES] or ([] if draft.languages else ["none"])
    for lang in wrong:
        found.append(Problem("languages", "language", f"{lang!r} cannot be printed", f"use {', '.join(LANGUAGES)}"))
    if draft.prevailing and draft.prevailing not in draft.languages:
        told = f"{draft.prevailing!r} is none of the authentic languages"
        found.append(Problem("prevailing", "language", told, f"use one of {', '.join(draft.languages)}"))
    texts: list[tuple[str, Mapping[str, str] | None]] = [("title", draft.title)]
    texts += [("place", draft.place)] if draft.place else []
    texts += [(f"name of {p.code}", p.name) for p in draft.parties]
    for point in draft.points:
        where = f"point {point.number}"
        texts += [(f"{where}, owners", point.owners)] if point.owners else []
        texts += [(f"{where}, owners of {c}", d.owners) for c, d in (point.duties or {}).items() if d.owners]
        if (point.agreed is None) == (point.proposed is None):
            told = "a point is either agreed or has a text of each side"
            found.append(Problem(where, "point-state", told, "give `agreed`, or `proposed` by side"))
        elif point.agreed is not None:
            texts.append((where, point.agreed))
        else:
            texts += [(f"{where}, {code}", (point.proposed or {}).get(code)) for code in codes]
    for where, text in texts:
        missing = [x for x in draft.languages if not (text or {}).get(x)]
        if missing:
            told = f"no text in {', '.join(missing)}"
            found.append(Problem(where, "text-missing", told, "write it in every authentic language"))
    return found
