"""Contracts and accounts: payments cancel out, the grid equals cold solves, the set is what both sides gain from."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from birge.errors import InputError
from birge.models.power.accounts import accounts, demand_at, turnover
from birge.models.power.case import case, swap_contract
from birge.models.power.contracts import Offer, both_prefer, carried, offers, seasons, settlement
from birge.models.power.exchange import in_core, kept_to, pair_gain, regimes, shapley, worth
from birge.models.power.slack import Point
from birge.models.power.system import observed, power_system
from birge.report.power_contracts import (
    Contracts,
    contracts_csv,
    contracts_document,
    contracts_drawing,
    contracts_text,
)
from birge.report.power_exchange import ceiling_text, game_document, regime_document, regimes_text
from birge.report.power_files import about, titled
from birge.texts import translator

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


def test_the_best_year_of_a_contract_is_the_year_solved_on_its_own(found: tuple[Offer, ...]) -> None:
    of = case(SYSTEM, 2026, "purchases", members=PAIR)
    before = kept_to(SYSTEM, of)
    for o in found:
        made = kept_to(SYSTEM, of.at(swap=replace(swap_contract(SYSTEM, o.ratio, o.cap), must=True)))
        # The grid leaves what one side sells the other as it was; the year on its own may change it and is no dearer.
        assert sum(o.near[0].power.values()) <= before.cost - made.cost + 1e-4
    small = next(o for o in found if (o.ratio, o.cap) == (0.8, 161.0))
    made = kept_to(SYSTEM, of.at(swap=replace(swap_contract(SYSTEM, 0.8, 161.0), must=True)))
    assert sum(small.near[0].power.values()) == pytest.approx(before.cost - made.cost, abs=1e-6)


def test_every_year_within_the_slack_is_as_good_for_both_and_a_wider_slack_holds_a_narrower(
    found: tuple[Offer, ...],
) -> None:
    one = {"ratios": (1.3,), "caps": (338.0,), "among": seasons(SYSTEM)[:1]}
    tight, wide = (offers(SYSTEM, 2026, PAIR, slack=s, **one)[0] for s in (0.05, 0.5))  # type: ignore[arg-type]
    for o, slack in ((tight, 0.05), (wide, 0.5)):
        joint = [sum(x.power.values()) for x in o.near]
        assert max(joint) - min(joint) <= slack + 1e-6
        assert joint[0] == pytest.approx(max(joint), abs=1e-6), "the first has the least joint cost"
        assert max(joint) - min(joint) == pytest.approx(slack, abs=1e-6), "some year uses all of the slack"
    for e in PAIR:
        for price in (0.0, 20.0, 100.0):
            low, high = wide.gains(e, price)
            assert low < tight.gains(e, price)[0] < tight.gains(e, price)[1] < high
    # Who bears the joint cost is not told by it: the year of least cost put Kazakhstan's gain at one number.
    assert wide.side("KAZ", 30.0) == "cannot be told"
    assert wide.both(PAIR, 30.0) == "cannot be told"
    assert both_prefer((wide,), PAIR, 30.0) == ()
    grid = next(o for o in found if (o.ratio, o.cap) == (1.3, 338.0))
    assert grid.gains("KAZ", 20.0)[0] <= wide.gains("KAZ", 20.0)[0] + 1e-6


def test_more_returned_is_never_better_for_who_returns_and_sets_have_no_holes() -> None:
    ratios, caps = (0.9, 1.0, 1.1, 1.2, 1.3, 1.4, 1.6), (338.0, 500.0)
    made = offers(SYSTEM, 2026, PAIR, ratios=ratios, caps=caps, among=seasons(SYSTEM)[:1])
    for cap in caps:
        row = sorted((o for o in made if o.cap == cap), key=lambda o: o.ratio)
        for price in (20.0, 50.0, 100.0):
            for k in (0, 1):
                returned = [o.gains("KAZ", price)[k] for o in row]
                given = [o.gains("KGZ", price)[k] for o in row]
                assert returned == sorted(returned, reverse=True)
                assert given == sorted(given)
            for kinds in (("surely",), ("surely", "cannot be told")):
                held = [o.both(PAIR, price) in kinds for o in row]
                assert sum(a != b for a, b in pairwise([False, *held, False])) in (0, 2)


def test_the_side_that_gets_less_back_than_it_gives_loses(found: tuple[Offer, ...]) -> None:
    for o in found:
        assert o.side("KGZ", 50.0) == ("surely" if o.ratio > 1 else "not")
        assert o.gains("KAZ", 100.0)[0] > o.gains("KAZ", 20.0)[0], "more water reaches the fields"
        turns = o.turns("KAZ", 100.0)
        assert turns is not None
        for from_, k in zip(turns, (1, 0), strict=True):
            assert (from_ is None) == (o.gains("KAZ", 100.0)[k] < 0)
            assert not from_ or o.gains("KAZ", from_)[k] == pytest.approx(0, abs=1e-9)
            on = () if from_ is None else np.linspace(from_, 100, 50)
            assert all(o.gains("KAZ", p)[k] >= -1e-9 for p in on), "gains from there on"


def test_a_year_that_brings_no_water_gains_at_no_price() -> None:
    def offer(*years: tuple[float, float]) -> Offer:
        return Offer("today", 1.3, 50.0, tuple(Point({"A": p, "B": 0.0}, {"A": w}) for p, w in years), {})

    assert offer((-1.0, 0.02), (-1.2, 0.05)).turns("A", 100.0) == pytest.approx((24.0, 50.0))
    assert offer((-1.0, 0.0), (-1.2, 0.05)).turns("A", 100.0) == pytest.approx((24.0, None))
    assert offer((-1.0, 0.02), (-1.2, 0.01)).turns("A", 100.0) == pytest.approx((50.0, None)), (
        "the price would lie beyond the highest"
    )
    assert offer((-1.0, -0.02), (-2.0, 0.01)).turns("A", 100.0) == pytest.approx((None, None))
    assert offer((1.0, -0.02), (-1.2, 0.05)).turns("A", 100.0) == pytest.approx((0.0, None)), (
        "a year that is good while water is cheap"
    )
    assert offer((1.0, -0.02), (-5.6, 0.08)).turns("A", 100.0) == pytest.approx((70.0, None))
    assert offer((1.0, 0.02)).turns("A", 100.0) is None
    assert offer((-1.0, 0.02)).turns("B", 100.0) is None
    assert replace(offer((-1.0, 0.02)), high={"A": (Point({"A": -1.0}, {"A": 0.0}),)}).turns(
        "A", 100.0
    ) == pytest.approx((None, 50.0))


def test_the_settlement_has_the_greatest_product_of_least_gains(found: tuple[Offer, ...]) -> None:
    good = both_prefer(found, PAIR, 50.0)
    best = settlement(found, PAIR, 50.0)
    assert best is not None

    def product(o: Offer) -> float:
        return o.gains("KAZ", 50.0)[0] * o.gains("KGZ", 50.0)[0]

    assert product(best) == max(product(o) for o in good) > 0
    assert settlement([o for o in found if o.ratio < 1], PAIR, 50.0) is None


def test_what_the_line_cannot_carry_is_left_out() -> None:
    swap = swap_contract(SYSTEM, 2.0, 1_000.0)
    assert carried(swap)
    assert not carried(replace(swap, back=(10, 11, 0, 1)))
    with pytest.raises(InputError) as caught:
        offers(SYSTEM, 2026, PAIR, ratios=(0.0, 6.0), caps=(-1.0,))
    assert len(caught.value.problems) == 3


def test_the_grid_as_text_table_document_and_picture(found: tuple[Offer, ...]) -> None:
    made = Contracts(
        PAIR, 2026, "mean", "mode", (20.0, 50.0), seasons(SYSTEM)[:1], found, found[2:3], (200.0, 800.0), 0.5,
        {("mean", "mode"): found, ("dry", "mode"): found},
    )  # fmt: skip
    told = contracts_text(made)
    assert "given in Jun-Aug, returned in Oct-Mar" in told
    assert "none (1.3)" in told, "what cannot be told stands in brackets"
    assert "it cannot be told" in told
    assert "(2 cases" in told
    for near, said in (
        ({"KAZ": -1.0}, "KAZ does not gain with water at 50"),
        ({"KAZ": 1.0}, "KAZ may gain from 0 mn USD/km3 on and surely gains at none up to 50"),
    ):
        dry = tuple(Point({**x.power, **near}, {**x.water, "KAZ": -0.01}) for x in found[2].near)
        low = tuple(Point({**x.power, "KAZ": -1.0}, x.water) for x in dry)
        one = replace(found[2], near=dry, low={"KAZ": low}, high={"KAZ": dry})
        assert said in contracts_text(replace(made, today=(one,)))
    rows = list(csv.DictReader(io.StringIO(contracts_csv(made))))
    assert len(rows) == 2 * len(found)
    document = contracts_document(made)
    kinds = {"both_prefer": "surely", "cannot_be_told": "cannot be told"}
    for price in (20.0, 50.0):
        for name, kind in kinds.items():
            same = [r for r in rows if float(r["water_price_mnusd_km3"]) == price and r["both_gain"] == kind]
            assert len(document[name][f"{price:g}"]) == len(same)
    assert all(float(r["least_gain_mnusd_KAZ"]) <= float(r["most_gain_mnusd_KAZ"]) for r in rows)
    names = {"KAZ": "Казакстан", "KGZ": "Кыргызстан"}
    drawing = contracts_drawing(made, "today", translator("ky"), names, "source")
    spec = titled(drawing, about(translator("ky"), 2026, "mean", growth="mode"))
    cells = [spec["datasets"][p["layer"][0]["data"]["name"]] for p in spec["vconcat"]]
    assert [len(c) for c in cells] == [len(found)] * 2
    kinds_of = [len({o.both(PAIR, price) for o in found}) for price in (20.0, 50.0)]
    assert [len({c["who"] for c in of}) for of in cells] == kinds_of == [2, 3]
    said = " ".join([*spec["title"]["text"], *spec["title"]["subtitle"]])
    assert "2026" in said
    assert "source" in said


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
