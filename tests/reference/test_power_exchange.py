"""What exchange is worth: shares that add up, gains that are not negative, money that leaves one side for another."""

from __future__ import annotations

import pytest

from birge.models.power.exchange import Game, in_core, nash, shapley, worth
from birge.models.power.system import power_system

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
