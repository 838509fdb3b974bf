"""The table of power cases: what ships equals fresh solves, its error is as stated, and what changes is solved anew."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from scipy.interpolate import RegularGridInterpolator

from birge.factbook import Factbook
from birge.kernels.response_table import respond
from birge.models import power
from birge.models.power import power_system
from birge.models.power import table as tables
from birge.models.power.cases import ANNUAL, CAPPED, design, pair_system, solve_year, year_case
from birge.models.power.futures import futures
from birge.models.power.heldout import direct, drawn_cases, measured
from birge.models.power.inflow import seasonal_spread
from birge.models.power.paths import annual, electricity, traded
from birge.plan import embedded
from birge.rng import Streams

PAIR = ("KAZ", "KGZ")
WHOLE = power_system(PAIR)
assert WHOLE is not None
SYSTEM = pair_system(WHOLE, PAIR)
assert SYSTEM is not None
DESIGN = design(SYSTEM, 2030)
PREPARED = power.prepare(power.setup(embedded(), Factbook.embedded(), None, date(2026, 11, 24)), Streams(1))
OF = PREPARED.coming
assert OF is not None
RIVER = SYSTEM.rivers["toktogul"]


def test_what_ships_equals_fresh_solves_of_random_cases() -> None:
    assert OF.table.key == tables.input_hash(SYSTEM, DESIGN), "run `python -m birge.models.power.shipped`"
    assert tables._made(OF.table.key) is not None
    made, rng = OF.table.solved, np.random.default_rng(20261129)
    for n in range(24):
        place = tuple(int(rng.integers(len(a))) for a in DESIGN.axes)
        volume, inflow, demand, scale = (a[k] for a, k in zip(DESIGN.axes, place, strict=True))
        case = year_case(SYSTEM, DESIGN, demand, scale, inflow, {})
        year = solve_year(SYSTEM, case, volume, made.cuts[place[2]])
        np.testing.assert_allclose(made.main[place], year, rtol=1e-4, atol=0.02, err_msg=f"case {n} at {place}")
    for _ in range(8):
        place = tuple(int(rng.integers(len(c))) for c in DESIGN.coarse)
        q = int(rng.integers(len(DESIGN.options)))
        option, at = DESIGN.options[q], tuple(c[k] for c, k in zip(DESIGN.coarse, place, strict=True))
        volume, inflow, demand, scale = (a[k] for a, k in zip(DESIGN.axes, at, strict=True))
        there = {name: np.ones(12) for name in option.projects or (option.id,)}
        cap = 0.0 if option.id == CAPPED else None
        case = year_case(SYSTEM, DESIGN, demand + sum(option.energy), scale, inflow, there, cap)
        year = solve_year(SYSTEM, case, volume, made.cuts[at[2]])
        got = made.shift[(*place, q)] + made.main[at]
        np.testing.assert_allclose(got, year, rtol=1e-4, atol=0.05, err_msg=option.id)


def test_readings_off_the_grid_are_as_far_off_as_the_file_says() -> None:
    cap = WHOLE.parameters["swap-cap"]
    cases = drawn_cases(SYSTEM, DESIGN, cap, 2030, 24, np.random.default_rng(5))
    read = OF.table.read(np.stack([c.place for c in cases]), np.stack([c.share for c in cases]), len(ANNUAL))
    solved = np.stack([direct(SYSTEM, DESIGN, OF.table.solved, c) for c in cases])
    now = measured(read, solved)
    for name in ("bought", "volume_end", "short_winter_home", "imports"):
        # 24 cases: the root mean square lies within a factor of 2 of that over 120 unless one case is far out
        assert now[name][1] < 2 * OF.table.error[name][1], name
        # a reading says more than the mean of the cases would
        assert now[name][1] < 0.5 * solved[:, ANNUAL.index(name)].std(), name


def test_a_changed_row_and_a_longer_plan_are_solved_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "FEW", 2)
    more = replace(SYSTEM, nodes=tuple(replace(n, demand_twh=1.1 * n.demand_twh) for n in SYSTEM.nodes))
    small = replace(
        DESIGN,
        axes=((5.6, 12.0), (0.8, 1.2), (17.0, 27.0), (1.0, 1.2)),
        coarse=((0, 1), (1,), (1,), (0,)),
        options=DESIGN.options[-1:],
        circle=8,
        tail=36,
        blocks=4,
    )
    keys = {
        tables.input_hash(s, d)
        for s, d in ((SYSTEM, DESIGN), (SYSTEM, design(SYSTEM, 2035)), (more, DESIGN), (SYSTEM, small), (more, small))
    }
    assert len(keys) == 5
    assert tables.horizon(SYSTEM, 2030) == 2030
    assert tables.horizon(SYSTEM, 2031) == 2035
    first, second = (tables.table_of(s, small) for s in (SYSTEM, more))
    assert tables._made(first.key) is None
    assert tables.table_of(SYSTEM, small).solved is first.solved
    # the partner's demand is a tenth higher at the same places
    short = ANNUAL.index("short_partner")
    assert (second.solved.main[..., short] > first.solved.main[..., short]).all()


def test_reading_is_multilinear_with_shifts() -> None:
    rng = np.random.default_rng(1)
    axes = tuple(np.sort(rng.uniform(0, 10, n)) for n in (4, 3, 5, 2))
    coarse = tuple(a[[0, -1]] for a in axes)
    main, shift = rng.normal(size=(4, 3, 5, 2, 6)), rng.normal(size=(2, 2, 2, 2, 3, 6))
    at = np.stack([rng.uniform(a[0], a[-1], 50) for a in axes], axis=1)
    share = rng.uniform(-0.2, 1.0, (50, 3))
    made = np.empty((50, 4))
    respond(at, share, axes, main, coarse, shift, made)
    wanted = RegularGridInterpolator(axes, main)(at)
    wanted += (share[:, :, None] * RegularGridInterpolator(coarse, shift)(at)).sum(axis=1)
    np.testing.assert_allclose(made, wanted[:, :4], rtol=1e-12)
    far = np.stack([axes[0][[0, -1]], axes[1][[0, -1]], axes[2][[0, -1]], axes[3][[0, -1]]], axis=1)
    for beyond in (far + np.array([[-5.0], [5.0]]), far):
        edge = np.empty((2, 4))
        respond(beyond, np.zeros((2, 3)), axes, main, coarse, shift, edge)
        np.testing.assert_allclose(edge, [main[0, 0, 0, 0, :4], main[-1, -1, -1, -1, :4]], rtol=1e-12)


def test_the_river_has_its_spread_and_remembers_last_december() -> None:
    draws = [
        futures(SYSTEM, dict(WHOLE.parameters), PAIR, (2026, 2027), Streams(3, block)).inflow for block in range(20)
    ]
    inflow = np.concatenate(draws)
    spread, n = seasonal_spread(RIVER), len(inflow)
    # the first January starts from a usual December, the second year is the stationary one
    assert abs(inflow[:, 1].mean() - 1) < 4 * spread / np.sqrt(n)
    assert abs(inflow[:, 1].std() / spread - 1) < 4 / np.sqrt(2 * n) + 0.02
    # weights of the first year's months reach the next through φ^k
    weight = RIVER.inflow_km3 * RIVER.spread / RIVER.inflow_km3.sum()
    covariance = sum(
        weight[m] * weight[k] * np.prod(RIVER.persistence) ** ((12 - m + k) / 12) for m in range(12) for k in range(12)
    )
    assert abs(np.corrcoef(inflow.T)[0, 1] - covariance / spread**2) < 4 / np.sqrt(n) + 0.01


def test_steps_add_up_and_swaps_count_where_they_are_recorded() -> None:
    streams = Streams(1, 0, 200)
    drawn = power.draws(PREPARED, streams)
    rng = np.random.default_rng(2)
    finish = rng.uniform(12 * 25, 12 * 32, (200, len(OF.milestones)))
    never = np.full_like(finish, np.inf)
    made = electricity(OF, drawn, never, finish)
    whole = annual(OF, drawn, finish)
    np.testing.assert_allclose(made.base + made.step.sum(axis=1), traded(OF, drawn, whole), atol=1e-9)
    assert [PREPARED.inputs.measures[k] for k in OF.acting] == ["kambarata", "hydro", "solar", "wind"]
    assert (made.step != 0).any(axis=(0, 2, 3, 4)).tolist() == [True, True, True, True]
    bought, returned, given = (whole[:, :, k] for k in range(3))
    value = traded(OF, drawn, whole)
    for r in range(2):
        for d in range(200):
            swap, price = drawn.recorded[d, r], drawn.price[d] / 1_000
            np.testing.assert_allclose(value[d, :, 0, r], (bought[d] + swap * returned[d]) * price)
            np.testing.assert_allclose(value[d, :, 1, r], swap * given[d] * price)
    # what is given comes back at the ratio, or is settled in cash where the partner itself is short
    assert 0.5 < returned.sum() / given.sum() / SYSTEM.parameters["swap-ratio"].mode < 1.01
    lowest = SYSTEM.reservoirs[0]
    ends = whole[:, :, [3, 4]]
    assert (ends >= lowest.stop_km3).all()
    assert (ends <= lowest.full_km3).all()
    # more power of one's own leaves winters less short; the last years, when all of it is there, by far
    winter = ANNUAL.index("short_winter_home")
    gain = (annual(OF, drawn, never)[:, :, winter] - whole[:, :, winter]).mean(axis=0)
    assert (gain > -OF.table.error["short_winter_home"][1]).all()
    assert gain[-1] > 500


def test_a_pair_that_does_not_hold_the_water_has_no_table() -> None:
    assert pair_system(WHOLE, ("KAZ", "UZB")) is None
    assert pair_system(WHOLE, PAIR) is not None
    assert power_system(("GEO", "ARM")) is None
