"""Charts of a paper: the specs of `birge.charts` with words and alternative texts in the reader's language.

PDF and HTML take the SVG, DOCX the PNG of the same spec; both are drawn with the font that the package brings.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from typing import Any

from birge.charts import SIDES, fan, milestones
from birge.charts.svg import drawing
from birge.pages.answer import Delay, Odds
from birge.pages.statistics import Series
from birge.report.paper_parts import Figure
from birge.report.words import of_100
from birge.texts import MONTHS, Translator

__all__ = ["delay_figure", "drawn_png", "drawn_svg", "font_folder", "turnover_figure"]

WIDTH = 640
SCALE = 2.5
"""Pixels a point of a PNG: sharp on paper."""


def turnover_figure(
    s: Series, every: Sequence[Series], odds: Mapping[str, Odds], until: date | None, t: Translator
) -> Figure | None:
    """Return turnover of one side, on a scale that both sides share; None without anything to draw."""
    if not (s.past or s.bands):
        return None
    top = 1.08 * max(
        [b.high for x in every for b in x.bands if b.level == 80]
        + [f.value for x in every for f in x.past]
        + [v for x in every for _, v, _ in x.targets]
    )
    first = min([f.year for x in every for f in x.past] or [b.year for b in s.bands])
    past = [
        {
            "year": f.year,
            "value": f.value,
            "kind": "published" if f.published else "compiled",
            "told": _figure(f.value, f.year, f.published, t),
        }
        for f in s.past
    ]
    goals = [
        {
            "year": year,
            "value": value,
            "label": t("target {value}", value=t.number(value, 1)),
            "odds": _reach(odds.get(ident), t),
        }
        for year, value, ident in s.targets
    ]
    bands = [b.__dict__ for b in s.bands]
    words: dict[str, Any] = {"blank": t("no data"), "lang": t.lang, "level": t("{odds} of 100")}
    spec = fan(past, bands, goals, SIDES[s.side.place], WIDTH, top, first, **words)
    title = t("Turnover, {basis}", basis=s.side.statistics)
    return Figure(title, _told(s, title, t), spec, _source(s, until, t))


def _figure(value: float, year: int, published: bool, t: Translator) -> str:
    text = t("{value} in {year}", value=t.number(value, 2), year=year)
    return text if published else f"{text}, {t('unverified')}"


def _reach(o: Odds | None, t: Translator) -> str:
    if o is None or o.with_plan is None:
        return ""
    return t("{odds} of 100", odds=of_100(o.with_plan))


def _told(s: Series, title: str, t: Translator) -> str:
    """Return what the chart shows, for who hears it."""
    told = [f"{title}, {t('bn USD a year')}."]
    if s.past:
        newest = max(s.past, key=lambda f: (f.year, f.published))
        told.append(_figure(newest.value, newest.year, newest.published, t) + ".")
    told += [t("Target: {what}.", what=_figure(value, year, True, t)) for year, value, _ in s.targets]
    if s.bands:
        last = max(b.year for b in s.bands)
        b = next(b for b in s.bands if b.year == last and b.level == 80)
        low, middle, high = (t.number(v, 1) for v in (b.low, b.median, b.high))
        told.append(
            t(
                "Of 100 futures, 80 lie between {low} and {high} in {year}; the median is {middle}.",
                low=low,
                high=high,
                middle=middle,
                year=last,
            )
        )
    return " ".join(told)


def _source(s: Series, until: date | None, t: Translator) -> str:
    lines = [t("bn USD a year"), t("current prices")]
    if any(f.published for f in s.past):
        lines.append(t("dots: published by the side"))
    if any(not f.published for f in s.past):
        lines.append(t("rings: unverified compilation"))
    if s.bands:
        lines.append(t("shades: the middle 50, 80 and 95 of 100 futures"))
    if until:
        lines.append(t("figures published until {date}", date=t.date(until)))
    return " · ".join(lines)


def delay_figure(rows: Sequence[Delay], as_of: date, t: Translator) -> Figure:
    """Return when open milestones are likely to be done, planned dates as hollow diamonds."""
    data: list[dict[str, Any]] = [
        {
            "title": d.title,
            "p10": (d.p10 or d.p50 or as_of).isoformat(),
            "p50": (d.p50 or as_of).isoformat(),
            "p90": (d.p90 or d.p50 or as_of).isoformat(),
            "planned": d.planned.isoformat() if d.planned else None,
            "told": f"{_month(d.planned, t)} › {_month(d.p50, t)}",
        }
        for d in rows
    ]
    spec = milestones(data, WIDTH, as_of.isoformat(), t.lang)
    told = t("Open milestones: planned dates and dates of simulated futures.") + " "
    told += "; ".join(f"{d.title}: {_month(d.planned, t)} › {_month(d.p50, t)}" for d in rows)
    source = t("Bar: from 10 to 90 of 100 futures; dot: even odds; hollow diamond: planned date.")
    return Figure(t("Dates"), told, spec, source)


def _month(day: date | None, t: Translator) -> str:
    if day is None:
        return t("no date")
    return f"{day.month:02d}.{day.year}" if t.lang != "en" else f"{MONTHS['en'][day.month - 1][:3]} {day.year}"


@cache
def font_folder() -> str:
    """Return the folder of Noto Sans: every Kazakh and Kyrgyz letter in one file, from a package."""
    import fontpkg_noto_sans

    return str(fontpkg_noto_sans.ROOT / "files")


def _alone(spec: dict[str, Any]) -> dict[str, Any]:
    """Return the spec with one font, which is there, instead of a list of fonts that may be."""
    return {**spec, "config": {**spec.get("config", {}), "font": "Noto Sans"}}


def drawn_svg(spec: dict[str, Any]) -> str:
    """Return a chart as SVG, without any title of its own; the paper names it."""
    return str(drawing().vegalite_to_svg(_alone(spec)))


def drawn_png(spec: dict[str, Any]) -> bytes:
    """Return a chart as PNG on white paper."""
    return bytes(drawing().vegalite_to_png({**_alone(spec), "background": "white"}, scale=SCALE))
