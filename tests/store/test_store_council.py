"""The council cycle: dates, rounds, workbooks in and out, points, decisions; two sides where two sides matter."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from birge.errors import InputError
from birge.pages.protocol import drafted
from birge.plan import load
from birge.plan.schema import State
from birge.store import plans
from birge.store.audit import verify
from birge.store.council import (
    STEPS,
    calendar,
    convene,
    decisions,
    extracts,
    missed,
    move,
    points,
    sign,
    signing_of,
    steps,
    unsign,
    withdraw,
)
from birge.store.errors import Denied, Missing
from birge.store.kinds import Council, Letter, Meeting, Point, Signing
from birge.store.progress import attach, report
from birge.store.records import create, edit, listing, retire, share, submit, versions
from birge.store.registry import Registry
from birge.store.rounds import close_round, consolidate, items_of, open_round, remind, silent
from birge.store.workbook import enter, read_workbook, state_words, write_workbook
from birge.texts import LANGUAGES, translator
from tests.store.registries import SMALL, Clock

TODAY = date(2026, 9, 1)
LETTER = Letter(number="12-3/456", date=TODAY)
SESSION = date(2026, 10, 15)


@pytest.fixture
def asked(joint: Registry) -> Registry:
    """A joint server where the one named organisation of the small plan is asked."""
    with joint.desk("secretariat-geo") as desk:
        open_round(desk, "r-1", date(2026, 9, 20), meeting="igc-1")
    return joint


def filled(registry: Registry, path: Path, rows: dict[str, tuple[Any, Any, Any]], lang: Any = "ru") -> bytes:
    """Write the organisation's workbook, fill it in as a person would, and return it."""
    with registry.view("secretariat-geo") as desk:
        write_workbook(desk, "r-1", "desk", lang, path)
    book = load_workbook(path)
    sheet = book.worksheets[0]
    for number in range(5, sheet.max_row + 1):
        if (item := sheet.cell(number, 1).value) in rows:
            for column, value in enumerate(rows[item], start=5):
                sheet.cell(number, column).value = value
                if isinstance(value, str):
                    sheet.cell(number, column).data_type = "s"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_dates_are_counted_back_and_editable() -> None:
    made = steps(SESSION)
    assert {name: (day - SESSION).days for name, day in made.items()} == {
        "request": -30,
        "consolidation": -14,
        "exchange": -10,
        "closed": -3,
        "extracts": 10,
    }
    assert steps(SESSION, {"exchange": TODAY})["exchange"] == TODAY


def test_moving_a_session_moves_the_dates_nobody_edited(joint: Registry) -> None:
    with joint.desk("secretariat-geo") as desk:
        with pytest.raises(Missing, match="no council"):
            convene(desk, Meeting(id="igc-1", council="igc", title={"en": "14th"}, date=SESSION))
        submit(desk, create(desk, "council", Council(id="igc", title={"en": "Council"}, body="other")).id, 1)
        convene(desk, Meeting(id="igc-1", council="igc", title={"en": "14th"}, date=SESSION))
        move(desk, "igc-1", SESSION, {"exchange": date(2026, 10, 1)})
        move(desk, "igc-1", SESSION + timedelta(days=7))
        found = {s.step: (s.day, s.edited) for s in calendar(desk)}
        days = {name: SESSION + timedelta(days=n + 7) for name, n in STEPS.items()}
        assert found["exchange"] == (date(2026, 10, 1), True)
        assert found["request"] == (days["request"], False)
        assert found["session"] == (SESSION + timedelta(days=7), False)
        assert [s.day for s in calendar(desk)] == sorted(s.day for s in calendar(desk))
    with joint.desk("secretariat-arm") as desk, pytest.raises(Missing):
        move(desk, "igc-1", SESSION)


def test_a_round_asks_reminds_closes_and_names_the_silent(asked: Registry) -> None:
    with asked.desk("secretariat-geo") as desk:
        assert [(s.organisation, s.items) for s in silent(desk, "r-1")] == [("desk", 2)]
        assert remind(desk, "r-1") == silent(desk, "r-1")
        remind(desk, "r-1")
        (record,) = listing(desk, "round")
        assert record.payload.reminded == (TODAY,)
        assert {r.state for r in consolidate(desk, "r-1")} == {None}
        assert [s.organisation for s in close_round(desk, "r-1")] == ["desk"]
        with pytest.raises(Denied, match="was closed"):
            remind(desk, "r-1")
    for act in (lambda d: open_round(d, "r-2", date(2026, 8, 1)), lambda d: open_round(d, "r-2", SESSION, ("nobody",))):
        with asked.desk("secretariat-geo") as desk, pytest.raises(InputError):
            act(desk)
    with asked.desk("secretariat-arm") as desk:
        assert listing(desk, "round") == []
        with pytest.raises(InputError, match="no organisation"):
            open_round(desk, "r-2", SESSION)


@pytest.mark.parametrize("lang", ["en", "ru", "kk", "ky"])
def test_a_workbook_goes_out_and_comes_back(asked: Registry, tmp_path: Path, lang: Any) -> None:
    done = state_words(lang)[State.DONE]
    rows = {
        "draft": (done, date(2026, 8, 20), "=подписано"),
        "open": (state_words(lang)[State.IN_PROGRESS].upper(), None, None),
    }
    content = filled(asked, tmp_path / "out.xlsx", rows, lang)
    with asked.desk("secretariat-geo") as desk:
        before = load_workbook(io.BytesIO(content)).worksheets[0]
        assert before["A1"].value == "birge-report-1"
        answer = enter(desk, content, "desk.xlsx", LETTER).payload
        assert (answer.organisation, answer.items, answer.letter) == ("desk", ("draft", "open"), LETTER)
        assert desk.files.read(answer.file.hash) == content
        assert silent(desk, "r-1") == []
        assert [(r.item, r.state, r.finished, r.letter) for r in consolidate(desk, "r-1")] == [
            ("draft", State.DONE, date(2026, 8, 20), "12-3/456, 2026-09-01"),
            ("open", State.IN_PROGRESS, None, "12-3/456, 2026-09-01"),
        ]
        plan = plans.effective(desk, TODAY)
        assert [m.status[0].state for m in plan.milestones()] == [State.DONE, State.IN_PROGRESS]
        assert [(a.id, a.state, a.reported) for a in items_of(desk, "desk", TODAY)] == [
            ("open", State.IN_PROGRESS, TODAY)
        ]
        write_workbook(desk, "r-1", "desk", lang, tmp_path / "again.xlsx")
    again = load_workbook(tmp_path / "again.xlsx").worksheets[0]
    t = translator(lang)
    told = f"{state_words(lang)[State.IN_PROGRESS]}, {t.date(TODAY)}"
    assert [again.cell(5, n).value for n in (1, 4)] == ["open", told]
    assert again.column_dimensions["A"].hidden
    assert again.row_dimensions[1].hidden, "ids are for the way back, not for who fills it in"
    assert t.date(date(2026, 9, 20)) in again["B2"].value
    with asked.view("viewer-geo") as desk:
        assert verify(desk.connection) == []


def test_a_workbook_takes_every_word_that_pages_say_for_a_state(asked: Registry, tmp_path: Path) -> None:
    said = {translator(x).named("word", State.IN_PROGRESS.value) for x in LANGUAGES}
    assert "в работе" in said
    # what earlier workbooks offered, capitals and a keyboard without the letters of a language
    said |= {"выполняется", "В Работе", " в  работе ", "in_progress"}
    for word in said:
        content = filled(asked, tmp_path / "a.xlsx", {"draft": (word, None, None)})
        with asked.view("secretariat-geo") as desk:
            assert read_workbook(desk, content, LETTER).reports[0].state is State.IN_PROGRESS, word
    for word in ("баштала элек", "башталган жок", "БАСТАЛҒАН ЖОҚ", "басталган жок"):
        content = filled(asked, tmp_path / "a.xlsx", {"draft": (word, None, None)})
        with asked.view("secretariat-geo") as desk:
            assert read_workbook(desk, content, LETTER).reports[0].state is State.NOT_STARTED, word
    sheet = load_workbook(io.BytesIO(content)).worksheets[0]
    offered = sheet.data_validations.dataValidation[0].formula1
    assert offered == f'"{",".join(translator("ru").named("word", s.value) for s in State)}"'


def test_a_corrected_workbook_writes_new_versions_and_the_same_one_nothing(asked: Registry, tmp_path: Path) -> None:
    first = filled(asked, tmp_path / "a.xlsx", {"draft": ("выполнено", "20.08.2026", None)})
    second = filled(asked, tmp_path / "b.xlsx", {"draft": ("выполняется", None, "ошибка исправлена")})
    third = filled(asked, tmp_path / "c.xlsx", {"open": ("не начато", None, None)})
    with asked.desk("secretariat-geo") as desk:
        for content, version in ((first, 1), (first, 1), (second, 2)):
            enter(desk, content, "a.xlsx", LETTER)
            (record,) = listing(desk, "progress")
            assert record.version == version
        assert record.payload.state is State.IN_PROGRESS
        enter(desk, third, "c.xlsx", Letter(number="12-3/500", date=TODAY))
        assert [(r.item, r.state, r.letter) for r in consolidate(desk, "r-1")] == [
            ("draft", State.IN_PROGRESS, "12-3/456, 2026-09-01"),
            ("open", State.NOT_STARTED, "12-3/500, 2026-09-01"),
        ]
    with asked.desk("approver-geo") as desk:
        for r in listing(desk, "progress"):
            share(desk, r.id, r.newest)
    with asked.view("secretariat-arm") as desk:
        seen = listing(desk, "progress")
        assert len(seen) == 2
        assert "12-3" not in str(seen)
        assert listing(desk, "answer") == []


def test_every_error_is_told_by_cell_and_nothing_is_half_applied(asked: Registry, tmp_path: Path) -> None:
    content = filled(
        asked,
        tmp_path / "a.xlsx",
        {"draft": ("выполнено", None, "готово"), "open": ("почти", "вчера", None)},
    )
    book = load_workbook(io.BytesIO(content))
    sheet = book.worksheets[0]
    sheet["A7"], sheet["E7"] = "stranger", "выполняется"
    sheet["A8"], sheet["E8"], sheet["G8"] = "open", "выполняется", '=HYPERLINK("http://x")'
    sheet["A9"], sheet["E9"], sheet["F9"] = "open", "выполнено", date(2027, 1, 1)
    sheet["A10"], sheet["E10"], sheet["F10"] = "draft", "выполняется", date(2026, 8, 1)
    out = io.BytesIO()
    book.save(out)
    with asked.desk("secretariat-geo") as desk, pytest.raises(InputError) as caught:
        enter(desk, out.getvalue(), "a.xlsx", LETTER)
    assert sorted((p.where.split("!")[1], p.code) for p in caught.value.problems) == [
        ("A7", "item-unknown"),
        ("E6", "state"),
        ("F10", "finished"),
        ("F5", "finished"),
        ("F6", "date"),
        ("F9", "finished-late"),
        ("G8", "formula"),
    ]
    with asked.view("secretariat-geo") as desk:
        assert listing(desk, "progress") == []
        assert listing(desk, "answer") == []


def _bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b" " * 50_000_000)
    return out.getvalue()


def _entities(content: bytes) -> bytes:
    """Put an entity that reads a file into the sheet."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(out, "w") as target:
        for info in source.infolist():
            data = source.read(info)
            if info.filename.startswith("xl/worksheets/sheet"):
                head, _, rest = data.partition(b"?>")
                entity = b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]>'
                data = head + b"?>" + entity + rest if rest else entity + data
            target.writestr(info.filename, data)
    return out.getvalue()


def test_hostile_and_foreign_workbooks_are_refused(asked: Registry, tmp_path: Path) -> None:
    content = filled(asked, tmp_path / "a.xlsx", {"draft": ("выполняется", None, None)})
    book = load_workbook(io.BytesIO(content))
    variants: dict[str, bytes] = {
        "bomb": _bomb(),
        "text": b"not a workbook",
        "pdf": b"%PDF-1.7",
        "entity": _entities(content),
    }
    for name, (cell, value) in {
        "mark": ("A1", "something"),
        "language": ("D1", "xx"),
        "organisation": ("C1", "mill"),
        "far": ("A900000", "x"),
        "empty": ("E5", None),
    }.items():
        before = book.worksheets[0][cell].value
        book.worksheets[0][cell] = value
        out = io.BytesIO()
        book.save(out)
        variants[name] = out.getvalue()
        if name != "far":
            book.worksheets[0][cell] = before
        else:
            book = load_workbook(io.BytesIO(content))
    for name, data in variants.items():
        with asked.desk("secretariat-geo") as desk:
            try:
                enter(desk, data, "a.xlsx", LETTER)
            except InputError:
                continue
        pytest.fail(f"{name} was taken")
    with asked.desk("secretariat-geo") as desk:
        late = Letter(number="1", date=date(2026, 12, 1))
        with pytest.raises(InputError, match="is not yet"):
            read_workbook(desk, content, late)
        close_round(desk, "r-1")
        with pytest.raises(Denied, match="was closed"):
            read_workbook(desk, content, LETTER)
    with asked.desk("viewer-geo") as desk, pytest.raises((Denied, Missing)):
        enter(desk, content, "a.xlsx", LETTER)


def test_text_that_begins_like_a_formula_goes_out_as_text(asked: Registry, tmp_path: Path) -> None:
    with asked.desk("secretariat-geo") as desk:
        plan = load(SMALL)[0]
        measure = plan.measures[0]
        title = measure.milestones[0].title.model_copy(update={"en": '=HYPERLINK("http://x","y")'})
        steps_ = (measure.milestones[0].model_copy(update={"title": title}), *measure.milestones[1:])
        changed = plan.model_copy(
            update={"measures": (measure.model_copy(update={"milestones": steps_, "number": "=1"}), *plan.measures[1:])}
        )
        ident = plans.propose(desk, changed, date(2026, 2, 1)).id
    for who in ("approver-geo", "approver-arm"):
        with asked.desk(who) as desk:
            plans.confirm(desk, ident)
    with asked.view("secretariat-geo") as desk:
        write_workbook(desk, "r-1", "desk", "en", tmp_path / "a.xlsx")
    sheet = load_workbook(tmp_path / "a.xlsx").worksheets[0]
    assert sheet["B5"].value == '=1. =HYPERLINK("http://x","y")'
    assert sheet["B5"].data_type == "s"


def point(number: str, text: str, **more: Any) -> Point:
    return Point(meeting="igc-1", number=number, text={"ru": text}, **more)


def state(registry: Registry, who: str, *stated: Point) -> None:
    with registry.desk(who) as desk:
        for p in stated:
            share(desk, submit(desk, create(desk, "point", p).id, 1).id, 1)


def test_dates_are_missed_that_were_over_when_they_were_set(joint: Registry) -> None:
    assert isinstance(joint.clock, Clock)
    session = TODAY + timedelta(days=90)
    with joint.desk("secretariat-geo") as desk:
        submit(desk, create(desk, "council", Council(id="igc", title={"en": "Council"}, body="other")).id, 1)
        made = convene(desk, Meeting(id="igc-1", council="igc", title={"en": "14th"}, date=session))
        assert missed(desk, made) == {}
    joint.clock.now += timedelta(days=89)
    with joint.desk("secretariat-geo") as desk:
        # a place says nothing about dates that were set in time
        here = edit(desk, made.id, made.newest, made.payload.model_copy(update={"place": "Tbilisi"}))
        assert missed(desk, here) == {}
        # a nearer session has steps that are over; one that is set by hand to a day to come is not
        nearer = move(desk, "igc-1", session + timedelta(days=3), {"request": session + timedelta(days=1)})
        over = missed(desk, nearer)
        assert set(over) == {"consolidation", "exchange"}


def test_points_are_agreed_or_contested_and_become_decisions(joint: Registry) -> None:
    with joint.desk("secretariat-geo") as desk:
        submit(desk, create(desk, "council", Council(id="igc", title={"en": "Council"}, body="other")).id, 1)
        convene(desk, Meeting(id="igc-1", council="igc", title={"en": "14th"}, date=SESSION))
        with pytest.raises(InputError, match=r"before the session on 2026-10-15.*move the session first"):
            sign(desk, "igc-1", Signing(date=TODAY, place="Tbilisi", signatories={"GEO": "A", "ARM": "B"}))
        move(desk, "igc-1", TODAY)
    same = point("2", "Открыть окно", owners=("desk",), due=date(2027, 3, 1), measure="one")
    state(joint, "secretariat-geo", point("10", "до 1 июня"), same)
    state(joint, "secretariat-arm", point("10", "до 1 июля"), same)
    signing = Signing(date=TODAY, place="Tbilisi", signatories={"GEO": "A", "ARM": "B"})
    with joint.desk("secretariat-geo") as desk:
        assert [(p.number, p.state) for p in points(desk, "igc-1")] == [("2", "agreed"), ("10", "contested")]
        assert {s: r.payload.text["ru"] for s, r in points(desk, "igc-1")[1].by_side.items()} == {
            "GEO": "до 1 июня",
            "ARM": "до 1 июля",
        }
        with pytest.raises(InputError, match=r"is contested in text\.ru"):
            sign(desk, "igc-1", signing)
        with pytest.raises(InputError, match="is not yet"):
            sign(desk, "igc-1", signing.model_copy(update={"date": SESSION}))
        assert listing(desk, "decision") == []
    with joint.desk("secretariat-arm") as desk:
        (mine,) = [r for r in listing(desk, "point", key="igc-1:10") if r.side == "ARM"]
        share(desk, submit(desk, edit(desk, mine.id, 1, point("10", "до 1 июня")).id, 2).id, 2)
    with joint.desk("secretariat-geo") as desk:
        scan = attach(desk, io.BytesIO(b"%PDF-1.7 signed"), "protocol.pdf")
        with pytest.raises(InputError, match="none of ARM"):
            sign(desk, "igc-1", signing.model_copy(update={"signatories": {"GEO": "A"}}))
        with pytest.raises(Missing):
            sign(desk, "igc-1", signing.model_copy(update={"scan": "0" * 64}))
    with joint.desk("secretariat-geo") as desk:
        made = sign(desk, "igc-1", signing.model_copy(update={"scan": scan.hash, "prevailing": "ru"}))
        assert [r.payload.id for r in made] == ["igc-1-2", "igc-1-10"]
        assert {body: [d.id for d in found] for body, found in extracts(desk, "igc-1").items()} == {"desk": ["igc-1-2"]}
        (meeting,) = [m for m in plans.effective(desk, TODAY).meetings if m.id == "igc-1"]
        assert [(d.id, d.due) for d in meeting.decisions] == [("igc-1-2", date(2027, 3, 1)), ("igc-1-10", None)]
        assert "igc-1-2" in [a.id for a in items_of(desk, "desk", TODAY)]
        with pytest.raises(Denied, match="igc-1 is signed"):
            withdraw(desk, "igc-1", "2")
    with joint.view("viewer-arm") as desk:
        assert [r.payload.id for r in listing(desk, "decision")] == ["igc-1-10", "igc-1-2"]
        assert [r.payload.id for r in decisions(desk, "igc-1")] == ["igc-1-2", "igc-1-10"]
        assert extracts(desk, "igc-1") == {}
        assert verify(desk.connection) == []


def test_what_is_signed_stands_and_a_wrong_entry_is_corrected_with_a_reason(joint: Registry) -> None:
    test_points_are_agreed_or_contested_and_become_decisions(joint)
    with joint.desk("secretariat-arm") as desk:
        mine = next(r for r in listing(desk, "point", key="igc-1:2") if r.side == "ARM")
        for act in (
            lambda: edit(desk, mine.id, mine.newest, point("2", "Иначе")),
            lambda: create(desk, "point", point("3", "Ещё одно")),
            lambda: retire(desk, mine.id, mine.newest),
        ):
            with pytest.raises(Denied, match="stand as they were signed"):
                act()
        before = signing_of(desk, "igc-1")
        assert before is not None
        with pytest.raises(Missing):
            sign(desk, "igc-1", before)
    with joint.desk("secretariat-geo") as desk:
        text = attach(desk, io.BytesIO("подписано".encode()), "scan.pdf")
        image = attach(desk, io.BytesIO(b"\x89PNG\r\n\x1a\n signed"), "scan.txt")
        with pytest.raises(InputError) as caught:
            sign(desk, "igc-1", before.model_copy(update={"scan": text.hash}))
        assert {p.code for p in caught.value.problems} == {"signed-already", "scan-kind"}
        made = decisions(desk, "igc-1")[0]
        noted = edit(desk, made.id, made.newest, made.payload.model_copy(update={"follow_up": {"en": "under way"}}))
        submit(desk, noted.id, noted.version)
        why = {"place": "Batumi", "scan": image.hash, "correction": {"en": "wrong town"}}
        again = sign(desk, "igc-1", before.model_copy(update=why))
        assert again[0].payload.follow_up == {"en": "under way"}
        (meeting,) = listing(desk, "meeting", key="igc-1")
        places = [r.payload.signing.place for r in versions(desk, meeting.id) if r.payload.signing]
        assert places == ["Tbilisi", "Batumi"]
        assert verify(desk.connection) == []
    with joint.view("viewer-arm") as desk:
        after = signing_of(desk, "igc-1")
        assert after is not None
        assert (after.place, after.scan) == ("Batumi", image.hash)


def test_only_what_is_released_counts_and_a_point_is_taken_back(joint: Registry) -> None:
    with joint.desk("secretariat-geo") as desk:
        body = Council(id="igc", title={"ru": "Совет"}, body="other", languages=("ru",))
        submit(desk, create(desk, "council", body).id, 1)
        convene(desk, Meeting(id="igc-1", council="igc", title={"ru": "14"}, date=TODAY))
        submit(desk, create(desk, "point", point("3", "про себя")).id, 1)
    state(joint, "secretariat-geo", point("1", "Открыть"), point("2", "Лишнее"))
    state(joint, "secretariat-arm", Point(meeting="igc-1", number="1", text={"ru": "Открыть", "ky": "Ачуу"}))
    signing = Signing(date=TODAY, place="Tbilisi", signatories={"GEO": "A", "ARM": "B"})
    with joint.desk("secretariat-geo") as desk:
        assert [(p.number, p.state, p.differs) for p in points(desk, "igc-1")] == [
            ("1", "contested", ("text.ky",)),
            ("2", "one side", ()),
            ("3", "kept", ()),
        ]
        assert [p.number for p in drafted(desk, "igc-1").points] == ["1", "2"]
        withdraw(desk, "igc-1", "2")
        mine = next(r for r in listing(desk, "point", key="igc-1:1") if r.side == "GEO")
        wider = point("1", "Открыть").model_copy(update={"text": {"ru": "Открыть", "ky": "Ачуу"}})
        submit(desk, edit(desk, mine.id, 1, wider).id, 2)
        assert points(desk, "igc-1")[0].state == "kept"
        assert drafted(desk, "igc-1").points[0].proposed is not None
        with pytest.raises(InputError, match=r"is contested in text\.ky"):
            sign(desk, "igc-1", signing)
        share(desk, mine.id, 2)
        assert [r.payload.point for r in sign(desk, "igc-1", signing)] == ["1"]
    with joint.view("secretariat-arm") as desk:
        assert [(p.number, p.state) for p in points(desk, "igc-1")] == [("1", "agreed")]


def test_a_decision_reported_as_done_is_done_in_the_plan(joint: Registry) -> None:
    test_points_are_agreed_or_contested_and_become_decisions(joint)
    assert isinstance(joint.clock, Clock)
    from birge.store.kinds import Progress

    joint.clock.now += timedelta(days=60)
    day = joint.clock.now.date()
    with joint.desk("secretariat-geo") as desk:
        report(desk, Progress(item="igc-1-2", reported=day, state=State.DONE, finished=day))
        (meeting,) = [m for m in plans.effective(desk, day).meetings if m.id == "igc-1"]
        assert [s.state for d in meeting.decisions for s in d.status] == [State.DONE]
        assert "igc-1-2" not in [a.id for a in items_of(desk, "desk", day)]
        with pytest.raises(InputError, match="igc-1-2' has a report already"):
            unsign(desk, "igc-1", {"en": "too late to be an error"})


def test_the_cycle_from_the_command_line(tmp_path: Path, make: Callable[..., Registry]) -> None:
    from tests.store.test_store_docs import run

    registry = make("GEO")
    url = registry.engine.url.render_as_string(hide_password=False)
    if registry.engine.dialect.name != "sqlite":
        pytest.skip("the command line is the same on both engines")
    tail = f"--user secretariat-geo --url {url} --files {tmp_path}/f"
    run(f"registry import {SMALL} {tail}", tmp_path)
    assert "request" in run(f"council convene igc-1 --date 2099-10-15 {tail}", tmp_path)
    run(f"council step igc-1 exchange --date 2099-10-01 {tail}", tmp_path)
    assert "2099-10-01  igc-1  exchange (set by hand)" in run(f"council dates {tail}", tmp_path)
    printed = run(f"council open r-1 --closes 2099-09-30 --out books --lang ru --meeting igc-1 {tail}", tmp_path)
    assert "r-1-desk.xlsx: 2 items" in printed
    assert "desk  Trade desk: 2 open items" in run(f"council silent r-1 --remind {tail}", tmp_path)
    book = load_workbook(tmp_path / "books" / "r-1-desk.xlsx")
    book.worksheets[0]["E5"] = "почти"
    book.save(tmp_path / "wrong.xlsx")
    book.worksheets[0]["E5"] = "выполняется"
    book.save(tmp_path / "right.xlsx")
    enter_ = f"--letter 12-3/4 --dated {date.today()} {tail}"
    assert "wrong.xlsx: Birge!E5: state" in run(f"council enter right.xlsx wrong.xlsx {enter_}", tmp_path, 2)
    assert "nobody" not in run(f"council silent r-1 {tail}", tmp_path)
    assert "desk, 1 items answered" in run(f"council enter right.xlsx {enter_}", tmp_path)
    assert "desk  Trade desk: 1 of 2 answered, 1 left" in run(f"council close r-1 {tail}", tmp_path)
    assert f"draft  Trade desk: in progress (12-3/4, {date.today()})" in run(
        f"council consolidate r-1 {tail}", tmp_path
    )
    run(f"council consolidate r-1 --out all.xlsx {tail}", tmp_path)
    assert load_workbook(tmp_path / "all.xlsx").worksheets[0]["C3"].value == "no word"
    assert "released" in run(f"council point igc-1 1 'Открыть окно' --owner desk {tail}", tmp_path)
    assert "one side" in run(f"council points igc-1 {tail}", tmp_path)
    signed = f"council sign igc-1 --date 2026-09-01 --place Tbilisi --by GEO=A --by ARM=B {tail}"
    assert "point-open" in run(signed, tmp_path, 2)


def test_a_partial_answer_is_not_a_whole_one(asked: Registry, tmp_path: Path) -> None:
    content = filled(asked, tmp_path / "a.xlsx", {"draft": ("выполнено", "20.08.2026", None)})
    with asked.desk("secretariat-geo") as desk:
        enter(desk, content, "a.xlsx", LETTER)
        # what is done is asked no more, and counts
        for found in (silent(desk, "r-1"), remind(desk, "r-1")):
            assert [(s.organisation, s.answered, s.items, s.left) for s in found] == [("desk", 1, 2, 1)]
        (record,) = listing(desk, "round")
        assert record.payload.reminded == (TODAY,)
        (said,) = listing(desk, "progress")
        submit(desk, retire(desk, said.id, said.newest).id, said.newest + 1)
        assert [(s.answered, s.left) for s in silent(desk, "r-1")] == [(0, 2)]
        assert {r.state for r in consolidate(desk, "r-1")} == {None}
        enter(desk, content, "a.xlsx", LETTER)
        assert [(r.item, r.state) for r in consolidate(desk, "r-1") if r.state] == [("draft", State.DONE)]


def test_an_older_letter_never_replaces_a_newer_ones_word(asked: Registry, tmp_path: Path) -> None:
    newer = filled(asked, tmp_path / "a.xlsx", {"draft": ("выполнено", "20.08.2026", None)})
    older = filled(
        asked, tmp_path / "b.xlsx", {"draft": ("выполняется", None, None), "open": ("не начато", None, None)}
    )
    early, late = Letter(number="5", date=TODAY + timedelta(days=2)), Letter(number="9", date=TODAY + timedelta(days=6))
    with asked.desk("secretariat-geo") as desk:
        for day in (date(2016, 1, 1), TODAY - timedelta(days=1), TODAY + timedelta(days=1)):
            with pytest.raises(InputError, match="write the date on the letter"):
                enter(desk, newer, "a.xlsx", Letter(number="1", date=day))
    asked.clock.now += timedelta(days=7)  # type: ignore[attr-defined]
    with asked.desk("secretariat-geo") as desk:
        enter(desk, newer, "a.xlsx", late)
        said = enter(desk, older, "b.xlsx", early).payload
        assert said.letter == late
        assert [(r.item, r.state, r.letter) for r in consolidate(desk, "r-1")] == [
            ("draft", State.DONE, f"9, {late.date}"),
            ("open", State.NOT_STARTED, f"5, {early.date}"),
        ]
        assert silent(desk, "r-1") == []
