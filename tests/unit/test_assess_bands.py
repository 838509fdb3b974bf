"""What the odds become under other assumptions, on plans whose answer is known in closed form."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from birge.assess.ensemble import Ensemble, Request, sampled
from birge.factbook import Factbook
from birge.models import schedule
from birge.plan import embedded
from birge.plan.schema import Distribution, Duration, Effect, Measure, Milestone, Plan, State, Status

AS_OF = date(2026, 11, 24)
BOOK = Factbook.embedded()
SIZE = 0.2
DRAWS = 400


def plan(milestones: tuple[Milestone, ...], *effects: dict[str, Any], more: tuple[Measure, ...] = ()) -> Plan:
    """Return the embedded plan with one measure of `milestones` and demand effects, and `more` measures."""
    base = embedded()
    made = tuple(
        Effect(driver="trade.demand", evidence="test", **{"size": Distribution(kind="fixed", value=SIZE), **e})
        for e in effects
    )
    first = base.measures[0].model_copy(update={"milestones": milestones, "effects": made, "status": ()})
    return base.model_copy(update={"measures": (first, *more), "indicators": base.indicators[:1], "risks": ()})


def step(name: str, done: date | None = None, months: float = 1.0, **more: Any) -> Milestone:
    """Return a milestone that is done, or ends after exactly `months` of an event."""
    status = () if done is None else (Status(state=State.DONE, reported=done, finished=done),)
    length = Duration(low=months, mode=months, high=months, work="event")
    return Milestone(id=name, title=embedded().title, status=status, duration=None if done else length, **more)


def run(of: Plan, **options: Any) -> Ensemble:
    return sampled(Request(of, BOOK, AS_OF, DRAWS, **options))


def goods(made: Ensemble, name: str) -> NDArray[np.float64]:
    """Return turnover [draw, year, reporter] of the ensemble `name` less electricity, which has dates of its own."""
    return np.asarray(made.turnover[name] - made.electricity.get(name, made.electricity["with"]))


def soon() -> Milestone:
    return step("open", start=date(2026, 12, 1))


def test_the_share_in_the_trend_moves_the_level_by_the_effect() -> None:
    made = run(plan((soon(),), {"from": "open"}))
    y = made.joint.years.index(2030)
    ratio = goods(made, "kappa-0")[:, y] / goods(made, "kappa-1")[:, y]
    np.testing.assert_allclose(ratio, np.exp(SIZE), rtol=1e-12)
    inside = goods(made, "with")[:, y] / goods(made, "kappa-1")[:, y]
    kappa = 1 - np.log(inside[:, 0]) / SIZE
    assert abs(kappa.mean() - 0.5) < 4 * np.sqrt(0.05 / DRAWS)  # Beta(2, 2): mean 1/2, variance 1/20


def test_with_against_without_does_not_depend_on_the_share_in_the_trend() -> None:
    made = run(plan((soon(),), {"from": "open"}))
    y = made.joint.years.index(2030)
    for basis in ("stop", "never"):
        ratio = goods(made, "with")[:, y] / goods(made, basis)[:, y]
        np.testing.assert_allclose(ratio, np.exp(SIZE), rtol=1e-12)


def test_a_measure_done_before_the_data_counts_only_against_never() -> None:
    made = run(plan((step("open", date(2023, 1, 1)),), {"from": "open"}))
    y = made.joint.years.index(2027)
    for name in ("stop", "kappa-0", "kappa-1"):
        np.testing.assert_allclose(made.turnover["with"][:, y], made.turnover[name][:, y], rtol=1e-12)
    np.testing.assert_allclose(goods(made, "with")[:, y] / goods(made, "never")[:, y], np.exp(SIZE), rtol=1e-12)


def test_the_steps_under_never_lead_from_never_to_the_plan() -> None:
    done = (
        embedded()
        .measures[1]
        .model_copy(
            update={
                "milestones": (step("was", date(2025, 6, 1)),),
                "status": (),
                "effects": (
                    Effect(
                        driver="trade.new_flow",
                        size=Distribution(kind="fixed", value=40),
                        evidence="test",
                        **{"from": "was"},
                    ),
                ),
            }
        )
    )
    of = plan((soon(),), {"from": "open"}, more=(done,))
    made, stop = run(of, counterfactual="never"), run(of)
    np.testing.assert_allclose(made.joint.turnover(plan=False), made.turnover["never"], rtol=1e-12)
    np.testing.assert_allclose(made.joint.turnover(), stop.joint.turnover(), rtol=1e-12)
    y, k = made.joint.years.index(2027), made.joint.measures.index(done.id)
    assert made.joint.new[:, k, y].sum(axis=1) == pytest.approx(40)  # open all of 2027, nothing of it in 2024
    # of 2027's 40 a year, the half that data up to 2025 hold is no step for the plan that stops today
    assert stop.joint.new[:, k, y].sum(axis=1) == pytest.approx(0)
    goal = made.goals["turnover-2027-kaz"]
    assert not isinstance(goal, str)
    assert made.gain[goal.id].mean(axis=0).sum() == pytest.approx(made.odds(goal) - made.odds(goal, "never"))


def test_without_assumed_effects_the_past_continues() -> None:
    assumed = run(plan((soon(),), {"from": "open"}))
    np.testing.assert_allclose(goods(assumed, "evidence"), (assumed.joint.base / assumed.joint.kept).sum(axis=2))
    half = run(plan((soon(),), {"from": "open"}, {"from": "open", "assumed": False}))
    firm = run(plan((soon(),), {"from": "open", "assumed": False}))
    y = half.joint.years.index(2030)
    # the same κ and the same size, under another number of the effect
    np.testing.assert_allclose(half.turnover["evidence"][:, y], firm.turnover["with"][:, y], rtol=1e-12)


def test_a_measure_switched_off_is_off_in_every_band() -> None:
    of = plan((soon(),), {"from": "open"})
    made = run(of, without=(of.measures[0].id,))
    y = made.joint.years.index(2030)
    for name in ("with", "independent"):
        low, high = made.turnover[name][:, y], made.turnover["stop"][:, y]
        if name == "with":
            np.testing.assert_allclose(low, high, rtol=1e-12)
    assert made.moved == {}
    assert (made.gain["turnover-2027-kaz"] == 0).all()


def test_independent_dates_are_the_product_of_their_odds() -> None:
    paths = tuple(step(f"p{k}", months=10, owner="kaz-transport", start=date(2026, 12, 1)) for k in range(5))
    paths = tuple(p.model_copy(update={"duration": Duration(low=8, mode=10, high=14, work="document")}) for p in paths)
    gate = step("gate", months=0.01, after=tuple(p.id for p in paths))
    made = run(plan((*paths, gate), {"from": "gate"}))
    net = made.dates.network
    # the dates of many more draws, of which the run has the first
    own, sides = (
        tuple(f"{n}/{k}" if n else None for k, n in zip(net.ids, names, strict=True))
        for names in (net.owners, net.sides)
    )
    shared = schedule.simulate(net, made.root, 20_000).finish
    apart = schedule.simulate(replace(net, owners=own, sides=sides), made.root, 20_000).finish
    assert (shared[:DRAWS] == made.dates.finish).all()
    assert (schedule.in_plan_order(net, apart)[:DRAWS] == made.apart).all()
    shared, apart = (x[:, [net.ids.index(p.id) for p in paths]] for x in (shared, apart))
    limit = float(np.median(shared))
    alone, joint = (apart < limit).mean(axis=0), (apart < limit).all(axis=1).mean()
    error = np.sqrt(joint * (1 - joint) / len(apart))
    assert abs(joint - alone.prod()) < 5 * error
    # a shared factor makes the paths late together, so all in time is likelier
    assert (shared < limit).all(axis=1).mean() > joint + 5 * error
    # what is drawn apart has the same law path by path
    assert np.abs(alone - (shared < limit).mean(axis=0)).max() < 5 * np.sqrt(0.5 / len(apart))


def test_what_effects_share_is_drawn_apart() -> None:
    other = embedded().measures[2]
    hours = {"driver": "border.hours", "size": Distribution(kind="fixed", value=-100.0), "evidence": "test"}
    two = tuple(
        other.model_copy(
            update={
                "id": f"m{k}",
                "milestones": (step(f"s{k}", start=date(2026, 12, 1)),),
                "status": (),
                "effects": (Effect(**hours, **{"from": f"s{k}"}),),
            }
        )
        for k in range(2)
    )
    base = embedded()
    made = run(base.model_copy(update={"measures": two, "indicators": base.indicators[:1], "risks": ()}))
    y = made.joint.years.index(2030)
    flow = (made.joint.base / made.joint.kept)[:, y].sum(axis=1)

    def spread(name: str) -> float:
        return float(np.log(goods(made, name)[:, y] / flow)[:, 0].std())

    # two equal effects on shared factors have twice the spread of one, apart they have √2 of it (κ adds to both)
    assert spread("independent") < spread("with")


def test_all_draws_that_have_an_answer_are_read() -> None:
    made = run(plan((soon(),), {"from": "open"}))
    cut = replace(made, failed={3: "no fixed point", 200: "a flow is not a number"}).whole()
    goal = cut.goals["turnover-2027-kaz"]
    assert not isinstance(goal, str)
    assert cut.joint.draws == DRAWS - 2
    met = np.delete(made.met(goal), [3, 200])
    assert (cut.met(goal) == met).all()
