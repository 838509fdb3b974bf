"""Working pages, a desk each: every form comes in by the one door and calls one service of the registry."""

from __future__ import annotations

from fastapi import APIRouter

from birge.web.working import (
    account,
    accounts,
    change,
    council,
    evidence,
    exchange,
    login,
    papers,
    plans,
    records,
    report,
    rounds,
    runs,
    session,
    tasks,
    translations,
    whole,
)
from birge.web.working.runs import may_run, run_form

__all__ = ["may_run", "router", "run_form"]

router = APIRouter(include_in_schema=False)
for desk in (
    session,
    login,
    papers,
    account,
    accounts,
    tasks,
    report,
    rounds,
    council,
    evidence,
    exchange,
    records,
    change,
    plans,
    translations,
    whole,
    runs,
):
    router.routes.extend(desk.router.routes)
