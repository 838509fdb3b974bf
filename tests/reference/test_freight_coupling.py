"""The coupled models against slow direct solves, and what the coupling must obey.

The twin solves one draw and one year at a time: every route and every section of goods by the kernel of all routes,
waits from the border's own table instead of knots, constants by plain iteration, all moved by half steps until they
agree; trade by the equilibrium of the world. It shares with the model only the market's routes and the numbers drawn.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from birge.assess import assess
from birge.assess.evaluate import evaluate, starts
from birge.errors import InputError
from birge.factbook import Factbook, read_observations
from birge.kernels.crossing_choice import Scales, fold, settled
from birge.kernels.traffic_assignment_choice import Taste, respond
from birge.models import freight, outlook, power, schedule, trade
from birge.models.border import model as border_model
from birge.models.freight.choice import options
from birge.models.freight.drawn import drawn_parameters, drawn_values
from birge.models.freight.model import PAIRS
from birge.models.freight.opened import Corridors, breadth
from birge.models.registry import MODELS
from birge.models.trade.certificate import cheap_response, full_response
from birge.plan import embedded, load
from birge.plan.crossing import begins, sizes_of
from birge.plan.scenario import Scenario
from birge.rng import Streams
from birge.units import month_of

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))
from coupled_measures import chain

AS_OF = date(2026, 11, 24)
DRAWS = 60
SMALL = Path(__file__).parents[1] / "plans" / "small.yaml"


def scenario(driver: str, size: float, crossing: str = "karasu") -> Scenario:
    select = {"opening": "issyk-kul-road"} if driver == "freight.opening" else {"crossing": crossing}
    effect = {"driver": driver, "select": select, "size": {"kind": "fixed", "value": size}}
    effect |= {"start": date(2026, 1, 1), "months": 60, "evidence": "test"}
    return Scenario.model_validate({"id": "change", "title": {"en": "A change"}, "effects": [effect]})


@cache
def solved(driver: str = "", size: float = 0.0, seed: int = 1) -> tuple[dict[str, Any], dict[str, Any], Any, Streams]:
    """Return inputs, prepared, and what the coupled models come to."""
    outside = scenario(driver, size) if driver else None
    inputs = {m.id: m.setup(embedded(), Factbook.embedded(), outside, AS_OF) for m in MODELS}
    if driver:  # a scenario changes no market, equilibrium or posterior
        prepared = {**solved(seed=seed)[1]}
        for name in ("border", "freight", "trade"):
            prepared[name] = replace(prepared[name], inputs=inputs[name])
        prepared["yearly"] = inputs["yearly"]
        if driver == "freight.opening":
            prepared["freight"] = freight.MODEL.prepare(inputs["freight"], Streams(seed))
    else:
        prepared = {m.id: m.prepare(inputs[m.id], Streams(seed)) for m in MODELS}
    streams = Streams(seed, 0, DRAWS)
    return inputs, prepared, evaluate(MODELS, prepared, starts(DRAWS), streams, tolerance=1e-6), streams


class Twin:
    """One draw: its goods, costs, and waits; `settle` finds waits that agree with trucks at some trade."""

    def __init__(self, seed_streams: Streams, inputs: Any, prepared: Any, d: int) -> None:
        self.i, self.m, self.d = inputs["freight"], prepared["freight"].market, d
        self.tables, self.breadth = prepared["border"].tables, prepared["freight"].breadth
        p, values = drawn_parameters(seed_streams), drawn_values(seed_streams)
        wanted = self.m.demand
        self.hour, self.mass, self.value = [], [], []
        for side in (0, 1):
            rows = zip(wanted.goods[side], wanted.classes[side], wanted.shares[side], strict=True)
            made = [(values[g.name][d], p[f"day_{c}"][d], s) for g, c, s in rows]
            self.hour.append(np.array([v * day / 24 for v, day, _ in made]))
            self.mass.append(np.array([s * 1e6 / v for v, _, s in made]))
            self.value.append(np.array([s for _, _, s in made]))
        c = self.m.costs
        waiting = p["truck_hour"][d] * (1 + p["empty_returns"][d]) / c.payload
        self.empty = p["empty_returns"][d]
        self.taste = Taste(
            c.scale_route, c.scale_crossing, c.scale_mode, p["reliability_ratio"][d], waiting, self.empty,
            1 / (c.payload * 365),
        )  # fmt: skip
        names = inputs["border"].crossings
        capacity = [border_model._drawn(inputs["border"].capacity, seed_streams, n)[d] for n in names]
        self.capacity = np.array([capacity[names.index(n)] if n in names else 0.0 for n in self.m.crossings])
        self.place = [names.index(n) if n in names else -1 for n in self.m.crossings]
        counted = [self.m.network.passages[n].trucks if n in self.m.network.passages else 0.0 for n in self.m.crossings]
        self.now = self.told(np.array(counted)[:, None] * np.ones(2))
        self.k, self.rail = self.constants()

    def told(self, trucks: Any, factor: Any = 1.0) -> Any:
        """Return waits from the tables themselves, of crossings without one from the curve of the network."""
        found = np.zeros(trucks.shape)
        for c, place in enumerate(self.place):
            for side in (0, 1):
                f = factor[c, side] if np.ndim(factor) else factor
                passage = self.m.network.passages.get(self.m.crossings[c])
                if place >= 0:
                    found[c, side] = self.tables[place][side].wait(trucks[c, side], self.capacity[c] * f)
                elif passage:
                    found[c, side] = passage.hours(trucks[c, side])
        return found

    def shares(self, wait: Any, side: int, k: Any, rail: Any) -> tuple[Any, Any, Any]:
        m = self.m
        return respond(m.options[side], self.taste, self.hour[side], wait[:, side].copy(), m.cv, k, rail[side])

    def constants(self) -> tuple[Any, Any]:
        """Return constants that give today's shares, by plain iteration."""
        m = self.m
        k, rail = m.constants.copy(), m.rail.copy()
        carried = m.carried > 0
        for _ in range(400):
            tonnes, off = np.zeros(len(k)), 0.0
            for side in (0, 1):
                road, train, _ = self.shares(self.now, side, k, rail)
                tonnes += self.i.usd[side] * self.mass[side] @ road[:, :-1]
                got, aim = float(self.value[side] @ train), m.by_rail[side]
                step = np.log(aim / (1 - aim)) - np.log(got / (1 - got))
                rail[side] += step
                off = max(off, abs(step))
            step = np.log(m.carried[carried] / (tonnes / tonnes.sum())[carried])
            k[carried] += step
            k[~carried] = k[carried].mean()
            if max(off, np.abs(step).max()) < 1e-7:
                return k, rail
        raise AssertionError("constants do not come")

    def settle(self, usd: Any, factor: Any = 1.0, hours: Any = 0.0, opened: Any = ()) -> tuple[Any, Any, Any]:
        """Return waits, trucks, and cost over value by direction at `usd`, by half steps."""
        whole = self.m
        if opened:
            self.m = replace(whole, options=options(whole, self.i.pair, opened))
        w = self.now.copy()
        weight, before = 0.5, np.inf
        for _ in range(3000):
            road = [self.shares(w, side, self.k, self.rail)[0][:, :-1] for side in (0, 1)]
            t = np.stack([usd[s] * self.mass[s] @ road[s] * self.taste.trucks for s in (0, 1)], axis=1)
            x = self.m.other + t + self.empty * t[:, ::-1]
            new = np.maximum(self.told(x, factor) + hours, 0.0)
            left = np.abs(new - w).max()
            if left < 1e-7:
                break
            # steep curves ask for short steps
            weight = weight * 0.7 if left > before else min(weight * 1.02, 0.5)
            before = left
            w += weight * (new - w)
        assert left < 1e-7
        cost = [self.mass[s] @ self.shares(w, s, self.k, self.rail)[2] / 1e6 for s in (0, 1)]
        self.m = whole
        return w, x, np.array(cost)

    def with_all(self, effects: Any, sizes: Any, usd: Any) -> Any:
        """Return cost over value by direction at `usd` with all of `effects` (numbers) together."""
        shape = (len(self.m.crossings), 2)
        factor, hours, opened = np.ones(shape), np.zeros(shape), set()
        for k in effects:
            e = self.i.effects[k]
            acts = np.array([[e.acts(c, s, self.i.pair) for s in (0, 1)] for c in self.m.crossings])
            factor *= np.where(acts & (e.driver == "border.capacity"), sizes[k], 1.0)
            hours += np.where(acts & (e.driver == "border.hours"), sizes[k], 0.0)
            opened |= set(e.opens)
        return self.settle(usd, factor, hours, tuple(opened))[2]

    def effect(self, k: int, sizes: Any, begin: Any, usd: Any) -> Any:
        """Return what effect number `k` does to cost over value on top of those that came before it."""
        stands = [j for j, e in enumerate(self.i.effects) if e.stays and (begin[j], j) < (begin[k], k)]
        made = self.with_all([*stands, k], sizes, usd) - self.with_all(stands, sizes, usd)
        opens = self.i.effects[k].driver == "freight.opening"
        return made * sizes[k] * np.array(self.breadth[k]) if opens else made


KINDS = (("", 0.0), ("border.capacity", 2.0), ("border.capacity", 0.6), ("border.hours", 6.0), ("freight.opening", 1.0))
OFF = {"": 6e-5, "border.capacity": 2e-4, "border.hours": 1.2e-4, "freight.opening": 9e-5}
"""Root mean square error of Δτ that is allowed, in shares of value: at most twice what 12 draws of each kind gave;
of the plan's effects half as much again as the tested draws, one of which is read between two far levels of trade."""


def cases(kind: tuple[str, float], count: int) -> list[tuple[int, int]]:
    """Return draws and years at random."""
    rng = np.random.default_rng([42, KINDS.index(kind)])
    years = len(solved(*kind)[0]["freight"].years)
    return [(int(d), int(rng.integers(1, years))) for d in rng.choice(DRAWS, count, replace=False)]


def compared(kind: tuple[str, float], count: int) -> tuple[Any, Any]:
    """Return Δτ [case, direction] of effects by the model and by the twin, at the model's trade."""
    inputs, prepared, made, streams = solved(*kind)
    effects = inputs["freight"].effects
    sizes, begin = sizes_of(effects, streams), begins(effects, made.world["schedule.finish"])
    until = month_of(date(inputs["freight"].years[-1] + 1, 1, 1))
    cheap, full = [], []
    for d, y in cases(kind, count):
        twin = Twin(streams, inputs, prepared, d)
        usd = made.world["trade.flow"][d, y].mean(axis=1)
        for k in range(len(sizes)) if not kind[0] else (len(sizes) - 1,):
            if begin[k, d] <= until:
                cheap.append(made.world["freight.cost"][d, y, k])
                full.append(twin.effect(k, sizes[:, d], begin[:, d], usd))
    return np.array(cheap), np.array(full)


@pytest.mark.parametrize("kind", KINDS, ids=lambda k: f"{k[0] or 'plan'}-{k[1]:g}")
def test_the_response_is_that_of_every_route_and_section(kind: tuple[str, float]) -> None:
    cheap, full = compared(kind, 4)
    off, size = (float(np.sqrt(np.square(x).mean())) for x in (cheap - full, full))
    assert off < OFF[kind[0]], (off, size)
    assert off < 0.3 * size
    assert np.corrcoef(cheap.ravel(), full.ravel())[0, 1] > 0.95


@pytest.mark.parametrize("kind", [KINDS[0], KINDS[3]], ids=["plan", "delay"])
def test_the_fixed_point_is_that_of_direct_iteration(kind: tuple[str, float]) -> None:
    """Trade by the equilibrium of the world, costs by the twin, in turns until trade stays."""
    inputs, prepared, made, streams = solved(*kind)
    assert not made.failed.any()
    assert made.residual.max() <= 1e-6
    finish = made.world["schedule.finish"]
    sizes, begin = sizes_of(inputs["freight"].effects, streams), begins(inputs["freight"].effects, finish)
    for d, y in cases(kind, 2):
        twin = Twin(streams, inputs, prepared, d)
        freight_cost, flow = made.world["freight.cost"].copy(), made.world["outlook.flow"][d, y]
        turns = 0
        while turns < 6:
            turns += 1
            usd = flow.mean(axis=1)
            freight_cost[d, y] = [twin.effect(k, sizes[:, d], begin[:, d], usd) for k in range(len(sizes))]
            world = {**made.world, "freight.cost": freight_cost}
            steps = trade.steps(prepared["trade"], finish, streams, freight=freight_cost)
            new = (steps.base_new + steps.new.sum(axis=1))[d, y][:, None]
            every, cheap = (
                f(prepared["trade"], finish, streams, freight_cost)[d, y] for f in (full_response, cheap_response)
            )
            told = trade.MODEL.run(prepared["trade"], world, streams)["trade.flow"][d, y]
            before, flow = flow, (told - new) * np.exp(every - cheap)[:, None] + new
            if np.abs(flow / before - 1).max() < 1e-7:
                break
        assert turns < 6
        # Δτ to trade by σ of the long run (at most 2.25), errors of effects in quadrature, twice their root mean square
        room = 2.25 * 2 * np.sqrt(OFF[""] ** 2 * len(sizes) + OFF[kind[0]] ** 2)
        here = made.world["trade.flow"][d, y]
        np.testing.assert_allclose(here, flow, rtol=room)
        alone = made.world["outlook.flow"][d, y]
        if kind[0]:  # what the coupling does is more than the room
            assert np.abs(np.log((here - new) / alone)).max() > 2 * room


def test_more_capacity_never_means_longer_waits_or_less_trade() -> None:
    made = {f: solved("border.capacity", f) for f in (0.6, 1.0, 2.0)}
    place = made[1.0][0]["border"].crossings.index("karasu")
    at = made[1.0][1]["freight"].market.crossings.index("karasu")
    waits = [m[2].world["freight.waits"][:, :, -1, at] for m in made.values()]
    flows = [m[2].world["trade.flow"].mean(axis=3).sum(axis=2) for m in made.values()]
    for few, many in ((0, 1), (1, 2)):
        assert (waits[few] >= waits[many] - 1e-5).all()
        assert (flows[few] <= flows[many] * (1 + 1e-9)).all()
    assert (flows[0][:, -1] < flows[2][:, -1]).all()
    same = made[1.0][2].world["border.curve"][:, place]
    assert (same[:, :, 0] == same[:, :, -1]).all()


def test_capacity_that_changes_nothing_changes_nothing() -> None:
    assert (solved("border.capacity", 1.0)[2].world["trade.flow"] == solved()[2].world["trade.flow"]).all()


def test_the_same_seed_gives_the_same_numbers_and_a_short_block_its_beginning() -> None:
    _, prepared, made, streams = solved()
    again = evaluate(MODELS, prepared, starts(20), replace(streams, draws=20), tolerance=1e-6)
    other = solved(seed=2)[2]
    for name in ("border.curve", "freight.response", "freight.waits", "freight.cost", "trade.flow"):
        assert (again.world[name] == made.world[name][:20]).all(), name
        assert (other.world[name] != made.world[name]).any(), name


def test_a_pair_without_crossings_has_exactly_its_uncoupled_trade() -> None:
    book = Factbook.embedded().extended(read_observations(SMALL.with_name("small-observations.csv")))
    plan = load(SMALL)[0]
    alone = (schedule.MODEL, outlook.MODEL, power.MODEL, trade.MODEL)
    inputs = {m.id: m.setup(plan, book, None, date(2027, 9, 1)) for m in MODELS}
    prepared = {m.id: m.prepare(inputs[m.id], Streams(1)) for m in MODELS}
    streams = Streams(1, 0, DRAWS)
    both = [
        evaluate(models, prepared, starts(DRAWS), streams, tolerance=1e-6).world["trade.flow"]
        for models in (MODELS, alone)
    ]
    assert (both[0] == both[1]).all()


def test_capacity_where_no_design_is_known_is_refused() -> None:
    book = Factbook.embedded().extended(read_observations(SMALL.with_name("small-observations.csv")))
    for plan, as_of, place in (
        (load(SMALL)[0], date(2027, 9, 1), "karasu"),
        (embedded(), AS_OF, "lugovaya-kaindy"),
    ):
        with pytest.raises(InputError, match="no-design"):
            trade.setup(plan, book, scenario("border.capacity", 2.0, place), as_of)
    with pytest.raises(InputError, match="network-missing"):
        trade.setup(load(SMALL)[0], book, scenario("freight.opening", 1.0), date(2027, 9, 1))


def test_the_rebuild_of_karasu_acts_on_its_capacity_and_is_in_the_contributions() -> None:
    inputs, _, made, streams = solved()
    effects = inputs["freight"].effects
    k = next(k for k, e in enumerate(effects) if e.name.startswith("crossings-rebuild/"))
    assert (effects[k].driver, effects[k].crossing) == ("border.capacity", "karasu")
    size = sizes_of(effects, streams)[k]
    assert size.min() >= 1.2
    assert size.max() <= 2.7
    at = inputs["border"].crossings.index("karasu")
    curve, knots = (made.world[f"border.{n}"][:, at, :, k + 1] for n in ("curve", "knots"))
    np.testing.assert_allclose(knots, made.world["border.knots"][:, at, :, 0] * size[:, None, None], rtol=1e-12)
    assert (curve[..., :-1] <= curve[..., 1:] + 1e-9).all()
    run = assess(draws=1_000, as_of=AS_OF)
    last = next(v for v in run.verdicts if v.target.id == "turnover-2030-kaz")
    share = next(m for m in last.measures if m.id == "crossings-rebuild")
    assert 0 < share.mean_musd < 60


def test_the_rebuild_of_karasu_by_hand() -> None:
    """Hours saved × cost of an hour × tonnes × share → Δτ × elasticity × trade: a quarter from the models at most."""
    made = chain(300)
    assert made.opened > 0.8
    assert made.model > 1
    assert made.hand == pytest.approx(made.model, rel=0.25)


def test_effects_on_one_wait_add_up_to_what_they_do_together() -> None:
    """In each draw over all that come: the sum of the parts, at each level of trade, is one solve of all together."""
    inputs, prepared, made, streams = solved()
    effects = inputs["freight"].effects
    sizes, begin = sizes_of(effects, streams), begins(effects, made.world["schedule.finish"])
    until = month_of(date(inputs["freight"].years[-1] + 1, 1, 1))
    # links are scaled to many pairs of places: draws in which none that matters comes add up by themselves
    links = list(prepared["freight"].opened.effects)
    came_by = begin <= until
    at = [d for d in range(DRAWS) if came_by[:, d].sum() >= 3 and not came_by[links, d].any()][:3]
    assert len(at) == 3
    for d in at:
        twin = Twin(streams, inputs, prepared, d)
        came = [k for k, e in enumerate(effects) if came_by[k, d] and e.driver != "freight.opening"]
        usd = made.world["trade.flow"][d, -1].mean(axis=1)
        together = twin.with_all(came, sizes[:, d], usd) - twin.with_all([], sizes[:, d], usd)
        parts = made.world["freight.cost"][d, -1, came].sum(axis=0)
        alone = sum(twin.with_all([k], sizes[:, d], usd) - twin.with_all([], sizes[:, d], usd) for k in came)
        np.testing.assert_allclose(parts, together, atol=2 * OFF[""])
        assert (np.abs(alone) >= np.abs(together) - 1e-9).all()


def test_a_road_acts_from_its_date_and_a_road_elsewhere_is_worth_nothing() -> None:
    inputs, prepared, made, streams = solved()
    effects = inputs["freight"].effects
    begin = begins(effects, made.world["schedule.finish"])
    until = month_of(date(inputs["freight"].years[-1] + 1, 1, 1))
    index = {e.name: k for k, e in enumerate(effects)}
    road, passage = index["almaty-issyk-kul/0"], index["industrial-complex/2"]
    cost = made.world["freight.cost"]
    for k in (road, passage):
        early, late = begin[k] <= until, begin[k] > until + 1
        assert early.any()
        assert (cost[early, :, k] < 0).all()
        assert (cost[late, :, k] == 0).all()
    for name in ("barskoon-bedel/0", "cku-railway/0"):
        assert (cost[:, :, index[name]] == 0).all()
    complex_open = begin[index["industrial-complex/1"]]
    np.testing.assert_array_equal(begin[passage], complex_open + 36)
    # trade answers in the year in which the road opens, not before
    measure = inputs["trade"].measures.index("almaty-issyk-kul")
    alone = replace(
        prepared["trade"],
        inputs=replace(inputs["trade"], effects=tuple(r for r in inputs["trade"].effects if r.measure == measure)),
    )
    terms = trade.steps(alone, made.world["schedule.finish"], streams, freight=cost).log.sum(axis=1)
    for y, year in enumerate(inputs["trade"].years):
        there = begin[road] < month_of(date(year + 1, 1, 1))
        assert (terms[there, y] > 0).all()
        assert (terms[~there, y] == 0).all()


def test_few_pairs_scaled_stand_for_many_pairs_along_a_passage() -> None:
    """By 80 of 153 pairs at central values the complex's passage, the worst case, is worth at most 12 of 100 less."""
    i = solved()[0]["freight"]
    by_road = tuple(dict(p.numbers)["mean"] for p in i.road)
    kept = (Corridors(i.network, i.pair, i.usd, by_road, i.truck_shares, PAIRS), ("complex-open", "complex-open+36"))
    for used, true in zip(breadth(*kept), breadth(*kept, 80), strict=True):
        assert 0 < true <= used <= 1.12 * true


def test_routes_folded_into_crossings_answer_as_all_routes_do() -> None:
    """At the reference waits to rounding; two hours away within 2 of 100 trucks and a tenth of what it costs."""
    inputs, prepared, _, streams = solved()
    m = prepared["freight"].market
    twin = Twin(streams, inputs, prepared, 7)
    scales = Scales(m.costs.scale_route, m.costs.scale_crossing, m.costs.scale_mode, twin.taste.trucks)
    hour = np.stack([h[:3] for h in twin.hour])[None]
    one = np.ones(1)
    count = len(m.crossings)
    ways = fold(*m.options, scales, one * twin.taste.reliability, one * twin.taste.waiting, hour, twin.now[None], m.cv)
    mass = np.zeros((1, 2, 3))
    knots = np.tile(np.array([0.0, 1e9]), (1, count, 2, 1))
    usual = [0.0, 0.0]
    for k in range(3):
        mass[:] = 0.0
        mass[0, :, k] = 1e4
        for away in (0.0, 2.0, -0.1):
            # waits that do not answer trucks: curves that are flat
            wait = np.maximum(twin.now + away, 0.0)
            flat = np.repeat(wait[None, ..., None], 2, axis=3)
            _, x, cost, left = settled(
                ways, scales, mass, np.ones((1, 1, 2)), np.zeros(1), twin.k[None], twin.rail[None],
                np.zeros((count, 2)), knots, flat, np.zeros((1, count, 2)), wait[None, None], 1e-9, 5,
            )  # fmt: skip
            assert left[0] < 1e-9
            for side in (0, 1):
                road, _, expected = respond(
                    m.options[side], twin.taste, hour[0, side], wait[:, side].copy(), m.cv, twin.k, twin.rail[side]
                )
                share = x[0, 0, :, side] / (1e4 * scales.trucks)
                np.testing.assert_allclose(share, road[k, :-1], atol=1e-12 if away == 0.0 else 0.02)
                room = 0.1 * abs(expected[k] - usual[side]) if away else 0.0
                usual[side] = usual[side] if away else expected[k]
                assert cost[0, 0, side] / 1e4 == pytest.approx(expected[k], abs=1e-9 + room)


def test_waits_settle_whatever_capacity_and_delay() -> None:
    for driver, size in (("border.capacity", 0.05), ("border.capacity", 10.0), ("border.hours", 200.0)):
        made = solved(driver, size)[2]
        assert not made.failed.any(), (driver, size)
        assert np.isfinite(made.world["freight.response"]).all()


if __name__ == "__main__":
    for kind in KINDS:
        cheap, full = compared(kind, int(sys.argv[1]))
        far, mean = np.abs(cheap - full), (float(x.mean()) for x in (full, cheap))
        size, off = (float(np.sqrt(np.square(x).mean())) for x in (full, far))
        print(kind, len(cheap), f"size {size:.2e} off {off:.2e} most {far.max():.2e} means", *mean)
