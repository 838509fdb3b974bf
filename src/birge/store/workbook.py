"""A workbook per organisation: out with its open items, back in with its words; no account is needed.

Sheet 1, row 1 says what it is (`birge-report-1`, round, organisation, language) and column A the id of each item;
both are hidden. Row 2 says for whom and until when, row 4 holds the headings, from row 5 on each row is an item. A
workbook comes in as a whole: every error by sheet and cell, and nothing is entered unless all is right.
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any, get_args
from zipfile import BadZipFile, ZipFile

from birge.errors import InputError, Problem
from birge.plan.schema import State
from birge.plan.table.files import MOST_UNPACKED
from birge.store.agreement import known_organisations
from birge.store.canonical import canonical, plain
from birge.store.desk import Desk
from birge.store.errors import Denied
from birge.store.evidence import media_of
from birge.store.kinds import Answer, Entered, Evidence, Language, Letter, Progress, Round
from birge.store.lengths import LONGEST
from birge.store.own import own, put
from birge.store.progress import attach
from birge.store.records import Record, listing, submit
from birge.store.rounds import Asked, items_of, round_of
from birge.texts import LANGUAGES, folded, translator

__all__ = ["Reply", "enter", "fits", "read_workbook", "state_words", "write_workbook"]

MARK = "birge-report-1"
HEADING, FIRST = 4, 5
MOST = 2_000
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
REMEDY = "write it as in the guide above the table"
# Kazakh and Kyrgyz are not reviewed yet.
COLUMNS: dict[Language, tuple[str, ...]] = {
    "en": ("Item", "Title", "Due", "Last report", "State", "Finished on", "What was done"),
    "ru": ("Пункт", "Наименование", "Срок", "Последний отчёт", "Статус", "Дата завершения", "Что сделано"),
    "kk": ("Тармақ", "Атауы", "Мерзімі", "Соңғы есеп", "Жай-күйі", "Аяқталған күні", "Не істелді"),
    "ky": ("Пункт", "Аталышы", "Мөөнөтү", "Акыркы отчёт", "Абалы", "Аяктаган күнү", "Эмне жасалды"),
}
# words that earlier workbooks offered and pages do not say; they still come back
EARLIER = {"выполняется": State.IN_PROGRESS, "башталган жок": State.NOT_STARTED}
GUIDE: dict[Language, str] = {
    "en": "Fill in State, Finished on (only with {done}) and What was done; leave a row empty where there is no news.",
    "ru": "Заполните статус, дату завершения (только при «{done}») и что сделано; нет новостей - строка пустая.",
    "kk": "Жай-күйін, аяқталған күнін (тек «{done}» болса), не істелгенін жазыңыз; жаңалық болмаса, жол бос қалады.",
    "ky": "Абалын, аяктаган күнүн («{done}» болсо гана), эмне жасалганын жазыңыз; жаңылык болбосо, сап бош калат.",
}


def state_words(lang: str) -> dict[State, str]:
    """Return what the states of an item are called in a language: the words that pages say."""
    t = translator(lang)
    return {s: t.named("word", s.value) for s in State}


@cache
def _known() -> dict[str, State]:
    """Return the state by every word for it that is taken, in any language, letters folded."""
    said = {word: state for lang in LANGUAGES for state, word in state_words(lang).items()}
    return {folded(word): state for word, state in (said | EARLIER | {s.value: s for s in State}).items()}


def _state(said: str) -> State | None:
    return _known().get(" ".join(folded(said).replace("_", " ").split()))


@dataclass(frozen=True)
class Reply:
    """What a workbook says: from whom, in which round, and one report per filled row."""

    round: str
    organisation: str
    reports: tuple[Progress, ...]


def write_workbook(
    desk: Desk,
    round_id: str,
    organisation: str,
    lang: Language,
    path: Path,
    items: list[Asked] | None = None,
) -> int:
    """Write the workbook of an organisation in a round and return how many items it asks about.

    Who writes many gives the `items` of each, worked out once by `asked`.
    """
    import xlsxwriter

    held: Round = round_of(desk, round_id).payload
    if organisation not in held.organisations:
        raise InputError.at("organisation", "not-asked", f"{organisation!r} is not asked in {round_id}", "ask another")
    t = translator(lang)
    bodies = known_organisations(desk.connection, desk.now.date())
    name = bodies[organisation].name.get(lang) if organisation in bodies else organisation
    if items is None:
        items = items_of(desk, organisation, desk.now.date(), lang)
    words = state_words(lang)
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(path, options) as book:
        sheet = book.add_worksheet("Birge")
        grey = book.add_format({"font_color": "#808080", "font_size": 8})
        bold = book.add_format({"bold": True})
        head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        fixed = book.add_format({"text_wrap": True, "valign": "top"})
        free = book.add_format({"text_wrap": True, "valign": "top", "locked": False, "bg_color": "#FFFBE6"})
        written = "yyyy-mm-dd" if lang == "en" else "dd.mm.yyyy"
        day = book.add_format({"num_format": written, "valign": "top", "locked": False, "bg_color": "#FFFBE6"})
        due = book.add_format({"num_format": written, "valign": "top"})
        sheet.write_row(0, 0, [MARK, round_id, organisation, lang], grey)
        sheet.write(1, 1, f"{name}. {t('Answers are due by {day}.', day=t.date(held.closes))}", bold)
        sheet.write(2, 1, GUIDE[lang].format(done=words[State.DONE]))
        sheet.write_row(HEADING - 1, 0, COLUMNS[lang], head)
        for n, item in enumerate(items, start=HEADING):
            sheet.write_row(n, 0, [item.id, item.title], fixed)
            if item.due:
                sheet.write_datetime(n, 2, datetime(item.due.year, item.due.month, item.due.day), due)
            if item.state is not None and item.reported is not None:
                sheet.write(n, 3, f"{words[item.state]}, {t.date(item.reported)}", fixed)
            for column, style in ((4, free), (5, day), (6, free)):
                sheet.write_blank(n, column, None, style)
        last = HEADING + max(len(items), 1) - 1
        sheet.data_validation(HEADING, 4, last, 4, {"validate": "list", "source": list(words.values())})
        for column, width in enumerate((22, 60, 12, 24, 16, 14, 70)):
            sheet.set_column(column, column, width)
        sheet.set_column(0, 0, None, None, {"hidden": True})
        sheet.set_row(0, None, None, {"hidden": True})
        sheet.freeze_panes(HEADING, 2)
        sheet.protect("", {"format_columns": True, "format_rows": True})
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
    return len(items)


def read_workbook(desk: Desk, content: bytes, letter: Letter) -> Reply:
    """Read a workbook that came back with a letter; raises InputError with every error by sheet and cell."""
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    if media_of(content) != XLSX:
        raise InputError.at("file", "not-xlsx", "is no XLSX workbook", "send the workbook itself")
    with ZipFile(io.BytesIO(content)) as archive:
        unpacked = sum(i.file_size for i in archive.infolist())
    if unpacked > MOST_UNPACKED:
        raise InputError.at("file", "workbook-size", f"unpacks to {unpacked:,} bytes", "take pictures out of it")
    try:
        book = load_workbook(io.BytesIO(content), data_only=False)
    except (
        InvalidFileException,
        KeyError,
        ValueError,
        TypeError,
        OSError,
        SyntaxError,
        BadZipFile,
        zlib.error,
    ) as error:
        raise InputError.at("file", "workbook-broken", "cannot be read", "save it as XLSX and send it again") from error
    sheet = book.worksheets[0]
    mark, round_id, organisation, lang = (sheet.cell(1, n).value for n in range(1, 5))
    if mark != MARK or lang not in get_args(Language):
        raise InputError.at(f"{sheet.title}!A1", "not-ours", f"is not {MARK!r}", "use the workbook that was sent out")
    held: Round = round_of(desk, str(round_id)).payload
    if organisation not in held.organisations:
        raise InputError.at(
            f"{sheet.title}!C1", "not-asked", f"{organisation!r} is not asked here", "use its own workbook"
        )
    if held.closed is not None:
        raise Denied(f"the round {round_id} was closed on {held.closed}", id=str(round_id))
    fits(desk, held, letter)
    problems: list[Problem] = []
    rows = list(_rows(sheet, problems))
    known = {i.id for i in items_of(desk, str(organisation), desk.now.date())}
    known |= {r.payload.item for r in listing(desk, "progress") if r.payload.organisation == organisation}
    reports: dict[str, Progress] = {}
    for number, item, state, finished, text in rows:
        where = f"{sheet.title}!A{number}"
        if item in reports:
            problems.append(Problem(where, "item-twice", f"{item} stands there twice", "keep one of the rows"))
        elif item not in known:
            problems.append(
                Problem(where, "item-unknown", f"{item!r} is not asked of {organisation}", "do not add rows")
            )
        elif finished and finished > letter.date:
            what = f"{finished} is after the letter of {letter.date}"
            problems.append(Problem(f"{sheet.title}!F{number}", "finished-late", what, "correct the date"))
        else:
            reports[item] = Progress(
                item=item,
                reported=letter.date,
                state=state,
                finished=finished,
                text={lang: text} if text else None,
                organisation=organisation,
            )
    if problems:
        raise InputError(problems)
    if not reports:
        raise InputError.at(f"{sheet.title}!E{FIRST}", "empty", "no row is filled in", "fill in at least one state")
    return Reply(str(round_id), str(organisation), tuple(reports.values()))


def fits(desk: Desk, held: Round, letter: Letter) -> None:
    """Refuse a letter whose date cannot be that of an answer in a round: from before it, or still to come."""
    remedy = "write the date on the letter"
    if letter.date > desk.now.date():
        raise InputError.at("date", "letter-future", f"{letter.date} is not yet", remedy)
    if letter.date < held.opened:
        what = f"{letter.date} is before the round was opened on {held.opened}"
        raise InputError.at("date", "letter-early", what, remedy)


def enter(desk: Desk, content: bytes, name: str, letter: Letter) -> Record:
    """Enter a workbook: all its reports and the answer, or nothing. A corrected one writes new versions.

    Of two letters the newer one has the word on an item, whichever is entered last.

    Raises InputError with every error by sheet and cell.
    """
    reply = read_workbook(desk, content, letter)
    proof: Evidence = attach(desk, io.BytesIO(content), name)
    key = f"{reply.round}:{reply.organisation}"
    there: Answer | None = next((r.payload for r in listing(desk, "answer", key=key)), None)
    live = {r.id for r in listing(desk, "progress")}
    entered = {e.item: e for e in there.reports if e.record in live} if there else {}
    for said in reply.reports:
        made = _put(desk, "progress", said, f"{said.item}@{said.reported}:{said.by}")
        if said.item not in entered or entered[said.item].letter.date <= letter.date:
            entered[said.item] = Entered(item=said.item, record=made.id, letter=letter)
    if there and there.letter.date > letter.date:
        letter, proof = there.letter, there.file
    answer = Answer(
        round=reply.round,
        organisation=reply.organisation,
        letter=letter,
        entered=desk.now.date(),
        reports=tuple(entered.values()),
        file=proof,
    )
    return _put(desk, "answer", answer, key)


def _put(desk: Desk, kind: str, payload: Progress | Answer, key: str) -> Record:
    there = own(desk, kind, key)
    if there is not None and canonical(plain(there.payload)) == canonical(plain(payload)):
        return submit(desk, there.id, there.newest)
    made = put(desk, kind, payload)
    return submit(desk, made.id, made.version)


def _rows(sheet: Any, problems: list[Problem]) -> Iterator[tuple[int, str, State, date | None, str]]:
    """Yield the filled rows that are right: row number, item, state, finished, text; note what is wrong."""
    if sheet.max_row > MOST:
        problems.append(Problem(f"{sheet.title}!A{MOST}", "rows", f"more than {MOST} rows", "do not add rows"))
        return
    for number in range(FIRST, sheet.max_row + 1):
        cells = {name: sheet.cell(number, n) for n, name in enumerate("ABCDEFG", start=1)}
        filled = {n: c.value for n, c in cells.items() if n in "EFG" and c.value not in (None, "")}
        if not filled:
            continue
        wrong = [
            Problem(f"{sheet.title}!{n}{number}", "formula", "holds a formula", "write the value itself")
            for n, c in cells.items()
            if c.data_type == "f"
        ]
        state, finished, text = (
            _state(str(filled.get("E", ""))),
            None,
            str(filled.get("G", "")).strip(),
        )
        if not wrong:
            if state is None:
                what = f"{str(filled.get('E', ''))[:40]!r} is no state"
                wrong.append(
                    Problem(
                        f"{sheet.title}!E{number}", "state", what, f"use one of {', '.join(state_words('en').values())}"
                    )
                )
            if "F" in filled and (finished := _day(filled["F"])) is None:
                what = f"{str(filled['F'])[:40]!r} is no date"
                wrong.append(Problem(f"{sheet.title}!F{number}", "date", what, "write 2026-09-01 or 01.09.2026"))
            if state is not None and not wrong and (state is State.DONE) != (finished is not None):
                what = "done without the day" if state is State.DONE else "a day of finishing, but not done"
                wrong.append(Problem(f"{sheet.title}!F{number}", "finished", what, REMEDY))
            if len(text) > LONGEST:
                wrong.append(
                    Problem(f"{sheet.title}!G{number}", "text-length", f"over {LONGEST} letters", "shorten it")
                )
        problems += wrong
        if not wrong and state is not None:
            yield number, str(cells["A"].value or ""), state, finished, text


def _day(value: Any) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    for form in ("%Y-%m-%d", "%d.%m.%Y"):
        try:
            return datetime.strptime(str(value).strip(), form).date()
        except ValueError:
            continue
    return None
