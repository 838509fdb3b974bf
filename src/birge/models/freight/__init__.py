"""Corridors: network to routes, mode and crossing choice, time and cost, with waits at crossings fed back."""

from __future__ import annotations

from birge.models.freight.assignment import Assignment, Roads, Trips, assign

__all__ = ["Assignment", "Roads", "Trips", "assign"]
