"""From milestones to dates: a Monte Carlo critical path, conditioned on each milestone's last report."""

from __future__ import annotations

from birge.models.schedule.network import Network, delayed, network
from birge.models.schedule.schedule import (
    MODEL,
    Inputs,
    MilestoneDates,
    Schedule,
    dates,
    in_plan_order,
    middle_dates,
    simulate,
    sooner,
    stopped,
    undelayed,
)

__all__ = [
    "MODEL",
    "Inputs",
    "MilestoneDates",
    "Network",
    "Schedule",
    "dates",
    "delayed",
    "in_plan_order",
    "middle_dates",
    "network",
    "simulate",
    "sooner",
    "stopped",
    "undelayed",
]
