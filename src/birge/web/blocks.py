"""What a page is made of: typed blocks that a template shows and that downloads write."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from birge.plan.schema import Plan, Text
from birge.texts import Translator

__all__ = ["Cell", "Choice", "Filter", "Gauge", "Page", "Picture", "Table", "Width", "organisations", "said", "spoken"]

Width = Literal["wide", "narrow"]
"""The two widths at which a picture is drawn: one for screens and papers, one for phones."""


LINK = re.compile(r"https?://[^\s\\]|/(?![/\\])|[a-z-]+(/[^\s\\?#]*)?([?#]|$)")


@dataclass(frozen=True)
class Cell:
    """A cell: what it says, where it leads, in which language where that is not the page's, how it is set.

    `value` is the number that `text` tells in the reader's notation, as files have it. `state` gives it a sign and a
    colour beside its word: a status of the plan's own, `overdue` or `no report`. An address that leads neither to the
    web nor to a page of ours is none: sources are typed in by people.
    """

    text: str
    href: str | None = None
    lang: str | None = None
    kind: Literal["", "n", "date", "state"] = ""
    state: str = ""
    value: float | None = None

    def __post_init__(self) -> None:
        """Drop an address such as `javascript:…` or `//elsewhere`."""
        if self.href is not None and not LINK.match(self.href):
            object.__setattr__(self, "href", None)


@dataclass(frozen=True)
class Table:
    """A table with its name (for downloads), heads, rows and the line that says where it comes from."""

    name: str
    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    source: str = ""
    empty: str = ""
    lang: str | None = None


@dataclass(frozen=True)
class Picture:
    """A drawing for wide and narrow pages, what it shows in words, its language where not the page's.

    It is drawn when a page or file shows it, not where a table of the same page is asked for. `table` is the same as a
    table; `spec` gives the Vega-Lite spec at a width, which an island makes interactive; `tab` names the drawing beside
    its table where it is no chart; `table_first` puts a long drawing after.
    """

    name: str
    title: str
    draw: Callable[[Width], str]
    told: str
    source: str = ""
    lang: str | None = None
    table: Table | None = None
    spec: Callable[[Width], Mapping[str, Any]] | None = None
    tab: str = ""
    table_first: bool = False

    @cached_property
    def wide(self) -> str:
        """The SVG of a wide page."""
        return self.draw("wide")

    @cached_property
    def narrow(self) -> str:
        """The SVG of a narrow page."""
        return self.draw("narrow")


@dataclass(frozen=True)
class Gauge:
    """One of three: its name, its value in words, the part that is reached (None: no data), what stands behind it."""

    name: str
    value: str
    share: float | None = None
    note: str = ""


@dataclass(frozen=True)
class Choice:
    """One value of a filter."""

    value: str
    label: str
    chosen: bool


@dataclass(frozen=True)
class Filter:
    """A filter: the name in the address, its label, its values."""

    name: str
    label: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True)
class Page:
    """A page: title, sentences, notes, filters, and blocks in order.

    `waits` says that a model still works for it, `kicker` stands above the title, `way` says what to do where there
    is nothing to see yet.
    """

    name: str
    title: str
    lead: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    filters: tuple[Filter, ...] = ()
    blocks: tuple[Table | Picture, ...] = ()
    big: str | None = None
    dots: str | None = None
    run: str | None = None
    gauges: tuple[Gauge, ...] = ()
    glance: tuple[Cell, ...] = ()
    waits: bool = False
    kicker: str = ""
    way: Cell | None = None


def said(text: Text | None, t: Translator, href: str | None = None) -> Cell:
    """Return a text of the plan in the page's language; where there is none, in English, and marked so."""
    if text is None:
        return Cell("")
    missing = t.lang != "en" and not getattr(text, t.lang)
    return Cell(text.get(t.lang), href, "en" if missing else None)


def organisations(plan: Plan, ids: tuple[str, ...], t: Translator) -> Cell:
    """Return the names of organisations; where none is known, that no public source names one."""
    names = {o.id: o.name for o in plan.organisations}
    found = [said(names[i], t) for i in ids if i in names]
    if not found:
        return Cell(t("no owner named in a public source"))
    return Cell("; ".join(c.text for c in found), lang="en" if any(c.lang for c in found) else None)


def spoken(said: Mapping[Any, str], t: Translator) -> str:
    """Return the language in which a text is shown: the page's, else Russian, which both sides read, else another."""
    order = (t.lang, *(("ru",) if t.lang != "en" else ()), "en")
    return str(next((x for x in order if said.get(x)), next(iter(said))))
