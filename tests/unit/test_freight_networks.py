"""Networks of one's own: zones, uses, crossings with waits, borders of an extract, and what import keeps."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from typer.testing import CliRunner

from birge.cli.freight import app
from birge.errors import InputError
from birge.models.freight import assign, class_of_goods, costs, routes
from birge.models.freight.gmns import read_gmns, read_gmns_roads, read_trips
from birge.models.freight.gmns_out import copy_gmns, template_of, write_gmns
from birge.models.freight.osm import read_osm
from birge.models.freight.osm_file import read_extract
from birge.models.freight.zones import ends_of
from tests.unit.test_freight_files import codes, folder

PAIR = ("EST", "RUS")
BRAESS = (
    "link_id,from_node_id,to_node_id,directed,length,free_speed,capacity,lanes,alpha,beta\n"
    "1,s,a,true,1,60,50,2,1,1\n2,b,t,true,1,60,100,1,1,1\n3,a,t,true,3.3,60,,,,\n4,s,b,true,3.3,60,,,,\n"
    "5,a,b,true,0.25,60,,,,\n"
)
SIDES = "node_id,name,x_coord,y_coord,birge_kind,birge_economy,birge_trucks_day\n"
SIDES += "a,Alfa,28,59,city,EST,\nx,Bridge,28.5,59,crossing,EST-RUS,100\nb,Beta,29,59,city,RUS,\n"
ROADS = (
    "link_id,from_node_id,to_node_id,directed,length,free_speed,birge_economy\n1,a,x,0,30,60,EST\n2,x,b,0,40,80,RUS\n"
)


def test_trips_name_zones_where_the_network_has_them(tmp_path: Path) -> None:
    # Zones 1 and 2 lie at nodes 3 and 4, and nodes 1 and 2 are there too.
    links = "link_id,from_node_id,to_node_id,directed,length,free_speed,capacity,allowed_uses\n"
    links += "1,3,1,0,10,60,1000,auto\n2,1,2,0,10,60,1000,AUTO;walk\n3,2,4,0,10,60,1000,\n4,3,4,0,5,60,1000,walk\n"
    made = folder(tmp_path, "node_id,x_coord,y_coord,zone_id\n1,0,0,\n2,1,0,\n3,0,1,1\n4,1,1,2\n", links)
    roads = read_gmns_roads(made)
    (tmp_path / "demand.csv").write_text("o_zone_id,d_zone_id,volume\n1,2,500\n")
    by_zone = assign(roads, read_trips(tmp_path / "demand.csv", ends_of(roads)))
    # From 3 by 1 and 2 to 4: the road that only walkers may use is no way.
    assert by_zone.flow == pytest.approx([500, 0, 500, 0, 500, 0])
    by_node = assign(roads, read_trips(tmp_path / "demand.csv", ends_of(roads, "node")))
    assert by_node.flow == pytest.approx([0, 0, 500, 0, 0, 0])
    (tmp_path / "demand.csv").write_text("o_zone_id,d_zone_id,volume\n3,4,500\n")
    with pytest.raises(InputError, match=r"'3' is no zone of the network \(zone_id: 1, 2\)"):
        read_trips(tmp_path / "demand.csv", ends_of(roads))
    with pytest.raises(InputError, match="zones-missing"):
        ends_of(read_gmns_roads(folder(tmp_path)), "zone")


def test_a_zone_at_several_nodes_is_at_its_centroid_or_asked_for(tmp_path: Path) -> None:
    nodes = "node_id,x_coord,y_coord,zone_id,node_type\ns,0,0,1,\na,1,1,1,{}\nb,1,-1,,\nt,2,0,2,\n"
    (tmp_path / "demand.csv").write_text("o_zone_id,d_zone_id,volume\n1,2,5\n")
    roads = read_gmns_roads(folder(tmp_path, nodes.format("centroid"), BRAESS))
    assert read_trips(tmp_path / "demand.csv", ends_of(roads)).origin.tolist() == [1]
    roads = read_gmns_roads(folder(tmp_path, nodes.format(""), BRAESS))
    with pytest.raises(InputError, match="zone-twice: zone '1' is at several nodes: s, a"):
        read_trips(tmp_path / "demand.csv", ends_of(roads))


def test_a_name_of_two_places_is_asked_for_by_id_and_a_path_carries_no_limits(tmp_path: Path) -> None:
    walk = "link_id,from_node_id,to_node_id,directed,length,capacity,lanes,allowed_uses,birge_economy\n"
    walk += "1,a,x,0,30,,,auto,EST\n2,x,b,0,40,0,0,walk,RUS\n"
    net = read_gmns(folder(tmp_path, SIDES.replace("Beta", "Alfa"), walk))
    assert [k.id for k in net.links] == ["1"]
    assert net.find("b").id == "b"
    with pytest.raises(InputError, match="place-ambiguous: 'alfa' is the name of 2 places → write the id: a or b"):
        net.find("alfa")


def test_import_keeps_capacities_zones_and_columns_it_does_not_know(tmp_path: Path) -> None:
    source = tmp_path / "mine"
    source.mkdir()
    folder(source, "node_id,x_coord,y_coord,zone_id,colour\ns,0,0,1,red\na,1,1,,\nb,1,-1,,\nt,2,0,2,\n", BRAESS)
    (source / "config.csv").write_text("long_length,speed,crs,currency\nmi,mph,EPSG:4326,USD\n")
    (source / "demand.csv").write_text("o_zone_id,d_zone_id,volume\n1,2,200\n")
    assert copy_gmns(source, tmp_path / "out", read_gmns(source)) == ("demand.csv",)
    made = []
    for each in (source, tmp_path / "out"):
        roads = read_gmns_roads(each)
        made.append(assign(roads, read_trips(source / "demand.csv", ends_of(roads))))
    # 200 by the link between: 3 + 0.25 + 3 minutes each, whatever the units.
    assert [m.total for m in made] == pytest.approx([1250, 1250], rel=1e-9)
    with (tmp_path / "out" / "node.csv").open(encoding="utf-8") as stream:
        assert next(csv.DictReader(stream))["colour"] == "red"
    assert "currency" in (tmp_path / "out" / "config.csv").read_text("utf-8")


@pytest.mark.parametrize(
    ("nodes", "links", "wanted"),
    [
        (SIDES.replace(",crossing,", ",krossing,"), ROADS, [("node.csv:3", "kind-unknown")]),
        (SIDES.replace("EST-RUS", "EST"), ROADS, [("node.csv:3", "economy-unknown")]),
        (SIDES.replace("city,RUS", "city,ZZ"), ROADS, [("node.csv:4", "economy-unknown")]),
        (SIDES, ROADS.replace("80,RUS", "80,"), [("link.csv:3", "side-unknown")]),
        (SIDES.replace("29,59", "nan,59"), ROADS.replace("80,RUS", "80,LVA"),
         [("link.csv:3", "side-unknown"), ("node.csv:4", "not-a-number")]),
    ],
)  # fmt: skip
def test_kinds_and_codes_that_are_none_are_named(tmp_path: Path, nodes: str, links: str, wanted) -> None:
    with pytest.raises(InputError) as caught:
        read_gmns(folder(tmp_path, nodes, links))
    assert sorted(codes(caught)) == sorted(wanted)


def waits(tmp_path: Path, rows: str) -> Path:
    made = folder(tmp_path, SIDES, ROADS)
    (made / "crossing_waits.csv").write_text("crossing,direction,regime,trucks_day,hours,cv\n" + rows)
    return made


def test_waits_at_crossings_count_by_direction_trucks_and_regime(tmp_path: Path) -> None:
    made = waits(tmp_path, "x,EST-RUS,,,10,0.5\nx,RUS-EST,,50,2,0.5\nx,RUS-EST,,150,6,0.5\nx,,longer-checks,,20,0.5\n")
    net = read_gmns(made)
    goods = class_of_goods("general", PAIR)
    for start, end, wait in (("a", "b", 10.0), ("b", "a", 4.0)):
        for pair in (PAIR, PAIR[::-1]):
            assert [r.wait for r in routes(net, pair, start, end, goods, costs())] == [wait]
    passage = net.passages["x"]
    assert (passage.cv, passage.hours(100, "longer-checks", "EST-RUS")) == (0.5, 20)
    # Of both directions: the mean, at any number of trucks.
    assert [passage.hours(q) for q in (100, 150, 400)] == pytest.approx([7, 8, 13])
    write_gmns(net, tmp_path / "out")
    again = read_gmns(tmp_path / "out").passages["x"]
    for way in ("EST-RUS", "RUS-EST"):
        for regime in ("normal", "longer-checks"):
            assert again.hours(120, regime, way) == pytest.approx(passage.hours(120, regime, way))


@pytest.mark.parametrize(
    ("rows", "wanted"),
    [
        ("y,,,,3,\n", [("crossing_waits.csv:2", "crossing-unknown")]),
        ("a,,,,3,\n", [("crossing_waits.csv:2", "crossing-unknown")]),
        ("x,EST-LVA,,,3,\n", [("crossing_waits.csv:2", "direction-unknown")]),
        ("x,EST-RUS,,,3,\n", [("crossing_waits.csv:2", "direction-missing")]),
        ("x,,,,-3,\n", [("crossing_waits.csv:2", "negative-wait")]),
        ("x,,,,long,\n", [("crossing_waits.csv:2", "not-a-number")]),
        ("x,,,10,3,\n", [("crossing_waits.csv:2", "wait-not-monotone")]),
        ("x,,,10,3,\nx,,,20,2,\n", [("crossing_waits.csv:3", "wait-not-monotone")]),
        ("x,,,10,3,\nx,,,,4,\n", [("crossing_waits.csv:3", "wait-not-monotone")]),
        ("x,,crisis,,3,\n", [("crossing_waits.csv:2", "regime-missing")]),
        ("x,,,,3,.5\nx,,crisis,,3,.6\n", [("crossing_waits.csv:2", "cv-differs")]),
        (
            "x,,,-5,3,\nx,,,20,4,.2\n",
            [("crossing_waits.csv:2", "negative-wait"), ("crossing_waits.csv:2", "cv-differs")],
        ),
    ],
)
def test_bad_waits_are_named(tmp_path: Path, rows: str, wanted) -> None:
    with pytest.raises(InputError) as caught:
        read_gmns(waits(tmp_path, rows))
    assert codes(caught) == wanted


def test_waits_over_trucks_need_todays_trucks_and_empty_hours_are_unknown(tmp_path: Path) -> None:
    made = waits(tmp_path, "x,,,10,3,\nx,,,20,4,\n")
    (made / "node.csv").write_text(SIDES.replace("EST-RUS,100", "EST-RUS,"))
    with pytest.raises(InputError) as caught:
        read_gmns(made)
    assert codes(caught) == [("node.csv:3", "trucks-missing")]
    assert read_gmns(waits(tmp_path, "x,,,,,\n")).passages == {}


def extract(tmp_path: Path, controls: str) -> Path:
    """Narva 1 - 2 - 3 - 4 - 5 Ivangorod by one road, `controls` among them; a road around them by 6."""
    rows = "".join(
        f'<node id="{k}" lat="59.4" lon="{28 + k / 10:g}">'
        + ('<tag k="barrier" v="border_control"/>' if str(k) in controls else "")
        + (f'<tag k="place" v="town"/><tag k="name" v="{name}"/>' if name else "")
        + "</node>\n"
        for k, name in ((1, "Narva"), (2, ""), (3, ""), (4, ""), (5, "Ivangorod"), (6, ""))
    )
    roads = "".join(
        f'<way id="{w}">'
        + "".join(f'<nd ref="{r}"/>' for r in refs)
        + f'<tag k="highway" v="{kind}"/><tag k="lanes" v="{lanes}"/></way>\n'
        for w, refs, kind, lanes in ((10, "12345", "primary", 4), (11, "16", "tertiary", 1), (12, "65", "trunk", "two"))
    )
    file = tmp_path / "area.osm"
    file.write_text(f'<osm version="0.6">\n{rows}{roads}</osm>')
    return file


@pytest.mark.parametrize(("controls", "crossing"), [("3", "3"), ("24", "4"), ("23", "3"), ("234", "3")])
def test_border_controls_between_two_places_become_one_crossing(tmp_path: Path, controls: str, crossing: str) -> None:
    made = read_osm(extract(tmp_path, controls), sides={"EST": "narva", "RUS": "5"})
    by = {n.id: n for n in made.network.nodes}
    assert {n.id: n.economy for n in by.values() if n.kind == "crossing"} == {crossing: "EST-RUS"}
    assert len(made.plain) == len(controls) - 1
    # The road around the controls would pass the border unseen.
    assert made.dropped == ("12-0",) if by["6"].economy == "EST" else ("11-0",)
    net = made.network
    found = routes(net, PAIR, "1", "5", class_of_goods("general", PAIR), costs())
    assert {(r.crossing, round(r.km, 1)) for r in found} == {(crossing, round(4 * 5.66, 1))}
    # 4 lanes of both directions are 2 of each; `two` is no number, and a trunk road has 1.
    assert {(k.kind, k.lanes, k.capacity) for k in net.links} >= {("primary", 2, 1500)}


def test_an_extract_without_sides_has_no_crossing_and_says_so(tmp_path: Path) -> None:
    made = read_osm(extract(tmp_path, "3"), "EST")
    assert (made.plain, {n.kind for n in made.network.nodes}) == (("border control 3",), {"city", "junction"})
    for sides, code in (
        ({"EST": "Narwa", "RUS": "5"}, "place-unknown"),
        ({"EST": "Narva", "RUS": "1"}, "place-twice"),
    ):
        with pytest.raises(InputError, match=code):
            read_osm(extract(tmp_path, "3"), sides=sides)


@pytest.mark.parametrize(
    ("tags", "one_way"),
    [
        ({}, 0),
        ({"access": "private"}, None),
        ({"access": "no", "hgv": "yes"}, 0),
        ({"hgv": "no"}, None),
        ({"motor_vehicle": "destination", "access": "private"}, 0),
        ({"junction": "roundabout"}, 1),
        ({"junction": "roundabout", "oneway": "-1"}, -1),
    ],
)
def test_roads_closed_to_trucks_are_left_out_and_roundabouts_lead_one_way(
    tmp_path: Path, tags: dict[str, str], one_way: int | None
) -> None:
    file = extract(tmp_path, "3")
    more = "".join(f'<tag k="{k}" v="{v}"/>' for k, v in tags.items())
    file.write_text(file.read_text().replace('<way id="11">', f'<way id="11">{more}'))
    assert {w.id: w.one_way for w in read_extract(file).ways}.get("11") == one_way


def test_a_way_with_missing_nodes_is_named_with_its_line_and_all_of_them(tmp_path: Path) -> None:
    file = extract(tmp_path, "3")
    text = file.read_text().replace('ref="6"', 'ref="60"').replace('<node id="2" lat="59.4"', '<node id="2" lat="x"')
    file.write_text(text)
    with pytest.raises(InputError) as caught:
        read_osm(file)
    lines = [("area.osm:3", "not-degrees"), ("area.osm:9", "node-missing"), ("area.osm:10", "node-missing")]
    assert codes(caught) == lines
    assert "way 11 has 1 node that is not in the file: 60" in str(caught.value)


def test_the_template_is_a_network_that_can_be_asked_and_the_pair_is_the_remedy(tmp_path: Path) -> None:
    new, again = str(tmp_path / "new"), str(tmp_path / "again")

    def run(*words: str) -> str:
        done = CliRunner().invoke(app, words)
        return done.output if done.exception is None else str(done.exception)

    run("template", "--out", new, "--pair", "EST-RUS")
    directed = [net.passages["2"].directed for net in (read_gmns(new), template_of(PAIR))]
    assert directed[0] == directed[1]
    ask = ("Alfa", "Beta", "--network", new)
    assert "crossing Bridge: 3.0 h" in run("route", *ask, "--pair", "EST-RUS")
    assert run("route", *ask).endswith("no crossing of the network joins KAZ and KGZ → write --pair EST-RUS")
    (tmp_path / "new" / "crossing_waits.csv").unlink()
    assert "no wait is known at Bridge" in run("corridor", *ask, "--pair", "EST-RUS")
    assert "fill hours" in run("import", new, "--out", again)
    assert "economy-of-tables" in run("import", new, "--out", again, "--economy", "EST")
    assert "economy-unknown" in run("import", "none.osm", "--out", again, "--economy", "ZZ")
    assert "economy-mixed" in run("import", "none.osm", "--out", again, "--economy", "EST", "--economy", "RUS=a")
    (tmp_path / "demand.csv").write_text("o_zone_id,d_zone_id,volume\n1,3,100\n")
    flows = tmp_path / "flows.csv"
    assert "trips name nodes" in run("assign", again, str(tmp_path / "demand.csv"), "--out", str(flows))
    assert flows.read_text().splitlines()[1].startswith("1,2,100.0,")
