"""Networks, trips and matrices of the user's own: what is read, and what is said of bad ones."""

from __future__ import annotations

import builtins
from pathlib import Path

import numpy as np
import pytest

from birge.errors import BirgeError, InputError
from birge.models.freight import assign, costs
from birge.models.freight.assignment import Trips
from birge.models.freight.gmns import read_gmns, read_gmns_roads, read_trips
from birge.models.freight.gmns_out import write_gmns
from birge.models.freight.goods import class_of_goods
from birge.models.freight.omx import read_omx, write_omx
from birge.models.freight.osm import read_osm
from birge.models.freight.routes import routes
from birge.models.freight.tntp import read_tntp, read_tntp_trips
from birge.models.freight.zones import Ends, ends_of
from birge.report.freight_map import read_boundaries

PAIR = ("KAZ", "KGZ")
NODES = "node_id,name,x_coord,y_coord\n1,Alpha,74,42\n2,Beta,75,42\n3,Gamma,75,43\n"
LINKS = (
    "link_id,from_node_id,to_node_id,directed,length,free_speed,capacity,lanes\n"
    "a,1,2,false,80,50,1000,2\nb,2,3,true,110,60,,\nc,3,1,true,140,70,800,1\n"
)
OSM = """<osm version="0.6">
<node id="1" lat="42.0" lon="74.0"><tag k="place" v="town"/><tag k="name" v="Альфа"/><tag k="name:en" v="Alpha"/></node>
<node id="2" lat="42.0" lon="74.5"/>
<node id="3" lat="42.0" lon="75.0"/>
<node id="4" lat="42.5" lon="74.5"/>
<node id="9" lat="42.501" lon="74.5"><tag k="place" v="city"/><tag k="name" v="Beta"/></node>
<way id="10"><nd ref="1"/><nd ref="2"/><nd ref="3"/><tag k="highway" v="primary"/><tag k="maxspeed" v="40"/></way>
<way id="11"><nd ref="2"/><nd ref="4"/><tag k="highway" v="trunk"/><tag k="oneway" v="yes"/></way>
<way id="12"><nd ref="4"/><nd ref="3"/><tag k="railway" v="rail"/></way>
<way id="13"><nd ref="1"/><nd ref="4"/><tag k="highway" v="footway"/></way>
</osm>"""


def folder(tmp_path: Path, nodes: str = NODES, links: str = LINKS, config: str = "") -> Path:
    (tmp_path / "node.csv").write_text(nodes)
    (tmp_path / "link.csv").write_text(links)
    if config:
        (tmp_path / "config.csv").write_text(config)
    return tmp_path


def named(*nodes: str) -> Ends:
    return Ends("node", {n: k for k, n in enumerate(nodes)}, {})


def codes(caught) -> list[tuple[str, str]]:
    return [(p.where.rpartition("/")[2], p.code) for p in caught.value.problems]


def test_gmns_is_read_for_routes_and_for_congestion(tmp_path: Path) -> None:
    made = folder(tmp_path)
    net = read_gmns(made)
    assert [n.name() for n in net.nodes] == ["Alpha", "Beta", "Gamma"]
    assert [(k.km, k.speed, k.one_way) for k in net.links] == [(80, 50, False), (110, 60, True), (140, 70, True)]
    found = routes(net, PAIR, "1", "3", class_of_goods("bulk", PAIR), costs())
    assert found[0].km == 190
    roads = read_gmns_roads(made)
    assert roads.nodes == ("1", "2", "3")
    assert roads.free == pytest.approx([96, 96, 110, 120])
    assert roads.capacity.tolist() == [2000, 2000, 0, 800]
    assert roads.rise.tolist() == [0.15, 0.15, 0, 0.15]
    (tmp_path / "demand.csv").write_text("o_zone_id,d_zone_id,volume\n1,3,500\n3,2,100\n")
    done = assign(roads, read_trips(tmp_path / "demand.csv", ends_of(roads)))
    assert done.flow == pytest.approx([600, 0, 500, 100])


def test_units_of_the_config_count(tmp_path: Path) -> None:
    net = read_gmns(folder(tmp_path, config="long_length,speed\nmi,mph\n"))
    assert (net.links[0].km, net.links[0].speed) == pytest.approx((80 * 1.609344, 50 * 1.609344))
    with pytest.raises(InputError) as caught:
        read_gmns(folder(tmp_path, NODES.replace("y_coord", "y"), LINKS, "long_length,speed\nversts,knots\n"))
    assert codes(caught) == [("node.csv:1", "column-missing"), *[("config.csv:2", "unit-unknown")] * 2]


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    net = read_gmns(folder(tmp_path))
    write_gmns(net, tmp_path / "out")
    again = read_gmns(tmp_path / "out")
    assert again.links == tuple(again.links)
    assert [(k.id, k.a, k.b, k.km, k.speed, k.one_way, k.usd_tkm) for k in again.links] == [
        (k.id, k.a, k.b, k.km, k.speed, k.one_way, k.usd_tkm) for k in net.links
    ]


@pytest.mark.parametrize(
    ("nodes", "links", "wanted"),
    [
        (NODES.replace("x_coord", "x"), LINKS, [("node.csv:1", "column-missing")]),
        (NODES, LINKS.replace("to_node_id", "to"), [("link.csv:1", "column-missing")]),
        (NODES, LINKS.replace("directed", "d"), [("link.csv:1", "column-missing")]),
        (NODES, LINKS.replace("false,80", "false,-80"), [("link.csv:2", "negative-length")]),
        (NODES, LINKS.replace(",80,50", ",80,0"), [("link.csv:2", "speed-not-positive")]),
        (NODES, LINKS.replace("b,2,3,true,110", "b,2,3,true,long"), [("link.csv:3", "not-a-number")]),
        (NODES, LINKS.replace("c,3,1,true", "c,3,1,perhaps"), [("link.csv:4", "not-a-boolean")]),
        (NODES, LINKS.replace("c,3,1", "c,3,7"), [("link.csv:4", "node-unknown")]),
        (
            NODES.replace("3,Gamma", "2,Gamma"),
            LINKS.replace("2,3,", "2,1,").replace("c,3,1", "c,2,1"),
            [("node.csv:4", "id-twice")],
        ),
        (NODES, LINKS.replace("length", "km"), [("link.csv:1", "column-missing")]),
        (
            NODES,
            LINKS.replace("1000,2", "0,2").replace("800,1", "800,-1"),
            [("link.csv:2", "capacity-not-positive"), ("link.csv:4", "lanes-not-positive")],
        ),
        (NODES.replace("74,42", "74,959"), LINKS, [("node.csv:2", "not-degrees")]),
        (
            NODES,
            LINKS.replace("a,1,2,false,80", "a,1,9,false,-1").replace("c,3,1,true,140", "c,3,1,true,x"),
            [("link.csv:2", "negative-length"), ("link.csv:2", "node-unknown"), ("link.csv:4", "not-a-number")],
        ),
    ],
)
def test_bad_rows_of_gmns_are_named_all_at_once(tmp_path: Path, nodes: str, links: str, wanted) -> None:
    for read in (read_gmns, read_gmns_roads):
        with pytest.raises(InputError) as caught:
            read(folder(tmp_path, nodes, links))
        assert sorted(codes(caught)) == wanted
        assert all(p.remedy for p in caught.value.problems)


def test_trips_without_a_column_or_with_unknown_zones_are_named(tmp_path: Path) -> None:
    file = tmp_path / "demand.csv"
    for text, wanted in (
        ("o_zone_id,d_zone_id\n1,2\n", [("demand.csv:1", "column-missing")]),
        ("o_zone_id,d_zone_id,volume\n1,8,3\n", [("demand.csv:2", "node-unknown")]),
        ("o_zone_id,d_zone_id,volume\n1,2,many\n", [("demand.csv:2", "not-a-number")]),
    ):
        file.write_text(text)
        with pytest.raises(InputError) as caught:
            read_trips(file, named("1", "2", "3"))
        assert codes(caught) == wanted
    with pytest.raises(InputError, match="folder-missing"):
        read_gmns(tmp_path / "nowhere")


HEAD = "<NUMBER OF ZONES> 2\n<NUMBER OF NODES> 3\n<FIRST THRU NODE> 1\n<NUMBER OF LINKS> 2\n<END OF METADATA>\n"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("1 2 3\n", [("net.tntp", "format-wrong")]),
        (HEAD.replace("<NUMBER OF NODES> 3", "<NUMBER OF NODES> many"), [("net.tntp", "metadata-missing")]),
        (HEAD + "1 2 10 1 1 0.15 4 0 0 1 ;\n", [("net.tntp", "count-wrong")]),
        (HEAD + "1 2 10 -1 1 0.15 4 0 0 1 ;\n2 9 10 1 x 0.15 4 ;\n",
         [("net.tntp:6", "negative-length"), ("net.tntp:7", "not-a-number")]),
        (HEAD + "1 2 10 1 1 ;\n1 5 10 1 1 0.15 4 ;\n", [("net.tntp:6", "row-short"), ("net.tntp:7", "node-unknown")]),
    ],
)  # fmt: skip
def test_bad_tntp_networks_are_named(tmp_path: Path, text: str, wanted) -> None:
    (tmp_path / "net.tntp").write_text(text)
    with pytest.raises(InputError) as caught:
        read_tntp(tmp_path / "net.tntp")
    assert codes(caught) == wanted


def test_bad_tntp_trips_are_named(tmp_path: Path) -> None:
    file = tmp_path / "trips.tntp"
    for text, wanted in (
        ("<END OF METADATA>\nOrigin 1\n 2 : 5; 9 : 4; x\nOrigin 8\n",
         [("trips.tntp:3", "cell-broken"), ("trips.tntp:3", "node-unknown"), ("trips.tntp:4", "node-unknown")]),
        ("<TOTAL OD FLOW> 7\n<END OF METADATA>\nOrigin 1\n 2 : 5;\n", [("trips.tntp", "sum-wrong")]),
    ):  # fmt: skip
        file.write_text(text)
        with pytest.raises(InputError) as caught:
            read_tntp_trips(file, named("1", "2"))
        assert sorted(codes(caught)) == wanted


def test_centroids_of_tntp_are_not_passed(tmp_path: Path) -> None:
    (tmp_path / "net.tntp").write_text(
        HEAD.replace("THRU NODE> 1", "THRU NODE> 3") + "1 2 10 1 1 0 4 ;\n2 3 10 1 1 0 4 ;\n"
    )
    assert read_tntp(tmp_path / "net.tntp").through.tolist() == [False, False, True]


def test_an_openstreetmap_extract_becomes_a_network(tmp_path: Path) -> None:
    (tmp_path / "area.osm").write_text(OSM)
    net = read_osm(tmp_path / "area.osm", "KGZ").network
    assert {n.name() for n in net.nodes} == {"Alpha", "Beta", "2", "3"}
    by = {k.id: k for k in net.links}
    assert [(k.a, k.b, k.mode, k.one_way) for k in by.values()] == [
        ("1", "2", "road", False), ("2", "3", "road", False), ("2", "4", "road", True), ("4", "3", "rail", False),
    ]  # fmt: skip
    assert by["10-0"].km == pytest.approx(0.5 * 111.2 * np.cos(np.radians(42)), rel=1e-3)
    assert by["10-0"].speed == 40
    assert by["11-0"].km == pytest.approx(55.6, rel=1e-3)
    assert "OpenStreetMap" in by["10-0"].source
    assert net.problems() == []


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("area.osm.pbf", "x", "format-not-read"),
        ("area.osm", OSM.replace("42.501", "x"), "not-degrees"),
        ("area.osm", OSM.replace("42.501", "nan"), "not-degrees"),
        ("area.osm", OSM.replace("42.501", "142.5"), "not-degrees"),
        ("area.osm", '<!DOCTYPE a [<!ENTITY b "c">]>' + OSM, "xml-doctype"),
        ("area.osm", "<osm><node", "xml-broken"),
        ("area.osm", "<osm></osm>", "no-roads"),
        (
            "area.osm",
            OSM.replace('<node id="3" lat="42.0" lon="75.0"/>', "").replace('"12"><nd ref="4"/><nd ref="3"/>', '"12">'),
            "node-missing",
        ),
        ("area.osm.gz", "no gzip", "xml-broken"),
        ("", "", "file-unreadable"),
    ],
)
def test_bad_extracts_are_named(tmp_path: Path, name: str, text: str, code: str) -> None:
    if name:
        (tmp_path / name).write_text(text)
    with pytest.raises(InputError) as caught:
        read_osm(tmp_path / (name or "none.osm"))
    assert [p.code for p in caught.value.problems] == [code]


def test_without_h5py_matrices_say_what_to_install(monkeypatch, tmp_path: Path) -> None:
    real = builtins.__import__

    def missing(name, *args, **kwargs):
        if name == "h5py":
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(BirgeError, match="omx"):
        read_omx(tmp_path / "a.omx", named("1"))


def test_matrices_go_out_and_come_in(tmp_path: Path) -> None:
    values = np.array([[0.0, 2.0, 1.0], [0.5, 0.0, 0.0], [0.0, 0.0, 0.0]])
    write_omx(tmp_path / "m.omx", ("c", "a", "b"), {"trips": values, "time": values * 3})
    trips = read_omx(tmp_path / "m.omx", named("a", "b", "c", "d"), "trips")
    assert isinstance(trips, Trips)
    assert sorted(zip(trips.origin.tolist(), trips.goal.tolist(), trips.trips.tolist(), strict=True)) == [
        (0, 2, 0.5), (2, 0, 2.0), (2, 1, 1.0),
    ]  # fmt: skip
    for name, nodes, code in (("", ("a", "b", "c"), "matrix-unknown"), ("time", ("a", "b"), "node-unknown")):
        with pytest.raises(InputError) as caught:
            read_omx(tmp_path / "m.omx", named(*nodes), name)
        assert [p.code for p in caught.value.problems] == [code]
    (tmp_path / "broken.omx").write_text("no")
    with pytest.raises(InputError, match="file-unreadable"):
        read_omx(tmp_path / "broken.omx", named("a"))


def test_zones_of_a_matrix_are_those_of_its_zone_lookup_and_else_asked_for(tmp_path: Path) -> None:
    import h5py

    file = tmp_path / "m.omx"
    write_omx(file, ("b", "a"), {"trips": np.array([[0.0, 7.0], [0.0, 0.0]])})
    with h5py.File(file, "a") as base:
        base["lookup/area"] = np.array([b"b", b"b"])
    # `area` is the first by name; `zone_id` names zones.
    trips = read_omx(file, named("a", "b"))
    assert (trips.origin.tolist(), trips.goal.tolist(), trips.trips.tolist()) == ([1], [0], [7.0])
    for lookup, code in (("area", "zone-twice"), ("none", "lookup-unknown")):
        with pytest.raises(InputError) as caught:
            read_omx(file, named("a", "b"), lookup=lookup)
        assert [p.code for p in caught.value.problems] == [code]
    with h5py.File(file, "a") as base:
        base["lookup/district"] = base.pop("lookup/zone_id")
    with pytest.raises(InputError, match=r"lookup-unknown: it has more than one: area, district"):
        read_omx(file, named("a", "b"))
    with h5py.File(file, "a") as base:
        base.pop("lookup")
    assert read_omx(file, named("2", "1")).origin.tolist() == [1]
    with pytest.raises(InputError) as caught:
        read_omx(file, named("a", "b"))
    assert [p.code for p in caught.value.problems] == ["node-unknown", "node-unknown", "lookup-missing"]


def test_boundaries_are_read_from_geojson_and_topojson(tmp_path: Path) -> None:
    file = tmp_path / "lines.json"
    file.write_text('{"type":"Feature","geometry":{"type":"Polygon","coordinates":[[[70,40],[71,41],[70,40]]]}}')
    assert [(p["lon"], p["lat"]) for p in read_boundaries(file)] == [(70, 40), (71, 41), (70, 40)]
    file.write_text(
        '{"type":"Topology","transform":{"scale":[0.1,0.1],"translate":[70,40]},"arcs":[[[0,0],[10,10]]],"objects":{}}'
    )
    assert [(p["lon"], p["lat"]) for p in read_boundaries(file)] == [(70, 40), (71, 41)]
    for text, code in (
        ("{", "boundaries-broken"), ("[]", "boundaries-broken"), ('{"type":"FeatureCollection"}', "boundaries-broken"),
        ('{"type":"FeatureCollection","features":[]}', "boundaries-empty"),
        ('{"type":"LineString","coordinates":[[7000000,4000000],[1,1]]}', "not-degrees"),
    ):  # fmt: skip
        file.write_text(text)
        with pytest.raises(InputError) as caught:
            read_boundaries(file)
        assert [p.code for p in caught.value.problems] == [code], text
