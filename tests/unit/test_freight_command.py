"""`birge freight` as a user runs it, and the model's record."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from birge.factbook import Factbook, read_observations
from birge.models import border
from birge.models.freight.flows import link_flows
from birge.models.freight.model import MODEL
from birge.models.freight.study import study
from birge.models.freight.yearly import MODEL as YEARLY
from birge.plan import embedded, load
from birge.plan.scenario import Scenario
from birge.rng import Streams
from birge.units import month_of
from birge.variables import variables

ROOT = Path(__file__).parents[2]
SMALL = ROOT / "tests" / "plans" / "small.yaml"
PAIR = ("KAZ", "KGZ")


def run(*words: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    code = "from birge.cli import main; main()"
    command = [sys.executable, "-c", code, "freight", *words]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=cwd)


def test_a_route_names_both_names_and_adds_up() -> None:
    done = run("route", "Алматы", "Bishkek", "--goods", "perishables", "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert sum(r["share"] for r in found["routes"]) == pytest.approx(1)
    best = found["routes"][0]
    assert best["crossing"] == "karasu"
    assert sum(leg["km"] for leg in best["legs"]) == pytest.approx(best["km"])


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("route", "Almaty", "Bishkk"), "place-unknown"),
        (("route", "Almaty", "Almaty"), "same-place"),
        (("route", "Almaty", "Bedel"), "no-path"),
        (("route", "Almaty", "Bishkek", "--goods", "dust"), "goods-unknown"),
        (("route", "Almaty", "Bishkek", "--regime", "calm"), "regime-unknown"),
        (("route", "Almaty", "Bishkek", "--pair", "GEO-ARM"), "network-missing"),
        (("route", "Almaty", "Bishkek", "--pair", "KAZ"), "pair"),
        (("measure", "Almaty"), "crossing-unknown"),
        (("measure", "Karasu", "--hours", "nan"), "hours-out-of-range"),
        (("measure", "Lugovaya - Kaindy (rail)"), "crossing-without-wait"),
        (("places", "--language", "de"), "language-unknown"),
        (("route", "Almaty", "Bishkek", "--waits", "none"), "waits-unknown"),
        (("route", "Almaty", "Bishkek", "--waits", "border", "--network", "."), "waits-of-network"),
        (("map", "--out", "map.gif"), "format-unknown"),
        (("assign", "nowhere", "none.csv"), "folder-missing"),
        (("import", "none.osm", "--out", "out"), "file-unreadable"),
    ],
)
def test_bad_words_end_with_a_place_and_a_remedy(words: tuple[str, ...], code: str, tmp_path: Path) -> None:
    done = run(*words, cwd=tmp_path)
    assert done.returncode == 2, done.stderr
    assert f": {code}: " in done.stderr
    assert "→" in done.stderr
    assert "Traceback" not in done.stderr


def test_assign_writes_flows_and_says_its_gap(tmp_path: Path) -> None:
    folder = ROOT / "tests" / "data" / "sioux_falls"
    out = tmp_path / "flows.csv"
    done = run("assign", str(folder / "SiouxFalls_net.tntp"), str(folder / "SiouxFalls_trips.tntp"), "--out", str(out))
    assert done.returncode == 0, done.stderr
    assert "objective 4,231,335.29" in done.stdout
    assert len(out.read_text().splitlines()) == 77


def test_an_extract_goes_to_gmns_and_then_to_a_route(tmp_path: Path) -> None:
    (tmp_path / "area.osm").write_text(
        '<osm><node id="1" lat="42" lon="74"/><node id="2" lat="42" lon="75"/>'
        '<way id="5"><nd ref="1"/><nd ref="2"/><tag k="highway" v="primary"/></way></osm>'
    )
    done = run("import", "area.osm", "--out", "area", "--economy", "KGZ", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "ODbL" in done.stdout
    done = run("route", "1", "2", "--network", "area", "--goods", "bulk", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "83 km" in done.stdout


def test_the_map_is_a_picture_with_names_waits_and_a_disclaimer(tmp_path: Path) -> None:
    (tmp_path / "lines.json").write_text('{"type":"LineString","coordinates":[[70,43],[80,43]]}')
    done = run("map", "--out", "map.html", "--boundaries", "lines.json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "map.html").read_text("utf-8")
    for text in ("Karasu - Ak-Tilek", "Korday - Ak-Jol", "no opinion on the legal status", "<svg"):
        assert text in page
    assert "<script" not in page
    assert "http" not in page.replace("http://www.w3.org", "")


def test_flows_on_links_are_conserved_and_carry_the_trade() -> None:
    from birge.models.freight.choice import settle

    made = study(PAIR, Factbook.embedded(), most=6)
    flows = link_flows(made.market, settle(made.market), PAIR)
    assert flows.balance < 1e-12
    by = dict(zip((k.id for k in made.network.links), flows.tonnes, strict=True))
    total = sum(made.market.demand.tonnes(k).sum() for k in (0, 1))
    over = sum(v for k, v in by.items() if k.startswith(("road-korday-bishkek", "rail-lugovaya-kaindy-kaindy")))
    assert 0 < over < total
    assert by["road-barskoon-bedel"] == 0


def coupled(plan, book, as_of, draws: int, scale: float = 1.0, scenario=None, finish: float = np.inf):
    """Run border, freight and its yearly record at the pair's trade times `scale`, all milestones done in `finish`."""
    inputs = MODEL.setup(plan, book, scenario, as_of)
    made = MODEL.prepare(inputs, Streams(1))
    streams = Streams(1, 0, draws)
    setup = border.MODEL.setup(plan, book, scenario, as_of)
    world = {"schedule.finish": np.full((draws, len(plan.milestones())), finish)}
    world |= border.MODEL.run(border.MODEL.prepare(setup, Streams(1)), world, streams)
    flow = np.zeros((draws, len(inputs.years), 2, 2))
    flow[:, :, 0], flow[:, :, 1] = inputs.usd[0], inputs.usd[1]
    world |= {"outlook.flow": flow, "trade.flow": flow * scale}
    world |= MODEL.run(made, world, streams)
    return inputs, world, YEARLY.run(YEARLY.prepare(inputs, Streams(1)), world, streams)


def test_the_records_keep_shapes_bounds_and_blocks_and_follow_trade() -> None:
    at = (embedded(), Factbook.embedded(), date(2026, 11, 24))
    inputs, world, years = coupled(*at, 12, finish=month_of(date(2026, 6, 1)))
    assert [e.name for e in inputs.effects]
    for name in (*MODEL.writes, *YEARLY.writes):
        low, high = variables()[name].bounds
        value = {**world, **years}[name]
        assert value.shape[0] == 12, name
        assert np.isfinite(value).all(), name
        assert (value >= low).all(), name
        assert (value <= high).all(), name
    # no effect of the plan costs anything, all save time in the mean, and links elsewhere are worth nothing
    elsewhere = np.array([e.name.startswith(("barskoon-bedel", "cku-railway")) for e in inputs.effects])
    assert (world["freight.response"] <= 0).all()
    assert (world["freight.response"][:, :, ~elsewhere].mean(axis=(0, 1)) < 0).all()
    assert (world["freight.response"][:, :, elsewhere] == 0).all()
    # the years of this outlook are alike, and the highest level is above them
    assert (np.diff(world["freight.waits"].sum(axis=(2, 3, 4)), axis=1)[:, -1] > 0).all()
    _, _, short = coupled(*at, 5, finish=month_of(date(2026, 6, 1)))
    assert all((short[k] == years[k][:5]).all() for k in short)
    _, _, more = coupled(*at, 12, 1.1)
    assert (more["freight.wait"].sum(axis=(2, 3)) > years["freight.wait"].sum(axis=(2, 3))).all()
    assert (more["freight.trucks"].sum(axis=(2, 3)) > years["freight.trucks"].sum(axis=(2, 3))).all()


def delayed(driver: str, size: float, crossing: str = "karasu"):
    effect = {"driver": driver, "start": date(2026, 1, 1), "months": 24, "size": {"kind": "fixed", "value": size}}
    effect |= {"select": {"crossing": crossing}, "evidence": "test"}
    return Scenario.model_validate({"id": "delay", "title": {"en": "A delay"}, "effects": [effect]})


def test_delays_and_fewer_lanes_cost_and_more_of_them_cost_more() -> None:
    """Both directions together: trucks that stay away one way do not come back empty the other way, which gains."""
    at = (embedded(), Factbook.embedded(), date(2026, 11, 24), 12, 1.0)

    def cost(driver: str, size: float):
        return coupled(*at, delayed(driver, size))[2]["freight.cost"][:, :, -1].sum(axis=2)

    for driver, sizes in (("border.hours", (3.0, 12.0)), ("border.capacity", (0.7, 0.3))):
        little, much = (cost(driver, s) for s in sizes)
        assert (little > 0).all()
        assert (much > little).all()
    assert (cost("border.capacity", 2.0) < 0).all()
    assert not cost("border.capacity", 1.0).any()


def test_a_pair_without_a_network_has_no_change_of_cost() -> None:
    book = Factbook.embedded().extended(read_observations(SMALL.with_name("small-observations.csv")))
    inputs, world, out = coupled(load(SMALL)[0], book, date(2027, 9, 1), 5)
    assert out["freight.cost"].shape == (5, len(inputs.years), len(inputs.effects), 2)
    assert not out["freight.cost"].any()
    assert not world["freight.response"].any()
    assert out["freight.wait"].shape == (5, len(inputs.years), 0, 2)


def test_eight_pairs_and_coarse_goods_stand_for_the_whole() -> None:
    from birge.models.freight.choice import settle

    whole = study(PAIR, Factbook.embedded(), most=0).market
    few = study(PAIR, Factbook.embedded(), most=8).market
    waits = [settle(whole).waits, settle(few, coarse=True, tolerance=1e-3).waits]
    at = whole.crossings.index("karasu")
    assert waits[1][at] == pytest.approx(waits[0][at], rel=0.25)
