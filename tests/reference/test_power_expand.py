"""Hours and expansion: the year by months again, balances, options that never cost more, near optima."""

from __future__ import annotations

import re
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from birge.errors import InputError
from birge.models.power.case import case, swap_contract
from birge.models.power.clock import clock
from birge.models.power.direct import Run, run
from birge.models.power.dispatch import dispatch
from birge.models.power.expand import expand, near_optima
from birge.models.power.grid import grid
from birge.models.power.options import annuity, options
from birge.models.power.parts import Grid
from birge.models.power.pypsa_engine import run_pypsa
from birge.models.power.series import read_series
from birge.models.power.system import power_system
from birge.models.power.yields import met
from birge.plan import embedded
from birge.report.power_expand import expand_document, expand_text

SYSTEM = power_system(("KAZ", "KGZ"))
WATER = {"KAZ": 50.0, "UZB": 50.0}
SOURCES = Path(__file__).parents[2] / "src" / "birge"


@pytest.fixture(scope="module")
def wide() -> Grid:
    of = case(SYSTEM, 2030, "free", members=("KAZ", "KGZ"), milestones=("kambarata-first-unit",))
    own = [o for o in options(SYSTEM, 2030) if o.node != "UZB"]
    return grid(SYSTEM, of.at(water=WATER), clock(), own)


@pytest.fixture(scope="module")
def built(wide: Grid) -> Run:
    return run(wide)


def test_typical_hours_are_the_year_by_months() -> None:
    of = case(SYSTEM, 2026, "free", blocks=24).at(water=WATER)
    months = dispatch(SYSTEM, of)
    made = run(grid(met(SYSTEM, months.volume), of, clock()))
    # They differ by evaporation alone, which the grid takes at the volumes of the year by months.
    assert made.cost == pytest.approx(months.cost, rel=1e-5)
    start, end = {"toktogul": 9.4}, {"toktogul": 9.0}
    one = case(SYSTEM, 2026, "purchases", members=("KGZ",), blocks=24)
    still = replace(SYSTEM, rivers={k: replace(v, evaporation_m=np.zeros(12)) for k, v in SYSTEM.rivers.items()})
    months = dispatch(still, one, start, end)
    made = run(grid(met(still, months.volume), one, clock(), start=start, end=end))
    assert made.cost == pytest.approx(months.cost, rel=1e-7)
    # The dual of the balance at the reservoir is the value of water of the year by months, in USD for a million m3.
    assert made.price["toktogul-water"][0] / 1_000 == pytest.approx(months.water_value["toktogul"], rel=1e-6)
    assert made.level["toktogul"][-1] >= 9_000 - 1e-6


def test_power_and_water_balance(wide: Grid, built: Run) -> None:
    hours = wide.clock.hours
    names = [x.name for x in (*wide.units, *wide.arcs, *wide.tanks)]
    assert len(set(names)) == len(names), "an offered project is not there twice"
    for bus in wide.buses:
        net = -sum((d.value for d in wide.draws if d.bus == bus), np.zeros(len(hours)))
        for u in wide.units:
            net = net + u.sign * built.flow[u.name] * (u.bus == bus)
        for x in wide.arcs:
            net = net - built.flow[x.name] * (x.start == bus) + x.efficiency * built.flow[x.name] * (x.end == bus)
            net = net + built.flow[x.name] * (x.then == bus)
        for t in wide.tanks:
            if t.bus == bus:
                net = net + (np.roll(built.level[t.name], 1) - built.level[t.name]) / hours
        assert np.abs(net).max() < 1e-5, bus
    for t in wide.tanks:
        assert (built.level[t.name] <= t.top * built.size[t.name] + 1e-5).all()
    assert (built.level["battery-kgz-store"][wide.clock.night] < 1e-5).all(), "a typical day ends empty"


def test_volumes_of_the_year_by_months_are_kept() -> None:
    of = case(SYSTEM, 2026, "purchases", members=("KGZ",))
    volumes = {k: v[1:] for k, v in dispatch(SYSTEM, of).volume.items()}
    free, kept = (run(grid(SYSTEM, of, clock(), targets=t)) for t in (None, volumes))
    ends = [clock().last_of(m) for m in range(12)]
    assert (kept.level["toktogul"][ends] >= volumes["toktogul"] * 1_000 - 1e-4).all()
    assert kept.cost >= free.cost - 1e-6


def test_the_cost_is_that_of_its_parts(wide: Grid, built: Run) -> None:
    paid = sum(float((built.flow[u.name] * wide.clock.hours).sum()) * u.cost for u in wide.units)
    paid += sum(x.capital * built.size[x.name] for x in wide.growing())
    paid += sum(n.cost * built.gap[n.name] for n in wide.needs)
    assert paid / 1e6 == pytest.approx(built.cost, rel=1e-9)


def test_free_plants_of_a_bus_are_one_and_read_apart(wide: Grid, built: Run) -> None:
    # At a ten-thousandth of a cent each of them is its own block of columns again.
    priced = tuple(replace(u, cost=1e-6) if u.most > u.size and u.cost == 0 else u for u in wide.units)
    free = [u for u, v in zip(wide.units, priced, strict=True) if u is not v]
    apart = run(replace(wide, units=priced))
    assert len(free) > 8
    assert apart.cost == pytest.approx(built.cost, rel=1e-6)
    for u in free:
        most = u.top * built.size[u.name]
        assert (built.flow[u.name] >= -1e-6).all()
        assert (built.flow[u.name] <= most + 1e-6).all()


@pytest.mark.parametrize("share", [0.0, 1.0, 0.3])
def test_where_the_search_begins_does_not_change_the_optimum(wide: Grid, built: Run, share: float) -> None:
    made = run(wide, {x.name: share * x.most for x in wide.growing()} | {"no part": 1.0})
    assert made.cost == pytest.approx(built.cost, rel=1e-9)
    assert sum(x.capital * made.size[x.name] for x in wide.growing()) == pytest.approx(
        sum(x.capital * built.size[x.name] for x in wide.growing()), rel=1e-6
    )


def test_near_optima_stay_within_the_slack_and_hold_the_cheapest() -> None:
    of = case(SYSTEM, 2029, "purchases", members=("KGZ",))
    own = tuple(o for o in options(SYSTEM, 2029) if o.node == "KGZ" and not o.whole)
    small = grid(SYSTEM, of.at(online={p.id: np.zeros(12) for p in SYSTEM.projects}), clock(), own)
    best, groups = run(small), {"sun": ["solar-kgz"], "battery": ["battery-kgz-discharge"]}
    tight, loose = (near_optima(small, groups, best, slack) for slack in (1e-6, 0.02))
    for a, b in zip(tight, loose, strict=True):
        assert b.least - 1e-3 <= a.least - 1e-3 <= a.best <= a.most + 1e-3 <= b.most + 2e-3
        assert b.most - b.least > 10
    # What is said to be possible is: with the sun held at its least the year costs the slack and no more.
    parts = [replace(u, most=loose[0].least) if u.name == "solar-kgz" else u for u in small.units]
    held = run(replace(small, units=tuple(parts)))
    assert best.cost <= held.cost <= best.cost * 1.02 * (1 + 1e-6)


def test_clocks_have_a_year_and_its_demand(tmp_path: Path) -> None:
    clocks = [clock(n) for n in ("typical", "three-hourly", "hourly")]
    assert [len(c.hours) for c in clocks] == [288, 2_920, 8_760]
    for c in clocks:
        assert c.hours.sum() == 8_760
        assert (c.values(SYSTEM, "demand-kgz") * c.hours).sum() == pytest.approx(8_760, rel=2e-3)
    path = tmp_path / "own.csv"
    own = np.linspace(0, 1, 8_760)
    path.write_text("hour,wind-kgz\n" + "\n".join(f"{k},{v:.9f}" for k, v in enumerate(own)), "utf-8")
    for name in ("typical", "three-hourly", "hourly"):
        c = clock(name, read_series(path))
        assert (c.values(SYSTEM, "wind-kgz") * c.hours).sum() / 8_760 == pytest.approx(0.5, abs=1e-6)
    path.write_text("hour,wind-kgz\n0,calm\n", "utf-8")
    with pytest.raises(InputError, match="line 2, column wind-kgz"):
        read_series(path)
    with pytest.raises(InputError, match="8,760"):
        clock("hourly", {"wind-kgz": own[:5]})


def test_options_lead_somewhere_and_cost_what_their_sources_say() -> None:
    found = {o.id: o for o in options(SYSTEM, 2050)}
    milestones = {m.id for m in embedded().milestones()}
    assert {o.milestone for o in found.values() if o.milestone} <= milestones
    assert {o.profile for o in found.values()} <= set(SYSTEM.profiles)
    assert found["kemin-solar"].usd_kw * found["kemin-solar"].mw / 1_000 == pytest.approx(56)
    assert found["ulken"].usd_kw * found["ulken"].mw / 1e6 == pytest.approx(14.5, rel=1e-3)
    assert "ulken" not in {o.id for o in options(SYSTEM, 2035)}
    assert annuity(0.06, 25) == pytest.approx(0.0782, abs=1e-4)
    assert annuity(0.0, 20) == 0.05


def test_what_is_built_pays_and_the_answer_says_it() -> None:
    made = expand(SYSTEM, 2027, clock(), price=50.0)
    assert made.after.cost < made.before.cost
    assert all(0 <= v <= o.mw + 1e-6 for o in made.offered if not o.whole for v in (made.built[o.id],))
    assert all(w.saves >= -1e-6 for w in made.whole)
    text = expand_text(made, SYSTEM, "mean", 50.0)
    document = expand_document(made, "mean", 50.0)
    for row in document["built"]:
        assert row["milestone"] is None or f"{row['option']} " in text
    assert f"{document['after']['cost']:,.0f}" in text
    whole = sum(document["after"]["made"]["KGZ"].values())
    assert document["after"]["clean_share"] > document["before"]["clean_share"]
    assert whole > 0


def test_bad_input_is_named() -> None:
    with pytest.raises(InputError) as caught:
        expand(SYSTEM, 2030, clock(), engine="abacus", slack=2.0)
    assert len(caught.value.problems) == 2
    with pytest.raises(InputError, match="typical"):
        clock("daily")
    with pytest.raises(InputError, match="exchange contract"):
        grid(SYSTEM, case(SYSTEM, 2026, "swap", swap=swap_contract(SYSTEM)), clock())


def test_without_pypsa_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pypsa", None)
    with pytest.raises(InputError, match=r"pip install 'birge\[power\]'"):
        run_pypsa(grid(SYSTEM, case(SYSTEM, 2026, "isolated", members=("KGZ",)), clock()))


def test_one_module_imports_pypsa_and_linopy() -> None:
    wanted = re.compile(r"^\s*(?:import|from) (?:pypsa|linopy)\b", re.MULTILINE)
    found = [p.name for p in SOURCES.rglob("*.py") if wanted.search(p.read_text("utf-8"))]
    assert found == ["pypsa_engine.py"]
