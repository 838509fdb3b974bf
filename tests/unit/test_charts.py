"""Charts: colours that dark paper repaints, words that do not touch, the reader's numbers, and the width of a phone."""

from __future__ import annotations

import re
from functools import cache
from itertools import combinations
from typing import Any

import pytest

from birge.charts import contributions, fan, milestones, svg
from birge.charts.apart import Word, apart, breadth
from birge.charts.frame import through_zero
from birge.charts.freight_map import MapWords, freight_map
from birge.charts.mirror import mirror_chart
from birge.charts.months import SOURCES, clock, level, spread, stack
from birge.charts.palette import DARK

SIDES = ("Қазақстан", "Қырғызстан")
WIDTHS = (720, 328)
FRAME = (0.0, 0.0, 300.0, 200.0)
PAINTED = re.compile(r'\b(?:fill|stroke)="([^"]+)"')


def _fan(width: int, lang: str = "kk") -> dict[str, Any]:
    past = [
        {"year": y, "value": 0.7 + 0.1 * (y - 2011), "kind": "published" if y % 2 else "compiled"}
        for y in range(2011, 2026)
    ]
    bands = [
        {"year": y, "level": k, "low": 2.2 - k / 200, "high": 2.4 + k / 60 * (y - 2025), "median": 2.5, "tip": "x"}
        for y in range(2026, 2031)
        for k in (50, 80, 95)
    ]
    goals = [
        {"year": y, "value": 3.0, "label": "мақсат 3,0", "odds": f"100-ден {n}"} for y, n in ((2027, 44), (2030, 72))
    ]
    then = [{"year": y, "value": 2.6, "run": "r", "label": "2026-10-01"} for y in (2027, 2030)]
    return fan(past, bands, goals, "#1b6ca8", width, None, None, "дерек жоқ", lang, "100-ден {odds}", then)


def _mirror(width: int) -> dict[str, Any]:
    points = [
        {"year": y, "side": s, "value": v, "kind": kind, "low": v - 0.05, "high": v + 0.05}
        for y in range(2000, 2026)
        for s, v, kind in ((SIDES[0], 0.1 * (y - 1999), "published"), (SIDES[1], 1.0, "compiled, unverified"))
    ]
    gaps = [
        {"year": y, "value": 3.0 * (y - 2004), "kind": "published", "label": f"{y - 2004:+d}"}
        for y in range(2000, 2010)
    ]
    return mirror_chart("", SIDES, points, gaps, "", width, ("млрд", "айырма, %"), "kk")


def _months(width: int) -> dict[str, dict[str, Any]]:
    hours = [
        {"hour": h, "value": 100 + h, "name": n, "kind": k}
        for h in range(24)
        for n in SIDES
        for k in ("today", "planned")
    ]
    bars = [
        {"title": f"Өткізу {k}", "name": n, "value": 9.5 + k, "planned": 1.5 if k else None}
        for k in range(3)
        for n in SIDES
    ]
    year = [{"month": m, "source": s, "value": 1500.0} for m in range(1, 13) for s in ("су", "көмір")]
    need = [{"month": m, "value": 3100.0} for m in range(1, 13)]
    water = [{"month": m, "value": 8.0 + m / 4} for m in range(13)]
    return {
        "clock": clock(hours, SIDES, width, "кезек", "сағат", "kk"),
        "spread": spread(bars, SIDES, width, "сағат", [f"Өткізу {k}" for k in range(3)], "kk"),
        "stack": stack(year, need, ("су", "көмір"), width, "айына ГВт·сағ", "ай", "сұраныс", "kk"),
        "level": level(water, ((5.6, "тоқтайды"), (19.5, "толық")), width, "км³", "ай", "kk"),
    }


def _map(width: int) -> dict[str, Any]:
    places = [
        {"lat": 43 + k / 9, "lon": 74 + k / 5, "name": f"Қала {k}", "size": 900 - k, "kind": "city"} for k in range(12)
    ]
    link = {"lat": 43.0, "lon": 74.0, "lat2": 44.2, "lon2": 76.0, "tonnes": 300.0}
    links = [{**link, "mode": mode, "planned": planned} for mode in ("road", "rail") for planned in (False, True)]
    crossings = [
        {
            "lat": 43.1 + k / 90,
            "lon": 74.5 + k / 90,
            "name": f"Өткел {k}",
            "number": str(k),
            "wait": 3.5,
            "trucks": 90.0,
        }
        for k in range(1, 6)
    ]
    lines = [{"lat": 43 + k / 5, "lon": 74 + k / 5, "part": 0, "order": k} for k in range(4)]
    words = MapWords(kinds={"road": "автожол", "rail": "теміржол"})
    return freight_map("", "", links, places, crossings, lines, "", width, words, "kk")


def _rows(width: int) -> dict[str, dict[str, Any]]:
    adds = [{"title": "Кешен салу", "low": -1200.5, "mean": 2.0, "high": 3400.5, "told": "2,0 млн"} for _ in range(3)]
    days = [
        {
            "title": "Кешен",
            "p10": "2026-01-01",
            "p50": "2027-01-01",
            "p90": "2028-01-01",
            "planned": "2026-12-31",
            "told": "x",
        }
    ]
    return {
        "contributions": contributions(adds, width, "kk"),
        "milestones": milestones(days, width, "2026-11-24", "kk"),
    }


@cache
def every(width: int) -> dict[str, dict[str, Any]]:
    """Return a spec of every chart of the pages for a width."""
    own = {"fan": _fan(width), "mirror": _mirror(width), "map": _map(width)}
    return own | _months(width) | _rows(width)


@cache
def drawn(name: str, width: int) -> str:
    """Return a chart as the page draws it."""
    return svg(every(width)[name], name)


NAMES = ("clock", "contributions", "fan", "level", "map", "milestones", "mirror", "spread", "stack")


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", NAMES)
def test_every_colour_is_one_that_dark_paper_repaints_or_of_middle_lightness(name: str, width: int) -> None:
    used = {c for c in PAINTED.findall(drawn(name, width)) if c not in ("none", "transparent")}
    assert used & set(DARK)
    for color in used - set(DARK) - set(SOURCES):
        # waits are mixed between three colours, none of them near black or white
        parts = [int(v) for v in re.findall(r"\d+", color)] if color.startswith("rgb(") else []
        assert (name, 60 < sum(parts) / 3 < 200) == ("map", True) or color.startswith("url("), (name, color)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", NAMES)
def test_a_chart_is_no_wider_than_its_page_and_its_letters_are_large(name: str, width: int) -> None:
    found = re.search(r'<svg[^>]*\bwidth="([\d.]+)"', drawn(name, width))
    assert found is not None
    scale = min(1.0, width / float(found[1]))
    sizes = [float(s) for s in re.findall(r'font-size="([\d.]+)px"', drawn(name, width))]
    assert sizes
    assert min(sizes) * scale >= 11, (float(found[1]), min(sizes))


@pytest.mark.parametrize("name", ["fan", "mirror", "stack", "contributions", "clock", "spread", "level"])
def test_numbers_of_axes_are_in_the_notation_of_the_language(name: str) -> None:
    assert every(720)[name]["config"]["locale"]["number"]["decimal"] == ","


def test_words_that_have_room_touch_neither_each_other_nor_a_mark() -> None:
    marks = [(40.0 * k, 100.0 + 9 * (k % 3)) for k in range(1, 7)]
    words = [Word(f"слово {k}", x, y) for k, (x, y) in enumerate(marks)]
    taken = [(x - 4, y - 4, x + 4, y + 4) for x, y in marks]
    found = apart(words, FRAME, taken)
    boxes = [
        (x - breadth(w.text, 12) / 2, y - 7.2, x + breadth(w.text, 12) / 2, y + 7.2)
        for w, (x, y) in ((w, at) for w, at in zip(words, found, strict=True) if at is not None)
    ]
    assert len(boxes) >= 4
    for a, b in [*combinations(boxes, 2), *((b, t) for b in boxes for t in taken)]:
        assert min(a[2], b[2]) <= max(a[0], b[0]) + 1e-9 or min(a[3], b[3]) <= max(a[1], b[1]) + 1e-9
    assert all(b[0] >= 0 and b[2] <= 300 and b[1] >= 0 and b[3] <= 200 for b in boxes)


def test_a_word_without_room_is_left_out_unless_it_must_be_said() -> None:
    full = [FRAME]
    assert apart([Word("слово", 150, 100)], FRAME, full) == [None]
    (said,) = apart([Word("слово", 150, 100, must=True)], FRAME, full)
    assert said is not None
    assert apart([Word("слово " * 20, 150, 100, must=True)], FRAME) == [None], "it would be cut"


def test_an_earlier_forecast_is_a_line_with_its_date() -> None:
    plain = fan((), [{"year": 2027, "level": 50, "low": 1.0, "high": 2.0, "median": 1.5}], (), "#1b6ca8")
    then = [{"year": 2027, "value": 1.2, "run": "a", "label": "then"}]
    made = fan((), [{"year": 2027, "level": 50, "low": 1.0, "high": 2.0, "median": 1.5}], (), "#1b6ca8", ghosts=then)
    words = [r.get("text") for rows in made["datasets"].values() for r in rows]
    assert "then" in words
    assert "then" not in [r.get("text") for rows in plain["datasets"].values() for r in rows]
    assert any(layer["mark"].get("strokeDash") == [2, 2] for layer in made["layer"])


@pytest.mark.parametrize(("low", "high"), [(-56.0, 335.0), (-100.0, 970.0), (0.0, 12.3), (-0.4, -0.1), (0.0, 0.0)])
def test_an_axis_has_a_tick_on_each_side_that_has_values(low: float, high: float) -> None:
    (first, last), ticks = through_zero(low, high)
    assert 0.0 in ticks
    assert first == ticks[0] <= low
    assert last == ticks[-1] >= high
    assert (ticks[0] < 0) == (low < 0)
    assert 2 <= len(ticks) <= 8
