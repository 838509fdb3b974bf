"""The rules of records: sides, drafts, levels, confirmations, locking, the overlay; on both engines."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from birge.errors import InputError
from birge.plan import load, plan_hash
from birge.plan.schema import State
from birge.store import accounts, plans
from birge.store.agreement import agreed_on, standing_plan
from birge.store.audit import verify
from birge.store.errors import Conflict, Denied, Missing
from birge.store.kinds import Comment, Council, Evidence, Observed, Progress, Resolution, Run, Translation
from birge.store.progress import attach, report, standing
from birge.store.records import create, edit, listing, publish, read, retire, share, submit, versions
from birge.store.registry import ANYONE, OPERATOR, Registry
from birge.store.texts import review, texts, translate
from tests.store.registries import SMALL, agree

TODAY = date(2026, 9, 1)


def said(item: str = "draft", state: State = State.IN_PROGRESS, **more: Any) -> Progress:
    return Progress(item=item, reported=more.pop("reported", TODAY), state=state, **more)


def test_a_draft_is_the_sides_own_until_it_is_shared(joint: Registry) -> None:
    with joint.desk("reporter-geo") as desk:
        made = report(desk, said(), draft=True)
        assert made.level == "own side"
    with joint.view("viewer-geo") as desk:
        assert read(desk, made.id).draft
        assert listing(desk, "progress", official=True) == []
    with joint.desk("reporter-geo") as desk:
        submit(desk, made.id, 1)
    for who in ("viewer-arm", "secretariat-arm", "approver-arm", "admin-arm", ANYONE):
        with joint.view(who) as desk:
            assert listing(desk, "progress") == []
            with pytest.raises(Missing):
                read(desk, made.id)
    with joint.desk("reporter-geo") as desk, pytest.raises(Denied):
        share(desk, made.id, 1)
    with joint.desk("secretariat-geo") as desk:
        assert share(desk, made.id, 1).level == "both sides"
    with joint.view("viewer-arm") as desk:
        assert read(desk, made.id).payload == said()


def test_editing_what_is_out_changes_nothing_that_is_out(joint: Registry) -> None:
    with joint.desk("secretariat-geo") as desk:
        made = report(desk, said(text={"ru": "первое"}))
        share(desk, made.id, 1)
        edit(desk, made.id, 1, said(text={"ru": "черновик"}))
    with joint.view("viewer-arm") as desk:
        assert read(desk, made.id).payload.text == {"ru": "первое"}
        assert len(versions(desk, made.id)) == 1
    with joint.desk("approver-geo") as desk:
        publish(desk, made.id, 2)
    with joint.view(ANYONE) as desk:
        assert [r.payload.text for r in listing(desk, "progress")] == [{"ru": "первое"}]
    with joint.desk("secretariat-geo") as desk:
        submit(desk, made.id, 2)
        share(desk, made.id, 2)
    with joint.view(ANYONE) as desk:
        assert read(desk, made.id).payload.text == {"ru": "первое"}
    with joint.view("admin-arm") as desk:  # no grant to read: what is public, not what is shared since
        assert read(desk, made.id).payload.text == {"ru": "первое"}
    with joint.view("viewer-arm") as desk:
        assert read(desk, made.id).payload.text == {"ru": "черновик"}


def test_one_side_never_touches_the_others_record(joint: Registry) -> None:
    with joint.desk("secretariat-geo") as desk:
        made = report(desk, said())
        share(desk, made.id, 1)
    for act in (
        lambda d: edit(d, made.id, 1, said(state=State.STOPPED)),
        lambda d: retire(d, made.id, 1),
        lambda d: submit(d, made.id, 1),
        lambda d: share(d, made.id, 1),
        lambda d: publish(d, made.id, 1),
        lambda d: create(d, "progress", said("open"), made.id),
    ):
        for who in ("secretariat-arm", "approver-arm"):
            with joint.desk(who) as desk, pytest.raises(Denied):
                act(desk)
    with joint.view("viewer-geo") as desk:
        assert [r.payload for r in versions(desk, made.id)] == [said()]


def test_two_people_editing_lose_nothing(joint: Registry) -> None:
    with joint.desk("reporter-geo") as desk:
        made = report(desk, said(text={"en": "base"}))
    with joint.desk("secretariat-geo") as desk:
        edit(desk, made.id, 1, said(text={"en": "theirs"}))
    mine = said(text={"en": "mine"})
    with joint.desk("reporter-geo") as desk, pytest.raises(Conflict) as caught:
        edit(desk, made.id, 1, mine)
    assert caught.value.mine["text"] == {"en": "mine"}
    assert caught.value.theirs["text"] == {"en": "theirs"}
    with joint.desk("reporter-geo") as desk:
        edit(desk, made.id, caught.value.version, mine)
    with joint.view("viewer-geo") as desk:
        assert [r.payload.text["en"] for r in versions(desk, made.id)] == ["base", "theirs", "mine"]
    with joint.desk("reporter-geo") as desk, pytest.raises(Conflict):
        report(desk, said(text={"en": "the same matter again"}))


def test_a_repeated_request_doubles_nothing(joint: Registry) -> None:
    ident = str(uuid4())
    for _ in range(3):
        with joint.desk("reporter-geo") as desk:
            assert report(desk, said(), ident).id == ident
    with joint.view("viewer-geo") as desk:
        assert len(listing(desk, "progress")) == 1
        assert len(versions(desk, ident)) == 1


def test_a_plan_holds_when_both_sides_confirm_it_and_none_of_them_wrote_it(make: Callable[..., Registry]) -> None:
    registry = make()
    plan = load(SMALL)[0]
    with registry.desk(OPERATOR) as desk:
        accounts.grant(desk, "secretariat-geo", "approver")
    with registry.desk("secretariat-geo") as desk:
        ident = plans.propose(desk, plan, date(2026, 1, 1)).id
    with registry.desk("secretariat-geo") as desk, pytest.raises(Denied):
        plans.confirm(desk, ident)
    for who in ("viewer-geo", "reporter-arm", "secretariat-arm", "admin-geo"):
        with registry.desk(who) as desk, pytest.raises((Denied, Missing)):
            plans.confirm(desk, ident)
    with registry.desk("approver-geo") as desk:
        plans.confirm(desk, ident)
        assert not agreed_on(desk.connection, ident)
    with registry.desk("approver-arm") as desk:
        plans.confirm(desk, ident, sent_back=True, note={"en": "the target's year"})
        assert plans.stands(desk)[0].sent_back == ("ARM",)
        plans.confirm(desk, ident)
        stand = standing_plan(desk.connection, TODAY)
        assert stand is not None
        assert stand.agreed
        assert stand.digest == plan_hash(plan)
        word = listing(desk, "confirmation", ident)[1]
    with registry.desk("approver-arm") as desk, pytest.raises(Denied, match="both sides have confirmed"):
        plans.confirm(desk, ident, sent_back=True, note={"en": "too late"})
    with registry.desk("approver-arm") as desk, pytest.raises(Denied):
        retire(desk, word.id, word.newest)


def test_an_agreed_plan_is_replaced_only_by_an_agreed_one(joint: Registry) -> None:
    plan = load(SMALL)[0]
    higher = plan.model_copy(update={"title": plan.title.model_copy(update={"en": "A changed plan"})})
    with joint.desk("secretariat-arm") as desk:
        ident = plans.propose(desk, higher, date(2026, 8, 1)).id
        assert plans.effective(desk, TODAY).title == plan.title
    for who in ("approver-geo", "approver-arm"):
        with joint.desk(who) as desk:
            plans.confirm(desk, ident)
    with joint.view("viewer-arm") as desk:
        assert plans.effective(desk, TODAY).title.en == "A changed plan"
        assert plans.effective(desk, date(2026, 7, 31)).title == plan.title


def test_the_effective_plan_is_the_plan_and_what_was_reported_until_then(joint: Registry) -> None:
    with joint.desk("secretariat-geo") as desk:
        assert plan_hash(plans.effective(desk, TODAY)) == plan_hash(load(SMALL)[0])
        report(desk, said(state=State.DONE, finished=date(2026, 8, 20), text={"ru": "готово"}))
        create(desk, "council", Council(id="igc", title={"en": "Council"}, body="intergovernmental council"))
        draft = report(desk, said("open"), draft=True)
    with joint.view("viewer-geo") as desk:
        before, after = plans.effective(desk, date(2026, 8, 31)), plans.effective(desk, TODAY)
    assert before.milestones()[0].status == ()
    (status,) = after.milestones()[0].status
    assert (status.state, status.finished, status.known_on) == (State.DONE, date(2026, 8, 20), TODAY)
    assert after.milestones()[1].status == ()
    assert draft.draft
    with joint.view("viewer-arm") as desk:
        assert plans.effective(desk, TODAY).milestones()[0].status == ()


def test_both_sides_words_stand_side_by_side(joint: Registry) -> None:
    for side, state in (("geo", State.IN_PROGRESS), ("arm", State.NOT_STARTED)):
        with joint.desk(f"secretariat-{side}") as desk:
            share(desk, report(desk, said(state=state)).id, 1)
    with joint.view("viewer-arm") as desk:
        (found,) = standing(desk, TODAY)
        assert found.agree is False
        assert [r.payload.state for r in found.last.values() if r] == [State.IN_PROGRESS, State.NOT_STARTED]


def test_a_side_enters_only_its_own_figures(joint: Registry) -> None:
    figure = Observed(
        flow="turnover",
        year=2026,
        months=(1, 6),
        reporter="GEO",
        value=1.5,
        published=TODAY,
        vintage="preliminary",
        source="fictional",
    )
    with joint.desk("statistics-geo") as desk:
        made = create(desk, "observation", figure)
        later = figure.model_copy(update={"published": date(2026, 8, 30), "vintage": "revised"})
        create(desk, "observation", later)
        assert len(listing(desk, "observation")) == 2
        assert made.draft
    with joint.desk("statistics-arm") as desk, pytest.raises(Denied):
        create(desk, "observation", figure)
    with joint.desk("secretariat-geo") as desk, pytest.raises(Denied):
        create(desk, "observation", figure.model_copy(update={"year": 2025}))


def test_a_run_is_internal_until_an_approver_releases_it_and_public_only_by_both(joint: Registry) -> None:
    run = Run(plan_hash="0" * 64, as_of=TODAY, seed=1, draws=10, release="test", document={"odds": 0.38, "none": None})
    with joint.desk("secretariat-geo") as desk:
        made = create(desk, "run", run)
        submit(desk, made.id, 1)
        with pytest.raises(Denied):
            share(desk, made.id, 1)
    with joint.desk("approver-geo") as desk:
        share(desk, made.id, 1)
        with pytest.raises(Denied, match="both sides agree"):
            publish(desk, made.id, 1)
    with joint.desk("approver-arm") as desk:
        assert read(desk, made.id).payload.document == {"odds": 0.38, "none": None}
        plans.confirm(desk, made.id)
    with joint.desk("approver-geo") as desk:
        assert publish(desk, made.id, 1).level == "public"


def test_a_comment_never_leaves_its_side(joint: Registry) -> None:
    with joint.desk("reporter-geo") as desk:
        made = create(desk, "comment", Comment(id=str(uuid4()), on="draft", text="between us"))
        submit(desk, made.id, 1)
    for who in ("secretariat-geo", "approver-geo"):
        with joint.desk(who) as desk, pytest.raises(Denied):
            share(desk, made.id, 1)


def test_grants_hold_for_their_organisation_and_item_only(joint: Registry) -> None:
    with joint.desk(OPERATOR) as desk:
        for login, organisation, item in (("by-desk", "desk", ""), ("by-two", "", "two"), ("by-pillar", "", "trade")):
            accounts.add_user(desk, login, login, "GEO")
            accounts.grant(desk, login, "reporter", organisation, item)
    allowed = {"by-desk": {"draft", "one"}, "by-two": {"two"}, "by-pillar": {"draft", "one", "two", "turnover"}}
    for login, items in allowed.items():
        for n, item in enumerate(("draft", "one", "two", "turnover")):
            day = date(2026, 8, 1 + n + 5 * list(allowed).index(login))
            with joint.desk(login) as desk:
                if item in items:
                    assert report(desk, said(item, reported=day)).side == "GEO"
                else:
                    with pytest.raises(Denied):
                        report(desk, said(item, reported=day))


def test_a_decision_of_a_council_is_reported_on_by_its_owners(joint: Registry) -> None:
    decision = Resolution(id="lanes", meeting="m-1", title={"ru": "Полосы"}, owners=("desk",), due=date(2026, 12, 1))
    with joint.desk("secretariat-geo") as desk:
        submit(desk, create(desk, "decision", decision).id, 1)
    with joint.desk(OPERATOR) as desk:
        accounts.add_user(desk, "by-desk", "by-desk", "GEO")
        accounts.grant(desk, "by-desk", "reporter", "desk")
    with joint.desk("by-desk") as desk:
        assert report(desk, said("lanes")).subject == "lanes"


def test_a_text_goes_stale_with_its_source(joint: Registry) -> None:
    with pytest.raises(ValueError, match="names its reader"):
        Translation(of="one", field="title", lang="ru", text="Окно", state="reviewed", source="0" * 64)
    with joint.desk("secretariat-geo") as desk:
        made = translate(desk, "one", "title", "ru", "Одно окно")
        assert [(t.text, t.state, t.stale) for t in texts(desk, "one")] == [("Одно окно", "draft", False)]
        review(desk, made.id, made.newest, "A. Reader")
        council = create(desk, "council", Council(id="igc", title={"en": "Council"}, body="other"))
        translate(desk, council.id, "title", "ru", "Совет", machine=True)
        assert [(t.state, t.stale) for t in texts(desk, council.id)] == [("machine", False)]
        edit(desk, council.id, 1, Council(id="igc", title={"en": "High Council"}, body="other"))
        assert [(t.state, t.stale) for t in texts(desk, council.id)] == [("machine", True)]
        assert [(t.state, t.reader) for t in texts(desk, "one")] == [("reviewed", "A. Reader")]
        with pytest.raises(Missing):
            translate(desk, "one", "nothing", "ru", "Ничего")


def test_evidence_is_kept_by_hash_and_told_by_its_bytes(joint: Registry) -> None:
    with joint.desk("reporter-geo") as desk:
        proof = attach(desk, io.BytesIO(b"%PDF-1.7 fictional"), "../../etc/act.pdf")
        assert proof.name == "act.pdf"
        report(desk, said(evidence=(proof,)))
        assert desk.files.read(proof.hash).startswith(b"%PDF")
    with joint.desk("reporter-geo") as desk, pytest.raises(Missing):
        report(desk, said("open", evidence=(Evidence(hash="0" * 64, name="x"),)))


@pytest.mark.parametrize("payload", [said("nowhere"), said(reported=date(2026, 9, 2))])
def test_a_report_on_nothing_or_from_the_future_is_refused(joint: Registry, payload: Progress) -> None:
    with joint.desk("reporter-geo") as desk, pytest.raises(InputError):
        report(desk, payload)


def test_a_refused_write_leaves_no_trace(joint: Registry) -> None:
    def interrupted() -> None:
        with joint.desk("reporter-geo") as desk:
            report(desk, said())
            raise RuntimeError

    with pytest.raises(RuntimeError):
        interrupted()
    with joint.view("viewer-geo") as desk:
        assert listing(desk, "progress") == []
        assert verify(desk.connection) == []


def test_an_installation_of_one_side_serves_that_side_only(make: Callable[..., Registry]) -> None:
    registry = make("GEO")
    with registry.desk(OPERATOR) as desk:
        accounts.add_user(desk, "guest", "Guest", "ARM")
        accounts.grant(desk, "guest", "secretariat")
    with registry.desk("guest") as desk, pytest.raises(Denied):
        create(desk, "council", Council(id="igc", title={"en": "Council"}, body="other"))
    with registry.desk("secretariat-geo") as desk:
        create(desk, "council", Council(id="igc", title={"en": "Council"}, body="other"))


def test_the_same_plan_version_is_not_proposed_twice(joint: Registry) -> None:
    with pytest.raises(Conflict):
        agree(joint)
