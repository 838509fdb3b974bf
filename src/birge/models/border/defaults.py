"""Designs that ship with Birge: each crossing of the factbook, today and rebuilt, and the complex.

Trucks and capacity of a direction come from the factbook table `border_crossings`. The order of stations follows what
both sides control between members of one customs union: no declaration, but transport, passport, sanitary or
veterinary control and scanning. How long the other stations take, their number and all costs are assumed.
"""

from __future__ import annotations

import io
from importlib.resources import files
from typing import Any

from birge.errors import InputError
from birge.factbook.border import CrossingRow, crossing_rows
from birge.models.border.design import Design, parse_design

__all__ = ["COMPLEX", "as_yaml", "default_design", "default_names", "template"]

COMPLEX = "complex"
AUTUMN = (1.05, 0.95, 0.92, 0.93, 0.95, 0.95, 0.98, 1.05, 1.08, 1.10, 1.08, 0.96)
DAYTIME = (
    0.7,
    0.6,
    0.6,
    0.6,
    0.7,
    0.8,
    0.9,
    1.0,
    1.1,
    1.2,
    1.3,
    1.3,
    1.3,
    1.3,
    1.2,
    1.2,
    1.2,
    1.2,
    1.1,
    1.1,
    1.0,
    0.9,
    0.9,
    0.8,
)
WEEKDAYS = (1.0, 1.05, 1.05, 1.05, 1.05, 0.95, 0.85)
CHECKS = 300 / 132
CRISIS = 300 / 76
ASSUMED = "no source; assumed"


def default_names() -> tuple[str, ...]:
    """Return the names of the designs that ship with Birge."""
    names = {r.crossing + ("-rebuilt" if r.variant == "rebuilt" else "") for r in crossing_rows()}
    return (*sorted(names), COMPLEX)


def default_design(name: str) -> Design:
    """Return the design `name`; raises InputError if there is none."""
    if name == COMPLEX:
        return parse_design(
            (files("birge.models.border") / "designs" / "complex.yaml").read_text("utf-8"), "complex.yaml"
        )
    variant = "rebuilt" if name.endswith("-rebuilt") else "today"
    rows = [r for r in crossing_rows() if r.crossing == name.removesuffix("-rebuilt") and r.variant == variant]
    if not rows:
        raise InputError.at(
            "--crossing",
            "unknown-crossing",
            f"there is no design {name!r}",
            f"use one of: {', '.join(default_names())}",
        )
    return Design.model_validate(_crossing(name, rows, variant == "rebuilt"))


def template(name: str) -> str:
    """Return the design `name` as YAML text with a few lines on how to change it."""
    if name == COMPLEX:
        return (files("birge.models.border") / "designs" / "complex.yaml").read_text("utf-8")
    return as_yaml(default_design(name))


def as_yaml(design: Design) -> str:
    """Return a design as YAML text with a few lines on how to change it."""
    from ruamel.yaml import YAML

    out = io.StringIO()
    yaml = YAML()
    yaml.default_flow_style = None
    yaml.width = 120
    yaml.dump(design.model_dump(mode="json", exclude_defaults=True), out)
    return (
        f"# Design of {design.id}. Change it, then: birge border check FILE, birge border simulate FILE\n"
        "# `assumed: true` marks figures without a source; `source` says where the others come from.\n"
        "# Days of the year in which control is another one than the run's, by the name of a regime:\n"
        "# calendar: [{regime: longer-checks, first_day: 100, last_day: 160, assumed: true}]\n"
        "# Trucks that stay away may drive to another stream of the same `direction`, by its id:\n"
        "# balking: {from_queue: 200, scale: 200, to: other-crossing, hours: 2.5, assumed: true}\n" + out.getvalue()
    )


def _crossing(name: str, rows: list[CrossingRow], rebuilt: bool) -> dict[str, Any]:
    stations: list[dict[str, Any]] = []
    streams = []
    for row in rows:
        made, route = _direction(row, rebuilt)
        stations += made
        streams.append(_stream(row, route, rebuilt))
    side = "and after its rebuild (assumed)" if rebuilt else "as reported until 2026"
    return {
        "id": name,
        "title": rows[0].title + (", rebuilt" if rebuilt else ""),
        "note": f"Trucks and capacity by direction {side}; stations, shares and costs are assumed.",
        "staff": [
            {
                "id": "sanitary",
                "shifts": _shifts(rows[0], 4 if rebuilt else 3),
                "usd_hour": 6,
                "assumed": True,
                "source": ASSUMED,
            }
        ],
        "stations": stations,
        "streams": streams,
        "regimes": _regimes(stations),
        "costs": {
            "truck_hour_usd": [12, 30],
            "idling_l_h": [1.7, 3.0],
            "idling_share": [0.2, 0.8],
            "co2_kg_l": 2.63,
            "assumed": True,
            "source": "litres: US DOE fact 861 (2015), EPA; 2.63 kg/l: DEFRA 2007; the rest assumed",
        },
    }


def _shifts(row: CrossingRow, servers: int) -> list[dict[str, Any]]:
    if row.hours < 24:
        return [{"start": row.opens, "hours": row.hours, "servers": servers}]
    return [{"start": "08:00", "hours": 12, "servers": servers}, {"start": "20:00", "hours": 12, "servers": servers}]


def _direction(row: CrossingRow, rebuilt: bool) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return stations and route of a direction; its control serves what the factbook says."""
    tag = row.direction.lower()
    hourly = row.capacity_per_day / row.hours
    lanes = max(1, round(hourly / 4.2))
    wide = max(1, round(hourly / 9))
    small = "no source; assumed, wide enough not to bind before the control does"

    def station(kind: str, servers: int, mean: float, cv: float, **more: Any) -> dict[str, Any]:
        made = {
            "id": f"{tag}-{kind}",
            "service": {"kind": "lognormal", "mean_min": round(mean, 3), "cv": cv},
            "shifts": _shifts(row, servers),
            "usd_server_hour": 6,
            "usd_server_year": 20_000,
            "assumed": True,
            "source": small,
        }
        if kind != "gate":
            made["places"] = 12
        return made | more

    control = {
        "usd_server_hour": 12,
        "usd_server_year": 90_000,
        "places": 40 if rebuilt else 12,
        "usd_place_year": 400,
        "assumed": row.assumed_capacity,
        "source": row.source,
        "most_servers": 4 * lanes,
    }
    broken = {"between_h": 300, "repair_h": 4, "assumed": True, "source": ASSUMED}
    stations = [
        station("gate", wide + 1, 3, 0.5),
        station("weighing", wide, 4, 0.4),
        station("control", lanes, lanes * 60 / hourly, 0.6, **control),
        station("sanitary", wide, 15, 0.6, staff="sanitary", usd_server_hour=0),
        # trucks that wait for a broken scanner stand aside and stop nobody: with 12 places and a day of repair the
        # default of Karasu waited 9 h, of which 7 h behind the scanner, against 2-7 h in normal times
        station("scan", max(1, wide // 2), 12, 0.5, breakdowns=broken, usd_server_year=150_000, places=60),
        station("exit", wide, 2, 0.5),
    ]
    route: list[dict[str, Any]] = [
        {"station": f"{tag}-gate"},
        {"station": f"{tag}-weighing", "share": 0.5, "by_goods": {"empty": 0.1}},
        {"station": f"{tag}-control"},
        {"station": f"{tag}-sanitary", "share": 0.05, "by_goods": {"perishables": 0.8, "empty": 0.0}},
        {"station": f"{tag}-scan", "share": 0.12},
        {"station": f"{tag}-exit"},
    ]
    return stations, route


def _stream(row: CrossingRow, route: list[dict[str, Any]], rebuilt: bool) -> dict[str, Any]:
    made: dict[str, Any] = {
        "id": row.direction,
        "arrivals": {
            "per_day": row.trucks_per_day,
            "by_month": list(AUTUMN),
            "by_weekday": list(WEEKDAYS),
            "by_hour": list(DAYTIME),
            "assumed": True,
            "source": row.source + "; autumn peak as reported, size of the seasons assumed",
        },
        "goods": [
            {"id": "perishables", "share": 0.2, "priority": 0 if rebuilt else 1},
            {"id": "general", "share": 0.5, "priority": 1},
            {"id": "empty", "share": 0.3, "priority": 1},
        ],
        "route": route,
        "balking": {
            "from_queue": max(20, round(row.capacity_per_day)),
            "scale": max(20, round(1.5 * row.capacity_per_day)),
            "assumed": True,
            "source": "queues settled at 395-510 trucks in autumn 2023; form and size assumed",
        },
    }
    if rebuilt:
        made["appointments"] = {
            "slot_min": 60,
            "quota": max(1, round(0.7 * row.capacity_per_day / row.hours)),
            "share": 0.6,
            "spread_min": 30,
            "no_show": 0.05,
            "tolerance_min": 60,
            "late_rule": "live",
            "assumed": True,
            "source": "booked slots as in the electronic queue; shares and punctuality assumed",
        }
    return made


def _regimes(stations: list[dict[str, Any]]) -> list[dict[str, Any]]:
    control = [s["id"] for s in stations if s["id"].endswith("-control")]
    return [
        {
            "id": "longer-checks",
            "stations": dict.fromkeys(control, round(CHECKS, 3)),
            "source": "5-6 trucks an hour instead of 300 a day: 24.kg 118088 (2019-05-20)",
        },
        {
            "id": "crisis",
            "stations": dict.fromkeys(control, round(CRISIS, 3)),
            "source": "76 trucks a day instead of 300: qazaqtimes.com 27858 (2017-10-20)",
        },
    ]
