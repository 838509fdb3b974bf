"""Designs: defaults hold, text and data agree, and every problem comes with line, code and remedy."""

from __future__ import annotations

import pytest

from birge.cli.border import app
from birge.errors import InputError, SolveError
from birge.factbook.border import crossing_rows, queue_reports
from birge.models.border import default_design, default_names, parse_design, simulate, template
from birge.models.border.load import busiest, load

GOOD = """id: x
title: x
stations:
  - id: lane
    service: {kind: fixed, mean_min: 10}
    shifts: [{start: "00:00", hours: 24, servers: 1}]
streams:
  - id: east
    arrivals: {per_day: 50}
    route: [{station: lane}]
"""


def codes(text: str) -> set[tuple[str, str]]:
    with pytest.raises(InputError) as caught:
        parse_design(text, "d.yaml")
    assert all(p.remedy for p in caught.value.problems)
    return {(p.where, p.code) for p in caught.value.problems}


@pytest.mark.parametrize("name", default_names())
def test_a_default_survives_its_own_text(name: str) -> None:
    design = default_design(name)
    assert parse_design(template(name), name) == design
    assert load(design, busiest(design)) < 1
    assert design.assumptions()


def test_the_busiest_station_serves_what_the_factbook_says() -> None:
    design = default_design("karasu")
    row = next(r for r in crossing_rows() if (r.crossing, r.variant, r.direction) == ("karasu", "today", "KGZ-KAZ"))
    assert load(design, design.station("kgz-kaz-control")) == pytest.approx(row.trucks_per_day / row.capacity_per_day)
    assert not design.station("kgz-kaz-control").assumed
    assert len(queue_reports("karasu")) > 10
    assert crossing_rows(("GEO", "ARM")) == ()


def test_a_good_design_has_no_problem() -> None:
    assert load(parse_design(GOOD, "d.yaml"), parse_design(GOOD, "d.yaml").stations[0]) == pytest.approx(50 / 144)


@pytest.mark.parametrize(
    ("old", "new", "where", "code"),
    [
        ("per_day: 50", "per_day: 150", 4, "unstable"),
        ("servers: 1", "servers: 0", 6, "no-servers"),
        (
            "servers: 1}]\n",
            'servers: 1}]\n    staff: team\nstaff:\n  - {id: team, shifts: [{start: "08:00", hours: 4, servers: 1}]}\n',
            9,
            "unstable",
        ),
        ("station: lane", "station: line", 10, "unknown-reference"),
        ("station: lane", "station: lane, share: .5", 10, "first-station"),
        ("station: lane", "station: lane, by_goods: {general: .3}", 10, "first-station"),
        ("title: x\n", "title: x\nregimes: [{id: free, shares: {lane: 0}}]\n", 3, "first-station"),
        ("kind: fixed", "kind: lognormal", 5, "distribution"),
        ("mean_min: 10", "mean_min: -1", 5, "design-greater_than"),
        ("per_day: 50", "per_day: .inf", 9, "design-finite_number"),
        ("id: lane", "id: lane\n    colour: red", 5, "design-extra_forbidden"),
        (
            "hours: 24, servers: 1}",
            'hours: 24, servers: 1}, {start: "05:00", hours: 2, servers: 1}',
            6,
            "shifts-overlap",
        ),
        ("per_day: 50", "per_day: 0", 9, "no-arrivals"),
        ("per_day: 50", "per_day: 900000000", 9, "design-less_than_equal"),
        ("title: x\n", "title: x\ncosts: {truck_hour_usd: [30, 10]}\n", 3, "range"),
        # trucks that stay away do not make room for those that never do
        (
            "per_day: 50}\n",
            "per_day: 150}\n    route: [{station: lane}]\n  - id: west\n    balking: {from_queue: 5, scale: 5}\n"
            "    arrivals: {per_day: 5}\n",
            4,
            "unstable",
        ),
        # too much on most days of the year
        (
            "id: x\n",
            "id: x\nregimes: [{id: slow, service: 3.2}]\ncalendar: [{regime: slow, first_day: 1, last_day: 330}]\n",
            6,
            "unstable",
        ),
        (
            "lane}]",
            'lane}]\n    appointments: {slot_min: 60, quota: 1, share: 1, hours: ["8", "20:00"]}',
            11,
            "design-string_pattern_mismatch",
        ),
        (
            "lane}]",
            'lane}]\n    appointments: {slot_min: 60, quota: 1, share: 1, hours: ["08:00", "08:00"]}',
            11,
            "slot-hours",
        ),
        (
            "lane}]",
            'lane}]\n    appointments: {slot_min: 60, quota: 1, share: 1, hours: ["08:10", "09:50"]}',
            11,
            "no-slot",
        ),
        ("id: x\n", "id: x\ncalendar: [{regime: slow, first_day: 1, last_day: 9}]\n", 2, "unknown-reference"),
        ("id: x\n", "id: x\ncalendar: [{regime: normal, first_day: 9, last_day: 1}]\n", 2, "days"),
        ("id: x\n", "id: x\ncalendar: [{regime: normal, first_day: 0, last_day: 1}]\n", 2, "design-greater_than_equal"),
        (
            "id: x\n",
            "id: x\ncalendar:\n  - {regime: normal, first_day: 1, last_day: 9}\n"
            "  - {regime: normal, first_day: 9, last_day: 20}\n",
            4,
            "days",
        ),
    ],
)
def test_a_problem_has_its_line(old: str, new: str, where: int, code: str) -> None:
    assert (f"d.yaml:{where}", code) in codes(GOOD.replace(old, new))


def test_what_is_refused_hides_nothing_else() -> None:
    scan = "  - id: scan\n    service: {kind: fixed, mean_min: -1}\n"
    scan += '    shifts: [{start: "00:00", hours: 24, servers: 1}]\n'
    text = GOOD.replace("streams:", f"{scan}streams:").replace("{station: lane}", "{station: line}, {station: scan}")
    text += "  - id: west\n    arrivals: {per_day: .nan}\n    route: [{station: lane}]\n"
    text += "staff:\n  - id: team\n    shifts: []\n"
    # the refused station is not unknown, and streams are not too few because one of them is refused
    assert codes(text) == {
        ("d.yaml:8", "design-greater_than"),
        ("d.yaml:13", "unknown-reference"),
        ("d.yaml:15", "design-finite_number"),
        ("d.yaml:19", "design-too_short"),
    }


def test_a_regime_without_end_is_refused(tmp_path) -> None:
    from typer.testing import CliRunner

    path = tmp_path / "d.yaml"
    path.write_text(GOOD + "regimes: [{id: slow, service: 3.2}]\n", "utf-8")
    for options, where in ((["--regime", "slow"], "--regime"), (["--crossing", "karasu"], "--crossing")):
        told = CliRunner().invoke(app, ["simulate", str(path), "--days", "28", *options])
        assert isinstance(told.exception, InputError)
        assert [p.where for p in told.exception.problems] == [where]


def test_stations_that_block_each_other_are_named() -> None:
    text = GOOD.replace("        \n", "").replace("servers: 1}]\n", "servers: 1}]\n    places: 0\n")
    text = text.replace(
        "streams:",
        '  - id: scan\n    service: {kind: fixed, mean_min: 5}\n    shifts: [{start: "00:00", hours: 24, servers: 1}]\n'
        "    places: 0\n  - id: gate\n    service: {kind: fixed, mean_min: 5}\n"
        '    shifts: [{start: "00:00", hours: 24, servers: 2}]\nstreams:',
    ).replace("route: [{station: lane}]", "route: [{station: gate}, {station: lane}, {station: scan}]")
    text += (
        "  - id: west\n    arrivals: {per_day: 50}\n    route: [{station: gate}, {station: scan}, {station: lane}]\n"
    )
    with pytest.raises(SolveError, match=r"trucks at lane, scan wait"):
        simulate(parse_design(text, "d.yaml"), days=28, replications=1)


def test_a_run_tells_goods_bookings_and_wagons_apart() -> None:
    """Trucks of two priorities, a stream that books more than is offered, and a train, at one lane each."""
    lanes = "".join(
        f"  - id: {name}\n    service: {{kind: exponential, mean_min: 10}}\n"
        f'    shifts: [{{start: "00:00", hours: 24, servers: 1}}]\n'
        for name in ("two", "booked", "rail")
    )
    text = f"""id: x
title: x
stations:
{lanes}streams:
  - id: mixed
    arrivals: {{per_day: 100}}
    goods: [{{id: fruit, share: .3, priority: 0}}, {{id: coal, share: .7, priority: 1}}]
    route: [{{station: two}}]
  - id: slots
    arrivals: {{per_day: 100}}
    appointments: {{slot_min: 60, quota: 3, share: 1, horizon_days: 14}}
    route: [{{station: booked}}]
  - id: trains
    vehicle: wagon
    arrivals: {{trains: [{{day: mon, at: "06:00", count: 60}}]}}
    route: [{{station: rail}}]
costs: {{truck_hour_usd: [10, 10], idling_share: [1, 1], idling_l_h: [2, 2]}}
"""
    made = simulate(parse_design(text, "d.yaml"), days=365, replications=4)
    mixed, slots, _ = made.streams
    # Cobham 1954: rho1 = .3 r, rho = r, W0 = r / mu for exponential services
    mu, r = 6.0, 100 / 24 / 6
    fruit, coal = (g.wait_mean for g in mixed.goods)
    for said, exact in ((fruit, r / mu / (1 - 0.3 * r)), (coal, r / mu / (1 - 0.3 * r) / (1 - r))):
        assert said.half is not None
        assert said.mean == pytest.approx(exact, abs=2 * said.half)
    # 100 a day book 72 places a day: until slots 14 days ahead are full the wait for a slot grows, then it stays
    assert 200 < slots.lead_mean < slots.lead_most <= 14 * 24 + 1
    assert not mixed.lead_mean >= 0
    # a train stands 60 / 2 services on average and a bit: its hours are no truck's
    assert made.wagon_hours_year == pytest.approx(52.1 * 60 * (59 / 2 + 1) / 6, rel=0.1)
    inside = sum(s.per_day.mean * s.dwell_mean.mean for s in (mixed, slots)) * 365
    assert made.truck_hours_year == pytest.approx(inside, rel=0.02)
    idle = sum(s.per_day.mean * s.wait_mean.mean for s in (mixed, slots)) * 365
    assert made.fuel_t_year[0] == pytest.approx(idle * 2 * 0.835 / 1000, rel=0.02)


TWO = (
    GOOD.replace("servers: 1", "servers: 2")
    + """    direction: go
    balking: {from_queue: 5, scale: 5, to: west, hours: 2}
  - id: west
    direction: go
    arrivals: {per_day: 50}
    route: [{station: lane}]
"""
)


@pytest.mark.parametrize(
    ("old", "new", "where", "code"),
    [
        ("to: west", "to: north", 12, "unknown-reference"),
        ("to: west", "to: east", 12, "unknown-reference"),
        ("to: west, ", "", 12, "diversion"),
        ("hours: 2}", "hours: -2}", 12, "design-greater_than_equal"),
        ("direction: go\n    arr", "direction: back\n    arr", 12, "other-direction"),
        ("    direction: go\n", "", 12, "other-direction"),
        ("  - id: west\n", "  - id: west\n    goods: [{id: milk, share: 1}]\n", 12, "unknown-reference"),
        (
            "  - id: west\n    direction: go\n    arrivals: {per_day: 50}",
            "  - id: west\n    direction: go\n    arrivals: {per_day: 50, trains: [{day: mon, at: '08:00', count: 3}]}",
            12,
            "trains",
        ),
    ],
)
def test_a_wrong_diversion_has_its_line(old: str, new: str, where: int, code: str) -> None:
    assert parse_design(TWO, "d.yaml").streams[0].balking.to == "west"
    where -= old == "    direction: go\n"
    assert (f"d.yaml:{where}", code) in codes(TWO.replace(old, new, 1 if "arr" in old or "west" in old else 9))


def test_what_others_cannot_take_may_be_too_much() -> None:
    """East has 338 trucks a day and lanes for 288: with the other 50, west has 150 for a gate that takes 144."""
    gate = "  - id: gate\n    service: {kind: fixed, mean_min: 10}\n"
    gate += "    shifts: [{start: '00:00', hours: 24, servers: 1}]\n"
    own = TWO.replace("streams:", gate + "streams:")
    own = own.replace("per_day: 50", "per_day: 338", 1)
    west = own.replace("per_day: 50}\n    route: [{station: lane}]", "per_day: 100}\n    route: [{station: gate}]")
    assert ("d.yaml:7", "unstable") in codes(west)
    assert parse_design(west.replace("per_day: 338", "per_day: 320"), "d.yaml")


def test_what_is_no_design_is_said_so() -> None:
    assert codes("[1, 2]") == {("d.yaml:1", "design-empty")}
    with pytest.raises(InputError):
        default_design("nowhere")


def test_the_commands_print_their_answers(tmp_path) -> None:
    from typer.testing import CliRunner

    path, out = tmp_path / "d.yaml", tmp_path / "r.json"
    path.write_text(GOOD, "utf-8")
    told = CliRunner().invoke(app, ["simulate", str(path), "--days", "28", "--replications", "2", "--out", str(out)])
    assert told.exit_code == 0, told.output
    assert "mean wait" in told.output
    assert '"little_relative_error"' in out.read_text("utf-8")
    assert "no problems" in CliRunner().invoke(app, ["check", str(path)]).output
