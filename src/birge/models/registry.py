"""All models, in one place: the assessment and the conformance suite read this tuple."""

from __future__ import annotations

from typing import Any

from birge.models import border, freight, outlook, power, schedule, trade
from birge.spec import Model

__all__ = ["MODELS"]

MODELS: tuple[Model[Any, Any], ...] = (
    schedule.MODEL,
    outlook.MODEL,
    border.MODEL,
    freight.MODEL,
    freight.YEARLY,
    power.MODEL,
    trade.MODEL,
)
