"""A page that plays a day at crossings, truck by truck, side by side; one file, no network, the table beside it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from birge.models.border.replay import Day

__all__ = ["page"]

ROW = 150


def page(days: Sequence[Day]) -> str:
    """Return the page of one or more days, one under the other."""
    from jinja2 import Environment, PackageLoader

    made = Environment(loader=PackageLoader("birge.report", "templates"), autoescape=True).get_template("replay.html")
    first = days[0]
    head, columns = [], []
    for d in days:
        for k, (way, _) in enumerate(d.ways):
            head.append(f"{d.design.title}: {way}")
            columns.append(d.waiting(k))
    rows = [(f"{h:02d}:00", *(int(c[h]) for c in columns)) for h in range(24)]
    busiest = max(range(24), key=lambda h: sum(c[h] for c in columns)) if columns else 12
    assumed = sorted({a for d in days for a in d.design.assumptions()})
    return made.render(
        title=" beside ".join(d.design.title for d in days) if len(days) > 1 else first.design.title,
        lead=f"{first.day.isoformat()}, control: {first.regime}, one simulated run with seed {first.seed}: "
        "an example of a day, not a forecast of it.",
        start=60 * busiest,
        days=[{"title": d.design.title, "height": ROW * len(d.ways)} for d in days],
        head=head,
        rows=rows,
        foot=f"Assumed: {', '.join(assumed) or 'nothing'}.",
        data=_data(days),
    )


def _data(days: Sequence[Day]) -> Any:
    from markupsafe import Markup

    found = [
        {
            "stations": list(d.stations),
            "names": _short(d),
            "ways": [{"id": name, "stations": list(way)} for name, way in d.ways],
            "stays": [[s.truck, s.station, s.kind, round(s.start, 1), round(s.end, 1)] for s in d.stays],
        }
        for d in days
    ]
    # inside a script element only "<" could end it
    return Markup(json.dumps(found, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c"))


def _short(day: Day) -> list[str]:
    """Return the names of stations without what all of a way begin with."""
    names = list(day.stations)
    for _, way in day.ways:
        words = [day.stations[s].split("-") for s in way]
        same = 0
        while len(words) > 1 and all(len(w) > same + 1 and w[same] == words[0][same] for w in words):
            same += 1
        for s, w in zip(way, words, strict=True):
            names[s] = "-".join(w[same:])
    return names
