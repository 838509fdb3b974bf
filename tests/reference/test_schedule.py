"""The schedule against closed forms, networkx and brute-force conditioning."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import networkx as nx
import numpy as np
import pytest
from scipy.stats import norm

from birge.kernels.critical_path import critical, forward
from birge.models.schedule import MODEL, dates, network, simulate, sooner, stopped
from birge.models.schedule.factors import CLASSES, SHARED_SIGMA
from birge.plan import embedded
from birge.plan.schema import Plan
from birge.rng import Streams
from birge.units import month_of

T = {"en": "x"}
START = month_of(date(2026, 1, 1))
EVENT = {"low": 4, "mode": 6, "high": 12, "work": "event"}


def plan(milestones: list[dict], risks: list[dict] | None = None) -> Plan:
    party = {"name": T, "short": T, "statistics": T}
    measure = {
        "id": "m",
        "number": "1",
        "pillar": "p",
        "title": T,
        "deadline": {"text": T, "kind": "none"},
        "origin": "published",
        "milestones": [{"title": T, **m} for m in milestones],
    }
    return Plan.model_validate(
        {
            "id": "p",
            "title": T,
            "origin": "published",
            "origin_note": T,
            "parties": [{"code": "AAA", **party}, {"code": "BBB", **party}],
            "start": 2026,
            "end": 2030,
            "headline": "t",
            "pillars": [{"id": "p", "title": T}],
            "organisations": [{"id": "desk", "name": T}],
            "measures": [measure],
            "risks": risks or [],
        }
    )


def run(p: Plan, draws: int = 10_000, as_of: date = date(2026, 6, 1), seed: int = 1):
    return simulate(network(p, as_of), Streams(seed), draws)


def test_pert_times_class_has_the_moments_of_theory() -> None:
    finish = run(plan([{"id": "a", "duration": EVENT}])).finish[:, 0] - START
    low, mode, high = 4, 6, 12
    mean = (low + 4 * mode + high) / 6
    var = (mean - low) * (high - mean) / 7
    s = CLASSES["event"].sigma
    wanted = mean * np.exp(s**2 / 2)
    second = (var + mean**2) * np.exp(2 * s**2)
    assert abs(finish.mean() - wanted) < 4 * np.sqrt((second - wanted**2) / 10_000)
    assert finish.var() == pytest.approx(second - wanted**2, rel=0.08)


def test_merge_bias_ten_parallel_paths_are_hardly_ever_done_by_the_mean_of_one() -> None:
    legs = [{"id": f"leg-{i}", "duration": EVENT} for i in range(10)]
    made = run(
        plan(
            [
                *legs,
                {
                    "id": "end",
                    "after": [m["id"] for m in legs],
                    "duration": {**EVENT, "low": 1e-9, "mode": 1e-9, "high": 1e-9},
                },
            ]
        )
    )
    one, last = made.finish[:, 0], made.finish[:, -1]
    p = (one <= one.mean()).mean()
    assert abs((last <= one.mean()).mean() - p**10) < 4 * np.sqrt(p**10 / 10_000) + 1e-3
    assert 0.5 < p < 0.6


def test_the_report_conditions_own_duration_shared_factor_and_predecessor_jointly() -> None:
    """Resampled draws equal brute-force rejection from the unconditioned joint law."""
    chain = [
        {"id": "a", "owner": "desk", "duration": EVENT},
        {"id": "b", "owner": "desk", "after": ["a"], "duration": {**EVENT, "work": "building"}},
    ]
    report = [{"state": "in progress", "reported": "2027-07-01"}]
    told = run(plan([chain[0], {**chain[1], "status": report}]), 40_000, date(2027, 8, 1))
    free = run(plan(chain), 200_000, date(2027, 8, 1), seed=2)
    keep = free.finish[free.finish[:, 1] > month_of(date(2027, 7, 1))]
    assert 0.05 < len(keep) / 200_000 < 0.6
    assert (told.finish[:, 1] > month_of(date(2027, 7, 1))).all()
    for k in range(2):
        error = keep[:, k].std() * np.sqrt(1 / len(keep) + 1 / told.effective)
        assert abs(told.finish[:, k].mean() - keep[:, k].mean()) < 4 * error
        for q in (0.1, 0.5, 0.9):
            share = (told.finish[:, k] <= np.quantile(keep[:, k], q)).mean()
            assert abs(share - q) < 4 * np.sqrt(q * (1 - q) * (1 / len(keep) + 1 / told.effective))


def test_between_report_and_today_a_milestone_may_have_finished() -> None:
    made = run(
        plan([{"id": "a", "duration": EVENT, "status": [{"state": "in progress", "reported": "2026-05-01"}]}]),
        as_of=date(2027, 6, 1),
    )
    assert (made.finish[:, 0] < month_of(date(2027, 6, 1))).mean() > 0.2
    assert dates(made, month_of(date(2027, 6, 1)))[0].age_months == pytest.approx(13)


def test_a_report_that_was_not_known_yet_does_not_count() -> None:
    late = [{"state": "done", "reported": "2026-09-01", "finished": "2026-08-01"}]
    p = plan([{"id": "a", "duration": EVENT, "status": late}])
    assert np.isnan(network(p, date(2026, 8, 15)).fixed[0])
    assert network(p, date(2026, 9, 1)).fixed[0] == month_of(date(2026, 8, 1))


def test_stopped_and_undated_milestones_never_finish() -> None:
    p = plan(
        [
            {"id": "a", "duration": EVENT, "status": [{"state": "stopped", "reported": "2026-02-01"}]},
            {"id": "b"},
            {"id": "c", "after": ["a"], "duration": EVENT},
        ]
    )
    made = run(p, 1_000)
    assert np.isinf(made.finish).all()
    rows = dates(made, START)
    assert [r.p50 for r in rows] == [None] * 3
    assert [r.p_on_time for r in rows] == [None] * 3


def test_a_repeated_tender_adds_the_expected_delay() -> None:
    risk = {
        "id": "tender",
        "title": T,
        "milestone": "a",
        "probability": 0.5,
        "delay_months": {"kind": "fixed", "value": 3.0},
        "repeats": 3,
        "evidence": "test",
    }
    base = run(plan([{"id": "a", "duration": EVENT}])).finish[:, 0]
    more = run(plan([{"id": "a", "duration": EVENT}], [risk])).finish[:, 0]
    delay = more - base
    assert set(np.unique(delay.round(9))) == {0.0, 3.0, 6.0, 9.0}
    assert abs(delay.mean() - 3 * (0.5 + 0.25 + 0.125)) < 4 * delay.std() / 100


def test_blocks_and_other_milestones_move_nothing() -> None:
    p = embedded()
    net = network(p, date(2026, 11, 24))
    big = simulate(net, Streams(1), 3_500).finish
    assert (big[:1_000] == simulate(net, Streams(1), 1_000).finish).all()
    world = MODEL.run(
        MODEL.prepare(MODEL.setup(p, None, None, date(2026, 11, 24)), Streams(1)), {}, Streams(1, block=2)
    )
    assert (world["schedule.finish"] == big[2_000:3_000]).all()
    alone = run(plan([{"id": "a", "duration": EVENT}])).finish[:, 0]
    both = run(plan([{"id": "b", "duration": EVENT}, {"id": "a", "duration": EVENT}])).finish[:, 1]
    assert (alone == both).all()


def test_a_shared_owner_correlates_durations_as_declared() -> None:
    made = run(plan([{"id": n, "owner": "desk", "duration": {**EVENT, "low": 6, "mode": 6, "high": 6}} for n in "ab"]))
    logs = np.log(made.duration)
    wanted = SHARED_SIGMA**2 / (SHARED_SIGMA**2 + CLASSES["event"].sigma ** 2)
    assert np.corrcoef(logs.T)[0, 1] == pytest.approx(wanted, abs=0.01)


def test_a_month_sooner_moves_successors_but_never_before_today() -> None:
    p = plan([{"id": "a", "duration": EVENT}, {"id": "b", "after": ["a"], "duration": EVENT}])
    made = run(p, 2_000)
    today = START + 6
    moved = sooner(made, "a", 1.0, today)
    gain = made.finish - moved
    assert gain.min() >= 0
    assert gain.max() == pytest.approx(1.0)
    np.testing.assert_allclose(gain[:, 1], gain[:, 0], atol=1e-9)
    past = made.finish[:, 0] <= today
    assert past.any()
    assert (gain[past] == 0).all()
    cut = stopped(made.finish, today)
    assert (np.isinf(cut) == (made.finish > today)).all()


def test_kernel_equals_networkx_on_random_networks() -> None:
    rng = np.random.default_rng(3)
    for _ in range(20):
        n = 12
        preds = [sorted(rng.choice(k, size=min(k, int(rng.integers(0, 4))), replace=False).tolist()) for k in range(n)]
        lag, duration = rng.uniform(0, 2, n), rng.uniform(1, 5, (1, n))
        first = np.cumsum([0, *map(len, preds)]).astype(np.int64)
        before = np.array([j for p in preds for j in p], dtype=np.int64)
        earliest, fixed = np.zeros(n), np.full(n, np.nan)
        finish = forward(duration, earliest, lag, first, before, fixed)
        graph = nx.DiGraph()
        for k, p in enumerate(preds):
            graph.add_edge("start", k, weight=duration[0, k])
            for j in p:
                graph.add_edge(j, k, weight=lag[k] + duration[0, k])
        for k in range(n):
            part = graph.subgraph({"start", k} | nx.ancestors(graph, k))
            assert finish[0, k] == pytest.approx(nx.dag_longest_path_length(part))
        goal = n - 1
        on = critical(finish, earliest, lag, first, before, fixed, goal)[0]
        part = graph.subgraph({"start", goal} | nx.ancestors(graph, goal))
        assert set(np.flatnonzero(on)) == set(nx.dag_longest_path(part)) - {"start"}


def test_the_embedded_plans_dates_are_sane() -> None:
    as_of = date(2026, 11, 24)
    made = simulate(network(embedded(), as_of), Streams(1), 2_000)
    rows = {r.id: r for r in dates(made, month_of(as_of))}
    opened = rows["complex-open"]
    assert opened.planned == date(2026, 12, 31)
    assert opened.p_on_time is not None
    assert 0.0 < opened.p_on_time < 0.5
    assert opened.p50 is not None
    assert opened.p80 is not None
    assert opened.p50 < opened.p80
    assert rows["protocol-signed"].p50 == date(2025, 8, 22)
    assert made.effective > 100


def test_two_reports_on_one_owner_and_two_sides_equal_brute_force() -> None:
    """Shared factors are drawn from a fitted normal; the law is still that of rejection from the prior."""
    steps = [
        {"id": "a", "owner": "desk", "side": "AAA", "duration": {**EVENT, "work": "document"}},
        {"id": "b", "owner": "desk", "side": "BBB", "duration": {**EVENT, "work": "system"}},
        {"id": "c", "side": "AAA", "after": ["b"], "duration": EVENT},
    ]
    days = ["2026-10-01", "2026-12-01"]
    told = [{**m, "status": [{"state": "in progress", "reported": d}]} for m, d in zip(steps, days, strict=False)]
    told_run = run(plan([*told, steps[2]]), 40_000, date(2027, 1, 1))
    free = run(plan(steps), 200_000, date(2027, 1, 1), seed=2)
    at = [free.network.ids.index(n) for n in "abc"]
    assert told_run.network.ids == free.network.ids
    held = (free.finish[:, at[:2]] > [month_of(date.fromisoformat(d)) for d in days]).all(axis=1)
    keep = free.finish[held]
    assert 0.02 < held.mean() < 0.5
    n = 1 / len(keep) + 1 / told_run.effective
    for k in at:
        for q in (0.1, 0.5, 0.9):
            share = (told_run.finish[:, k] <= np.quantile(keep[:, k], q)).mean()
            assert abs(share - q) < 4 * np.sqrt(q * (1 - q) * n)
    wanted, found = np.corrcoef(keep[:, at].T), np.corrcoef(told_run.finish[:, at].T)
    assert np.abs(wanted - found).max() < 4 * np.sqrt(n)


@pytest.mark.parametrize(
    ("step", "reported"),
    [
        ({"planned": "2026-03-01"}, "2027-06-01"),
        ({"duration": EVENT}, "2027-06-01"),
        ({"duration": {**EVENT, "high": 6.1}}, "2028-06-01"),
    ],
)
def test_far_overdue_milestones_keep_their_draws(step: dict, reported: str) -> None:
    status = [{"state": "in progress", "reported": reported}]
    made = run(plan([{"id": "a", **step, "status": status}]), 2_000, date(2029, 1, 1))
    assert (made.finish[:, 0] > month_of(date.fromisoformat(reported))).all()
    assert np.isfinite(made.finish).all()
    assert made.effective > 1_000


def test_twenty_overdue_milestones_of_one_owner_keep_their_draws() -> None:
    status = [{"state": "in progress", "reported": "2026-11-01"}]
    late = [{"id": f"a{i}", "owner": "desk", "planned": "2026-09-01", "status": status} for i in range(20)]
    assert run(plan(late), 2_000, date(2026, 11, 24)).effective > 1_000


def test_a_tail_far_out_has_the_mean_excess_of_theory() -> None:
    """With a single duration the finish is a truncated lognormal, whose mean is known."""
    status = [{"state": "in progress", "reported": "2026-09-01"}]
    one = {"low": 6, "mode": 6, "high": 6, "work": "event"}
    made = run(plan([{"id": "a", "duration": one, "status": status}]), 20_000, date(2026, 9, 1))
    factor, bound = CLASSES["event"], month_of(date(2026, 9, 1)) - START
    z = (np.log(bound / (6 * factor.median))) / factor.sigma
    mean = 6 * factor.median * np.exp(factor.sigma**2 / 2) * norm.sf(z - factor.sigma) / norm.sf(z)
    months = made.finish[:, 0] - START
    assert z > 5
    assert abs(months.mean() - mean) < 4 * months.std() / np.sqrt(20_000)


def test_a_report_moves_only_what_it_says_something_about() -> None:
    status = [{"state": "in progress", "reported": "2026-09-01"}]
    steps = [{"id": "a", "side": "AAA", "duration": EVENT}, {"id": "b", "side": "BBB", "duration": EVENT}]
    before = run(plan(steps), 2_000, date(2026, 10, 1)).finish
    after = run(plan([{**steps[0], "status": status}, steps[1]]), 2_000, date(2026, 10, 1)).finish
    assert (before[:, 1] == after[:, 1]).all()
    assert (before[:, 0] != after[:, 0]).any()


def test_a_report_moves_an_unfinished_predecessor_that_shares_nothing() -> None:
    steps = [{"id": "a", "duration": EVENT}, {"id": "b", "after": ["a"], "duration": {**EVENT, "work": "building"}}]
    status = [{"state": "in progress", "reported": "2027-07-01"}]
    told = run(plan([steps[0], {**steps[1], "status": status}]), 20_000, date(2027, 8, 1))
    free = run(plan(steps), 100_000, date(2027, 8, 1), seed=2)
    keep = free.finish[free.finish[:, 1] > month_of(date(2027, 7, 1)), 0]
    assert abs(told.finish[:, 0].mean() - keep.mean()) < 4 * keep.std() * np.sqrt(1 / len(keep) + 1 / told.effective)
    assert keep.mean() > free.finish[:, 0].mean() + 0.3


def test_done_without_a_date_is_done_by_its_report() -> None:
    p = plan([{"id": "a", "duration": EVENT, "status": [{"state": "done", "reported": "2026-05-01"}]}])
    assert network(p, date(2026, 6, 1)).fixed[0] == month_of(date(2026, 5, 1))


def test_the_table_on_the_page_is_the_table_in_use() -> None:
    page = (Path(__file__).parents[2] / "docs" / "models" / "schedule.md").read_text("utf-8")
    for work, f in CLASSES.items():
        assert f"| {work} | {f.median:.2f} | {f.sigma:.2f} | {f.median * np.exp(f.sigma**2 / 2):.2f} |" in page
