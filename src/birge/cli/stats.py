"""`birge stats`: what was published about trade, and the two sides beside each other."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from birge.factbook import Factbook

__all__ = ["app", "book"]

app = typer.Typer(rich_markup_mode=None, no_args_is_help=True, help="What the two sides' statistics say.")

Pair = Annotated[str, typer.Option("--pair", help="The two parties as ISO codes, own side first.")]
AsOf = Annotated[
    datetime | None,
    typer.Option("--as-of", formats=["%Y-%m-%d"], help="Use only what was published by this date; today if left out."),
]
Facts = Annotated[
    Path | None, typer.Option("--facts", help="Your own figures (CSV or XLSX), added to the embedded ones.")
]


@app.command()
def show(
    pair: Pair = "KAZ-KGZ",
    as_of: AsOf = None,
    facts: Facts = None,
    year: Annotated[int | None, typer.Option("--year", help="Only this year.")] = None,
) -> None:
    """Print every observation with period, flow, reporter, value, verification, publication and source."""
    from birge.factbook import Factbook

    for o in Factbook.embedded().observations(_pair(pair), _day(as_of)):
        if year is None or o.year == year:
            period = f"{o.year}" if o.months == (1, 12) else f"{o.year}-{o.months[0]:02d}..{o.months[1]:02d}"
            marks = " · derived" if o.derived else ""
            lag = " (assumed)" if o.published_assumed else ""
            who = o.reporter or "basis not stated"
            print(
                f"{period} · {o.flow} · {who} · {o.value:,.1f} {o.unit} · {o.kind} · {o.verified}{marks}"
                f" · published {o.published}{lag} · {o.source}"
            )


@app.command("mirror")
def mirror_command(pair: Pair = "KAZ-KGZ", as_of: AsOf = None, facts: Facts = None) -> None:
    """Print turnover by year as each side published it, and the difference between them."""
    from birge.report.statistics import mirror_table

    parties = _pair(pair)
    print(mirror_table(book(facts).observations(parties, _day(as_of)), parties))


def book(facts: Path | None) -> Factbook:
    """Return the embedded factbook with the user's figures; raises InputError for a bad file."""
    from birge.factbook import Factbook, read_observations

    embedded = Factbook.embedded()
    return embedded.extended(read_observations(facts)) if facts else embedded


def _day(as_of: datetime | None) -> date:
    return as_of.date() if as_of else date.today()


def _pair(text: str) -> tuple[str, str]:
    from birge.errors import InputError

    codes = text.upper().split("-")
    if len(codes) != 2 or any(len(c) != 3 or not c.isalpha() for c in codes) or codes[0] == codes[1]:
        raise InputError.at("--pair", "pair", f"{text!r} is not a pair", "write two ISO codes, such as KAZ-KGZ")
    return codes[0], codes[1]
