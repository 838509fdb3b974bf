"""Embedded figures and observations, each with source, unit and year."""

from __future__ import annotations

from birge.factbook.embedded import Factbook
from birge.factbook.mirror import MirrorYear, mirror
from birge.factbook.observation import Observation
from birge.factbook.read import read_observations

__all__ = ["Factbook", "MirrorYear", "Observation", "mirror", "read_observations"]
