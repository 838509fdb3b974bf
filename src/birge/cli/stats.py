"""`birge stats`: what was published about trade, the two sides beside each other, and figures of your own."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from birge.cli.out import write_out

if TYPE_CHECKING:
    from birge.factbook import Factbook, Observation

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
AsJson = Annotated[bool, typer.Option("--json", help="Print a JSON document.")]
SUFFIXES = (".svg", ".png", ".html", ".csv")


@app.command()
def show(
    pair: Pair = "KAZ-KGZ",
    as_of: AsOf = None,
    facts: Facts = None,
    year: Annotated[int | None, typer.Option("--year", help="Only this year.")] = None,
    flow: Annotated[str | None, typer.Option("--flow", help="Only KAZ-KGZ, KGZ-KAZ or turnover.")] = None,
    reporter: Annotated[
        str | None, typer.Option("--reporter", help="Only what this side, or data set, counts.")
    ] = None,
    as_json: AsJson = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print the long CSV that --facts reads.")] = False,
) -> None:
    """Print every observation with period, flow, reporter, value, verification, publication and source."""
    from birge.factbook.read import write_observations
    from birge.report.statistics import line, observation_document

    found = [
        o
        for o in book(facts).observations(_pair(pair), _day(as_of))
        if year in (None, o.year)
        and (flow is None or o.flow.lower() == flow.lower())
        and (reporter is None or (o.reporter or "").lower() == reporter.lower())
    ]
    if as_csv:
        sys.stdout.write(write_observations(found))
    elif as_json:
        _print_json([observation_document(o) for o in found])
    elif found:
        print("\n".join(line(o) for o in found))
    else:
        print("no observation fits; leave out --year, --flow or --reporter, or add your own with --facts")


@app.command("mirror")
def mirror_command(
    pair: Pair = "KAZ-KGZ",
    as_of: AsOf = None,
    facts: Facts = None,
    as_json: AsJson = False,
    out: Annotated[
        Path | None, typer.Option("--out", help="Write the chart (.svg, .png), a page (.html) or the table (.csv).")
    ] = None,
) -> None:
    """Print turnover by year as each side published it, and the difference between them; with a chart by --out."""
    from birge.report.statistics import mirror_document, mirror_table

    parties, day = _pair(pair), _day(as_of)
    known = book(facts).observations(parties, day)
    if out is not None:
        write_out(out, _drawn(out, known, parties, day))
    if as_json:
        _print_json(mirror_document(known, parties, day))
    else:
        print(mirror_table(known, parties))
        if out is not None:
            print(f"written: {out}")


@app.command()
def add(
    file: Annotated[Path, typer.Argument(help="Long CSV or XLSX, SDMX-CSV, UN Comtrade JSON or CSV, BACI CSV or ZIP.")],
    pair: Pair = "KAZ-KGZ",
    form: Annotated[str, typer.Option("--format", help="One of auto, long, sdmx-csv, comtrade, baci.")] = "auto",
    published: Annotated[
        datetime | None,
        typer.Option(
            "--published",
            formats=["%Y-%m-%d"],
            help="Date of the release, for formats that do not hold it; today, marked as assumed, if left out.",
        ),
    ] = None,
    mapping: Annotated[
        list[str] | None,
        typer.Option("--map", help="SDMX-CSV: exports=CODE, imports=CODE, indicator=COLUMN, UNIT_MULT=6; repeat it."),
    ] = None,
    facts: Facts = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Write the figures, with those of --facts, as a CSV for --facts.")
    ] = None,
) -> None:
    """Check figures of your own, say what they add and change, and write them in the form that --facts reads.

    Nothing is written if anything is wrong. Figures that differ by more than 10 % from known ones are named first.
    """
    from birge.factbook.read import read_observations, write_observations
    from birge.factbook.sources import read_source
    from birge.report.statistics import additions_text

    parties = _pair(pair)
    if out is not None:
        _spare(out, facts)
    loaded = read_source(file, parties, form, published.date() if published else None, mapping or [], date.today())
    before = read_observations(facts) if facts else ()
    known = book(facts).observations(parties)
    print(additions_text(known, loaded.observations, parties, loaded.left_out))
    if out is not None:
        merged = {o.id: o for o in (*before, *loaded.observations)}
        write_out(out, write_observations(merged.values()).encode())
        print(f"written: {out}; use it with --facts {out}")


def book(facts: Path | None) -> Factbook:
    """Return the embedded factbook with the user's figures; raises InputError for a bad file."""
    from birge.factbook import Factbook, read_observations

    embedded = Factbook.embedded()
    return embedded.extended(read_observations(facts)) if facts else embedded


def _drawn(out: Path, known: Sequence[Observation], pair: tuple[str, str], day: date) -> bytes:
    """Return the file that the name of `out` asks for; raises InputError for an unknown or empty one."""
    from birge.charts import svg
    from birge.charts.mirror import png
    from birge.errors import InputError
    from birge.report.statistics import mirror_csv, mirror_page, mirror_spec

    suffix = out.suffix.lower()
    if suffix not in SUFFIXES:
        raise InputError.at(
            "--out", "format-unknown", f"{out.name} is none of {', '.join(SUFFIXES)}", "name one of them"
        )
    if suffix == ".csv":
        return mirror_csv(known, pair).encode()
    if suffix == ".html":
        return mirror_page(known, pair, day).encode()
    spec = mirror_spec(known, pair, day)
    if spec is None:
        message = f"no full-year figures for {pair[0]}-{pair[1]}"
        raise InputError.at("--out", "nothing-to-draw", message, "add your own with --facts")
    return png(spec) if suffix == ".png" else svg(spec).encode()


def _spare(out: Path, facts: Path | None) -> None:
    """Raise InputError if `out` would write over a file that is not the --facts it extends."""
    from birge.errors import InputError

    if out.exists() and not (facts and facts.exists() and out.samefile(facts) and out.suffix.lower() == ".csv"):
        raise InputError.at("--out", "file-exists", f"{out} exists", "name a new file, or the CSV given by --facts")


def _print_json(document: object) -> None:
    import json

    print(json.dumps(document, indent=2, ensure_ascii=False))


def _day(as_of: datetime | None) -> date:
    return as_of.date() if as_of else date.today()


def _pair(text: str) -> tuple[str, str]:
    from birge.errors import InputError

    codes = text.upper().split("-")
    if len(codes) != 2 or any(len(c) != 3 or not c.isalpha() for c in codes) or codes[0] == codes[1]:
        raise InputError.at("--pair", "pair", f"{text!r} is not a pair", "write two ISO codes, such as KAZ-KGZ")
    return codes[0], codes[1]
