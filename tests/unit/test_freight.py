"""The network, its names, routes, indicators, choice and waits of the freight model."""

from __future__ import annotations

import csv
import os
from dataclasses import replace
from datetime import date
from importlib.resources import files
from itertools import pairwise
from pathlib import Path

import networkx as nx
import numpy as np
import pytest

from birge.assess.bordered import with_border_waits
from birge.errors import InputError
from birge.factbook import Factbook
from birge.factbook.network import Link, Network, Node, corridors
from birge.kernels.traffic_assignment_choice import wait_at
from birge.models.border import default_design
from birge.models.border.shipped import table_of
from birge.models.freight.choice import settle
from birge.models.freight.corridor import by_mode, indicators, legs, lognormal_quantile, weighted
from birge.models.freight.goods import class_of_goods, costs, sections_of
from birge.models.freight.graph import graph
from birge.models.freight.measure import crossing_effect
from birge.models.freight.planned import Standing, standing, state_planned, state_today, waits_with, works
from birge.models.freight.routes import alternatives, chosen, routes, waits_today
from birge.models.freight.study import milestones_of, study
from birge.plan import embedded
from birge.plan.crossing import at_crossings
from birge.plan.distribution import mean, sample
from birge.plan.schema import Distribution

PAIR = ("KAZ", "KGZ")
NET = corridors(PAIR)
COSTS = costs()
FRESH = class_of_goods("perishables", PAIR)
SHARED = Path(os.environ.get("BIRGE_SHARED", Path(__file__).parents[3] / "shared")) / "data"
STUDY = study(PAIR, Factbook.embedded())


def far(a: Node, b: Node) -> float:
    p, q, r, s = np.radians([a.lat, a.lon, b.lat, b.lon])
    root = np.sin((r - p) / 2) ** 2 + np.cos(p) * np.cos(r) * np.sin((s - q) / 2) ** 2
    return float(6371 * 2 * np.arcsin(np.sqrt(root)))


def test_the_network_is_whole_and_has_what_it_must() -> None:
    assert NET.problems() == []
    assert 60 <= len(NET.nodes) <= 80
    crossings = {i for i, _, _ in Factbook.embedded().crossings(PAIR)}
    assert crossings <= {n.id for n in NET.nodes if n.kind == "crossing"}
    assert crossings <= set(NET.passages)
    assert {n.economy for n in NET.nodes if n.kind == "gateway"} == {"CHN", "UZB", "RUS", "TJK"}
    assert {n.economy for n in NET.nodes if n.kind in ("station", "terminal")} == {"KAZ", "KGZ"}
    whole = nx.Graph((k.a, k.b) for k in NET.links)
    assert nx.is_connected(whole)
    assert set(whole) == {n.id for n in NET.nodes}


def test_every_planned_link_waits_for_a_milestone_of_the_plan() -> None:
    assert set(milestones_of(NET)) == {"issyk-kul-road", "bedel-road", "cku-open", "complex-open"}
    assert set(milestones_of(NET)) <= {m.id for m in embedded().milestones()}


def test_no_link_is_shorter_than_the_air_line() -> None:
    nodes = {n.id: n for n in NET.nodes}
    for k in NET.links:
        air = far(nodes[k.a], nodes[k.b])
        assert k.km >= air * 0.995, k.id
        assert k.km <= max(3 * air, 5), k.id


def test_lengths_agree_with_the_published_ones() -> None:
    def km(a: str, b: str, opened=()) -> float:
        found = routes(NET, PAIR, a, b, FRESH, COSTS, opened)
        return min(r.km_road for r in found if r.mode == "road")

    assert km("almaty", "bishkek") == 235  # ADB: fewer than 250
    assert km("almaty", "cholpon-ata") == pytest.approx(460, rel=0.02)  # 24.kg 357320, without passing Bishkek
    assert km("almaty", "cholpon-ata", ["issyk-kul-road"]) == pytest.approx(277, rel=0.08)
    assert km("bishkek", "torugart") == 539  # knews.kg
    assert km("astana", "almaty") == 1264  # profitmonitoring.ru
    assert km("bishkek", "osh") == pytest.approx(672)
    assert km("osh", "irkeshtam") == 240
    assert km("andijan", "irkeshtam") == pytest.approx(285, abs=12)
    assert km("bishkek", "taraz") == pytest.approx(300, abs=10)


@pytest.mark.parametrize("mode", ["road", "rail"])
def test_lengths_are_those_of_the_map_within_its_error(mode: str) -> None:
    folder = SHARED / "osm_roads_rail_kz_kg"
    name = {"road": "roads", "rail": "rail"}[mode]
    if not folder.exists():
        pytest.skip("needs ../shared/data/osm_roads_rail_kz_kg, or BIRGE_SHARED naming the folder")
    points = {r["node"]: r for r in csv.DictReader((folder / f"{name}_nodes.csv").read_text().splitlines())}
    streets = nx.Graph()
    for r in csv.DictReader((folder / f"{name}_edges.csv").read_text().splitlines()):
        streets.add_edge(r["u"], r["v"], weight=float(r["km"]))
    nodes = {n.id: n for n in NET.nodes}
    spots = [p for p in streets if p in points]
    at = np.array([[float(points[p]["lat"]), float(points[p]["lon"])] for p in spots])
    ratios = []
    for k in NET.links:
        if k.mode != mode or k.milestone or k.km < 80:
            continue
        ends = []
        for end in (k.a, k.b):
            n = nodes[end]
            d = np.hypot(at[:, 0] - n.lat, (at[:, 1] - n.lon) * np.cos(np.radians(n.lat))) * 111.2
            ends.append((spots[int(d.argmin())], float(d.min())))
        if max(e[1] for e in ends) > 15 or not nx.has_path(streets, ends[0][0], ends[1][0]):
            continue
        there = nx.dijkstra_path_length(streets, ends[0][0], ends[1][0])
        if there > 40:
            ratios.append((k.km / there, k.id))
    assert len(ratios) >= 10, sorted(ratios)
    # Simplified geometry is 5-20 % short.
    assert 0.95 <= np.median([r for r, _ in ratios]) <= 1.25, sorted(ratios)


@pytest.mark.parametrize(
    ("name", "id"),
    [
        ("Almaty", "almaty"), ("Алматы", "almaty"), ("алма-ата", "almaty"), ("Бішкек", "bishkek"),
        ("Bishkek", "bishkek"),
        ("Korday", "korday"), ("Ak-Jol", "korday"), ("Ак-Жол", "korday"), ("Қордай - Ақ-Жол", "korday"),
        ("Ak-Tilek", "karasu"), ("Карасу", "karasu"), ("Karasu - Ak-Tilek", "karasu"), ("Чалдыбар", "sypatai-batyr"),
        ("Tokmok", "tokmok"), ("Sartobe", "sartobe"), ("Каркыра", "kegen"), ("Kichi-Kapka", "besagash"),
        ("Иссык-Куль", "cholpon-ata"), ("Жезуй", ""),
    ],
)  # fmt: skip
def test_a_place_is_found_by_any_of_its_names(name: str, id: str) -> None:
    if id:
        assert NET.find(name).id == id
    else:
        with pytest.raises(InputError):
            NET.find(name)


def test_an_unknown_place_gets_suggestions() -> None:
    with pytest.raises(InputError) as caught:
        NET.find("Bishkk")
    (problem,) = caught.value.problems
    assert problem.code == "place-unknown"
    assert "Bishkek" in problem.remedy


def test_routes_are_shortest_paths_and_shares_sum_to_one() -> None:
    found = routes(NET, PAIR, "almaty", "bishkek", FRESH, COSTS)
    assert sum(r.share for r in found) == pytest.approx(1)
    assert {r.crossing for r in found if r.mode == "road"} >= {"korday", "karasu"}
    assert [r.mode for r in found if r.crossing == "lugovaya-kaindy"]
    g = graph(NET, PAIR, COSTS)
    links = nx.Graph()
    for k in NET.links:
        if k.mode == "road" and not k.milestone:
            links.add_edge(k.a, k.b, weight=k.km * k.usd_tkm + FRESH.hour * k.km / k.speed)
    shut = [n.id for n in NET.nodes if n.border and n.id != "karasu"]
    links.remove_nodes_from([s for s in shut if s in links])
    least = nx.dijkstra_path_length(links, "almaty", "bishkek") + COSTS.fee / COSTS.payload
    best = min(
        r.money + FRESH.hour * r.hours
        for r in alternatives(g, "almaty", "bishkek", FRESH)
        if (r.mode, r.crossing) == ("road", "karasu")
    )
    assert best == pytest.approx(least)


def test_a_nest_of_equal_scales_is_a_logit() -> None:
    flat = replace(COSTS, scale_route=0.1, scale_crossing=0.1, scale_mode=0.1)
    found = routes(NET, PAIR, "taraz", "bishkek", FRESH, flat)
    v = np.array([-0.1 * r.cost + np.log(r.path_size) for r in found])
    assert [r.share for r in found] == pytest.approx((np.exp(v - v.max()) / np.exp(v - v.max()).sum()).tolist())


def test_a_longer_wait_moves_goods_away_and_never_makes_them_cheaper() -> None:
    g = graph(NET, PAIR, COSTS)
    options = alternatives(g, "almaty", "bishkek", FRESH)
    usual = waits_today(NET)
    before = chosen(options, FRESH, COSTS, usual, NET)
    after = chosen(options, FRESH, COSTS, lambda c, d: usual(c, d) + 5 * (c == "korday"), NET)

    def share(rows, c):
        return sum(r.share for r in rows if r.crossing == c)

    assert share(after, "korday") < share(before, "korday")
    assert all(share(after, c) >= share(before, c) for c in ("karasu", "aukhatty"))
    assert min(r.cost for r in after) >= min(r.cost for r in before)


def test_legs_add_up_to_the_route() -> None:
    g = graph(NET, PAIR, COSTS)
    for r in chosen(alternatives(g, "astana", "osh", FRESH), FRESH, COSTS, waits_today(NET), NET):
        parts = legs(g, r)
        assert sum(p.km for p in parts) == pytest.approx(r.km)
        assert sum(p.hours for p in parts) == pytest.approx(r.hours + r.wait)
        assert sum(p.money for p in parts) == pytest.approx(r.money)
        assert (parts[0].start, parts[-1].end) == ("astana", "osh")
        assert all(a.end == b.start for a, b in pairwise(parts))


def test_indicators_have_the_definitions_of_cpmm_and_its_magnitudes() -> None:
    found = routes(NET, PAIR, "almaty", "bishkek", FRESH, COSTS)
    road = next(r for r in found if r.crossing == "karasu")
    i = indicators(road, FRESH, COSTS, 0.6)
    assert i.tfi1 == road.wait == pytest.approx(NET.passages["karasu"].hours(240))
    assert i.tfi3 == pytest.approx(road.money / road.km * 500 * 20)
    assert i.swod == pytest.approx(road.km / road.hours)
    assert i.swd == pytest.approx(road.km / (road.hours + road.wait))
    # CPMM 2019-2023: KG and KZ 715-2,422 USD per 500 km per 20 t, 49-53 km/h without delay.
    assert 715 <= i.tfi3 <= 2_422
    assert 45 <= i.swod <= 55
    assert i.tfi2 == pytest.approx(26.33, abs=0.01)
    assert i.reliability > 1
    # 20 t at full load: 0.059 kg CO2/t-km tank to wheel; with empty returns, idling and well to wheel more.
    assert 0.06 < i.co2_tkm < 0.2
    assert weighted([replace(road, share=1.0)], FRESH, COSTS, NET).tfi3 == pytest.approx(i.tfi3)


def test_quantiles_of_hours_are_those_of_sums_drawn() -> None:
    rng = np.random.default_rng(1)
    parts = [(4.5, 0.7), (1.5, 0.3), (18.0, 10.8)]
    drawn = np.zeros(400_000)
    for middle, sd in parts:
        s2 = np.log(1 + (sd / middle) ** 2)
        drawn += rng.lognormal(np.log(middle) - s2 / 2, np.sqrt(s2), drawn.size)
    middle, variance = sum(m for m, _ in parts), sum(s**2 for _, s in parts)
    for p in (0.5, 0.95):
        assert lognormal_quantile(middle, variance, p) == pytest.approx(float(np.quantile(drawn, p)), rel=0.03)


def test_constants_give_the_shares_of_today_and_waits_settle() -> None:
    m = STUDY.market
    made = settle(m)
    assert made.residual <= 1e-6
    shares = {i: (low + high) / 2 for i, low, high in Factbook.embedded().crossings(PAIR)}
    tonnes = sum(m.demand.tonnes(k) @ made.road[k][:, :-1] for k in (0, 1))
    aim = np.array([shares.get(c, 0.0) for c in m.crossings])
    assert tonnes / tonnes.sum() == pytest.approx(aim / aim.sum(), abs=1e-4)
    by_rail = [float(m.demand.shares[k] @ made.rail[k]) for k in (0, 1)]
    assert by_rail == pytest.approx([0.45, 0.15], abs=1e-4)
    for k in (0, 1):
        assert made.road[k].sum(axis=1) + made.rail[k] == pytest.approx(np.ones(len(made.rail[k])))
    assert made.trucks[m.crossings.index("karasu")] == pytest.approx([240, 240], abs=0.1)


def test_the_kernel_chooses_as_the_routes_do() -> None:
    m = STUDY.market
    made = settle(m)
    one = replace(m.demand, pairs=m.demand.pairs[:1], weight=np.ones(1))
    from birge.kernels.traffic_assignment_choice import respond
    from birge.models.freight.choice import _market, taste
    from birge.models.freight.goods import Goods

    single = _market(NET, PAIR, one, COSTS, "normal", ())
    g = graph(NET, PAIR, COSTS)
    a, b = one.pairs[0]
    options = alternatives(g, a, b, Goods("usual", 0.0, 0.0))
    index = {c: k for k, c in enumerate(m.crossings)}
    constants = dict(zip(m.crossings, m.constants.tolist(), strict=True)) | {"rail": float(m.rail[0])}
    road, rail, expected = respond(
        single.options[0], taste(COSTS), one.hour(0), made.waits[:, 0].copy(), m.cv, m.constants, m.rail[0]
    )
    for n, goods in enumerate(one.goods[0]):
        rows = chosen(options, goods, COSTS, lambda c, _: float(made.waits[index[c], 0]), NET, constants)
        for c, k in index.items():
            wanted = sum(r.share for r in rows if (r.mode, r.crossing) == ("road", c))
            assert road[n, k] == pytest.approx(wanted, abs=1e-12)
        assert rail[n] == pytest.approx(sum(r.share for r in rows if r.mode == "rail"), abs=1e-12)
    assert np.isfinite(expected).all()


def test_a_crossing_measure_by_hand() -> None:
    # An hour less at Karasu without an answer of the queue is the share that bears it times what an hour costs.
    m = STUDY.market
    effect = crossing_effect(m, ("KAZ-KGZ", "KGZ-KAZ"), "karasu", -0.001)
    at = m.crossings.index("karasu")
    for k, flow in enumerate(("KAZ-KGZ", "KGZ-KAZ")):
        rows = [r for r in effect.rows if r.flow == flow]
        for n, row in enumerate(rows):
            goods = m.demand.goods[k][n]
            share = effect.before.road[k][n, at]
            wait = effect.before.waits[at, k]
            if share < 1e-4:
                continue
            low = share * (goods.hour + COSTS.waiting)
            # Spread grows with the wait: at most ρ × cv more of the goods' hour.
            high = share * (goods.hour * (1 + COSTS.reliability_ratio * m.cv[at]) + COSTS.waiting)
            assert low <= -row.held / 0.001 <= high * (1 + 1e-3), (flow, row.section, wait)
            assert row.settled_share == pytest.approx(row.settled / row.value)
            assert row.settled < 0
            if goods.value < 1000:
                assert -row.settled < -row.held, row.section
    assert effect.after.residual <= 1e-6


def test_a_measure_large_enough_empties_the_wait_and_no_further() -> None:
    effect = crossing_effect(STUDY.market, ("KAZ-KGZ", "KGZ-KAZ"), "karasu", -500)
    assert effect.after.waits.min() == 0
    with pytest.raises(InputError, match="crossing-unknown"):
        crossing_effect(STUDY.market, ("KAZ-KGZ", "KGZ-KAZ"), "berlin", -1)


def test_the_heaviest_pairs_stand_for_all() -> None:
    whole = study(PAIR, Factbook.embedded(), most=0)
    effects = [crossing_effect(s.market, ("KAZ-KGZ", "KGZ-KAZ"), "karasu", -2).total for s in (STUDY, whole)]
    for flow in ("KAZ-KGZ", "KGZ-KAZ"):
        assert effects[0][flow][1] == pytest.approx(effects[1][flow][1], rel=0.35)


def test_planned_roads_change_nothing_until_they_open() -> None:
    today = routes(NET, PAIR, "almaty", "cholpon-ata", FRESH, COSTS)
    planned = routes(NET, PAIR, "almaty", "cholpon-ata", FRESH, COSTS, ["issyk-kul-road"])
    assert not any(r.crossing == "kastek-pass" for r in today)
    assert planned[0].crossing == "kastek-pass"
    assert min(r.cost for r in planned) < min(r.cost for r in today)
    other = routes(NET, PAIR, "almaty", "cholpon-ata", FRESH, COSTS, ["cku-open"])
    assert [(r.crossing, round(r.share, 9)) for r in other] == [(r.crossing, round(r.share, 9)) for r in today]


def test_no_way_and_the_same_place_are_said() -> None:
    with pytest.raises(InputError, match="same-place"):
        routes(NET, PAIR, "almaty", "almaty", FRESH, COSTS)
    with pytest.raises(InputError, match="no-path"):
        routes(NET, PAIR, "almaty", "bedel", FRESH, COSTS)
    assert routes(NET, PAIR, "almaty", "bedel", FRESH, COSTS, ["bedel-road"])


def test_goods_are_classes_or_sections() -> None:
    assert class_of_goods("XVI", PAIR).value == 10_000
    assert class_of_goods("bulk", PAIR).hour < class_of_goods("perishables", PAIR).hour
    with pytest.raises(InputError, match="goods-unknown"):
        class_of_goods("gold dust", PAIR)
    for rows in sections_of(PAIR).values():
        assert sum(s.share for s, _ in rows) == pytest.approx(1)


def test_another_pair_has_no_network_and_says_so() -> None:
    assert corridors(("GEO", "ARM")).nodes == ()
    with pytest.raises(InputError, match="network-missing"):
        study(("GEO", "ARM"), Factbook.embedded())


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"km": -1.0}, "negative-length"), ({"speed": 0.0}, "speed-not-positive"),
        ({"usd_tkm": -0.1}, "negative-cost"), ({"b": "nowhere"}, "node-unknown"),
    ],
)  # fmt: skip
def test_a_bad_link_is_named(change, code: str) -> None:
    bad = Network(NET.nodes, (replace(NET.links[0], **change), *NET.links[1:]), NET.passages)
    with pytest.raises(InputError) as caught:
        graph(bad, PAIR, COSTS)
    assert [(p.where, p.code) for p in caught.value.problems] == [(f"link {NET.links[0].id}", code)]


def test_a_wait_that_falls_with_trucks_is_named() -> None:
    curve = {"normal": ((0.0, 5.0), (100.0, 2.0))}
    bad = Network(NET.nodes, NET.links, {"karasu": replace(NET.passages["karasu"], curves=curve)})
    assert [p.code for p in bad.problems()] == ["wait-not-monotone"]


def test_a_one_way_link_leads_one_way() -> None:
    nodes = tuple(Node(i, "city", "KAZ", 0.0, 0.0, False, (("en", i),)) for i in "ab")
    net = Network(nodes, (Link("ab", "a", "b", "road", "KAZ", "main", 10, 50, 0.1, 0.1, one_way=True),))
    assert routes(net, PAIR, "a", "b", FRESH, COSTS)
    with pytest.raises(InputError, match="no-path"):
        routes(net, PAIR, "b", "a", FRESH, COSTS)


def test_no_embedded_file_holds_a_copied_map() -> None:
    sources = (files("birge.factbook") / "tables" / "network_links.csv").read_text("utf-8")
    assert "OpenStreetMap" not in sources


def test_the_plan_at_a_crossing_meets_its_own_curve_and_its_hours() -> None:
    m = STUDY.market
    assert m is not None
    effects = at_crossings(embedded(), None, date(2026, 11, 29))
    rebuild = next(e for e in effects if e.name.startswith("crossings-rebuild/"))
    at = m.crossings.index("karasu")
    today, without = settle(m), waits_with(m, PAIR, ())
    np.testing.assert_allclose(without.waits, today.waits, atol=1e-9)
    fixed = replace(rebuild, size=Distribution(kind="fixed", value=2.0))
    wider = waits_with(m, PAIR, [fixed])
    for d in (0, 1):
        # twice the capacity: the wait of half as many trucks
        same = wait_at(wider.trucks[at, d] / 2, m.knots[at, d], m.hours[at, d])
        assert wider.waits[at, d] == pytest.approx(same, abs=1e-5)
        assert wider.trucks[at, d] > today.trucks[at, d]
    empty = replace(rebuild, driver="border.hours", size=Distribution(kind="fixed", value=-24.0), direction="KGZ-KAZ")
    one_way = waits_with(m, PAIR, [empty])
    for d, less in ((0, 0.0), (1, 24.0)):
        usual = wait_at(one_way.trucks[at, d], m.knots[at, d], m.hours[at, d])
        assert one_way.waits[at, d] == pytest.approx(max(usual - less, 0.0), abs=1e-5)
    plan = embedded()
    done = {m.id: m.planned for m in plan.milestones()}
    (said,) = (w for w in works(plan, NET, done, date(2027, 12, 31)) if w.effect == rebuild)
    assert (said.measure, said.size) == ("crossings-rebuild", pytest.approx((1.2 + 2.0 + 2.7) / 3))
    assert said.counts
    assert said.begins == done["karasu-rebuilt"]


def test_the_plan_counts_by_its_dates_and_a_state_with_nothing_is_today() -> None:
    plan = embedded()
    done = {m.id: date(2028, 6, 30) for m in plan.milestones()}
    early, late, every = (works(plan, NET, done, day) for day in (date(2028, 6, 1), date(2028, 7, 1), None))
    assert not any(w.counts for w in early)
    assert {w.effect.name for w in every} - {w.effect.name for w in late if w.counts} == {"industrial-complex/2"}
    assert next(w.begins for w in late if w.effect.lag) == date(2031, 6, 30)
    assert standing(NET, early) == Standing()
    assert set(standing(NET, every).opened) == set(NET.openings())
    now = state_today(PAIR, NET)
    again = state_planned(now, Standing())
    np.testing.assert_allclose(again.settled.waits, now.settled.waits, atol=1e-9)
    with_all = state_planned(now, standing(NET, every))
    direct = study(PAIR, Factbook.embedded(), NET.openings(), network=NET).market
    assert direct is not None
    np.testing.assert_array_equal(with_all.market.constants, direct.constants)
    aim = waits_with(direct, PAIR, standing(NET, every).effects)
    np.testing.assert_allclose(with_all.settled.waits, aim.waits, atol=1e-9)


@pytest.mark.parametrize(
    "d",
    [
        Distribution(kind="triangular", low=1.0, mode=2.0, high=6.0),
        Distribution(kind="lognormal", median=2.0, sigma=0.3),
        Distribution(kind="beta", mean=0.3, sd=0.1),
    ],
)
def test_the_mean_of_a_distribution_is_that_of_its_draws(d: Distribution) -> None:
    drawn = sample(d, np.random.default_rng(1), (40_000,))
    assert abs(drawn.mean() - mean(d)) < 4 * drawn.std() / 200


def test_hours_of_a_corridor_are_those_of_its_ways_together() -> None:
    ways = [
        replace(r, share=s)
        for r, s in zip(routes(NET, PAIR, "almaty", "bishkek", FRESH, COSTS)[:3], (2, 1, 1), strict=True)
    ]
    rng, drawn = np.random.default_rng(1), []
    for r in ways:
        i = indicators(r, FRESH, COSTS, NET.passages[r.crossing].cv if r.crossing in NET.passages else 0.0)
        drawn.append(rng.lognormal(np.log(i.p50), np.log(i.p95 / i.p50) / 1.6448536269514722, int(r.share) * 50_000))
    hours, found = np.concatenate(drawn), by_mode(ways, FRESH, COSTS, NET)
    for p, value in ((0.5, found["all"].p50), (0.95, found["all"].p95)):
        # the share of draws below has this standard error
        assert abs((hours < value).mean() - p) < 4 * np.sqrt(p * (1 - p) / hours.size)
    assert found["all"].hours == pytest.approx(hours.mean(), rel=0.01)
    assert found["all"].reliability == pytest.approx(found["all"].p95 / found["all"].p50)
    only = by_mode(ways[:1], FRESH, COSTS, NET)[ways[0].mode]
    one = indicators(ways[0], FRESH, COSTS, NET.passages[ways[0].crossing].cv)
    assert (only.p50, only.p95) == (pytest.approx(one.p50), pytest.approx(one.p95))


def test_longer_checks_divert_trucks_that_normal_control_draws() -> None:
    usual, longer = STUDY.market, study(PAIR, Factbook.embedded(), regime="longer-checks").market
    assert usual is not None
    assert longer is not None
    np.testing.assert_array_equal(longer.constants, usual.constants)
    np.testing.assert_array_equal(longer.other, usual.other)
    at = usual.crossings.index("karasu")
    before, after = settle(usual), settle(longer)
    assert (after.waits[at] > before.waits[at] + 10).all()
    assert (after.trucks[at] < before.trucks[at]).all()


def test_the_border_models_waits_stand_in_the_network() -> None:
    net = with_border_waits(NET, PAIR)
    tables = [table_of(default_design("karasu"), way) for way in ("KAZ-KGZ", "KGZ-KAZ")]
    karasu, full = net.passages["karasu"], (tables[0].full + tables[1].full) / 2
    for load in (0.4, 0.9, 1.0):
        there = np.mean([t.wait(np.array([load * full]), np.ones(1))[0] for t in tables])
        assert karasu.hours(load * full) == pytest.approx(there, rel=0.02)
    assert karasu.hours(200, "longer-checks") > karasu.hours(200) + 5
    assert net.passages["complex"] == NET.passages["complex"]
    for p in net.passages.values():
        for curve in p.curves.values():
            assert all(a[0] < b[0] and a[1] <= b[1] for a, b in pairwise(curve))
