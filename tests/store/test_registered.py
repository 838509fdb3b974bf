"""What a registry gives to papers: reviewed texts, statements, drafts of the protocol, runs then and now."""

from __future__ import annotations

import copy
from datetime import date
from functools import cache
from typing import Any

import pytest

from birge.assess import assess
from birge.errors import InputError
from birge.factbook import Factbook, read_observations
from birge.pages import Wanted, paper
from birge.pages.changes import Session
from birge.pages.paper import Cited
from birge.pages.protocol import drafted, extracted
from birge.pages.registered import cited, held, jointly, run_of, said_for
from birge.plan import load, plan_hash
from birge.plan.schema import Organisation, Plan, State
from birge.report.extracts import extract_document
from birge.report.paper_parts import Prose, Table
from birge.report.paper_text import composed
from birge.store import plans
from birge.store.agreement import standing_plan
from birge.store.council import convene, move, sign
from birge.store.errors import Denied, Missing
from birge.store.kinds import Council, Meeting, Point, Progress, Signing, Stated
from birge.store.progress import report
from birge.store.records import create, edit, share, submit
from birge.store.registry import Registry
from birge.store.runs import keep
from birge.store.statements import state, stated
from birge.store.texts import review, translate
from tests.store.registries import SMALL, agree

TODAY = date(2026, 9, 1)
SESSION = date(2026, 10, 15)
FIGURES = SMALL.parents[1] / "plans" / "small-observations.csv"


@cache
def document(seed: int = 1) -> dict[str, Any]:
    """Return the document of a small run."""
    book = Factbook.embedded().extended(read_observations(FIGURES))
    return assess(load(SMALL)[0], 100, seed, as_of=TODAY, factbook=book).document()


def on(day: str, odds: float) -> dict[str, Any]:
    """Return the document as one of another day, with other odds."""
    made = copy.deepcopy(document())
    made["as_of"] = day
    made["targets"][0]["odds_with"] = odds
    return made


@pytest.fixture
def convened(joint: Registry) -> Registry:
    """A joint server with a session on both sides."""
    for side in ("geo", "arm"):
        with joint.desk(f"secretariat-{side}") as desk:
            body = Council(id="igc", title={"en": "Council"}, body="intergovernmental council", languages=("en", "ru"))
            submit(desk, create(desk, "council", body).id, 1)
            title = {"en": "14th session", "ru": "14-е заседание"}
            made = convene(desk, Meeting(id="igc-1", council="igc", title=title, date=SESSION, place="Gyumri"))  # type: ignore[arg-type]
            share(desk, made.id, made.version)
    return joint


def point(registry: Registry, side: str, number: str, **facts: Any) -> None:
    with registry.desk(f"secretariat-{side}") as desk:
        made = create(desk, "point", Point(meeting="igc-1", number=number, **facts))
        share(desk, submit(desk, made.id, made.version).id, made.version)


def test_a_reviewed_text_lies_over_the_plan_until_its_source_changes(joint: Registry) -> None:
    def shown() -> str | None:
        with joint.view("viewer-geo") as desk:
            return plans.effective(desk, TODAY).measures[0].title.kk

    with joint.desk("secretariat-geo") as desk:
        draft = translate(desk, "one", "title", "kk", "Бір терезе")
        submit(desk, draft.id, draft.version)
    assert shown() is None
    with joint.desk("secretariat-geo") as desk:
        read = review(desk, draft.id, draft.version, "A. Reader")
        submit(desk, read.id, read.version)
        stand = standing_plan(desk.connection, TODAY)
    assert shown() == "Бір терезе"
    assert stand is not None
    assert stand.digest == plan_hash(load(SMALL)[0])
    with joint.view("viewer-arm") as desk:
        assert plans.effective(desk, TODAY).measures[0].title.kk is None
    data = load(SMALL)[0].canonical()
    data["measures"][0]["title"]["en"] = "A single window"
    with joint.desk("secretariat-geo") as desk:
        ident = plans.propose(desk, Plan.model_validate(data), date(2026, 2, 1)).id
    for who in ("approver-geo", "approver-arm"):
        with joint.desk(who) as desk:
            plans.confirm(desk, ident)
    assert shown() is None


def test_statements_are_each_sides_own_and_go_out_when_released(convened: Registry) -> None:
    with convened.desk("secretariat-geo") as desk:
        first = state(desk, {"ru": "Мы готовы"}, TODAY, "igc-1")
        again = state(desk, {"ru": "Мы готовы."}, TODAY, "igc-1")
        assert (again.id, again.version) == (first.id, 2)
        state(desk, {"en": "On another day"}, date(2026, 8, 1))
        with pytest.raises(Denied, match="only ARM states"):
            create(desk, "statement", Stated(side="ARM", day=TODAY, text={"en": "x"}))
        assert [s.text for s in said_for(desk, TODAY, "en", "igc-1", None)] == ["On another day", "Мы готовы. (ru)"]
        assert [s.text for s in said_for(desk, TODAY, "ru", "igc-1", date(2026, 8, 15))] == ["Мы готовы."]
        assert stated(desk, date(2026, 7, 1)) == []
    with convened.desk("secretariat-arm") as desk:
        assert said_for(desk, TODAY, "ru", "igc-1", None) == ()
        state(desk, {"en": "So are we"}, TODAY, "igc-1")
    with convened.desk("secretariat-geo") as desk:
        share(desk, again.id, again.version)
    with convened.desk("secretariat-arm") as desk:
        assert {s.side: s.text for s in said_for(desk, TODAY, "en", "igc-1", None)} == {
            "ARM": "So are we",
            "GEO": "Мы готовы. (ru)",
        }


def test_the_draft_says_what_is_agreed_and_what_each_side_proposes(convened: Registry) -> None:
    both = {"text": {"en": "Open it", "ru": "Открыть"}, "owners": ("desk",)}
    point(convened, "geo", "1", **both)
    point(convened, "arm", "1", **both)
    point(convened, "geo", "2", **both, due=date(2027, 3, 31))
    point(convened, "arm", "2", **both, due=date(2027, 6, 30))
    point(convened, "arm", "3", text={"en": "Another", "ru": "Другое"})
    with convened.view("viewer-geo") as desk:
        draft = drafted(desk, "igc-1", ("en",))
        assert drafted(desk, "igc-1").languages == ("en", "ru")
        with pytest.raises(InputError, match="not signed"):
            extracted(desk, "igc-1")
        with pytest.raises(Missing):
            drafted(desk, "igc-2")
    one, two, three = draft.points
    assert one.agreed == both["text"]
    assert one.owners == {"en": "Trade desk"}
    assert (two.agreed, two.owners, two.due) == (None, None, None)
    assert two.duties is not None
    assert {side: duty.due for side, duty in two.duties.items()} == {"GEO": date(2027, 3, 31), "ARM": date(2027, 6, 30)}
    assert three.proposed == {"GEO": {"en": "no wording yet"}, "ARM": {"en": "Another", "ru": "Другое"}}
    assert draft.place == {"en": "Gyumri"}


def test_an_extract_holds_only_the_decisions_of_its_organisation(convened: Registry) -> None:
    with convened.desk("secretariat-arm") as desk:
        mill = create(desk, "organisation", Organisation(id="mill", name={"en": "Mill"}, party="ARM"))  # type: ignore[arg-type]
        share(desk, submit(desk, mill.id, 1).id, 1)
    for side in ("geo", "arm"):
        point(convened, side, "1", text={"en": "Open it"}, owners=("desk",), due=date(2027, 3, 31))
        point(convened, side, "2", text={"en": "Nobody's"})
        point(convened, side, "3", text={"en": "Grind it"}, owners=("mill",))
    with convened.desk("secretariat-geo") as desk:
        move(desk, "igc-1", TODAY)
        sign(desk, "igc-1", Signing(date=TODAY, place="Gyumri", signatories={"GEO": "A", "ARM": "B"}, prevailing="ru"))
        (extract,) = extracted(desk, "igc-1", "en")
        assert extracted(desk, "igc-1")[0].lang == "ru"
    assert [row[1] for row in extract.rows] == ["Open it"]
    document = extract_document(extract)
    assert "Signatories: Georgia - A; Republic of Armenia - B" in document.under
    assert any("prevails" in line for line in document.under)
    with convened.view("secretariat-arm") as desk:
        (theirs,) = extracted(desk, "igc-1", "en")
    assert (theirs.organisation, theirs.signing) == ("mill", extract.signing)
    assert [row[1] for row in theirs.rows] == ["Grind it"]


def test_a_reader_cites_the_own_sides_run_and_sees_no_other_before_it_is_released(joint: Registry) -> None:
    with joint.desk("secretariat-geo") as desk:
        old = keep(desk, on("2026-05-01", 0.25), "0")
        new = keep(desk, on("2026-08-01", 0.5), "0")
        keep(desk, {**on("2026-08-20", 0.9), "without": ["one"]}, "0")
    with joint.view("viewer-geo") as desk:
        assert [c.id for d in (TODAY, date(2026, 7, 1)) if (c := cited(desk, d))] == [new.id, old.id]
        assert cited(desk, date(2026, 4, 1)) is None
        assert run_of(desk, old.id).document["as_of"] == "2026-05-01"
    with joint.view("viewer-arm") as desk:
        assert cited(desk, TODAY) is None
        with pytest.raises(Missing):
            run_of(desk, new.id)
    with joint.desk("approver-geo") as desk:
        share(desk, new.id, new.version)
    with joint.view("viewer-arm") as desk:
        found = cited(desk, TODAY)
        assert found is not None
        assert found.id == new.id


def test_the_paper_for_both_holds_only_what_is_released(joint: Registry) -> None:
    book = Factbook.embedded()
    with joint.desk("secretariat-geo") as desk:
        said = report(desk, Progress(item="draft", reported=TODAY, state=State.IN_PROGRESS))
        state(desk, {"en": "Kept back"}, TODAY)
    with joint.desk("secretariat-geo") as desk:
        assert held(desk, TODAY, book).plan.milestones()[0].status
        both = held(jointly(desk), TODAY, book)
        assert (both.plan.milestones()[0].status, both.side) == ((), "")
        assert said_for(jointly(desk), TODAY, "en", None, None) == ()
        assert len(said_for(desk, TODAY, "en", None, None)) == 1
        share(desk, said.id, said.version)
        assert held(jointly(desk), TODAY, book).plan.milestones()[0].status
        edited = Progress(item="draft", reported=TODAY, state=State.STOPPED)
        submit(desk, edit(desk, said.id, said.version, edited).id, 2)
        assert held(jointly(desk), TODAY, book).plan.milestones()[0].status[0].state is State.IN_PROGRESS
        assert held(desk, TODAY, book).plan.milestones()[0].status[0].state is State.STOPPED


def test_no_plan_is_given_to_whom_may_read_nothing(make: Any) -> None:
    registry = make()
    agree(registry)
    from birge.store import OPERATOR, accounts

    with registry.desk(OPERATOR) as desk:
        accounts.add_user(desk, "visitor", "Visitor", "GEO")
    with registry.view("visitor") as desk, pytest.raises(Missing, match="Visitor may see"):
        held(desk, TODAY, Factbook.embedded())


@pytest.mark.parametrize("lang", ["en", "ru", "kk", "ky"])
def test_the_paper_shows_the_odds_then_and_now_or_says_there_were_none(lang: str) -> None:
    plan, book = load(SMALL)[0], Factbook.embedded()
    now, then = Cited("run-now", on("2026-08-01", 0.5), "0"), Cited("run-then", on("2026-05-01", 0.25), "0")
    wanted = Wanted(plan, book, TODAY, lang, "GEO", Session("", SESSION), date(2026, 5, 4), run=now, sought=True)

    def texts(w: Wanted) -> tuple[list[str], list[tuple[Any, ...]]]:
        parts = composed(paper(w)).parts
        rows = [
            row for p in parts if isinstance(p, Table) for row in p.rows if len(row) == 3 and row[1:] == ("25", "50")
        ]
        return [p.text for p in parts if isinstance(p, Prose)], rows

    from dataclasses import replace

    prose, rows = texts(wanted)
    assert rows == []
    assert any("run-now" in text for text in prose)
    assert not any("run-then" in text for text in prose)
    count = len(prose)
    prose, rows = texts(replace(wanted, before=then))
    assert len(rows) == 1
    assert any("run-then" in text for text in prose)
    without = paper(replace(wanted, run=None, before=then))
    assert (without.run, without.before, without.sought) == (None, None, False)
    assert len(texts(replace(wanted, sought=False))[0]) == count - 1
