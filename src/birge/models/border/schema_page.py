"""The JSON Schema of a design file, and its reference page made from it.

`python -m birge.models.border.schema_page FOLDER` writes `border-design.schema.json` and `border-design.md` into FOLDER
(docs/reference).
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from birge.models.border.design import Design
from birge.plan.schema_page import record_section

__all__ = ["MEANINGS", "design_page", "json_schema"]

HEAD = """\
# The design of a crossing

A design is one YAML file: a crossing, or a complex beside it. This page is made from its JSON Schema,
[border-design.schema.json](border-design.schema.json), which `birge border schema` prints; an editor that is given the
schema completes and checks fields while you type. Start from a design that ships:

```console
$ birge border new --crossing karasu
$ birge border schema
```

Fields marked *yes* have to be there. Ids are Latin letters, digits and hyphens.
"""

MEANINGS = {
    "Design": {
        "id": "Name of the design.",
        "title": "What it is called in answers.",
        "note": "Anything a reader should know.",
        "staff": "People that several stations share.",
        "stations": "Where trucks are served.",
        "streams": "Traffic, one stream a direction.",
        "regimes": "Ways of control beside `normal`.",
        "calendar": "Days of the year on which a regime holds.",
        "costs": "What waiting and idling cost.",
    },
    "Appointments": {
        "slot_min": "Length of a slot, minutes; slots follow one another from 0:00 of the first day of the run.",
        "quota": "Trucks a slot takes.",
        "hours": "Hours of the day between which slots are offered, [from, to]; if left out, whenever every "
        "station that all trucks pass has servers. A slot that lies partly outside is not offered.",
        "share": "Share of trucks that book.",
        "horizon_days": "How far ahead they can book.",
        "late_min": "Mean delay behind the slot's start, minutes; negative is early.",
        "spread_min": "Standard deviation of the delay, minutes.",
        "no_show": "Share of the booked that never come; their place stays empty.",
        "tolerance_min": "Minutes after the slot's end up to which a truck is taken as booked.",
        "late_rule": "What a later truck does: joins the live queue, takes the next free slot, or is sent away.",
        "priority": "Priority of a booked truck at the first station, 0 first; then that of its goods.",
    },
    "Arrivals": {
        "per_day": "Trucks a day, mean over the year.",
        "by_month": "Factors of the months from January on; only their ratio matters.",
        "by_weekday": "Factors of the days from Monday on.",
        "by_hour": "Factors of the hours from midnight on.",
        "trace": "Times of arrival in hours since 1 January 0:00, instead of all else.",
        "trains": "Wagons or trucks that come together, in addition to `per_day`.",
    },
    "Balking": {
        "from_queue": "Trucks not yet begun to be served, above which some stay away.",
        "scale": "How many more it takes until 37 of 100 still come.",
        "to": "Stream of the same direction to which those that stay away drive; they are lost if left out.",
        "hours": "Hours of that drive.",
    },
    "Breakdowns": {
        "between_h": "Mean hours between failures of a server, on shift or not; exponential.",
        "repair_h": "Mean hours of repair; exponential. The truck goes on where it was interrupted.",
    },
    "Costs": {
        "truck_hour_usd": "What an hour inside costs a carrier, USD: low, high.",
        "idling_l_h": "Litres an hour of an idling truck: low, high.",
        "idling_share": "Share of the wait with the engine on: low, high.",
        "co2_kg_l": "kg CO2 a litre.",
    },
    "Goods": {
        "id": "Name of the kind of goods.",
        "share": "Share of the stream's trucks.",
        "priority": "0 is served first; no service is interrupted for it.",
    },
    "Period": {
        "regime": "A regime of the design, or `normal`.",
        "first_day": "First day of the year, 1 is 1 January.",
        "last_day": "Last day of the year.",
    },
    "Regime": {
        "id": "Name of the way of control.",
        "service": "Factor on all services.",
        "stations": "Factor on the services of single stations, on top.",
        "shares": "Shares of trucks that stop at a station, instead of those of the steps (scanning); of no first one.",
    },
    "Service": {
        "kind": "Law of the service time.",
        "mean_min": "Mean, minutes.",
        "cv": "Standard deviation over mean (`lognormal`, `hyperexponential`).",
        "shape": "Phases (`erlang`).",
        "low_min": "Least, minutes (`uniform`, `triangular`).",
        "high_min": "Most, minutes (`uniform`, `triangular`).",
    },
    "Shift": {
        "start": "HH:MM.",
        "hours": "How long.",
        "servers": "Servers, or people of a pool, at work.",
        "days": "On which days of the week; all, if left out.",
    },
    "Staff": {
        "id": "Name of the pool.",
        "shifts": "People at work, by shift.",
        "usd_hour": "Cost of a person's hour, USD.",
    },
    "Station": {
        "id": "Name of the station.",
        "service": "How long a service takes.",
        "by_goods": "How long it takes for single kinds of goods.",
        "shifts": "Servers at work; none between shifts.",
        "hand_over": "What happens to trucks in service when a shift ends.",
        "places": "Room to wait in front of it; without limit if left out. At the first station of a way, a truck "
        "that finds none is turned away.",
        "breakdowns": "How its servers fail.",
        "staff": "Pool of which each service needs one person.",
        "usd_server_hour": "Cost of a server's hour at work, USD.",
        "usd_server_year": "Upkeep of a server, USD a year.",
        "usd_place_year": "Upkeep of a waiting place, USD a year.",
        "most_servers": "Limit for sizing.",
    },
    "Step": {
        "station": "Where.",
        "share": "Share of trucks that stop there; drawn by truck. At the first station 1.",
        "by_goods": "Share by kind of goods.",
    },
    "Stream": {
        "id": "Name, such as KAZ-KGZ.",
        "vehicle": "What comes; a wagon burns nothing while it waits, and its hours are counted apart.",
        "direction": "Which way it goes, such as KAZ-KGZ, where streams of several crossings go the same way; the id "
        "if left out.",
        "arrivals": "How many come and when.",
        "goods": "What they carry; shares add up to 1.",
        "route": "Stations in order; the first is for every truck.",
        "balking": "Trucks that stay away when the queue is long: lost to this design, or bound for another of its "
        "streams. Between crossings that are no part of it the freight model says which way they take.",
        "appointments": "Booked arrival beside the live queue.",
    },
    "Train": {"day": "Day of the week.", "at": "HH:MM.", "count": "Wagons or trucks."},
}
SOURCED = {
    "source": "Where its figures come from.",
    "assumed": "Whether no source states them; answers list it.",
}


def _schema() -> dict[str, Any]:
    schema = Design.model_json_schema()
    for name, record in {"Design": schema, **schema["$defs"]}.items():
        for field, info in record.get("properties", {}).items():
            info["description"] = MEANINGS[name].get(field) or SOURCED[field]
    return schema


def json_schema() -> str:
    """Return the JSON Schema of a design file, each field with its meaning."""
    return json.dumps(_schema(), indent=2, ensure_ascii=False) + "\n"


def design_page() -> str:
    """Return the reference page: one section per record, one row per field."""
    schema = _schema()
    parts = [HEAD, record_section("Design", schema)]
    parts += [record_section(name, record) for name, record in schema["$defs"].items()]
    return "\n".join(parts)


def _write(folder: Path) -> None:
    (folder / "border-design.schema.json").write_text(json_schema(), "utf-8")
    (folder / "border-design.md").write_text(design_page(), "utf-8")


if __name__ == "__main__":
    _write(Path(sys.argv[1]))
