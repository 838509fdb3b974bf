"""`birge plan`: check and show a plan, what is due, what changed; the table out and in; a new plan."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from birge.plan import Plan

__all__ = ["app", "checked"]

app = typer.Typer(rich_markup_mode=None, no_args_is_help=True, help="Check and show a plan; what is due.")

File = Annotated[Path | None, typer.Argument(metavar="[PLAN]", help="Plan file (YAML); the embedded plan if left out.")]
Language = Annotated[str, typer.Option("--lang", help="Language of titles: en, ru, kk or ky.")]
AsOf = Annotated[
    datetime | None,
    typer.Option("--as-of", formats=["%Y-%m-%d"], help="Use only what was known on this date; today if left out."),
]


@app.command("check")
def check_command(path: File = None) -> None:
    """Report every problem of a plan, each with file, line, code and remedy."""
    from birge.report.words import plural

    plan = checked(path)
    remarks = sum(not m.responsible and not m.co_responsible for m in plan.measures)
    print(
        f"{plan.title.en}: no problems; {plural(len(plan.measures), 'measure')}, {remarks} without a named organisation"
    )


@app.command()
def show(path: File = None, lang: Language = "en", as_of: AsOf = None) -> None:
    """Print the plan by pillar, with its targets and the last word on each milestone."""
    from birge.report.overview import overview

    print(overview(checked(path), _day(as_of), _language(lang)))


@app.command("due")
def due_command(
    path: File = None,
    lang: Language = "en",
    as_of: AsOf = None,
    organisation: Annotated[
        str | None, typer.Option("--organisation", metavar="ID", help="Only items of this organisation.")
    ] = None,
    pillar: Annotated[str | None, typer.Option("--pillar", metavar="ID", help="Only items of this pillar.")] = None,
    side: Annotated[
        str | None, typer.Option("--side", metavar="CODE", help="Only items of this party, such as KAZ.")
    ] = None,
) -> None:
    """Print the next five items, those past their date, and those on which there is no word."""
    from birge.plan.due import Only
    from birge.report.overview import due_list

    only = Only(organisation, pillar, side.upper() if side else None)
    print(due_list(checked(path), _day(as_of), _language(lang), only))


@app.command("compare")
def compare_command(
    before: Annotated[Path, typer.Argument(metavar="BEFORE", help="The earlier plan file.")],
    after: Annotated[Path, typer.Argument(metavar="AFTER", help="The later plan file.")],
    lang: Language = "en",
) -> None:
    """Print what changed from one version of a plan to another; records are matched by their ids."""
    from birge.report.overview import change_list

    print(change_list(checked(before), checked(after), _language(lang)))


@app.command("new")
def new_command(
    out: Annotated[Path, typer.Option("--out", help="File to write (YAML); it must not exist yet.")],
    parties: Annotated[
        tuple[str, str], typer.Option("--parties", metavar="CODE CODE", help="The two parties as ISO alpha-3 codes.")
    ],
    years: Annotated[str, typer.Option("--years", help="First and last year, such as 2026-2030.")],
) -> None:
    """Write a commented plan file for two countries, ready to be filled in."""
    from birge.errors import InputError
    from birge.plan.template import template

    first, _, last = years.partition("-")
    if not (first.isdecimal() and last.isdecimal() and years.isascii()):
        raise InputError.at("--years", "years", f"{years!r}", "write first and last year, such as 2026-2030")
    _save(out, template(parties, (int(first), int(last))))
    print(f"{out} written; check it with: birge plan check {out}")


@app.command("schema")
def schema_command() -> None:
    """Print the JSON Schema of the plan file."""
    from birge.plan.schema_page import json_schema

    print(json_schema(), end="")


@app.command("export")
def export_command(
    out: Annotated[
        Path, typer.Option("--out", help="File to write; its ending is .docx or .xlsx; it must not exist yet.")
    ],
    path: File = None,
    form: Annotated[
        str | None, typer.Option("--format", help="docx (Word) or xlsx (Excel); by the ending of --out if left out.")
    ] = None,
    lang: Language = "en",
) -> None:
    """Write the plan as the ministries' own table, to be read, edited and imported again without loss."""
    from birge.errors import InputError
    from birge.plan.table import FORMATS, export_table

    if form is not None and form not in FORMATS:
        raise InputError.at("--format", "format", f"{form!r} is no format", f"use {' or '.join(FORMATS)}")
    if form is not None and out.suffix.lower() != f".{form}":
        raise InputError.at("--out", "format", f"{out.name} does not end in .{form}", f"name it {out.stem}.{form}")
    if out.exists():
        # Somebody may have edited it since it was written.
        raise InputError.at(str(out), "file-exists", "there is a file already", "name another file")
    plan = checked(path)
    export_table(plan, out, _language(lang))
    print(f"{out} written: {plan.title.get(lang)}, {len(plan.measures)} measures")


@app.command("import")
def import_command(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The edited table (DOCX or XLSX).")],
    out: Annotated[Path, typer.Option("--out", help="Plan file to write (YAML); it must not exist yet.")],
    onto: Annotated[
        Path | None,
        typer.Option(
            "--onto", metavar="PLAN", help="Plan that the table changes: tables the file lacks are taken from it."
        ),
    ] = None,
    lang: Language = "en",
) -> None:
    """Read an edited table into a new plan file; every problem is reported by sheet and cell, or by table and row.

    With --onto it also says what changed.
    """
    from birge.plan.reading import TABLES
    from birge.plan.reading import checked as read
    from birge.plan.table import import_table
    from birge.plan.write import as_yaml
    from birge.report.overview import change_list

    language = _language(lang)
    base = checked(onto) if onto is not None else None
    plan = read(file, base) if file.suffix.lower() in TABLES else import_table(file, base)[0]
    _save(out, as_yaml(plan))
    print(f"{out} written: {plan.title.get(language)}, {len(plan.measures)} measures")
    if base is not None:
        print(change_list(base, plan, language))


def _day(as_of: datetime | None) -> date:
    return as_of.date() if as_of else date.today()


def _language(lang: str) -> str:
    from birge.errors import InputError

    if lang not in ("en", "ru", "kk", "ky"):
        raise InputError.at("--lang", "language", f"{lang!r} is not a language of the plan", "use en, ru, kk or ky")
    return lang


def checked(path: Path | None) -> Plan:
    """Load and check a plan, from a plan file or from its table (DOCX, XLSX); raises InputError with every problem."""
    from birge.plan.load import embedded_path
    from birge.plan.reading import checked as read

    return read(path or embedded_path())


def _save(path: Path, text: str) -> None:
    """Write a new file; raises InputError where there is one already or none can be made."""
    from birge.errors import InputError

    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError as error:
        raise InputError.at(str(path), "file-exists", "there is a file already", "name another file") from error
    except OSError as error:
        remedy = "name a file in a folder that exists"
        raise InputError.at(str(path), "file-unwritable", error.strerror or str(error), remedy) from error
