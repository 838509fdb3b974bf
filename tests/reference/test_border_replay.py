"""A replayed day keeps to the design: places, servers, one place at a time, and the counts of the same run."""

from __future__ import annotations

import json
import re
import sys
from datetime import date
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from birge.cli import main
from birge.kernels import border_queue as kernel
from birge.models.border import default_design
from birge.models.border.network import network
from birge.models.border.replay import HELD, QUEUED, SERVED, WARM, Day, replay
from birge.report.border_replay import page

DAY = date(2027, 10, 14)


@pytest.fixture(scope="module")
def day() -> Day:
    return replay(default_design("karasu"), DAY)


def test_a_truck_is_at_one_place_at_a_time_and_in_order(day: Day) -> None:
    assert {s.kind for s in day.stays} == {QUEUED, SERVED, HELD}
    by_truck: dict[int, list[tuple[float, float, int]]] = {}
    for s in day.stays:
        assert 0 <= s.start < s.end <= 1440
        by_truck.setdefault(s.truck, []).append((s.start, s.end, s.station))
    assert len(by_truck) > 300
    ways = [list(way) for _, way in day.ways]
    for stays in by_truck.values():
        stays.sort()
        assert all(a[1] <= b[0] + 1e-6 for a, b in pairwise(stays))
        (way,) = [w for w in ways if stays[0][2] in w]
        at = [way.index(station) for _, _, station in stays]
        assert at == sorted(at)


def test_servers_and_places_hold(day: Day) -> None:
    for k, station in enumerate(day.design.stations):
        here = [s for s in day.stays if s.station == k]
        for minute in np.arange(0.5, 1440, 11.0):
            now = [s for s in here if s.start <= minute < s.end]
            busy = sum(s.kind != QUEUED for s in now)
            # at the end of a shift servers above the new number finish their truck
            assert busy <= max(x.servers for x in station.shifts)
            if station.places is not None:
                assert len(now) - busy <= station.places


def test_it_counts_what_the_run_counts(day: Day) -> None:
    number = (DAY - date(2027, 1, 1)).days
    made = network(day.design, weekday=date(2027, 1, 1).weekday(), days=number + 1 + WARM, before=WARM)
    t = kernel.run(made.net, 1, (WARM + number + 1) * 24.0, WARM * 24.0, 4096, 0.0, 0.0, 0)
    assert sum(day.left) == int(t.hour_left[-24:].sum())
    assert list(day.left) == [round(x) for x in t.hour_left[-24:].sum(axis=1)]


def test_the_page_plays_both_and_has_the_table(day: Day) -> None:
    made = page([day, replay(default_design("karasu-rebuilt"), DAY)])
    HTMLParser().feed(made)
    (data,) = re.findall(r'<script type="application/json" id="data">(.*?)</script>', made, re.DOTALL)
    days = json.loads(data)
    assert len(days[0]["stays"]) == len(day.stays)
    assert days[0]["names"][:3] == ["gate", "weighing", "control"]
    rows = re.findall(r'<th scope="row">(\d\d:00)</th>((?:<td>\d+</td>)+)', made)
    assert [r[0] for r in rows] == [f"{h:02d}:00" for h in range(24)]
    assert [int(re.findall(r"<td>(\d+)", r[1])[0]) for r in rows] == day.waiting(0).tolist()
    assert "http://" not in made
    assert "https://" not in made


def test_the_command_writes_it_and_names_bad_options(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["birge", "border", "replay", "--day", "2027-02-30"])
    with pytest.raises(SystemExit) as stop:
        main()
    assert stop.value.code == 2
    assert "--day" in capsys.readouterr().err
    monkeypatch.setattr(sys, "argv", ["birge", "border", "replay", "--day", "2027-01-03", "--out", "day.html"])
    with pytest.raises(SystemExit) as stop:
        main()
    assert not stop.value.code
    assert "2027-01-03" in Path("day.html").read_text("utf-8")
