"""The report page: valid, self-contained, without script, accessible by its markup, for any plan."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date
from html.parser import HTMLParser

import pytest

from birge.assess import assess
from birge.charts import repainted
from birge.charts.palette import DARK, GREY, HALO, INK, SIDES, TARGET
from birge.plan import embedded
from birge.report.drawings import fan_drawing, fan_drawings
from birge.report.gauges import gauges
from birge.report.page import page
from birge.report.passport import command
from tests.unit.test_report_answer import BOOK, MORE, OTHER, RUN, unmodelled, without_measures

VOID = {"meta", "br", "img", "link", "input", "hr"}
PAGES = {
    "first plan": page(RUN, BOOK),
    "second plan": page(OTHER, MORE),
    "no measures": page(without_measures(), MORE),
    "not modelled": page(unmodelled(), MORE),
}


class Sane(HTMLParser):
    """Reads a page strictly: every element closes in its place, ids are unique, links and labels lead somewhere."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.ids: Counter[str] = Counter()
        self.refs: list[str] = []
        self.tags: Counter[str] = Counter()
        self.faults: list[str] = []
        self.headings: list[int] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        if len(names) != len(set(names)):
            self.faults.append(f"<{tag}> has an attribute twice: {names}")
        self.faults += [f"<{tag} {name}>" for name in names if name.startswith("on")]
        self.tags[tag] += 1
        given = dict(attrs)
        if given.get("id"):
            self.ids[str(given["id"])] += 1
        if (given.get("href") or "").startswith("#"):
            self.refs.append(str(given["href"])[1:])
        self.refs += (given.get("aria-labelledby") or "").split()
        self.refs += [ref for value in given.values() for ref in re.findall(r"url\(#([^)]+)\)", value or "")]
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag == "svg" and not (
            given.get("role") == "img" and (given.get("aria-label") or given.get("aria-labelledby"))
        ):
            self.faults.append("an <svg> without a name")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}> closes nothing")


def read(text: str) -> Sane:
    parser = Sane()
    parser.feed(text)
    parser.close()
    return parser


@pytest.mark.parametrize("text", PAGES.values(), ids=PAGES)
def test_the_page_calls_the_sides_by_their_names(text: str) -> None:
    assert "first side" not in text
    assert "second side" not in text


@pytest.mark.parametrize("text", PAGES.values(), ids=PAGES)
def test_the_page_is_sane(text: str) -> None:
    made = read(text)
    assert made.faults == []
    assert made.open == []
    assert [i for i, n in made.ids.items() if n > 1] == []
    assert sorted(set(made.refs) - set(made.ids)) == []
    assert made.tags["h1"] == made.tags["main"] == made.tags["title"] - made.tags["desc"] == 1
    assert all(b - a <= 1 for a, b in zip(made.headings, made.headings[1:], strict=False))


@pytest.mark.parametrize("text", PAGES.values(), ids=PAGES)
def test_the_page_needs_no_network_and_no_script(text: str) -> None:
    made = read(text)
    assert made.tags["script"] == made.tags["link"] == made.tags["img"] == made.tags["iframe"] == 0
    assert not re.search(r"@import|url\((?!#)|javascript:|src=", text)


def test_a_title_with_markup_stays_text() -> None:
    plan = embedded()
    evil = '<script>alert("1")</script> & <b>'
    measure = plan.measures[0].model_copy(update={"title": plan.measures[0].title.model_copy(update={"en": evil})})
    stone = measure.milestones[-1]
    named = stone.model_copy(update={"title": stone.title.model_copy(update={"en": evil})})
    measure = measure.model_copy(update={"milestones": (*measure.milestones[:-1], named)})
    title = plan.title.model_copy(update={"en": evil})
    changed = plan.model_copy(update={"title": title, "measures": (measure, *plan.measures[1:])})
    text = page(assess(changed, draws=500, as_of=date(2026, 11, 24), factbook=BOOK), BOOK)
    made = read(text)
    assert made.faults == []
    assert made.tags["script"] == made.tags["b"] == 0
    assert text.count("&lt;script&gt;") >= 5


def test_the_page_says_what_it_owes_its_reader() -> None:
    text = PAGES["first plan"]
    assert text.index(RUN.plan.origin_note.en) < text.index("<h1>")
    for word in ("Done", "Spent", "Moved", "no data", "not known since", "assumed", "unverified", "current prices"):
        assert word in text
    assert RUN.plan_hash in text
    assert command(RUN) in text
    assert all(p.statistics.en in text for p in RUN.plan.parties)
    assert "Reconstruction" not in PAGES["second plan"]


def test_every_source_and_every_figure_is_on_the_page() -> None:
    text = PAGES["first plan"].replace("&amp;", "&").replace("&#39;", "'").replace("&#34;", '"')
    pair = (RUN.plan.parties[0].code, RUN.plan.parties[1].code)
    known = [o for o in BOOK.observations(pair, RUN.as_of) if not o.derived]
    assert f"All {len(known)} trade figures" in text
    links = {s.url for m in RUN.plan.measures for s in m.sources if s.url}
    assert links
    assert all(link in text for link in links)


def test_done_spent_and_moved_are_three_gauges_that_count_what_is_not_known() -> None:
    done, spent, moved = gauges(RUN)
    for gauge in (done, spent, moved):
        assert sum(p.share for p in gauge.parts) == pytest.approx(1.0)
    stones = RUN.plan.milestones()
    assert done.value.endswith(f"of {len(stones)} milestones")
    assert any(p.kind == "none" for p in done.parts)
    assert [p.kind for p in spent.parts] == ["none"]
    assert moved.value == "not known since 2024"
    assert gauges(without_measures())[0].value == "no data"


def test_both_fans_share_one_scale_and_a_side_without_data_has_none() -> None:
    both = fan_drawings(RUN)
    assert [d.title for d in both] == ["Turnover as Kazakhstan counts", "Turnover as the Kyrgyz Republic counts"]
    assert [d.title for d in fan_drawings(OTHER)] == ["Turnover as Georgia counts"]
    ticks = [re.findall(r">(\d+)</text>", d.wide) for d in both]
    assert ticks[0] == ticks[1]
    assert len([t for t in ticks[0] if len(t) < 4]) <= 10


def test_the_table_of_a_fan_holds_the_quantiles_of_the_run() -> None:
    made = RUN.fan().sel(reporter="KAZ")
    for row in fan_drawings(RUN)[0].rows:
        assert row[1:] == tuple(f"{v / 1000:.2f}" for v in made.sel(year=int(row[0])).values)


def test_a_chart_is_drawn_in_the_palette_and_repainted_for_dark_paper() -> None:
    drawn = fan_drawings(RUN)[0].wide
    used = set(re.findall(r'(?:fill|stroke)="(#[0-9a-f]{6})"', drawn))
    assert used
    assert used <= set(DARK)
    rules = repainted(".chart")
    assert all(f'[fill="{c}"] {{ fill: {DARK[c]}; }}' in rules for c in used)


def luminance(color: str) -> float:
    """Return relative luminance (WCAG 2.2)."""
    parts = [int(color[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a: str, b: str) -> float:
    light, dark = sorted((luminance(a), luminance(b)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("color", [INK, GREY, TARGET, *SIDES])
def test_text_colours_can_be_read_on_light_and_dark_paper(color: str) -> None:
    assert contrast(color, HALO) >= 4.5
    assert contrast(DARK[color], DARK[HALO]) >= 4.5


def test_a_fan_alone_is_a_valid_spec() -> None:
    spec = fan_drawing(RUN, 0, 640)
    assert spec["$schema"].startswith("https://vega.github.io/schema/vega-lite/")
    assert spec["width"] == 640 - 60 - 6.2 * len("95 ↑ of 100")
