"""Search: measures, milestones, meetings, decisions, events, instruments, barriers, organisations and sources."""

from __future__ import annotations

from birge.texts import Translator
from birge.web.blocks import Cell, Page, Table, said
from birge.web.reader import Reader
from birge.web.searched import MOST, Entry, near, search

__all__ = ["search_page"]

LONGEST = 100


def search_page(view: Reader) -> Page:
    """Return what was found for `q` in the address; links lead to passports."""
    t = view.t
    asked = " ".join(view.query.get("q", "").split())[:LONGEST]
    _ = view.plan  # who may see no plan is told so
    if not asked:
        lead = t("Write a word or a part of one; letters that a keyboard lacks may be left plain.")
        return Page("search", t("Search"), (lead,))
    exact = search(view, asked)
    found = exact or near(view, asked)
    words = _kinds(t)
    rows = tuple((_cell(e, t), Cell(words[e.kind])) for e in found)
    empty = t("Nothing that you may see holds all of these words. Try fewer words, or a part of one.")
    told = t("The first {n} are shown.", n=MOST) if len(found) == MOST else ""
    table = Table("found", t("Found"), (t("What"), t("Kind")), rows, told, empty)
    lead = t("{what}: {n} found", what=f"“{asked}”", n=len(found))
    loose = t("Nothing holds exactly these words; this is what has words with the same beginning.")
    return Page("search", t("Search"), (lead, loose) if found and not exact else (lead,), blocks=(table,))


def _cell(e: Entry, t: Translator) -> Cell:
    if isinstance(e.title, str):
        return Cell(e.title, e.href, "en" if t.lang != "en" else None)
    return said(e.title, t, e.href)


def _kinds(t: Translator) -> dict[str, str]:
    return {
        "barrier": t("Barrier"),
        "decision": t("Decision"),
        "event": t("Event"),
        "initiative": t("Initiative"),
        "instrument": t("Instrument"),
        "measure": t("Measure"),
        "meeting": t("Meeting"),
        "milestone": t("Milestone"),
        "organisation": t("Organisation"),
        "region-pair": t("Region pair"),
        "source": t("Source"),
    }
