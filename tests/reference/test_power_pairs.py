"""Another pair and another cascade by data: invented tables in `tests/data/two-rivers` through every part of the model.

Upland holds two lakes on one river, Lowland one on another; they have a line, a contract of purchase and one that
exchanges summer for winter power. All figures are invented; what is tested are identities, not what they say.
"""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from birge.errors import InputError
from birge.models.power import case, dispatch, power_system
from birge.models.power.answer import Question, answer
from birge.models.power.case import swap_contract
from birge.models.power.cases import design, pair_system
from birge.models.power.checked import checked_tables, problems_of
from birge.models.power.clock import clock
from birge.models.power.contracts import grid
from birge.models.power.exchange import in_core, regimes, shapley, worth
from birge.models.power.flows import places
from birge.models.power.grid import MM3
from birge.models.power.hours import by_hours
from birge.models.power.options import options
from birge.models.power.reading import document
from birge.models.power.system import DAYS, observed
from birge.models.power.table import input_hash
from birge.models.power.tables import shipped_tables
from birge.pages.power import contracts

PAIR = ("XUP", "XLO")
FOLDER = Path(__file__).parents[1] / "data" / "two-rivers"
OWN = checked_tables(FOLDER)
FOUND = power_system(PAIR, OWN)
assert FOUND is not None
SYSTEM = FOUND
SHARES = {"upper-lake": 0.6, "gate-lake": 1.0 - 0.6, "plain-lake": 1.0}
"""What of its river reaches each lake, not through another: as the tables say."""


def test_a_pair_has_its_own_nodes_water_and_parameters_and_leaves_the_others_alone() -> None:
    assert [n.id for n in SYSTEM.nodes] == ["UPR", "LOW"]
    assert [r.id for r in SYSTEM.reservoirs] == ["gate-lake", "upper-lake", "plain-lake"]
    assert [x.id for x in SYSTEM.lines] == ["up-low"]
    assert {z.id for z in SYSTEM.zones} == {"xse"}
    assert SYSTEM.home().id == "UPR"
    assert SYSTEM.parameters["swap-ratio"].mode == 1.2
    assert SYSTEM.parameters["discount"] == power_system(("KAZ", "KGZ")).parameters["discount"]  # type: ignore[union-attr]
    assert not [n for n in SYSTEM.parameters if n.endswith(("KGZ", "UZB")) and n.startswith("water-")]
    assert SYSTEM.irrigated() == ("XLO", "XUP")
    assert {o.id for o in options(SYSTEM, 2030)} == {"upland-sun", "lowland-wind", "upland-battery"}
    assert observed(SYSTEM) == {"volume-2026-start": (5.7, 2026)}
    assert places(OWN)["UPR"].names["en"] == "Upland"
    # The pair of the tables that ship is the same with and without them, to the hash of what its cases read.
    hashes = set()
    for of in (None, OWN):
        whole = power_system(("KAZ", "KGZ"), of)
        assert whole is not None
        cut = pair_system(whole, ("KAZ", "KGZ"))
        assert cut is not None
        hashes.add(input_hash(cut, design(cut, 2030)))
    assert len(hashes) == 1


def test_a_line_joins_a_neighbour_and_no_more(tmp_path: Path) -> None:
    shutil.copytree(FOLDER, tmp_path, dirs_exist_ok=True)
    with (tmp_path / "power_lines.csv").open("a", encoding="utf-8") as file:
        file.write("high-pass,KGZ,UPR,100,0.05,invented for tests\n")
    of = checked_tables(tmp_path)
    ours, theirs = power_system(PAIR, of), power_system(("KAZ", "KGZ"), of)
    assert ours is not None
    assert theirs is not None
    assert {n.economy for n in ours.nodes} == {"XUP", "XLO", "KGZ"}
    assert {n.economy for n in theirs.nodes} == {"KAZ", "KGZ", "UZB", "XUP"}
    assert (ours.lowest().id, theirs.lowest().id) == ("gate-lake", "toktogul")
    # A river comes as a whole: the lakes of Upland, and not that of Lowland, who is no neighbour of theirs.
    assert {r.id for r in theirs.reservoirs} == {"toktogul", "kambarata-1", "gate-lake", "upper-lake"}
    assert {r.id for r in ours.reservoirs} >= {"toktogul", "plain-lake"}


def test_water_runs_down_the_cascade_and_both_rivers_are_needed() -> None:
    of = case(SYSTEM, 2026, "free").at(water={"XLO": 1.0, "XUP": 1.0})
    made = dispatch(SYSTEM, of)
    for r in SYSTEM.reservoirs:
        river, volume = SYSTEM.river(r), made.volume[r.id]
        gone = made.release[r.id] + made.spill[r.id]
        above = made.release["upper-lake"] + made.spill["upper-lake"] if r.id == "gate-lake" else 0.0
        lost = river.evaporation_m / 1_000 * (r.area_base_km2 + r.area_slope_km2 * volume[:-1])
        left = volume[:-1] + SHARES[r.id] * river.inflow_km3 + above - lost - gone - volume[1:]
        assert np.abs(left).max() < 1e-6, r.id
    # What is missing for Lowland is missing below both rivers, 0.7 of the one and 0.9 of the other.
    need = 0.0
    for name, share in (("gate-lake", 0.7), ("plain-lake", 0.9)):
        gone = made.release[name] + made.spill[name]
        need += share * np.maximum(SYSTEM.rivers[name].need_km3 - gone, 0.0)
    assert made.gap["XLO"] == pytest.approx(need, abs=1e-6)
    assert need.sum() > 0.1
    # Each lake is at the yields of the volumes it meets, as closely as is said.
    off = [
        1_000 * (r.yield_base + r.yield_slope * made.volume[r.id][:-1]) * made.release[r.id]
        - made.hydro[r.id].sum(axis=1)
        for r in SYSTEM.reservoirs
    ]
    assert np.abs(off).max() == pytest.approx(made.off, abs=1e-6)


def test_the_year_by_hours_has_the_water_of_the_year_by_months() -> None:
    of = case(SYSTEM, 2026, "free").at(water={"XLO": 30.0, "XUP": 30.0}, blocks=24)
    by_month, by_hour = dispatch(SYSTEM, of), by_hours(SYSTEM, of, clock("typical"), "cyclic")
    assert by_hour.run.cost == pytest.approx(by_month.cost, rel=5e-3)
    assert set(by_hour.volume) == {"gate-lake", "upper-lake", "plain-lake"}
    # Yields are those of the volumes met, of the lake above as well, and so is what goes up from its surface.
    arcs = {x.name: x.efficiency for x in by_hour.grid.arcs}
    draws = {d.name: d.value for d in by_hour.grid.draws}
    days = by_hour.grid.clock
    for r in SYSTEM.reservoirs:
        volume, river = by_month.volume[r.id][:-1], SYSTEM.river(r)
        per = (r.yield_base + r.yield_slope * volume)[days.month]
        assert arcs[f"{r.id}-turbines"] * MM3 / 1e6 == pytest.approx(per, rel=1e-9), r.id
        lost = river.evaporation_m / 1_000 * (r.area_base_km2 + r.area_slope_km2 * volume)
        inflow = (SHARES[r.id] * river.inflow_km3 - lost) * MM3 / (DAYS * 24)
        assert -draws[f"{r.id}-inflow"] == pytest.approx(inflow[days.month]), r.id
    names = {n.name for n in by_hour.grid.needs}
    assert len(names) == len(by_hour.grid.needs)
    # Of what Lowland lacks, each river has its part.
    assert {n for n in names if n.endswith("XLO-6")} == {"XLO-6", "plain-lake-XLO-6"}


def test_exchange_is_a_game_of_the_two() -> None:
    game = worth(SYSTEM, 2026, 30.0, base="swap")
    assert set(game.players) == set(PAIR)
    shares = shapley(game)
    assert sum(shares.values()) == pytest.approx(game.gain(frozenset(PAIR)))
    assert shares["XUP"] == pytest.approx(shares["XLO"])
    assert in_core(game, shares)
    ways = {w.name: w for w in regimes(SYSTEM, 2026, 30.0, PAIR)}
    assert set(ways) == {"isolated", "swap", "free"}
    total = {k: sum(a.total for a in w.account.values()) for k, w in ways.items()}
    assert total["free"] <= min(total["swap"], total["isolated"]) + 1e-6
    # 250 GWh given and 1.2 times as many returned, at 35 USD/MWh, beside what is bought.
    assert ways["swap"].turnover >= (250 + 300) * 0.035 - 1e-6


def test_contracts_are_looked_at_with_the_pairs_own_ratio_and_caps(monkeypatch: pytest.MonkeyPatch) -> None:
    # 161 and 338 GWh were seen between others.
    assert not {161.0, 338.0} & {*grid(SYSTEM)[1]}
    monkeypatch.setattr("birge.models.power.contracts.RATIOS", (1.0,))
    monkeypatch.setattr("birge.models.power.contracts.CAPS", (50.0,))
    found = contracts(SYSTEM, 2026, PAIR)
    assert {(o.ratio, o.cap) for o in found} == {(r, c) for r in (1.0, 1.2) for c in (50.0, 100.0, 400.0)}


def test_the_policy_keeps_three_lakes() -> None:
    asked = Question(2026, 3, pairs=2, outcomes=2, circle=4, close=0.1)
    made = answer(SYSTEM, asked, PAIR)
    told = document(made)
    assert told["reservoir"] == "gate-lake"
    assert told["levels"] == [2.8, 3.0, 3.5]
    assert set(told["economies"]) == set(PAIR)
    assert made.cost is not None
    assert made.cost.bound <= made.cost.upper * (1 + 1e-9)
    for r in made.system.reservoirs:
        volume = made.run.volume[r.id]
        assert volume.min() >= r.stop_km3 - 1e-6
        assert volume.max() <= r.full_km3 + 1e-6
    upper = next(r for r in made.system.reservoirs if r.id == "upper-lake")
    assert made.system.usual_km3(upper)[:3] != pytest.approx(upper.start_km3, abs=1e-3), (
        "its yield is that of what it meets"
    )
    # The lake above begins where the tables say, and not at the level where its plant stops.
    assert made.run.volume["upper-lake"][:, 0] == pytest.approx(1.6)
    with pytest.raises(InputError, match="no line is open"):
        answer(SYSTEM, replace(asked, together=False, regime="free"), PAIR)


def test_the_tables_that_ship_are_right() -> None:
    assert problems_of(shipped_tables()) == []
    assert (DAYS.sum(), len(shipped_tables()["pairs"])) == (365, 1)


ROWS = {
    "power_nodes.csv": [("10.5", "much"), ("demand-upland", "demand-nowhere")],
    "power_lines.csv": [("0.03", "1.5")],
    "power_plants.csv": [("thermal", "thermos")],
    "power_steps.csv": [(",sells,", ",gives,")],
    "power_inflows.csv": [("plain-lake,12", "plain-lake,11")],
    "power_profiles.csv": [("demand-upland,1,", "demand-upland,1,0.5 ")],
    "power_reservoirs.csv": [("10,3,2.8", "2,3,2.8")],
    "power_options.csv": [("always,0.9", "always,0")],
}
SETS = {
    "power_parameters.csv": [
        ("swap-cap@uplands", "swap-cap@downlands"),
        ("XUP@uplands,0.1,0.15,0.2", "XUP@uplands,0.1,0.35,0.4"),
        ("XLO@plain-lake,0.8,0.9,1", "XLO@plain-lake,0.8,0.9,1.2"),
        ("swap-give-first@uplands,5,5,5", "swap-give-first@uplands,5,5.5,6"),
    ],
    "power_reservoirs.csv": [("gate-lake,400", "upper-lake,400")],
    "power_pairs.csv": [("XUP-XLO,gate-lake", "XUP-XLO,upper-lake")],
}


@pytest.mark.parametrize("edits", [ROWS, SETS])
def test_what_is_wrong_in_tables_is_named_by_file_and_line(
    edits: dict[str, list[tuple[str, str]]], tmp_path: Path
) -> None:
    shutil.copytree(FOLDER, tmp_path, dirs_exist_ok=True)
    wanted = []
    for name, changes in edits.items():
        text = (tmp_path / name).read_text("utf-8")
        for old, new in changes:
            line = next(k for k, row in enumerate(text.splitlines(), 1) if old in row)
            text = text.replace(old, new, 1)
            wanted.append(f"{name}, line {line}")
        (tmp_path / name).write_text(text, "utf-8")
    with pytest.raises(InputError) as told:
        checked_tables(tmp_path)
    places = [p.where for p in told.value.problems]
    for place in wanted:
        assert any(p.startswith(place) for p in places), (place, places)
    assert all(p.remedy for p in told.value.problems)


def test_parameters_and_steps_out_of_range_are_named_by_file_and_line(tmp_path: Path) -> None:
    rows = ("discount,0,0.06,2", "cvar-weight,0,0.2,1.5", "cvar-share,0,0.2,0.3", "energy-peak,0.8,0.9,1.1")
    (tmp_path / "power_parameters.csv").write_text("\n".join(("id,low,mode,high", *rows)), "utf-8")
    steps = "id,curve,share,price,kind\na,own,0.5,900,rationed\nb,own,0.5,300,unserved\n"
    (tmp_path / "power_missing.csv").write_text(steps, "utf-8")
    with pytest.raises(InputError) as told:
        checked_tables(tmp_path)
    assert [(p.where.partition(", column")[0], p.code) for p in told.value.problems] == [
        *((f"power_parameters.csv, line {k}", "range") for k in range(2, 6)),
        ("power_missing.csv, line 2", "order"),
    ]


def test_a_pair_of_ones_own_is_the_same_in_either_order(tmp_path: Path) -> None:
    (tmp_path / "power_pairs.csv").write_text("pair,reservoir,partner,terms\nKGZ-KAZ,toktogul,UZB,\n", "utf-8")
    found = power_system(("KAZ", "KGZ"), checked_tables(tmp_path))
    assert found is not None
    assert swap_contract(found).partner == "UZB", "the row of one's own, and not that of Birge"
    with (tmp_path / "power_pairs.csv").open("a", encoding="utf-8") as file:
        file.write("KAZ-KGZ,toktogul,KZS,\n")
    with pytest.raises(InputError, match="already"):
        checked_tables(tmp_path)


def test_files_that_are_no_tables_are_named_at_once(tmp_path: Path) -> None:
    (tmp_path / "power_dams.csv").write_text("id\n1\n", "utf-8")
    (tmp_path / "power_lines.csv").write_text("id,from_node,mw,los\na,UPR,1,0\n", "utf-8")
    (tmp_path / "power_places.csv").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "power_projects.csv").write_text("id,milestone,node,technology,mw,profile,year\na,b\n", "utf-8")
    long = f"id,value,year\na,1,2026\nb,{'1' * 131_073},2026\n"
    (tmp_path / "power_observed.csv").write_text(long, "utf-8")
    with pytest.raises(InputError) as told:
        checked_tables(tmp_path)
    assert "power_observed.csv, line 3" in [p.where for p in told.value.problems]
    codes = {(p.where.partition(",")[0], p.code) for p in told.value.problems}
    assert codes == {
        ("power_dams.csv", "table-unknown"),
        ("power_lines.csv", "column-missing"),
        ("power_lines.csv", "column-unknown"),
        ("power_observed.csv", "row-unreadable"),
        ("power_places.csv", "encoding"),
        ("power_projects.csv", "columns"),
    }
