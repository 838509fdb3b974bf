"""The two sides' statistics: as text, JSON, CSV, chart and page; and what new figures change, in words."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from birge.charts.mirror import mirror_chart
from birge.factbook import MirrorYear, Observation, mirror
from birge.factbook.additions import CONFLICT, Addition, additions
from birge.factbook.codes import economy_name
from birge.factbook.observation import last_data_year

__all__ = [
    "additions_text",
    "line",
    "mirror_csv",
    "mirror_document",
    "mirror_page",
    "mirror_spec",
    "mirror_table",
    "observation_document",
]

KINDS = {
    "conflict": f"Differs by more than {CONFLICT:.0%} from what is known: look at these first",
    "new period": "New periods",
    "other print": "Other prints of known figures; the newest published counts",
    "beside": "Growth and lower bounds, which stand beside levels",
    "same": "The same figure again; nothing changes",
    "not used": "Shown by `birge stats show`, never used: derived, or neither side counts",
}


def mirror_table(observations: Iterable[Observation], pair: tuple[str, str]) -> str:
    """Return turnover by year in mn USD as each side published it, with the difference; "-" where nothing is known."""
    a, b = pair
    rows = mirror(observations, pair)
    if not rows:
        return f"no full-year figures for {a}-{b}; add your own with --facts"
    lines = [
        "Turnover by year, mn USD (current); compiled = unverified compilation",
        f"{'year':>6}{a:>10}{b:>10}{'difference':>12}{a + ' compiled':>16}{b + ' compiled':>16}",
    ]
    for r in rows:
        gap = "-" if r.difference is None else f"{100 * r.difference:+.0f} %"
        first, second, third, fourth = (_number(v) for v in (*r.published, *r.compiled))
        lines.append(f"{r.year:>6}{first:>10}{second:>10}{gap:>12}{third:>16}{fourth:>16}")
    return "\n".join(lines)


def mirror_document(observations: Sequence[Observation], pair: tuple[str, str], as_of: date) -> dict[str, Any]:
    """Return the two sides by year as a JSON document, mn USD; fractions of the second side's figure."""
    return {
        "pair": list(pair),
        "as_of": as_of.isoformat(),
        "unit": "mn USD (current)",
        "years": [
            {
                "year": r.year,
                "published": dict(zip(pair, r.published, strict=True)),
                "rounding": dict(zip(pair, r.rounding, strict=True)),
                "compiled_unverified": dict(zip(pair, r.compiled, strict=True)),
                "difference": r.difference,
                "settled_difference": r.settled_difference,
            }
            for r in mirror(observations, pair)
        ],
        "sources": _sources(observations, pair),
    }


def mirror_csv(observations: Iterable[Observation], pair: tuple[str, str]) -> str:
    """Return the two sides by year as CSV, mn USD; an empty cell is a figure nobody published."""
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    a, b = (code.lower() for code in pair)
    table.writerow(["year", a, b, "difference", f"{a}_compiled", f"{b}_compiled", "settled_difference", "unit"])
    for r in mirror(observations, pair):
        gaps = [None if g is None else round(g, 6) for g in (r.difference, r.settled_difference)]
        table.writerow([r.year, *r.published, gaps[0], *r.compiled, gaps[1], "mn USD"])
    return out.getvalue()


def mirror_spec(observations: Sequence[Observation], pair: tuple[str, str], as_of: date) -> dict[str, Any] | None:
    """Return the chart of the two sides, None without any full-year figure."""
    rows = mirror(observations, pair)
    if not rows:
        return None
    names = economy_name(pair[0]), economy_name(pair[1])
    points = [
        {
            "year": r.year,
            "side": names[k],
            "value": v / 1000,
            "kind": kind,
            "low": (v - d) / 1000,
            "high": (v + d) / 1000,
        }
        for r in rows
        for k in (0, 1)
        for kind, v, d in (("compiled, unverified", r.compiled[k], 0.0), ("published", r.published[k], r.rounding[k]))
        if v is not None
    ]
    gaps = [g for r in rows for g in _gaps(r)]
    title = f"Trade between {names[0]} and {names[1]} as each side counts it"
    told = (
        "Dots: newest published full-year figure, with its last digit where rounded. Crosses: unverified compilation."
    )
    under = (
        f"Below: how far {names[0]}'s figure lies above {names[1]}'s."
        if gaps
        else "No year has a full-year figure of both sides."
    )
    return mirror_chart(title, names, points, gaps, f"{told}\n{under}\n{_source_line(observations, pair, as_of)}")


def mirror_page(observations: Sequence[Observation], pair: tuple[str, str], as_of: date) -> str:
    """Return one self-contained page: chart, table, sources; no network and no script needed."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    from birge.charts import svg

    spec = mirror_spec(observations, pair, as_of)
    loader = Environment(loader=PackageLoader("birge.report"), autoescape=True, undefined=StrictUndefined)
    return loader.get_template("mirror.html").render(
        names=(economy_name(pair[0]), economy_name(pair[1])),
        as_of=as_of,
        chart=svg(spec) if spec else None,
        rows=mirror(observations, pair),
        number=_number,
        observations=[o for o in observations if _counts(o, pair)],
    )


def observation_document(o: Observation) -> dict[str, Any]:
    """Return the observation for a JSON document; the date as text."""
    return {**asdict(o), "published": o.published.isoformat()}


def line(o: Observation) -> str:
    """Return the observation in one line: period, flow, who counts, value, kind, verification, date, source."""
    marks = " · derived" if o.derived else ""
    lag = " (assumed)" if o.published_assumed else ""
    vintage = f" · {o.vintage}" if o.vintage != "not known" else ""
    return (
        f"{_when(o)} · {o.flow} · {o.reporter or 'basis not stated'} · {o.value:,.1f} {o.unit} · {o.kind}"
        f" · {o.verified}{marks}{vintage} · published {o.published}{lag} · {o.source}"
    )


def additions_text(
    known: Sequence[Observation], new: Sequence[Observation], pair: tuple[str, str], left_out: int = 0
) -> str:
    """Say what `new` adds to `known` and what it changes in the picture of the two sides."""
    found = additions(known, new, pair)
    lines = [f"{len(new)} figures read" + (f"; {left_out} rows about something else left out" if left_out else "")]
    for kind, title in KINDS.items():
        rows = [a for a in found if a.kind == kind]
        if rows:
            lines += [f"{title} ({len(rows)}):", *(f"  {_met(a)}" for a in rows)]
    merged = tuple({o.id: o for o in (*known, *new)}.values())
    lines += [
        "What changes:",
        *(_changes(known, merged, pair) or ["  nothing in the full-year figures of the two sides"]),
    ]
    return "\n".join(lines)


def _met(a: Addition) -> str:
    o = a.observation
    text = f"{_when(o)} · {o.flow} · {o.reporter or 'basis not stated'} · {o.value:,.1f} {o.unit}"
    if a.known and a.change is not None and a.kind != "not used":
        k = a.known[0]
        text += f" · known {k.value:,.1f} of {k.published} ({k.verified}): {100 * a.change:+.1f} %"
        if a.kind != "same" and o.published < k.published:
            text += "; published earlier than the known figure, which stays"
    return text + ("; its id replaces the known row" if a.replaces else "")


def _changes(known: Iterable[Observation], merged: Iterable[Observation], pair: tuple[str, str]) -> list[str]:
    before = {r.year: r for r in mirror(known, pair)}
    lines = []
    for r in mirror(merged, pair):
        old = before.get(r.year, MirrorYear(r.year, (None, None), (None, None)))
        for words, new_, old_ in (("", r.published, old.published), (" (compiled)", r.compiled, old.compiled)):
            for code, now, then in zip(pair, new_, old_, strict=True):
                if now != then:
                    was = "not known before" if then is None else f"was {then:,.0f}"
                    lines.append(f"  {r.year}: turnover as {code} counts{words} {_number(now)} mn USD, {was}")
        if r.difference != old.difference and r.difference is not None:
            was = "not known before" if old.difference is None else f"was {100 * old.difference:+.0f} %"
            lines.append(f"  {r.year}: difference between the two sides {100 * r.difference:+.0f} %, {was}")
    newest, then_ = last_data_year(merged, pair), last_data_year(known, pair)
    if newest != then_:
        lines.append(f"  the newest year with a figure is {newest}, {'none' if then_ is None else then_} before")
    return lines


def _gaps(row: MirrorYear) -> list[dict[str, Any]]:
    """Return the difference of a year between published figures, and where a compilation stands for one of them."""
    found = []
    if row.difference is not None:
        value = 100 * row.difference
        found.append({"year": row.year, "value": value, "kind": "published", "label": f"{value:+.0f}"})
    settled = row.settled_difference
    if settled is not None and row.settled != row.published:
        label = "" if found else f"{100 * settled:+.0f}"
        found.append({"year": row.year, "value": 100 * settled, "kind": "compiled, unverified", "label": label})
    return found


def _counts(o: Observation, pair: tuple[str, str]) -> bool:
    return o.reporter in pair and o.months == (1, 12) and not o.derived and o.kind in ("annual", "rounded") and o.over


def _sources(observations: Iterable[Observation], pair: tuple[str, str]) -> list[str]:
    return sorted({o.source for o in observations if _counts(o, pair)})


def _source_line(observations: Sequence[Observation], pair: tuple[str, str], as_of: date) -> str:
    used = [o for o in observations if _counts(o, pair)]
    hosts = sorted({m[1] for o in used for m in re.finditer(r"https?://(?:www\.)?([^/\s]+)", o.source)})
    named = ", ".join(hosts[:5]) + (f" and {len(hosts) - 5} more" if len(hosts) > 5 else "")
    compiled = any(o.verified == "unverified compilation" for o in used)
    parts = [named or "own figures", "a compilation not verified" if compiled else ""]
    return f"Sources: {'; '.join(p for p in parts if p)}. Known on {as_of}."


def _when(o: Observation) -> str:
    return f"{o.year}" if o.months == (1, 12) else f"{o.year}-{o.months[0]:02d}..{o.months[1]:02d}"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:,.0f}"
