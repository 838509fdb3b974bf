"""`birge registry`: the registry of a side from the command line.

The commands on what it holds stand in `entering`, those between two sides in `exchange`, accounts in `users`.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from birge.cli.desks import Day, Who, sit_down
from birge.cli.entering import confirm, list_command, put, report_command, share, translate
from birge.cli.exchange import receive, release, status
from birge.cli.users import DEFAULT, Files, Url, opened, user_app

__all__ = ["DEFAULT", "Files", "Url", "Who", "app", "sit_down"]

app = typer.Typer(rich_markup_mode=None, no_args_is_help=True, help="Keep a plan: two sides, confirmations, exchange.")
app.add_typer(user_app, name="user")


@app.command()
def init(
    pair: Annotated[
        str, typer.Option("--pair", help="Codes of the two sides; of the plan, or the embedded one, if left out.")
    ] = "",
    side: Annotated[
        str, typer.Option("--side", help="The side that works here; left out for a joint server of both.")
    ] = "",
    plan_file: Annotated[
        Path | None, typer.Option("--plan", metavar="FILE", help="The plan to be kept: its sides are the registry's.")
    ] = None,
    url: Url = DEFAULT,
    files: Files = None,
) -> None:
    """Make an empty registry, and say what was made and what comes next."""
    from birge.errors import InputError
    from birge.plan import embedded
    from birge.plan.reading import checked
    from birge.store import Registry
    from birge.store.engine import newest

    plan = checked(plan_file) if plan_file else embedded()
    own = tuple(p.code for p in plan.parties)
    codes = tuple(pair.split("-")) if pair else own
    if len(codes) != 2 or codes[0] == codes[1] or not all(len(c) == 3 and c.isalpha() and c.isupper() for c in codes):
        raise InputError.at("--pair", "pair", f"{pair!r} names no two sides", "write two codes, such as KAZ-KGZ")
    if plan_file and set(codes) != set(own):
        raise InputError.at("--pair", "pair", f"the plan is of {'-'.join(own)}", "leave --pair out, or name its sides")
    registry = Registry.create(url, (codes[0], codes[1]), side, files)
    registry.close()
    print(
        f"Registry of {'-'.join(codes)} for {side or 'both sides'} made, at revision {newest()}, with no user, no plan."
    )
    print(f"Evidence is kept in {registry.files.root}; the key of its secrets is in {registry.seal.where}.")
    print("Next: birge registry user add LOGIN")
    if plan_file:
        print(f"then: birge registry import {plan_file} --user LOGIN  (it holds when both sides have confirmed it)")


@app.command()
def upgrade(url: Url = DEFAULT, files: Files = None) -> None:
    """Bring the tables of a registry to this release; take a backup first."""
    from birge.errors import InputError
    from birge.store.engine import compact, connect, migrate, newest, revision
    from birge.store.registry import evidence_folder
    from birge.store.sealing import Seal, key_path

    engine = connect(url)
    try:
        before = revision(engine)
        if before is None:
            raise InputError.at("--url", "no-registry", "there is no registry", "run birge registry init")
        seal = Seal(key_path(files or evidence_folder(url)))
        migrate(engine, seal=seal)
        if before != newest():
            seal.create()
            compact(engine)
        print(f"from {before} to {newest()}" if before != newest() else f"is at {before} already")
    finally:
        engine.dispose()


@app.command()
def key(
    new: Annotated[
        bool, typer.Option("--new", help="Make a new key, seal all secrets with it and drop the old one.")
    ] = False,
    url: Url = DEFAULT,
    files: Files = None,
) -> None:
    """Say where the key stands that opens the secrets of one-time passwords, and whether it opens all of them."""
    from birge.store import OPERATOR, accounts

    with opened(url, files) as registry:
        if new:
            registry.seal.renew()
            with registry.desk(OPERATOR) as desk:
                lost = accounts.reseal(desk)
            registry.seal.drop_old()
            print(f"a new key is in {registry.seal.where}; keep a copy of it apart from the backups")
            print(
                "\n".join(f"{login}: the secret was lost with an older key; give a new second factor" for login in lost)
            )
            return
        with registry.view(OPERATOR) as desk:
            lost = accounts.unreadable(desk)
        found = f"the key is in {registry.seal.where}" if registry.seal.present else f"no key at {registry.seal.path}"
    print(f"{found}; {'opens every secret' if not lost else 'does not open the secrets of ' + ', '.join(lost)}")


@app.command("import")
def import_command(
    path: Annotated[
        Path, typer.Argument(metavar="FILE", help="A plan (YAML, or its table as DOCX or XLSX), or an export (ZIP).")
    ],
    who: Who = "",
    effective: Annotated[
        datetime | None,
        typer.Option("--effective", formats=["%Y-%m-%d"], help="From when on the plan is to hold; today if left out."),
    ] = None,
    url: Url = DEFAULT,
    files: Files = None,
) -> None:
    """Propose a plan file to both sides, or bring an export back at an empty database."""
    if path.suffix == ".zip":
        from birge.store.transfer import import_package

        import_package(url, path, files).close()
        print("imported; the chain verifies")
        return
    from birge.cli.plan import checked
    from birge.plan import plan_hash
    from birge.plan.compare import compare
    from birge.store.plans import propose, stands

    plan = checked(path)
    with sit_down(url, files, who) as desk:
        later = next((s for s in stands(desk) if s.agreed and s.effective > desk.now.date()), None)
        made = propose(desk, plan, effective.date() if effective else desk.now.date())
        print(f"{plan.title.en}: proposed as {made.id}")
        print(f"hash {plan_hash(plan)}; holds when both sides have confirmed it")
        if later is not None:
            lines = [f"  {c}" for c in compare(later.plan, plan)]
            print(f"a version from {later.effective} is agreed already; against it this changes:", *lines, sep="\n")


app.command()(confirm)
app.command("report")(report_command)
app.command()(translate)
app.command()(put)
app.command("list")(list_command)
app.command()(share)
app.command()(release)
app.command()(receive)
app.command()(status)


@app.command()
def plan(
    out: Annotated[
        Path | None,
        typer.Option("--out", help="Write it: a plan file that birge assess reads, or the table (.docx or .xlsx)."),
    ] = None,
    as_of: Day = None,
    lang: Annotated[str, typer.Option("--lang", help="Language of the table: en, ru, kk or ky.")] = "en",
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace a table that is there.")] = False,
    who: Who = "",
    url: Url = DEFAULT,
    files: Files = None,
) -> None:
    """Print or write the effective plan of a date: the plan that holds and what was reported until then.

    As a table it is the ministries' own, with the same rows in the same order, filled in with what was reported.
    """
    import json

    from birge.errors import InputError
    from birge.factbook import Factbook
    from birge.pages.registered import held as held_at
    from birge.store.kinds import LANGUAGES

    if lang not in LANGUAGES:
        raise InputError.at("--lang", "language", f"{lang!r} is no language here", f"use {', '.join(LANGUAGES)}")
    with sit_down(url, files, who, writes=False) as desk:
        held = held_at(desk, as_of.date() if as_of else desk.now.date(), Factbook.embedded()).plan
    if out is not None and out.suffix.lower() in (".docx", ".xlsx"):
        from birge.plan.table import export_table

        if out.exists() and not overwrite:
            # Somebody may have edited it since it was written.
            raise InputError.at(str(out), "file-exists", "there is a file already", "name another, or say --overwrite")
        export_table(held, out, lang)
        print(f"{out} written: {held.title.get(lang)}, {len(held.measures)} measures")
        return
    text = json.dumps(held.canonical(), ensure_ascii=False, indent=1)
    if out is None:
        print(text)
    else:
        out.write_text(f"{text}\n", "utf-8")
        print(f"{out}: {held.title.en}")


@app.command()
def export(
    out: Annotated[Path, typer.Argument(metavar="FILE", help="The package to write (ZIP).")],
    who: Who = "",
    url: Url = DEFAULT,
    files: Files = None,
) -> None:
    """Write your side's whole registry to a Data Package: drafts too, but no secrets. Not for the other side."""
    from birge.store.transfer import export as write

    with opened(url, files) as registry:
        print(f"{out}: sha256 {write(registry, who, out)}")


@app.command()
def verify(
    against: Annotated[
        Path | None, typer.Option("--against", help="A package we once released: is its head still in our chain?")
    ] = None,
    days: Annotated[
        bool, typer.Option("--heads", help="Print the head of every day, for the other side to keep.")
    ] = False,
    url: Url = DEFAULT,
    files: Files = None,
) -> None:
    """Walk the audit chain and compare every row and file with it; what was changed is named (exit code 4)."""
    from birge.store import Broken
    from birge.store.audit import Finding, head, heads, holds
    from birge.store.audit import verify as walk
    from birge.store.engine import reading
    from birge.store.package import read_package

    with opened(url, files) as registry, reading(registry.engine) as connection:
        found = walk(connection, registry.files)
        if against is not None:
            seq, stated = read_package(against, "release").head
            if not holds(connection, seq, stated):
                found.append(Finding(f"audit {seq}", f"is not the head that {against} states"))
        last = head(connection) if not found else None
        for h in heads(connection) if days and last else ():
            print(f"{h.day}  entry {h.seq}  {h.hash}")
    if last is None:
        raise Broken("\n".join(f"{f}" for f in found))
    print(f"{last.seq + 1} entries, all as written; head of {last.day}: {last.hash}")


@app.command()
def backup(
    out: Annotated[Path, typer.Argument(metavar="FILE", help="The backup to write (ZIP).")],
    portable: Annotated[bool, typer.Option("--portable", help="Row by row, for either engine.")] = False,
    url: Url = DEFAULT,
    files: Files = None,
) -> None:
    """Write a backup with evidence and accounts while the registry is in use. Guard it like the database."""
    from birge.store.transfer import backup as write

    with opened(url, files) as registry:
        made, method = write(registry, out, portable)
    print(f"{out}: made by {method}, sha256 {made}")


@app.command()
def restore(
    path: Annotated[Path, typer.Argument(metavar="FILE", help="A backup.")], url: Url = DEFAULT, files: Files = None
) -> None:
    """Bring a backup back at an empty database; its chain is verified before it is used."""
    from birge.store import OPERATOR, accounts
    from birge.store.transfer import restore as back

    registry = back(url, path, files)
    with registry.view(OPERATOR) as desk:
        lost = accounts.unreadable(desk)
    registry.close()
    print("restored; the chain verifies")
    if lost:
        print(f"put the key back to {registry.seal.path}: without it the one-time passwords of {', '.join(lost)} fail")
