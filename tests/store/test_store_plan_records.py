"""Barriers, instruments, events, initiatives, regions and figures: records that lie over the plan and feed a run."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from birge import assess
from birge.errors import InputError
from birge.factbook import Factbook, mirror
from birge.plan.schema import Barrier, Event, Initiative, Instrument, Organisation, Source, Text
from birge.store import plans
from birge.store.errors import Denied
from birge.store.figures import figures
from birge.store.kinds import FollowUp, Observed, RegionPair, Staged
from birge.store.records import create, edit, listing, retire, share, submit
from birge.store.registry import Registry
from birge.store.runs import keep, runs_on

TODAY = date(2026, 9, 1)
SOURCE = Source(title="fictional")

RECORDS: dict[str, Any] = {
    "barrier": Barrier(id="stamp", title=Text(en="A second stamp"), answers=("desk",), source=SOURCE),
    "event": Staged(
        event=Event(
            id="days", title=Text(en="Days of culture"), kind="culture", year=2026, attendance=900, source=SOURCE
        ),
        organisers=("desk",),
        follow_up=(FollowUp(text={"en": "invite back"}, due=date(2027, 5, 1)),),
    ),
    "initiative": Initiative(id="water", title=Text(en="Water"), forum="UN", proposer="GEO", source=SOURCE),
    "instrument": Instrument(id="transit", title=Text(en="Transit"), kind="agreement", signed=TODAY, source=SOURCE),
    "organisation": Organisation(id="customs", name=Text(en="Customs"), party="GEO"),
}
NAMES = {"barrier": "barriers", "event": "events", "initiative": "initiatives", "instrument": "instruments"}


def put(registry: Registry, kind: str, payload: Any) -> str:
    with registry.desk("secretariat-geo") as desk:
        return submit(desk, create(desk, kind, payload).id, 1).id


def test_records_lie_over_the_plan_and_go_when_retired(joint: Registry) -> None:
    made = {kind: put(joint, kind, payload) for kind, payload in RECORDS.items()}
    with joint.view("viewer-geo") as desk:
        plan = plans.effective(desk, TODAY)
        for kind, name in NAMES.items():
            payload = RECORDS[kind]
            assert getattr(plan, name) == (payload.event if kind == "event" else payload,)
        assert [o.id for o in plan.organisations] == ["desk", "customs"]
    with joint.view("viewer-arm") as desk:
        assert plans.effective(desk, TODAY).barriers == ()
    with joint.desk("secretariat-geo") as desk:
        retire(desk, made["barrier"], 1)
        assert [b.id for b in plans.effective(desk, TODAY).barriers] == ["stamp"]
        submit(desk, made["barrier"], 2)
        assert plans.effective(desk, TODAY).barriers == ()


def test_a_region_pair_is_kept(joint: Registry) -> None:
    pair = RegionPair(id="a-b", title=Text(en="A - B"), regions={"GEO": "A", "ARM": "B"}, since=date(2020, 1, 1))
    put(joint, "region-pair", pair)
    with joint.view("viewer-geo") as desk:
        assert [r.payload for r in listing(desk, "region-pair")] == [pair]


def test_what_the_plan_does_not_know_is_refused(joint: Registry) -> None:
    with joint.desk("secretariat-geo") as desk:
        for wrong in (("desk", "nobody"), ("stranger",)):
            with pytest.raises(InputError, match="there is no organisation"):
                create(desk, "barrier", RECORDS["barrier"].model_copy(update={"answers": wrong}))
        submit(desk, create(desk, "organisation", RECORDS["organisation"]).id, 1)
        create(desk, "barrier", RECORDS["barrier"].model_copy(update={"answers": ("customs",)}))
        with pytest.raises(InputError, match="Barrier is no event"):
            create(desk, "event", RECORDS["barrier"])


def observed(side: str, year: int, value: float, **more: Any) -> Observed:
    published = more.pop("published", date(year + 1, 2, 20))
    facts = {"flow": "turnover", "vintage": "preliminary", "source": "fictional", **more}
    return Observed(year=year, reporter=side, value=value, published=published, **facts)


def enter(registry: Registry, side: str, *rows: Observed) -> None:
    with registry.desk(f"statistics-{side}") as desk:
        made = [submit(desk, create(desk, "observation", o).id, 1) for o in rows]
    with registry.desk(f"approver-{side}") as desk:
        for r in made:
            share(desk, r.id, 1)


def test_figures_and_plan_of_a_registry_feed_an_assessment_that_is_kept(joint: Registry) -> None:
    years = range(2016, 2026)
    enter(joint, "geo", *(observed("GEO", y, 500.0 + 20 * (y - 2016)) for y in years))
    revised = observed("GEO", 2025, 700.0, published=date(2026, 8, 1), vintage="revised")
    enter(joint, "geo", revised)
    enter(joint, "arm", *(observed("ARM", y, 450.0 + 18 * (y - 2016)) for y in years))
    with joint.view("viewer-geo") as desk:
        before, known = figures(desk, date(2026, 7, 1)), figures(desk, TODAY)
        plan = plans.effective(desk, TODAY)
    assert len(known) == len(before) + 1
    newest = {row.year: row for row in mirror(known, ("GEO", "ARM"))}[2025]
    assert newest.published == (700.0, 612.0)
    made = assess(plan, draws=1000, seed=1, as_of=TODAY, factbook=Factbook.embedded().extended(known))
    with joint.desk("secretariat-geo") as desk:
        first = keep(desk, made.document(), "0.1.0", {"registry": "2026-09-01"})
        assert keep(desk, made.document(), "0.1.0").id == first.id
        (found,) = runs_on(desk, made.plan_hash)
        assert found.payload.document == made.document()
        assert found.level == "own side"
    with joint.view("approver-arm") as desk:
        assert runs_on(desk, made.plan_hash) == []


@pytest.mark.parametrize(("field", "value"), [("flow", "GEO-AZE"), ("months", (6, 1))])
def test_a_figure_about_something_else_is_refused(joint: Registry, field: str, value: Any) -> None:
    with joint.desk("statistics-geo") as desk, pytest.raises(InputError):
        create(desk, "observation", observed("GEO", 2024, 1.0).model_copy(update={field: value}))


def test_a_new_version_about_another_matter_is_refused(joint: Registry) -> None:
    ident = put(joint, "initiative", RECORDS["initiative"])
    with joint.desk("secretariat-geo") as desk:
        with pytest.raises(InputError, match="another matter"):
            edit(desk, ident, 1, RECORDS["initiative"].model_copy(update={"id": "air"}))
        with pytest.raises(Denied, match="has to be submitted"):
            share(desk, create(desk, "initiative", RECORDS["initiative"].model_copy(update={"id": "air"})).id, 1)
