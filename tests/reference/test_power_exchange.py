"""What exchange is worth: shares that add up, gains that are not negative, money that leaves one side for another."""

from __future__ import annotations

import csv
import io

import numpy as np
import pytest

from birge.charts import svg
from birge.models.power.case import case, with_ratio
from birge.models.power.dispatch import dispatch
from birge.models.power.exchange import Game, in_core, nash, regimes, shapley, worth
from birge.models.power.flows import flows, places
from birge.models.power.month import load
from birge.models.power.system import power_system
from birge.report.power_exchange import coalitions_csv, game_document, regime_document
from birge.report.power_map import exchange_pictures
from birge.texts import translator

SYSTEM = power_system(("KAZ", "KGZ"))
ALL = frozenset({"KAZ", "KGZ", "UZB"})


@pytest.fixture(scope="module")
def game() -> Game:
    return worth(SYSTEM, 2025, 50.0)


def test_shares_add_up_to_the_gain_of_all(game: Game) -> None:
    shares = shapley(game)
    assert sum(shares.values()) == pytest.approx(game.gain(ALL), rel=1e-9)
    assert sum(nash(game.gain(frozenset({"KAZ", "KGZ"})))) == game.gain(frozenset({"KAZ", "KGZ"}))


def test_a_coalition_that_holds_the_water_gains_and_more_sides_gain_more(game: Game) -> None:
    assert game.gain(frozenset({"KAZ", "KGZ"})) > 0
    assert game.gain(ALL) >= max(v for v in (game.gain(frozenset(p)) for p in (("KAZ", "KGZ"), ("KGZ", "UZB")))) - 1e-6


def test_a_lower_ratio_of_todays_exchange_moves_money_from_the_side_with_the_water() -> None:
    costs = []
    for ratio in (1.0, 1.3):
        today = next(w for w in regimes(with_ratio(SYSTEM, ratio), 2026, 50.0, ("KAZ", "KGZ")) if w.name == "swap")
        back, given = ({(f.start, f.end): f.gwh for f in today.flows}[k] for k in (("KZS", "KGZ"), ("KGZ", "KZS")))
        costs.append((today.account["KGZ"].total, given.sum(), back[[0, 1, 2, 9, 10, 11]].sum()))
    assert costs[0][1] == pytest.approx(costs[1][1])
    assert costs[1][0] < costs[0][0]
    assert costs[1][2] > costs[0][2]


def test_the_core_of_a_game_by_hand() -> None:
    def of(*members: str) -> frozenset[str]:
        return frozenset(members)

    alone = {"A": 10.0, "B": 10.0, "C": 10.0}
    pair = {**alone, "A": 7.0, "B": 7.0}
    made = Game(
        ("A", "B", "C"), 0.0,
        {of(): alone, of("A", "B"): pair, of("A", "C"): alone, of("B", "C"): alone,
         of("A", "B", "C"): {"A": 6.0, "B": 7.0, "C": 8.0}}, {}, {},
    )  # fmt: skip
    # Gains: AB 6, ABC 9. By orders: A and B get (6 + 9 + 9 + 6 + ...) / 6 = 4 each, C the other 1.
    assert shapley(made) == pytest.approx({"A": 4.0, "B": 4.0, "C": 1.0})
    assert in_core(made, shapley(made))
    assert not in_core(made, {"A": 2.0, "B": 2.0, "C": 5.0})
    assert made.felt_outside(of("A", "B")) == {"C": 0.0}


def test_what_one_side_pays_another_gets(game: Game) -> None:
    assert set(game.cost[ALL]) == ALL
    assert all(v > 0 for v in game.cost[frozenset()].values())
    assert game.summer[ALL] > game.summer[frozenset()]


@pytest.mark.parametrize("regime", ["swap", "free"])
def test_what_crosses_closes_the_balance_of_every_node(regime: str) -> None:
    of = case(SYSTEM, 2026, regime)
    made = dispatch(SYSTEM, of)
    loss = {frozenset((x.from_node, x.to_node)): x.loss for x in SYSTEM.lines}
    own = {p.id: p.node for p in (*SYSTEM.plants, *SYSTEM.projects)}
    outside = {p.id for p in SYSTEM.plants if p.technology == "import"}
    for node in of.nodes:
        months = sum(load(SYSTEM, of, node, m).sum() * np.eye(12)[m] for m in range(12))
        made_here = sum(
            (v.sum(axis=1) for k, v in made.generation.items() if own[k] == node and k not in outside), np.zeros(12)
        )
        made_here = made_here + sum(
            (v.sum(axis=1) for k, v in made.hydro.items() if node == SYSTEM.home().id), np.zeros(12)
        )
        short = (made.missing[node] + made.rationed[node]).sum(axis=1)
        net = np.zeros(12)
        for f in flows(SYSTEM, made):
            # Bought power and both legs of an exchange are counted where the side with the water has them; what a line
            # loses falls on its far end, or on the other side of a contract.
            lost = loss.get(frozenset((f.start, f.end)), 0.0)
            home = SYSTEM.home().id
            if f.end == node:
                net += f.gwh * (1.0 if regime == "swap" and node == home else 1.0 - lost)
            if f.start == node:
                net -= f.gwh / (1.0 - lost) if regime == "swap" and f.end == home else f.gwh
        assert np.abs(made_here + short + net - months).max() < 1.0, node


def test_pictures_of_the_exchange_say_the_numbers_of_the_document() -> None:
    ways = regime_document(regimes(SYSTEM, 2026, 50.0, ("KAZ", "KGZ")))
    today = game_document(worth(SYSTEM, 2026, 50.0, base="swap"))
    whole = {"year": 2026, "by_price": [{**today, "today": today, "regimes": ways}]}
    made = {d.name: d for d in exchange_pictures(SYSTEM, whole, [], translator("ky"))}
    assert set(made) == {"gains", "regimes", "months-today", "months-open", "map-today", "map-open"}
    for d in made.values():
        assert len({len(d.head), *map(len, d.rows)}) == 1, d.name
    crossing = next(w["flows"] for w in ways if w["regime"] == "free")
    rows = made["map-open"].rows
    assert len(rows) == len(crossing)
    assert float(rows[0][2]) + float(rows[0][3]) == pytest.approx(sum(crossing[0]["gwh_by_month"]), abs=0.2)
    drawn = svg(made["map-open"].spec(720), "map", "", "")
    for code in {f[k] for f in crossing for k in ("from", "to")}:
        assert places()[code].names["ky"] in drawn
    table = list(csv.DictReader(io.StringIO(coalitions_csv(whole["by_price"]))))
    pair = [r for r in table if r["coalition"] == "KGZ+KAZ" and r["member"] == "1" and r["against"] == "today"]
    assert sum(float(r["gain_mnusd"]) for r in pair) == pytest.approx(
        float(pair[0]["gain_of_coalition_mnusd"]), abs=0.01
    )
    shares = {r["economy"]: float(r["shapley_of_all_mnusd"]) for r in table}
    assert sum(shares.values()) == pytest.approx(today["coalitions"]["KGZ+KAZ+UZB"]["gain"], abs=0.01)
