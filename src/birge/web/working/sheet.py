"""The sheet that pages of accounts are made of: tables whose rows have buttons, forms, what is shown just once."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi.responses import Response

from birge.texts import Translator
from birge.web.blocks import Cell
from birge.web.forms import Form, bound
from birge.web.render import render
from birge.web.working.typed import kept
from birge.web.working.visit import Visit

__all__ = ["Once", "Row", "Rows", "Sheet", "show", "when"]


@dataclass(frozen=True)
class Row:
    """A row with at most one button: what it says, and the fields and the verdict that the button sends."""

    cells: tuple[Cell, ...]
    button: str = ""
    verdict: str = ""
    sends: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Rows:
    """A table whose rows may have buttons."""

    title: str
    head: tuple[str, ...]
    rows: tuple[Row, ...]
    empty: str = ""
    told: str = ""

    @property
    def acts(self) -> bool:
        """Return whether any row has a button."""
        return any(r.button for r in self.rows)


@dataclass(frozen=True)
class Once:
    """What is shown this once: named values, printed codes."""

    facts: tuple[tuple[str, str], ...] = ()
    codes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Sheet:
    """A page of accounts."""

    title: str
    action: str
    lead: tuple[str, ...] = ()
    tables: tuple[Rows, ...] = ()
    forms: tuple[Form, ...] = ()
    links: tuple[tuple[str, str], ...] = ()


def show(visit: Visit, sheet: Sheet, once: Once | None = None) -> Response:
    """Answer with a page of accounts; the form that was sent has in it what was typed."""
    forms = sheet.forms
    if (sent := visit.sent) is not None:
        forms = tuple(kept(f, sent, visit.t) if f.action == visit.request.url.path else f for f in forms)
    facts = {
        "title": sheet.title,
        "action": sheet.action,
        "lead": sheet.lead,
        "tables": sheet.tables,
        "forms": forms,
        "links": sheet.links,
        "problems": visit.summary(forms),
        "once": once,
    }
    page = lambda: render(visit.request, visit.t, "account.html", visit.who, **facts)  # noqa: E731
    return bound(visit.request, visit.who, page, visit.status)


def when(stamp: str | None, t: Translator) -> Cell:
    """Return a time of the registry to the minute, in UTC as everything here."""
    return Cell(f"{stamp[:10]} {stamp[11:16]} UTC" if stamp else t("never"), kind="date")
