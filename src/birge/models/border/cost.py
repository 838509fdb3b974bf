"""What a design costs its operator in a year, in USD."""

from __future__ import annotations

from birge.models.border.design import Design
from birge.models.border.load import open_servers

__all__ = ["yearly_cost"]

HOURS = 8760


def yearly_cost(design: Design) -> float:
    """Return the yearly cost: staffed hours, upkeep of the most servers a station ever has, and waiting places."""
    total = sum(p.usd_hour * open_servers(p.shifts) * HOURS for p in design.staff)
    for s in design.stations:
        most = max(x.servers for x in s.shifts)
        total += s.usd_server_hour * open_servers(s.shifts) * HOURS + s.usd_server_year * most
        total += s.usd_place_year * (s.places or 0)
    return total
