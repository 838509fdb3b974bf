"""The year as one programme: balances hold, more freedom never costs more, magnitudes are those observed."""

from __future__ import annotations

import numpy as np
import pytest

from birge.errors import InputError, SolveError
from birge.models.power.accounts import accounts
from birge.models.power.balance import made_by, need, shares, supply
from birge.models.power.case import REGIMES, case, swap_contract
from birge.models.power.dispatch import Dispatch, dispatch, read, year_programme
from birge.models.power.lp import LEVELS, Assembly, Solver
from birge.models.power.month import load
from birge.models.power.system import DAYS, observed, power_system
from birge.models.power.yields import CLOSE, met
from birge.plan import embedded

SYSTEM = power_system(("KAZ", "KGZ"))
RIVER = SYSTEM.rivers["toktogul"]
SEEN = {k: v for k, (v, _) in observed().items()}


def test_a_pair_without_nodes_has_no_system() -> None:
    assert power_system(("GEO", "ARM")) is None


def test_every_name_in_the_tables_leads_somewhere() -> None:
    nodes = {n.id for n in SYSTEM.nodes}
    milestones = {m.id for m in embedded().milestones()}
    assert {p.node for p in (*SYSTEM.plants, *SYSTEM.projects, *SYSTEM.reservoirs)} <= nodes
    assert {e for x in SYSTEM.lines for e in (x.from_node, x.to_node)} <= nodes
    assert {p.milestone for p in SYSTEM.projects} <= milestones
    assert {r.milestone for r in SYSTEM.reservoirs if r.milestone} <= milestones
    used = {n.profile for n in SYSTEM.nodes} | {p.profile for p in (*SYSTEM.plants, *SYSTEM.projects)}
    assert used == set(SYSTEM.profiles)
    for name, values in SYSTEM.profiles.items():
        assert values.shape == (12, 24)
        assert (values >= 0).all(), name
        if name.startswith("demand"):
            assert (values.mean(axis=1) @ DAYS) / 365 == pytest.approx(1, abs=2e-3), name
        else:
            assert values.max() <= 1, name


def test_the_river_is_that_of_the_yearbook() -> None:
    assert RIVER.inflow_km3.sum() == pytest.approx(SEEN["inflow-2023"], rel=0.03)
    assert RIVER.inflow_km3[3:9].sum() / RIVER.inflow_km3.sum() == pytest.approx(SEEN["inflow-summer-2023"], abs=0.03)


def test_kyrgyz_demand_has_the_known_winter() -> None:
    of = case(SYSTEM, 2025)
    assert load(SYSTEM, of, "KGZ", 0).sum() / 31 == pytest.approx(76, rel=0.03)
    december = SYSTEM.profiles["demand-kgz"][11]
    assert december.max() / december.mean() == pytest.approx(3_300 / (70_000 / 24), rel=1e-3)
    # the evening of 3,300 MW was in December 2022, when the year had 16.0 TWh; the shape is that of 19.3 TWh
    assert december.max() * 16.0e6 / 8_760 == pytest.approx(3_300, rel=0.06)
    # the record day of January 2023, with 16.95 TWh in the year, was colder than an average one
    january = SYSTEM.profiles["demand-kgz"][0].mean() * 16.95e3 / 365
    assert 0.8 * 76 < january < 76


def test_2023_is_within_a_few_per_cent_of_what_was_observed() -> None:
    of = case(SYSTEM, 2023, "purchases", members=("KGZ",)).at(
        demand={"KGZ": 16.95}, inflow=SEEN["inflow-2023"] / RIVER.inflow_km3.sum()
    )
    made = dispatch(SYSTEM, of, {"toktogul": SEEN["volume-2023-start"]}, {"toktogul": SEEN["volume-2024-start"]})
    assert made.hydro["toktogul"].sum() / 1_000 == pytest.approx(SEEN["cascade-2023"], rel=0.04)
    assert made.missing["KGZ"].sum() == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("regime", REGIMES)
def test_power_and_water_balance(regime: str) -> None:
    of = case(SYSTEM, 2026, regime)
    made = dispatch(SYSTEM, of)
    v, r, s = made.volume["toktogul"], made.release["toktogul"], made.spill["toktogul"]
    lost = RIVER.evaporation_m / 1_000 * (120 + 8.4 * v[:-1])
    assert v[1:] == pytest.approx(v[:-1] + RIVER.inflow_km3 - lost - r - s, abs=1e-6)
    assert v[0] == pytest.approx(v[-1], abs=1e-6)
    own = sum(made.generation[p.id] for p in SYSTEM.plants if p.node == "KGZ" and p.id in made.generation)
    own = own + sum(made.generation[p.id] for p in SYSTEM.projects if p.node == "KGZ" and p.id in made.generation)
    come = sum(0.97 * made.forward[x] - made.backward[x] for x in ("kaz-kgz",) if x in made.forward)
    gone = sum(made.forward[x] - 0.97 * made.backward[x] for x in ("kgz-uzb",) if x in made.forward)
    have = own + made.hydro["toktogul"] + made.missing["KGZ"] + made.rationed["KGZ"] + come - gone
    have = have + made.returned - made.given
    need = np.stack([load(SYSTEM, of, "KGZ", m) for m in range(12)])
    assert have == pytest.approx(need, abs=1e-6)


@pytest.mark.parametrize("hydrology", ["dry", "mean"])
@pytest.mark.parametrize("regime", ["free", "swap"])
def test_power_is_what_the_volume_of_the_month_makes_of_its_water(regime: str, hydrology: str) -> None:
    of = case(SYSTEM, 2026, regime, hydrology=hydrology, members=("KGZ",) if regime == "swap" else None)
    made, r = dispatch(SYSTEM, of), SYSTEM.lowest()
    true = 1_000 * (r.yield_base + r.yield_slope * made.volume[r.id][:12]) * made.release[r.id]
    assert np.abs(made.hydro[r.id].sum(axis=1) - true).max() == pytest.approx(made.off, abs=1e-6)
    assert made.off <= CLOSE
    # A fixed point: at its own yields the year is the optimum of the programme, and another start leads to it.
    again = dispatch(met(SYSTEM, made.volume), of, head=False)
    assert again.cost == pytest.approx(made.cost, rel=1e-6)
    far = dispatch(met(SYSTEM, {r.id: np.full(13, r.full_km3)}), of)
    assert far.cost == pytest.approx(made.cost, rel=1e-5)
    usual = dispatch(SYSTEM, of, head=False)
    assert usual.volume[r.id][:12].mean() < SYSTEM.rivers[r.id].usual_km3.mean(), "lower than usual"
    assert usual.hydro[r.id].sum() > 1.005 * made.hydro[r.id].sum(), "where usual yields make too much of the water"
    assert usual.cost < made.cost


def test_more_blocks_are_never_cheaper() -> None:
    # At fixed yields: by more blocks other volumes are met, and other yields.
    costs = [dispatch(SYSTEM, case(SYSTEM, 2026, "free", blocks=b), head=False).cost for b in (1, 2, 4, 8, 24)]
    assert (np.diff(costs) >= -1e-6).all()
    assert costs[-1] > costs[0]


def test_more_exchange_never_costs_more() -> None:
    ways = ("isolated", "purchases", "swap")
    costs = [dispatch(SYSTEM, case(SYSTEM, 2026, r, members=("KGZ",)), head=False).cost for r in ways]
    assert costs[0] > costs[1] > costs[2]
    caps = [
        dispatch(
            SYSTEM, case(SYSTEM, 2026, "swap", members=("KGZ",), swap=swap_contract(SYSTEM, 1.3, c)), head=False
        ).cost
        for c in (0.0, 150.0, 300.0, 600.0)
    ]
    assert (np.diff(caps) <= 1e-6).all()
    assert caps[0] == pytest.approx(costs[1], abs=1e-6)


def test_what_is_given_comes_back_at_the_ratio() -> None:
    made = dispatch(SYSTEM, case(SYSTEM, 2026, "swap", members=("KGZ",)))
    assert 0 < made.given.sum() <= 300 + 1e-6
    assert made.returned.sum() / 1.3 + made.settled.sum() == pytest.approx(made.given.sum(), abs=1e-6)
    assert made.given[[0, 1, 2, 3, 4, 8, 9, 10, 11]].sum() == 0
    assert made.returned[3:9].sum() == 0


def test_missing_power_costs_more_the_more_of_it_there_is() -> None:
    for n in SYSTEM.nodes:
        curve = SYSTEM.curve(n.id)
        prices, shares = np.array([d.price for d in curve]), np.array([d.share for d in curve])
        assert (np.diff(prices) > 0).all()
        assert shares.sum() == pytest.approx(1)
        assert SYSTEM.rationed_share(n.id) == pytest.approx(0.05)
        rationed = np.array([d.kind == "rationed" for d in curve])
        assert prices[rationed] @ shares[rationed] / 0.05 == pytest.approx(200), (
            "rationing costs 200 USD/MWh on average"
        )
        assert (prices[-1], rationed.tolist()) == (800, sorted(rationed, reverse=True))


def test_missing_power_is_spread_over_hours_that_cost_the_same() -> None:
    of = case(SYSTEM, 2026, "swap", members=("KGZ",), hydrology="dry")
    need = np.stack([load(SYSTEM, of, "KGZ", m) for m in range(12)])
    widest = max(d.share for d in SYSTEM.curve("KGZ")[:-1])
    comb = 0.0
    for left in (6.8, 7.2, 7.6, 8.0):
        year = year_programme(SYSTEM, of, {"toktogul": 9.4}, {"toktogul": left})
        vertex, made = read(year), dispatch(SYSTEM, of, {"toktogul": 9.4}, {"toktogul": left})
        assert made.cost == vertex.cost
        assert made.off <= CLOSE, "the spread year has the volumes of the optimum, and so its yields"
        # The accounts price what is missing by the curve: a spread that were dearer would not add up to the optimum.
        assert accounts(SYSTEM, made, 0.0)["KGZ"].total == pytest.approx(vertex.cost, rel=1e-9)
        before, after = ((d.missing["KGZ"] + d.rationed["KGZ"]) / need for d in (vertex, made))
        comb = max(comb, float(np.ptp(before, axis=1).max()))
        assert np.ptp(after, axis=1).max() < 2 * widest / LEVELS
        # Rationing, the first 5 % of a block's load, is used up before anything is unserved.
        full = made.rationed["KGZ"] > (0.05 - 1e-9) * need
        assert (made.missing["KGZ"][~full] < 1e-6).all()
    assert comb > 0.8 * widest, "a vertex fills a step in one block and leaves it in the next"


def test_water_is_worth_what_another_km3_saves() -> None:
    of, end = case(SYSTEM, 2026, "purchases", members=("KGZ",)), {"toktogul": 9.0}
    less, made, more = (dispatch(SYSTEM, of, {"toktogul": v}, end, head=False) for v in (9.399, 9.4, 9.401))
    assert (made.cost - more.cost) / 0.001 - 1e-3 <= made.water_value["toktogul"]
    assert made.water_value["toktogul"] <= (less.cost - made.cost) / 0.001 + 1e-3


def test_priced_irrigation_moves_water_to_summer() -> None:
    plain = dispatch(SYSTEM, case(SYSTEM, 2025, "isolated"))
    free = case(SYSTEM, 2025, "free")
    unpaid, joint = (dispatch(SYSTEM, free.at(water={"KAZ": p, "UZB": p})) for p in (0.0, 50.0))

    def summer(d: Dispatch) -> float:
        gone = d.release["toktogul"] + d.spill["toktogul"]
        return float(gone[3:9].sum() / gone.sum())

    # 0.30 to 0.40 since 1992; a cost that rises with what is missing keeps a little more for summer.
    assert 0.30 <= summer(plain) <= 0.41
    assert summer(joint) > summer(unpaid) + 0.1
    assert summer(joint) > summer(plain)


def test_an_impossible_programme_is_an_error() -> None:
    a = Assembly()
    a.put(a.row(1, 2.0), a.column(1, 1.0, 0.0, 1.0), 1.0)
    with pytest.raises(SolveError, match="Infeasible"):
        Solver(a).solve()


def test_what_highs_refuses_is_said_and_not_left_out() -> None:
    a = Assembly()
    columns = a.column(2, 1.0, 0.0, 5.0)
    a.put(a.row(1, 1.0), columns, 1.0)
    made, one = Solver(a), np.ones(1)
    with pytest.raises(SolveError, match="did not take a row"):
        made.row(np.array([99], np.int32), one)
    s = made.solve()
    with pytest.raises(SolveError, match="did not take 16 columns"):
        made.evened(s, columns, np.array([1.0, np.nan]), np.ones(2), np.zeros(0, np.int32))
    with pytest.raises(SolveError, match="did not take costs"):
        made.prices(np.zeros(99))


def test_bad_options_are_all_named() -> None:
    with pytest.raises(InputError) as caught:
        case(SYSTEM, 2026, "barter", hydrology="damp", blocks=7)
    assert len(caught.value.problems) == 3


@pytest.mark.parametrize(
    ("regime", "members", "opened"),
    [("swap", ("KGZ",), ()), ("swap", None, ()), ("free", None, ("casa-1000",)), ("isolated", None, ())],
)
def test_what_comes_and_goes_is_the_demand_of_any_group_of_nodes(
    regime: str, members: tuple[str, ...] | None, opened: tuple[str, ...]
) -> None:
    of = case(SYSTEM, 2028, regime, members=members, opened=opened)
    made = dispatch(SYSTEM, of)
    for nodes in (*([n] for n in of.nodes), list(of.nodes), list(of.nodes)[:2]):
        np.testing.assert_allclose(sum(supply(SYSTEM, made, nodes).values()), need(SYSTEM, made, nodes), atol=1e-6)
    for economy, own in made_by(SYSTEM, made).items():
        parts = shares(own)
        assert parts["clean"] == pytest.approx(sum(v for k, v in parts.items() if k != "clean")), economy
