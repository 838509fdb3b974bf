"""Partners outside: steps of price both ways within the border's limit, a dated outlet, months and hours alike."""

from __future__ import annotations

import numpy as np
import pytest

from birge.errors import InputError
from birge.models.power.accounts import accounts
from birge.models.power.answer import Question, cases_of
from birge.models.power.case import case
from birge.models.power.clock import clock
from birge.models.power.direct import run
from birge.models.power.dispatch import Dispatch, dispatch
from birge.models.power.expand import expand
from birge.models.power.grid import grid
from birge.models.power.month import hours
from birge.models.power.options import options
from birge.models.power.system import DAYS, Step, power_system

SYSTEM = power_system(("KAZ", "KGZ"))
OPEN = case(SYSTEM, 2028, "free", opened=("casa-1000",), blocks=24)
STEPS = {x.id: x for x in SYSTEM.steps}


@pytest.fixture(scope="module")
def made() -> Dispatch:
    return dispatch(SYSTEM, OPEN)


def test_every_step_leads_somewhere_and_no_one_sells_below_what_he_buys_at() -> None:
    zones = {z.id: z for z in SYSTEM.zones}
    assert {z.node for z in SYSTEM.zones} <= {n.id for n in SYSTEM.nodes}
    assert {x.zone for x in SYSTEM.steps} == set(zones)
    for name in zones:
        sells = [x.price for x in SYSTEM.steps if x.zone == name and x.way == "sells"]
        buys = [x.price for x in SYSTEM.steps if x.zone == name and x.way == "buys"]
        assert not sells or not buys or max(buys) < min(sells), "else power would be bought to be sold back"
    winter = Step("w", "rus", "buys", 1.0, 1.0, "11-2")
    assert [m for m in range(12) if winter.there(m)] == [0, 1, 10, 11]


def test_a_step_is_used_where_the_nodes_price_says_so(made: Dispatch) -> None:
    each = np.array([hours(m, 24) for m in range(12)])[:, None]
    node = {z.id: z.node for z in SYSTEM.zones}
    for name, power in made.traded.items():
        x, price, full = STEPS[name], made.price[node[STEPS[name].zone]], STEPS[name].mw / 1_000 * each
        limited = sum(s.mw for s in SYSTEM.steps if s.zone == x.zone and s.way == x.way) > 500
        assert not limited, "the tables' steps stay within the border, so that a step's own price decides"
        gains = x.price - price if x.way == "buys" else price - x.price
        there = np.array([x.there(m) for m in range(12)])[:, None] & np.ones((12, 24), bool)
        assert (power[~there] == 0).all(), name
        assert power[there & (gains > 1e-3)] == pytest.approx((full * there)[there & (gains > 1e-3)]), name
        assert np.abs(power[there & (gains < -1e-3)]).max(initial=0.0) < 1e-6, name
    assert 0 < made.traded["rus-sells-1"].sum() < 220 * 8.76


def test_the_border_limits_all_steps_together() -> None:
    narrow = [z if z.id != "rus" else type(z)(z.id, z.economy, z.node, 100.0, z.first_year) for z in SYSTEM.zones]
    small = power_system(("KAZ", "KGZ"))
    assert small is not None
    system = type(small)(**{**vars(small), "zones": tuple(narrow)})
    found = dispatch(system, OPEN)
    sold = found.traded["rus-sells-1"] + found.traded["rus-sells-2"]
    assert sold.max() <= 0.1 * 31 + 1e-9
    assert sold.sum() < dispatch(SYSTEM, OPEN).traded["rus-sells-1"].sum()
    by_hours = run(grid(system, OPEN, clock()))
    assert by_hours.flow["rus-in"].max() <= 100 + 1e-6
    assert by_hours.cost == pytest.approx(found.cost, rel=2e-3)


def test_months_and_hours_have_the_same_partners(made: Dispatch) -> None:
    by_hours = run(grid(SYSTEM, OPEN, clock()))
    assert by_hours.cost == pytest.approx(made.cost, rel=2e-3)
    gwh = float((by_hours.flow["casa-buys"] * clock().hours).sum()) / 1_000
    assert gwh == pytest.approx(made.traded["casa-buys"].sum(), rel=0.02)


def test_an_outlet_is_worth_no_more_than_it_pays(made: Dispatch) -> None:
    shut = dispatch(SYSTEM, case(SYSTEM, 2028, "free", blocks=24))
    sold = float(made.traded["casa-buys"].sum())
    assert 0 <= shut.cost - made.cost <= sold * STEPS["casa-buys"].price / 1_000 + 1e-6
    assert made.traded["casa-buys"].sum(axis=1)[[*range(4), *range(9, 12)]].sum() == 0
    assert sold <= 390 * DAYS[4:9].sum() * 24 / 1_000 + 1e-6
    assert sum(v.total for v in accounts(SYSTEM, made, 0.0).values()) == pytest.approx(made.cost, rel=1e-9)


def test_it_opens_when_it_is_said_to() -> None:
    asked = Question(2027, months=24, built={"casa-1000": (2028, 3)})
    cases = cases_of(SYSTEM, asked, ("KAZ", "KGZ"))
    assert ["casa-1000" in c.zones for c in cases] == [False] * 15 + [True] * 9
    later = {z.id: (z.first_year, z.node, z.mw) for z in SYSTEM.zones if z.first_year}
    assert later == {o.id: (o.first_year, o.node, o.mw) for o in options(SYSTEM, 2050) if o.kind == "zone"}
    dated = {name: first for name, (first, _, _) in later.items()}
    assert "casa-1000" not in {o.id for o in options(SYSTEM, dated["casa-1000"] - 1)}
    whole = {w.id: w for w in expand(SYSTEM, dated["casa-1000"], clock()).whole}
    assert whole["casa-1000"].saves >= -1e-6
    assert whole["casa-1000"].costs == pytest.approx(185 * (0.06646 + 0.01), rel=1e-2), (
        "185 mn USD over 40 years at 6 %"
    )
    with pytest.raises(InputError, match="casa-1000"):
        case(SYSTEM, 2028, "free", opened=("casa-2000",))


def test_none_is_there_before_its_first_year() -> None:
    first = next(z.first_year for z in SYSTEM.zones if z.id == "casa-1000")
    assert "casa-1000" in case(SYSTEM, first, "free", opened=("casa-1000",)).zones
    with pytest.raises(InputError) as early:
        case(SYSTEM, first - 1, "free", opened=("casa-1000",))
    with pytest.raises(InputError) as planned:
        cases_of(SYSTEM, Question(first - 1, months=24, built={"casa-1000": (first - 1, 11)}), ("KAZ", "KGZ"))
    for problem in (*early.value.problems, *planned.value.problems):
        assert (problem.code, str(first) in problem.remedy) == ("too-early", True)
