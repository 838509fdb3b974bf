"""Sizing against enumeration, closed forms and the stated error."""

from __future__ import annotations

import itertools
import json
import math
import re
import sys
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from birge.cli import main
from birge.errors import InputError
from birge.models.border import Asked, Design, parse_design, read_design, size
from birge.models.border.closed import closed_hours, opened
from birge.models.border.decisions import PLACES, decided, decisions, values
from birge.models.border.defaults import as_yaml
from birge.models.border.design import Shift
from birge.models.border.feasible import N0, check
from birge.models.border.load import open_servers
from birge.models.border.tried import Bench

SMALL = """
id: small
title: A small crossing
stations:
- id: control
  service: {kind: exponential, mean_min: 30}
  shifts: [{start: "08:00", hours: 12, servers: 2}, {start: "20:00", hours: 12, servers: 2}]
  usd_server_hour: 10
  usd_server_year: 20000
  most_servers: 6
- id: scan
  service: {kind: fixed, mean_min: 12}
  shifts: [{start: "00:00", hours: 24, servers: 1}]
  usd_server_hour: 10
  usd_server_year: 50000
  most_servers: 3
streams:
- id: AAA-BBB
  arrivals:
    per_day: 70
    by_hour: [.5, .5, .5, .5, .5, .5, .8, 1, 1.2, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 1.4, 1.2, 1, .9, .7, .6, .6, .6]
  route: [{station: control}, {station: scan, share: .5}]
  balking: {from_queue: 400, scale: 100}
costs: {truck_hour_usd: [10, 20]}
"""


@pytest.fixture(scope="module")
def design() -> Design:
    return parse_design(SMALL, "small.yaml")


@pytest.mark.parametrize("sign", [1, -1])
def test_the_check_errs_no_more_often_than_it_says(sign: int) -> None:
    draw, error, tolerance, trials = np.random.default_rng(20), 0.05, 0.02, 800
    wrong = 0
    for _ in range(trials):
        sample = draw.normal(0.95 + sign * tolerance, 0.05, 4000)
        said = check(lambda first, count, sample=sample: sample[first : first + count], 0.95, tolerance, error, 4000)
        assert not said.cut
        wrong += said.met is not (sign > 0)
    assert wrong / trials <= error + 3 * math.sqrt(error * (1 - error) / trials)
    # and it is no fixed sample: what is clear ends at once
    sure = check(lambda first, count: draw.normal(0.95 + sign * 0.3, 0.01, count), 0.95, tolerance, error)
    assert sure.replications == N0


def test_the_check_says_when_it_was_stopped() -> None:
    draw = np.random.default_rng(3)
    said = check(lambda first, count: draw.normal(0.95, 0.3, count), 0.95, 0.001, 0.001, most=40)
    assert (said.cut, said.replications) == (True, 40)


def test_decisions_write_what_they_read(design: Design) -> None:
    free = decisions(design)
    assert [(d.kind, d.of, d.shift) for d in free] == [
        ("servers", "control", 0),
        ("servers", "control", 1),
        ("servers", "scan", 0),
    ]
    assert decided(design, free, values(design, free)) == design
    changed = decided(design, free, (5, 1, 3))
    assert values(changed, free) == (5, 1, 3)
    assert changed.streams == design.streams


def test_a_station_that_no_stream_uses_changes_nothing(design: Design) -> None:
    spare = design.station("scan").model_copy(update={"id": "spare"})
    more = design.model_copy(update={"stations": (*design.stations, spare)})
    made, known = (size(d, Asked(4.0, 0.95), seed=3) for d in (more, design))
    assert made.chosen is not None
    assert known.chosen is not None
    assert (made.chosen.chosen, made.chosen.p90_h) == (known.chosen.chosen, known.chosen.p90_h)


@pytest.mark.parametrize("wait", [1.0, 4.0])
def test_it_finds_the_cheapest_of_all_designs(design: Design, wait: float) -> None:
    asked = Asked(wait, 0.95)
    made = size(design, asked, seed=3)
    assert made.chosen is not None
    assert made.verdict is not None
    bench = Bench(design, made.free, asked, "normal", 77)
    ways = [range(d.least, d.most + 1, d.step) for d in made.free]
    # every design, on other random numbers: none that is clearly enough is cheaper
    every = [bench.tried(v, 4) for v in itertools.product(*ways) if sum(v) <= sum(made.chosen.chosen) + 2]
    enough = [t for t in every if t.share >= asked.in_share + made.tolerance and t.stays_away <= asked.lost]
    assert len(every) > 20
    assert len(enough) < len(every)
    assert made.chosen.operator_usd_year <= min(t.usd_year for t in enough) + 1e-6
    mine = bench.tried(made.chosen.chosen, 16)
    assert mine.share >= asked.in_share - made.tolerance - 3 * np.std([s.min() for s in mine.shares]) / 4
    costs = [o.operator_usd_year for o in made.curve]
    waits = [o.p90_h for o in made.curve]
    assert costs == sorted(costs)
    assert waits == sorted(waits, reverse=True)


def test_the_same_seed_gives_the_same_answer(design: Design) -> None:
    assert size(design, Asked(2.0), seed=5).chosen == size(design, Asked(2.0), seed=5).chosen


def test_more_demand_is_never_cheaper_and_never_quicker(design: Design) -> None:
    made = size(design, Asked(2.0), demand=(0.7, 1.0, 1.5), seed=4)
    kept = [d.kept.p90_h for d in made.demand]
    assert kept == sorted(kept)
    sized = [d.sized.operator_usd_year for d in made.demand if d.sized]
    assert len(sized) == 3
    assert sized == sorted(sized)


def test_a_budget_and_limits_are_kept(design: Design) -> None:
    free = size(design, Asked(1.0))
    assert free.chosen is not None
    poor = size(design, Asked(1.0), budget=free.chosen.operator_usd_year - 1_000)
    assert poor.chosen is None
    assert poor.best.operator_usd_year <= free.chosen.operator_usd_year - 1_000
    assert poor.beyond == free.chosen
    # a little more than the least: nothing dearer is shown as the closest, and no design tried within it is closer
    tight = size(design, Asked(1.0), budget=340_000)
    assert tight.best.operator_usd_year <= 340_000
    assert tight.best.p90_h <= min(o.p90_h for o in tight.curve if o.operator_usd_year <= 340_000)
    # and less than the least of each decision costs
    none = size(design, Asked(1.0), budget=1_000)
    assert none.chosen is None
    assert all(n == d.least for n, d in zip(none.best.chosen, none.free, strict=True))
    # a budget that is enough changes nothing
    assert size(design, Asked(1.0), budget=free.chosen.operator_usd_year).chosen == free.chosen
    never = size(design, Asked(0.01, 1.0), only=("scan",))
    assert never.chosen is None
    assert never.verdict is None
    assert all(d.of == "scan" for d in never.free)
    with pytest.raises(InputError) as told:
        size(design, Asked(1.0), only=("gate", "tower"))
    assert [p.where for p in told.value.problems] == ["--only", "--only"]


def test_hours_without_servers_are_named_and_can_be_opened(design: Design) -> None:
    control, scan = design.stations
    day, night = control.shifts
    by_day = control.model_copy(update={"shifts": (day,)})
    made = size(design.model_copy(update={"stations": (by_day, scan)}), Asked(4.0))
    # trucks come at night and wait for the morning, with any number of servers
    assert made.chosen is None
    assert made.closed is not None
    assert made.closed.hours == {"control": 84.0}
    assert made.closed.share >= 0.95
    assert made.closed.p90_h < 4 < made.best.p90_h
    assert made.closed.step_usd_year == pytest.approx(10 * 8760 / 2)
    # a shift of nobody may be opened, and then this is the design that has one there from the start
    closed = control.model_copy(update={"shifts": (day, night.model_copy(update={"servers": 0}))})
    able = size(design.model_copy(update={"stations": (closed, scan)}), Asked(4.0))
    assert able.chosen is not None
    both = size(design, Asked(4.0)).chosen
    assert both is not None
    assert able.chosen.operator_usd_year == both.operator_usd_year
    assert able.closed is None
    assert [d.least for d in able.free] == [1, 0, 1]


def test_closed_hours_over_midnight_and_the_end_of_the_week(design: Design) -> None:
    control, scan = design.stations
    shifts = (Shift(start="07:30", hours=10, servers=2, days=("mon", "wed")), Shift(start="20:00", hours=4, servers=1))
    made = design.model_copy(update={"stations": (control.model_copy(update={"shifts": shifts}), scan)})
    assert closed_hours(made) == {"control": 168 - 2 * 10 - 7 * 4}
    always = opened(made)
    assert closed_hours(always) == {}
    assert parse_design(as_yaml(always), "always").station("control").shifts == always.station("control").shifts
    assert open_servers(always.stations[0].shifts) * 168 == pytest.approx(2 * 10 * 2 + 7 * 4 + 120)


def test_places_move_in_steps(design: Design) -> None:
    stations = (design.stations[0], design.stations[1].model_copy(update={"places": 10, "usd_place_year": 400.0}))
    roomy = design.model_copy(update={"stations": stations})
    made = size(roomy, Asked(2.0))
    (places,) = (k for k, d in enumerate(made.free) if d.kind == "places")
    assert made.chosen is not None
    assert made.chosen.chosen[places] % PLACES == 0
    assert made.result().stations[1].places == made.chosen.chosen[places]


def test_the_command_prints_and_writes_what_can_be_simulated(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(line: str, code: int = 0) -> str:
        monkeypatch.setattr(sys, "argv", ["birge", *line.split()])
        try:
            main()
            ended = 0
        except SystemExit as stop:
            ended = int(stop.code or 0)
        said = capsys.readouterr()
        assert ended == code, said
        return said.out + said.err

    monkeypatch.chdir(tmp_path)
    Path("small.yaml").write_text(SMALL, "utf-8")
    told = run("border size small.yaml --p90-wait 2h --in 95% --demand 1.2 --out sized")
    for word in ("Cheapest found", "What binds", "Cost against wait", "Demand × 1.2", "With chance 95 %"):
        assert word in told, word
    made = json.loads(Path("sized/sizing.json").read_text("utf-8"))
    assert made["chosen"]["share_of_weeks"] >= 0.95
    assert read_design("sized/design.yaml").id == "small"
    assert "A small crossing" in run("border simulate sized/design.yaml --replications 2 --out simulated")
    names = {"sized": ("cost-wait", "binding", "demand"), "simulated": ("queue", "stations")}
    for folder, drawn in names.items():
        page = Path(folder, "pictures.html").read_text("utf-8")
        assert page.count("<table>") == len(drawn)
        assert page.count("<svg") == 2 * len(drawn)
        assert "Source: event simulation of the design small by Birge" in page
        for name in drawn:
            alone = Path(folder, f"{name}.svg").read_text("utf-8")
            assert ElementTree.fromstring(alone).tag.endswith("svg")
            assert "Source: event simulation" in alone
    # the tables say what the document says
    rows = re.findall(r"<tr><td>sized</td><td>([\d.]+)</td><td>([\d.]+)</td>", Path("sized/pictures.html").read_text())
    chosen = made["chosen"]
    assert [float(x) for x in rows[0]] == pytest.approx(
        [chosen["wait_p90_h"], chosen["operator_usd_year"] / 1e6], abs=0.006
    )
    hours = json.loads(Path("simulated/simulation.json").read_text("utf-8"))["streams"][0]["queue_by_hour"]
    noon = re.search(
        r"<tr><td>12:00</td><td>[^<]*</td>((?:<td>[\d.]+</td>){4})", Path("simulated/pictures.html").read_text()
    )
    low, median, mean, high = (float(x) for x in re.findall(r"[\d.]+", noon[1]))
    assert [mean, low, median, high] == pytest.approx(hours[12], abs=0.051)
    refused = run("border size small.yaml --p90-wait soon --in 200% --regime none", 2)
    for option in ("--p90-wait", "--in", "--regime"):
        assert option in refused
