"""The passport of a number or a record: what it is, where it comes from, who entered and who confirmed it, which run.

`/{lang}/passport/{kind}/{id}`. Plan records show the plan version and its confirmations, registry records their side,
version and level; what a reader may not see is not there for them either. Those of what is counted are in
`birge.web.passport_figures`, those of the plan's records in `passport_plan`.
"""

from __future__ import annotations

from collections.abc import Callable

from birge.store.errors import Missing
from birge.web.blocks import Page
from birge.web.passport_figures import crossing, factbook_table, figure, run, target
from birge.web.passport_parts import Made
from birge.web.passport_plan import decision, measure, milestone, record_of
from birge.web.reader import Reader

__all__ = ["PASSPORTS", "passport_page"]


def passport_page(view: Reader, kind: str, ident: str) -> Page:
    """Return the passport of a thing; raises Missing for a kind or a thing that is not there for this reader."""
    if kind not in PASSPORTS:
        raise Missing("there is no such kind of passport", kind=kind[:40])
    title, blocks = PASSPORTS[kind](view, ident)
    lead = (view.t("What this is, where it comes from, and who stands for it."),)
    return Page(f"passport/{kind}/{ident}", title, lead, (), (), tuple(blocks), kicker=view.t("Passport"))


PASSPORTS: dict[str, Callable[[Reader, str], Made]] = {
    "barrier": record_of("barriers", "barrier"),
    "crossing": crossing,
    "decision": decision,
    "event": record_of("events", "event"),
    "figure": figure,
    "initiative": record_of("initiatives", "initiative"),
    "instrument": record_of("instruments", "instrument"),
    "measure": measure,
    "meeting": record_of("meetings", "meeting"),
    "milestone": milestone,
    "organisation": record_of("organisations", "organisation"),
    "region-pair": record_of("region_pairs", "region-pair"),
    "run": run,
    "table": factbook_table,
    "target": target,
}
