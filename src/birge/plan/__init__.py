"""The plan as data: schema, reading, checking, what is due."""

from __future__ import annotations

from birge.plan.check import check
from birge.plan.due import due
from birge.plan.load import embedded, load, plan_hash
from birge.plan.schema import Plan

__all__ = ["Plan", "check", "due", "embedded", "load", "plan_hash"]
