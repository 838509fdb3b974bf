"""Contracts and accounts: payments cancel out, the grid equals cold solves, the set is what both sides gain from."""

from __future__ import annotations

from dataclasses import replace

import pytest

from birge.errors import InputError
from birge.models.power.accounts import accounts, demand_at, turnover
from birge.models.power.case import case, swap_contract
from birge.models.power.contracts import Offer, both_prefer, carried, offers, seasons, settlement
from birge.models.power.exchange import in_core, kept_to, pair_gain, regimes, shapley, worth
from birge.models.power.system import observed, power_system
from birge.report.power_exchange import (
    Contracts,
    ceiling_text,
    contracts_csv,
    contracts_document,
    contracts_spec,
    contracts_text,
    game_document,
    regime_document,
    regimes_text,
)

SYSTEM = power_system(("KAZ", "KGZ"))
PAIR = ("KAZ", "KGZ")
ALL = frozenset({"KAZ", "KGZ", "UZB"})


@pytest.fixture(scope="module")
def found() -> tuple[Offer, ...]:
    return offers(SYSTEM, 2026, PAIR, ratios=(0.8, 1.3, 1.6), caps=(161.0, 338.0), among=seasons(SYSTEM)[:1])


def test_what_one_side_pays_another_gets() -> None:
    none = kept_to(SYSTEM, case(SYSTEM, 2026, "purchases"))
    swap = replace(swap_contract(SYSTEM), must=True)
    today = kept_to(SYSTEM, case(SYSTEM, 2026, "swap", swap=swap))
    free = kept_to(SYSTEM, case(SYSTEM, 2026, "free").at(water={"KAZ": 50.0, "UZB": 50.0}))
    for made, price in ((none, 0.0), (today, 0.0), (free, 50.0)):
        assert sum(v.total for v in accounts(SYSTEM, made, price).values()) == pytest.approx(made.cost, rel=1e-9)
    assert today.returned.sum() == pytest.approx(1.3 * today.given.sum())
    assert turnover(SYSTEM, today, PAIR) > turnover(SYSTEM, none, PAIR)


def test_a_contract_of_the_grid_is_the_year_solved_on_its_own(found: tuple[Offer, ...]) -> None:
    of = case(SYSTEM, 2026, "purchases", members=PAIR)
    before = kept_to(SYSTEM, of)
    for o in found:
        made = kept_to(SYSTEM, of.at(swap=replace(swap_contract(SYSTEM, o.ratio, o.cap), must=True)))
        # The grid leaves what one side sells the other as it was; the year on its own may change it and is no dearer.
        assert sum(o.power.values()) <= before.cost - made.cost + 1e-6
    small = next(o for o in found if (o.ratio, o.cap) == (0.8, 161.0))
    made = kept_to(SYSTEM, of.at(swap=replace(swap_contract(SYSTEM, 0.8, 161.0), must=True)))
    assert sum(small.power.values()) == pytest.approx(before.cost - made.cost, abs=1e-6)


def test_the_side_that_gets_less_back_than_it_gives_loses(found: tuple[Offer, ...]) -> None:
    for o in found:
        assert (o.gain("KGZ", 50.0) > 0) == (o.ratio > 1)
        assert o.gain("KAZ", 100.0) > o.gain("KAZ", 20.0), "more water reaches the fields"
        turn = o.break_even("KAZ")
        assert turn is None or o.gain("KAZ", turn) == pytest.approx(0, abs=1e-9)


def test_the_set_has_every_contract_both_gain_from_and_no_other(found: tuple[Offer, ...]) -> None:
    good = both_prefer(found, PAIR, 50.0)
    assert good
    assert {(o.ratio, o.cap) for o in good} == {
        (o.ratio, o.cap) for o in found if min(o.gain("KAZ", 50.0), o.gain("KGZ", 50.0)) > 0.01
    }
    best = settlement(found, PAIR, 50.0)
    assert best is not None
    assert all(
        best.gain("KAZ", 50.0) * best.gain("KGZ", 50.0) >= o.gain("KAZ", 50.0) * o.gain("KGZ", 50.0) for o in good
    )
    assert settlement([o for o in found if o.ratio < 1], PAIR, 50.0) is None


def test_what_the_line_cannot_carry_is_left_out() -> None:
    swap = swap_contract(SYSTEM, 2.0, 1_000.0)
    assert carried(swap)
    assert not carried(replace(swap, back=(10, 11, 0, 1)))
    with pytest.raises(InputError) as caught:
        offers(SYSTEM, 2026, PAIR, ratios=(0.0, 6.0), caps=(-1.0,))
    assert len(caught.value.problems) == 3


def test_the_grid_as_text_table_document_and_picture(found: tuple[Offer, ...]) -> None:
    made = Contracts(PAIR, 2026, "mean", "mode", (20.0, 50.0), seasons(SYSTEM)[:1], found, found[2:3], (200.0, 800.0))
    assert "1.3 to 1.6" in contracts_text(made)
    assert "given in Jun-Aug, returned in Oct-Mar" in contracts_text(made)
    rows = contracts_csv(made).splitlines()
    assert len(rows) == 1 + 2 * len(found)
    document = contracts_document(made)
    for price in (20.0, 50.0):
        assert len(document["both_prefer"][f"{price:g}"]) == sum(
            r.split(",")[3] == f"{price}" and r.endswith(",both") for r in rows
        )
    spec = contracts_spec(made)
    cells = [spec["datasets"][p["layer"][0]["data"]["name"]] for p in spec["vconcat"]]
    assert [len(c) for c in cells] == [len(found)] * 2
    assert sum(c["who"] == "both gain" for c in cells[1]) == len(document["both_prefer"]["50"])


def test_exchange_against_today_and_alone() -> None:
    today, alone = worth(SYSTEM, 2026, 50.0, base="swap"), worth(SYSTEM, 2026, 50.0)
    assert 0 < today.gain(ALL) < alone.gain(ALL) / 5, "standing alone most of the gain is missing power"
    assert alone.unserved(ALL) / alone.gain(ALL) > 0.9
    assert sum(shapley(today).values()) == pytest.approx(today.gain(ALL), rel=1e-9)
    row = game_document(today)
    for name, c in row["coalitions"].items():
        assert c["missing_power_avoided"] + c["rest"] == pytest.approx(c["gain"]), name
        assert sum(c["by_economy"].values()) == pytest.approx(c["gain"])
    assert row["in_core"] == in_core(today, shapley(today))
    both = frozenset(PAIR)
    assert pair_gain(SYSTEM, 2026, 50.0, PAIR)[0] == pytest.approx(today.gain(both), abs=1e-6)
    assert demand_at(SYSTEM, 2026, "low")["KGZ"] < demand_at(SYSTEM, 2026, "high")["KGZ"]
    # Lines make power that was missing: emissions rise.
    assert today.carbon[both] > today.carbon[frozenset()]
    with pytest.raises(InputError):
        worth(SYSTEM, 2026, 50.0, base="barter")


def test_regimes_say_what_they_gain_against_today() -> None:
    made = regimes(SYSTEM, 2026, 50.0, PAIR)
    rows = {r["regime"]: r for r in regime_document(made)}
    assert set(rows["swap"]["gain_against_today"].values()) == {0.0}
    assert rows["isolated"]["gain_against_today"]["KGZ"] < 0 < sum(rows["free"]["gain_against_today"].values())
    assert sum(rows["free-planned"]["gain_against_today"].values()) > sum(rows["free"]["gain_against_today"].values())
    assert rows["isolated"]["traded_by_pair"] == 0
    assert regimes_text([list(rows.values())], PAIR).count("\n") == 8


def test_all_power_of_2022_was_worth_about_31_million() -> None:
    seen = observed()
    gwh = seen["export-power-2022"][0]
    assert gwh == pytest.approx(seen["swap-2022"][0] + seen["sold-kaz-2022"][0], abs=1)
    assert gwh * SYSTEM.parameters["contract-price"].mode / 1_000 == pytest.approx(31, abs=1)
    assert "about 31 mn USD" in ceiling_text(SYSTEM, seen)
