"""Beside PyPSA itself, in the environment of `make bench-power` (skipped where PyPSA is not installed)."""

from __future__ import annotations

import logging
import subprocess
import sys

import numpy as np
import pytest

pytest.importorskip("pypsa")

from birge.errors import SolveError
from birge.models.power.case import case
from birge.models.power.clock import clock
from birge.models.power.direct import run
from birge.models.power.grid import grid
from birge.models.power.hours import end_values
from birge.models.power.options import options
from birge.models.power.parts import Grid
from birge.models.power.pypsa_engine import network, run_pypsa
from birge.models.power.system import power_system

SYSTEM = power_system(("KAZ", "KGZ"))
WATER = {"KAZ": 50.0, "UZB": 50.0}


def _grid(year: int, build: bool, ends: bool) -> Grid:
    of = case(SYSTEM, year, "free", milestones=("kambarata-first-unit",)).at(water=WATER)
    start = {"toktogul": 9.4, "kambarata-1": 3.5} if ends else None
    return grid(SYSTEM, of, clock(), options(SYSTEM, year) if build else (), start=start, end=start)


def test_both_take_the_policys_values_of_water() -> None:
    of = case(SYSTEM, 2026, "purchases", members=("KGZ",))
    start = {"toktogul": 9.4}
    g = grid(SYSTEM, of, clock(), start=start, values=end_values(SYSTEM, of, 12, 24))
    ours, theirs = run(g), run_pypsa(g)
    assert theirs.cost == pytest.approx(ours.cost, rel=1e-6)
    assert theirs.future == pytest.approx(ours.future, rel=1e-6)
    assert theirs.price["toktogul-water"][-1] == pytest.approx(ours.price["toktogul-water"][-1], rel=1e-3)


@pytest.mark.parametrize(("year", "build", "ends"), [(2026, False, False), (2026, False, True), (2036, True, False)])
def test_pypsa_and_the_direct_programme_agree(year: int, build: bool, ends: bool) -> None:
    g = _grid(year, build, ends)
    ours, theirs = run(g), run_pypsa(g)
    assert theirs.cost == pytest.approx(ours.cost, rel=1e-6)
    for run_of in (ours, theirs):
        paid = sum(float((run_of.flow[u.name] * g.clock.hours).sum()) * u.cost for u in g.units)
        paid += sum(x.capital * run_of.size[x.name] for x in g.growing())
        paid += sum(n.cost * run_of.gap[n.name] for n in g.needs)
        assert paid / 1e6 == pytest.approx(ours.cost, rel=1e-6)
    assert sum(float(v.mean()) for v in theirs.price.values()) == pytest.approx(
        sum(float(v.mean()) for v in ours.price.values()), rel=0.05
    )


def test_a_solve_that_is_not_optimal_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    g = _grid(2036, True, False)
    monkeypatch.setattr("birge.models.power.pypsa_engine.OPTIONS", {"time_limit": 1e-3, "presolve": "off"})
    with pytest.raises(SolveError, match="PyPSA ended as"):
        run_pypsa(g)


def test_no_request_no_handler_no_word(capfd: pytest.CaptureFixture[str]) -> None:
    import pypsa

    network(_grid(2026, False, False))
    assert pypsa.options.general.allow_network_requests is False
    assert logging.getLogger("linopy").level == logging.ERROR
    code = (
        "import logging; from birge.models.power.pypsa_engine import library; library();"
        "assert not logging.getLogger().handlers"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    capfd.readouterr()
    made = run_pypsa(_grid(2026, False, False))
    assert np.isfinite(made.cost)
    assert capfd.readouterr().out == ""
