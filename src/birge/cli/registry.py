"""`birge registry`: the registry of a side from the command line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from birge.cli.users import DEFAULT, Files, Url, opened, user_app

if TYPE_CHECKING:
    from birge.store import Desk
    from birge.store.release import Item, Receipt

__all__ = ["DEFAULT", "Files", "Url", "Who", "app", "sit_down"]

app = typer.Typer(rich_markup_mode=None, no_args_is_help=True, help="Keep a plan: two sides, confirmations, exchange.")
app.add_typer(user_app, name="user")

Who = Annotated[str, typer.Option("--user", envvar="BIRGE_USER", help="The login in whose name this is done.")]
Day = Annotated[
    datetime | None, typer.Option("--as-of", formats=["%Y-%m-%d"], help="As of this date; today if left out.")
]
SHOWN = 40


@contextmanager
def sit_down(url: str, files: Path | None, who: str, writes: bool = True) -> Iterator[Desk]:
    """Give a desk of the registry at `url` in the name of a login; raises InputError where no name is given."""
    from birge.errors import InputError

    if not who:
        raise InputError.at("--user", "user", "in whose name?", "name a login with --user or BIRGE_USER")
    with opened(url, files) as registry, (registry.desk if writes else registry.view)(who) as desk:
        yield desk


@app.command()
def init(
    pair: Annotated[str, typer.Option("--pair", help="Codes of the two sides; of the embedded plan if left out.")] = "",
    side: Annotated[
        str, typer.Option("--side", help="The side that works here; left out for a joint server of both.")
    ] = "",
    url: Url = DEFAULT,
    files: Files = None,
) -> None:
    """Make an empty registry."""
    from birge.errors import InputError
    from birge.store import Registry

    codes = tuple(pair.split("-")) if pair else tuple(p.code for p in _embedded().parties)
    if len(codes) != 2 or codes[0] == codes[1] or not all(len(c) == 3 and c.isalpha() and c.isupper() for c in codes):
        raise InputError.at("--pair", "pair", f"{pair!r} names no two sides", "write two codes, such as KAZ-KGZ")
    registry = Registry.create(url, (codes[0], codes[1]), side, files)
    registry.close()
    print(f"Registry of {'-'.join(codes)} for {side or 'both sides'} made. Next: birge registry user add LOGIN")


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
    from birge.store.plans import propose

    plan = checked(path)
    with sit_down(url, files, who) as desk:
        made = propose(desk, plan, effective.date() if effective else desk.now.date())
        print(f"{plan.title.en}: proposed as {made.id}")
        print(f"hash {plan_hash(plan)}; holds when both sides have confirmed it")


@app.command()
def confirm(
    record: Annotated[
        str, typer.Argument(metavar="RECORD", help="Id of the record; `plan` for the newest plan version.")
    ],
    sent_back: Annotated[bool, typer.Option("--send-back", help="Send it back instead.")] = False,
    note: Annotated[str, typer.Option("--note", help="A word with it.")] = "",
    lang: Annotated[str, typer.Option("--lang", help="Language of the note: en, ru, kk or ky.")] = "en",
    who: Who = "",
    url: Url = DEFAULT,
    files: Files = None,
) -> None:
    """Confirm a record for your side, or send it back; nobody confirms what they wrote. No legal force is claimed."""
    from birge.errors import InputError
    from birge.store import Missing
    from birge.store.kinds import LANGUAGES
    from birge.store.plans import confirm as say
    from birge.store.plans import stands

    if lang not in LANGUAGES:
        raise InputError.at("--lang", "language", f"{lang!r} is no language here", f"use {', '.join(LANGUAGES)}")
    language: Any = lang
    with sit_down(url, files, who) as desk:
        if record == "plan":
            found = stands(desk)
            if not found:
                raise Missing("there is no plan in this registry: import one")
            record = found[0].record
        said = say(desk, record, sent_back, {language: note} if note else None)
        print(f"{said.payload.verdict} by {desk.actor.name} for {desk.actor.side}: {said.payload.hash}")


@app.command("report")
def report_command(
    item: Annotated[str, typer.Argument(metavar="ITEM", help="Id of a milestone, measure or decision.")],
    state: Annotated[str, typer.Option("--state", help="not started, in progress, done or stopped.")],
    finished: Annotated[
        datetime | None, typer.Option("--finished", formats=["%Y-%m-%d"], help="The day it was done, with `done` only.")
    ] = None,
    on: Annotated[
        datetime | None, typer.Option("--reported", formats=["%Y-%m-%d"], help="Date of the report; today if left out.")
    ] = None,
    text: Annotated[str, typer.Option("--text", help="What was done.")] = "",
    lang: Annotated[str, typer.Option("--lang", help="Language of the text: en, ru, kk or ky.")] = "en",
    evidence: Annotated[list[Path] | None, typer.Option("--evidence", help="A file; may be repeated.")] = None,
    organisation: Annotated[
        str, typer.Option("--organisation", help="Who reports; the side as such if left out.")
    ] = "",
    draft: Annotated[bool, typer.Option("--draft", help="Keep it as a draft.")] = False,
    who: Who = "",
    url: Url = DEFAULT,
    files: Files = None,
) -> None:
    """Report how far an item is, with evidence; it is your side's own until released."""
    from birge.errors import InputError
    from birge.store.progress import attach, report
    from birge.store.records import load_payload

    with sit_down(url, files, who) as desk:
        proofs = []
        for path in evidence or ():
            try:
                with path.open("rb") as stream:
                    proofs.append(attach(desk, stream, path.name).model_dump())
            except OSError as error:
                raise InputError.at(str(path), "file-unreadable", error.strerror or "", "name a file") from error
        data: dict[str, Any] = {"item": item, "state": state, "evidence": proofs}
        data["reported"] = (on.date() if on else desk.now.date()).isoformat()
        data |= {"finished": finished.date().isoformat()} if finished else {}
        data |= {"text": {lang: text}} if text else {}
        data |= {"organisation": organisation} if organisation else {}
        said: Any = load_payload("progress", data, item)
        made = report(desk, said, draft=draft)
    print(f"{item}: {state}, {'draft' if made.draft else 'submitted'} as {made.id}")


@app.command()
def translate(
    of: Annotated[str, typer.Argument(metavar="ITEM", help="Id of an item of the plan, or of a record.")],
    text: Annotated[str, typer.Argument(metavar="TEXT", help="The text in the language.")],
    lang: Annotated[str, typer.Option("--lang", help="Its language: en, ru, kk or ky.")],
    field: Annotated[str, typer.Option("--field", help="Field of the item, such as title or note.")] = "title",
    reader: Annotated[
        str, typer.Option("--reviewed-by", help="Name of the native speaker who has read it; a draft without.")
    ] = "",
    who: Who = "",
    url: Url = DEFAULT,
    files: Files = None,
) -> None:
    """Write a translation; once a named reader has reviewed it, it stands in all papers until its source changes."""
    from birge.errors import InputError
    from birge.store.kinds import LANGUAGES
    from birge.store.records import submit
    from birge.store.texts import review
    from birge.store.texts import translate as write

    if lang not in LANGUAGES:
        raise InputError.at("--lang", "language", f"{lang!r} is no language here", f"use {', '.join(LANGUAGES)}")
    language: Any = lang
    with sit_down(url, files, who) as desk:
        made = write(desk, of, field, language, text)
        if reader:
            made = review(desk, made.id, made.version, reader)
            submit(desk, made.id, made.version)
    print(f"{of} {field} in {lang}: {f'reviewed by {reader}' if reader else 'a draft'}, {made.id}")


@app.command()
def put(
    kind: Annotated[str, typer.Argument(metavar="KIND", help="Such as barrier, event, instrument, observation.")],
    path: Annotated[Path, typer.Argument(metavar="FILE", help="JSON: a record of this kind, or a list of them.")],
    draft: Annotated[bool, typer.Option("--draft", help="Keep them as drafts.")] = False,
    who: Who = "",
    url: Url = DEFAULT,
    files: Files = None,
) -> None:
    """Write records from a file, new or as new versions: all of them, or, with every wrong field, none."""
    import json

    from birge.errors import InputError, Problem
    from birge.store import KINDS
    from birge.store.records import create, edit, listing, load_payload, submit

    try:
        data = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise InputError.at(str(path), "file-unreadable", error.strerror or "", "name a file that exists") from error
    except ValueError as error:
        raise InputError.at(str(path), "not-json", str(error), "write JSON in UTF-8") from error
    payloads, problems = [], list[Problem]()
    for n, row in enumerate(data if isinstance(data, list) else [data]):
        try:
            payloads.append(load_payload(kind, row, f"{path}[{n}]"))
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    with sit_down(url, files, who) as desk:
        for payload in payloads:
            key = KINDS[kind].key_of(payload)
            mine = [r for r in listing(desk, kind, key=key) if r.side == desk.actor.side]
            made = edit(desk, mine[0].id, mine[0].newest, payload) if mine else create(desk, kind, payload)
            if not draft:
                submit(desk, made.id, made.version)
            print(f"{kind} {key}: version {made.version}, {'draft' if draft else 'submitted'}, {made.id}")


@app.command("list")
def list_command(
    kind: Annotated[str, typer.Argument(metavar="KIND", help="Such as progress, decision, barrier, plan.")],
    who: Who = "",
    url: Url = DEFAULT,
    files: Files = None,
) -> None:
    """Print the records of a kind that you may see, with their side and level."""
    from birge.errors import InputError
    from birge.store import KINDS
    from birge.store.records import listing

    if kind not in KINDS:
        raise InputError.at("KIND", "kind", f"there is no kind {kind!r}", f"use one of {', '.join(KINDS)}")
    with sit_down(url, files, who, writes=False) as desk:
        rows = [
            (r.side, r.level, f"v{r.version}{' draft' if r.draft else ''}", r.key, r.id) for r in listing(desk, kind)
        ]
    print("\n".join("  ".join(row) for row in rows) or f"no {kind} that {who} may see")


@app.command()
def share(
    records: Annotated[list[str] | None, typer.Argument(metavar="[RECORD]...", help="Ids of records.")] = None,
    kind: Annotated[str, typer.Option("--kind", help="All submitted records of this kind instead.")] = "",
    who: Who = "",
    url: Url = DEFAULT,
    files: Files = None,
) -> None:
    """Release submitted records to the other side: they go into the next package."""
    from birge.store.records import listing, read
    from birge.store.records import share as out

    with sit_down(url, files, who) as desk:
        chosen = [read(desk, r) for r in records or ()]
        if kind:
            own = [r for r in listing(desk, kind, official=True) if r.side == desk.actor.side]
            chosen += [r for r in own if r.shared < r.submitted]
        for r in chosen:
            out(desk, r.id, r.newest)
            print(f"{r.kind} {r.key}: released to {desk.other}")
    if not chosen:
        print("nothing to release")


@app.command()
def release(
    out: Annotated[Path, typer.Argument(metavar="FILE", help="The package to write (ZIP).")],
    who: Who = "",
    url: Url = DEFAULT,
    files: Files = None,
) -> None:
    """Write all that your side has released to a package for the other side, and print its hash."""
    from birge.store.release import release as write

    with sit_down(url, files, who) as desk:
        print(f"{out}: for {desk.other}, sha256 {write(desk, out)}")


@app.command()
def receive(
    path: Annotated[Path, typer.Argument(metavar="FILE", help="A package of the other side.")],
    take: Annotated[bool, typer.Option("--apply", help="Take it in; without this it is only shown.")] = False,
    who: Who = "",
    url: Url = DEFAULT,
    files: Files = None,
) -> None:
    """Show what is new, updated, equal and contested in a package of the other side; `--apply` takes it in."""
    from birge.store.release import apply
    from birge.store.release import receive as look

    with sit_down(url, files, who, writes=take) as desk:
        changes = _changes(desk, look(desk, path))
        receipt = (apply if take else look)(desk, path)
    print(f"from {receipt.sender}, sha256 {receipt.package}")
    for state in ("new", "updated", "contested", "refused", "equal", "older"):
        items = receipt.of(state)
        print(f"{state}: {len(items)}")
        for i in items if state not in ("equal", "older") else ():
            print(f"  {_title(i)}{f' ({i.reason})' if i.reason else ''}")
            for line in changes.get(i.id, ()):
                print(f"    {line}")
            if state == "contested":
                print(f"    ours:   {_short(i.ours)}\n    theirs: {_short(i.theirs)}")
    print(f"agreed plan of the sender: {receipt.agreed or 'none'}")
    if receipt.witness == "broken":
        print("WARNING: the head of our audit chain that they hold is not in our chain: it was rewritten here")
    print("taken in" if take else "nothing was changed; --apply takes it in")


@app.command()
def status(as_of: Day = None, who: Who = "", url: Url = DEFAULT, files: Files = None) -> None:
    """Print which plan is agreed, what waits for whom, what is held, and the head of the audit chain."""
    from birge.store import KINDS
    from birge.store.agreement import standing_plan
    from birge.store.audit import head
    from birge.store.plans import stands
    from birge.store.records import listing

    with sit_down(url, files, who, writes=False) as desk:
        on = as_of.date() if as_of else desk.now.date()
        print(f"Registry of {'-'.join(desk.parties)}, {desk.side or 'joint server'}, seen by {desk.actor.name}")
        plan = standing_plan(desk.connection, on)
        if plan is not None and plan.agreed:
            print(f"agreed plan since {plan.effective}: {plan.digest}")
        else:
            print("no plan is agreed")
        for s in stands(desk):
            if not s.agreed:
                waits = [p for p in desk.parties if p not in s.confirmed]
                back = f"; sent back by {', '.join(s.sent_back)}" if s.sent_back else ""
                print(f"proposed by {s.side} from {s.effective}: {s.digest}, waits for {', '.join(waits)}{back}")
        for kind in KINDS:
            found = listing(desk, kind)
            if found:
                by_side = {p: sum(r.side == p for r in found) for p in desk.parties}
                print(f"{kind}: " + ", ".join(f"{p} {n}" for p, n in by_side.items() if n))
        last = head(desk.connection)
        print(f"head of the chain: entry {last.seq} of {last.day}, {last.hash}")


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


def _embedded() -> Any:
    from birge.plan import embedded

    return embedded()


def _title(item: Item) -> str:
    """Return what an item of a package is, in words."""
    said = item.theirs
    if item.kind == "confirmation":
        return f"{said['verdict']} by {said['by']} on {said['on']}: record {said['record']}"
    if item.kind == "plan":
        return f"plan from {said['effective']}: {item.key.split(':')[0]}"
    return f"{item.kind} {item.key}"


def _changes(desk: Desk, receipt: Receipt) -> dict[str, list[str]]:
    """Return, for each plan version of a package, what it changes in the plan that holds here."""
    from birge.plan.compare import compare
    from birge.store.agreement import standing_plan
    from birge.store.kinds import PlanVersion

    held = standing_plan(desk.connection, desk.now.date())
    found = {}
    for i in receipt.items:
        if i.kind == "plan" and i.state in ("new", "updated", "contested") and held is not None:
            lines = [str(c) for c in compare(held.plan, PlanVersion.model_validate(i.theirs).read())]
            found[i.id] = [*lines[:SHOWN], *([f"and {len(lines) - SHOWN} more"] if len(lines) > SHOWN else [])]
    return found


def _short(value: dict[str, Any] | None) -> str:
    """Return content on one line, shortened."""
    if value is None:
        return "not here"
    shown = {k: v for k, v in value.items() if k != "plan"}
    text = ", ".join(f"{k} {v}" for k, v in shown.items())
    return text if len(text) <= 200 else f"{text[:199]}…"
