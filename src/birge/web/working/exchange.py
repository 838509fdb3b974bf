"""Exchange: release records to the other side, hold the package, look at what came, take it in; make public.

`/exchange` shows what is out and what can go; share, publish and release are one service call each. A package that came
is kept under its hash, shown (`receive`), and taken in only by a second form (`apply`).
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response

from birge.errors import InputError, Problem
from birge.store.access import Thing
from birge.store.agreement import standing_plan
from birge.store.desk import Desk
from birge.store.errors import Broken, Denied, Missing
from birge.store.evidence import CAP
from birge.store.kinds import KINDS
from birge.store.records import Record, listing, publish, share, thing
from birge.store.release import Item, Receipt, apply, receive, release
from birge.texts import Translator
from birge.web.blocks import Cell, Table
from birge.web.files import attached
from birge.web.forms import Field, Form, Sent, door
from birge.web.working.content import kind_name, lines_of, name_of
from birge.web.working.visit import Visit, acted, visited

__all__ = ["router"]

router = APIRouter(include_in_schema=False)
MOST = 200


def _own(desk: Desk) -> list[Record]:
    """Return the own side's submitted records of kinds that may leave it."""
    found = [r for kind, k in KINDS.items() if not k.private for r in listing(desk, kind, official=True)]
    return [r for r in found if r.side == desk.actor.side]


@router.get("/{lang}/exchange")
def exchange_page(request: Request, lang: str) -> Response:
    """Show what is out, what can be released or made public, and the forms for packages."""
    return _exchange(visited(request, lang))


def _exchange(visit: Visit) -> Response:
    t = visit.t
    with visit.desk() as desk:
        _may_exchange(desk)
        own = _own(desk)
        stand = standing_plan(desk.connection, desk.now.date())
        ready = [r for r in own if r.shared < r.submitted and desk.may("share", thing(desk, r))]
        open_to_all = [r for r in own if r.published < r.shared and desk.may("publish", thing(desk, r))]
        forms = [*_choose(desk, t, ready, open_to_all), *_package_forms(desk, t)]
        out = tuple(
            (
                Cell(kind_name(t, r.kind)),
                Cell(name_of(r, t, desk), f"/{t.lang}/record/{r.id}"),
                Cell(str(r.shared), kind="n"),
                Cell(t("public") if r.published else t("both sides")),
            )
            for r in own
            if r.shared
        )
        lead: tuple[str, ...] = (t("No draft, comment or answer of an organisation ever leaves our side."),)
        if stand and stand.agreed:
            lead += (t("Agreed plan, the same hash on both sides: {hash}", hash=stand.digest),)
    table = Table(
        "out",
        t("What the package for {side} holds", side=t.country(_other(visit))),
        (t("Kind"), t("What"), t("Version"), t("Level")),
        out,
        empty=t("nothing is released"),
    )
    return visit.show(t("Exchange"), forms, lead, (table,))


def _other(visit: Visit) -> str:
    first, second = visit.house.registry.setting("parties").split("-")
    return second if visit.side == first else first


def _may_exchange(desk: Desk) -> None:
    if not any(desk.may(action, Thing("plan", desk.actor.side)) for action in ("share", "receive", "publish")):
        raise Denied("may not exchange packages")


def _choose(desk: Desk, t: Translator, ready: list[Record], to_all: list[Record]) -> list[Form]:
    def boxes(found: list[Record]) -> tuple[tuple[str, str], ...]:
        return tuple((f"{r.id} {r.newest}", f"{kind_name(t, r.kind)}: {name_of(r, t, desk)}") for r in found[:MOST])

    def links(found: list[Record]) -> dict[str, str]:
        return {f"{r.id} {r.newest}": f"/{t.lang}/record/{r.id}" for r in found[:MOST]}

    forms = []
    if ready:
        field = Field("records", t("Submitted, not released yet"), "many", "", boxes(ready), links=links(ready))
        line = t("What is released stays with the other side; it can only be followed by a newer version.")
        button = (("", t("Release the chosen records")),)
        forms.append(Form(f"/{t.lang}/exchange/share", (field,), button, t("Release to the other side"), (line,)))
    if to_all:
        field = Field("records", t("Released, not public yet"), "many", "", boxes(to_all), links=links(to_all))
        line = t("A run or a scenario becomes public only when the other side has confirmed it.")
        button = (("", t("Make the chosen records public")),)
        forms.append(Form(f"/{t.lang}/exchange/publish", (field,), button, t("Make public"), (line,)))
    return forms


def _package_forms(desk: Desk, t: Translator) -> list[Form]:
    plan = Thing("plan", desk.actor.side)
    forms = []
    if desk.may("share", plan):
        line = t("A package holds exactly the table below.")
        forms.append(
            Form(f"/{t.lang}/exchange/release", (), (("", t("Write the package")),), t("Package out"), (line,))
        )
    if desk.side and desk.may("receive", plan):
        field = Field("package", t("Package of the other side (ZIP, up to 25 MB)"), "file", needed=True)
        line = t("First it is only shown: new, updated, equal, contested, refused. Nothing changes.")
        button = (("", t("Look at it")),)
        forms.append(Form(f"/{t.lang}/exchange/packages", (field,), button, t("Package in"), (line,), files=True))
    return forms


def _marked(mark: Callable[[Desk, str, int], Record]) -> Callable[..., Response]:
    """Return the handler of a form that marks chosen records: all of them, or none."""

    def handler(request: Request, sent: Sent, lang: str) -> Response:

        def do(desk: Desk) -> str:
            _may_exchange(desk)
            chosen = sent.many("records")
            if not chosen:
                raise InputError.at("records", "nothing", "no record is chosen", "choose at least one")
            for word in chosen:
                ident, _, seen = word.partition(" ")
                if not (seen.isascii() and seen.isdigit() and len(seen) < 10):
                    raise Missing("there is no such record", id=ident[:64])
                mark(desk, ident, int(seen))
            return f"/{lang}/exchange"

        return acted(request, lang, sent, do, _exchange)

    return handler


_share, _publish = _marked(share), _marked(publish)


def _release(request: Request, sent: Sent, lang: str) -> Response:
    def do(desk: Desk) -> str:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "release.zip"
            release(desk, path)
            content = path.read_bytes()
        desk.files.write(hashlib.sha256(content).hexdigest(), content)
        return f"/{lang}/exchange/out/{hashlib.sha256(content).hexdigest()}"

    return acted(request, lang, sent, do, _exchange)


@router.get("/{lang}/exchange/out/{name}")
def out_page(request: Request, lang: str, name: str) -> Response:
    """Show a package that was written, with its hash."""
    visit = visited(request, lang)
    t = visit.t
    with visit.desk() as desk:
        desk.require("share", Thing("plan", desk.actor.side))
        with _held(desk, name) as path:
            from birge.store.package import read_package

            package = read_package(path, "release")
            if package.facts.get("from") != desk.actor.side:
                raise HTTPException(404)
    lead = (
        t("Hash of the package (SHA-256): {hash}", hash=package.hash),
        t("Send the file by your own way, and the hash by another: the other side compares them."),
    )
    cells = ((Cell(f"birge-release-{visit.side.lower()}.zip", f"/{lang}/exchange/out/{name}/package.zip"),),)
    table = Table("package", t("Downloads"), (t("What"),), cells)
    return visit.show(t("Package out"), [], lead, (table,))


@router.get("/{lang}/exchange/out/{name}/package.zip")
def out_file(request: Request, lang: str, name: str) -> Response:
    """Give a package that was written."""
    visit = visited(request, lang)
    with visit.desk() as desk:
        desk.require("share", Thing("plan", desk.actor.side))
        with _held(desk, name) as path:
            from birge.store.package import read_package

            if read_package(path, "release").facts.get("from") != desk.actor.side:
                raise HTTPException(404)
            content = path.read_bytes()
    return attached(content, f"birge-release-{visit.side.lower()}.zip", "application/zip")


@contextmanager
def _held(desk: Desk, name: str) -> Iterator[Path]:
    """Give a kept package; what goes wrong with it is told without this machine's paths."""
    desk.files.read(name)
    path = desk.files.path(name)
    try:
        yield path
    except Broken as error:
        raise Broken(str(error).replace(str(path), "package")) from error
    except InputError as error:
        found = [Problem(p.where.replace(str(path), "package"), p.code, p.message, p.remedy) for p in error.problems]
        raise InputError(found) from error


def _take_up(request: Request, sent: Sent, lang: str) -> Response:
    def do(desk: Desk) -> str:
        desk.require("receive", Thing("plan", desk.actor.side))
        files = sent.files("package")
        if not files:
            raise InputError.at("package", "no-file", "no package is given", "choose the file that came")
        content = files[0].file.read(CAP + 1)
        if len(content) > CAP:
            raise InputError.at("package", "file-size", f"larger than {CAP:,} bytes", "use birge registry receive")
        if not content.startswith(b"PK\x03\x04"):
            raise InputError.at("package", "file-kind", "is no package (ZIP)", "choose the file that came")
        with tempfile.TemporaryDirectory() as folder:
            # nothing is kept of what is no release
            path = Path(folder) / "package"
            path.write_bytes(content)
            try:
                receive(desk, path)
            except Broken as error:
                raise Broken(str(error).replace(str(path), "package")) from error
            except InputError as error:
                where = [
                    Problem(p.where.replace(str(path), "package"), p.code, p.message, p.remedy) for p in error.problems
                ]
                raise InputError(where) from error
        desk.files.write(hashlib.sha256(content).hexdigest(), content)
        return f"/{lang}/exchange/in/{hashlib.sha256(content).hexdigest()}"

    return acted(request, lang, sent, do, _exchange)


@router.get("/{lang}/exchange/in/{name}")
def in_page(request: Request, lang: str, name: str) -> Response:
    """Show what a package of the other side would change; nothing is changed."""
    return _in(visited(request, lang), name)


def _in(visit: Visit, name: str) -> Response:
    t = visit.t
    with visit.desk() as desk:
        desk.require("receive", Thing("plan", desk.actor.side))
        with _held(desk, name) as path:
            receipt = receive(desk, path)
    words = {
        "new": t("new"),
        "updated": t("updated"),
        "contested": t("contested"),
        "refused": t("refused"),
        "equal": t("equal"),
        "older": t("older"),
    }
    lead = (
        t("From {side}. Hash of the package (SHA-256): {hash}", side=t.country(receipt.sender), hash=receipt.package),
        "; ".join(f"{label}: {len(receipt.of(state))}" for state, label in words.items()),  # type: ignore[arg-type]
        t("Agreed plan of the sender: {hash}", hash=receipt.agreed or t("none")),
        *(
            (t("Warning: the head of our chain that they hold is not in our chain."),)
            if receipt.witness == "broken"
            else ()
        ),
    )
    takes = not receipt.of("refused") and any(i.state in ("new", "updated", "contested") for i in receipt.items)
    line = t("Our own records are never changed by a package.")
    button = (("", t("Take it in")),)
    forms = [Form(f"/{t.lang}/exchange/in/{name}", (), button, t("Take it in"), (line,))] if takes else []
    table = _receipt(t, receipt, words)
    return visit.show(t("Package in"), forms, lead, (table,))


def _receipt(t: Translator, receipt: Receipt, words: dict[str, str]) -> Table:
    order = list(words)
    items: list[Item] = sorted(receipt.items, key=lambda i: (order.index(i.state), i.kind, i.key))
    rows = tuple(
        (
            Cell(words[i.state] + (f" ({i.reason})" if i.reason else ""), kind="state"),
            Cell(f"{kind_name(t, i.kind)} {i.key}"[:160]),
            Cell(lines_of(i.theirs)),
            Cell(lines_of(i.ours) if i.ours else ""),
        )
        for i in items[:1000]
    )
    return Table("receipt", t("What it holds"), (t("State"), t("What"), t("Theirs"), t("Ours")), rows)


def _apply(request: Request, sent: Sent, lang: str, name: str) -> Response:
    def do(desk: Desk) -> str:
        desk.require("receive", Thing("plan", desk.actor.side))
        with _held(desk, name) as path:
            apply(desk, path)
        return f"/{lang}/exchange/in/{name}"

    return acted(request, lang, sent, do, lambda visit: _in(visit, name))


for path, handler in (
    ("/{lang}/exchange/share", _share),
    ("/{lang}/exchange/publish", _publish),
    ("/{lang}/exchange/release", _release),
    ("/{lang}/exchange/packages", _take_up),
    ("/{lang}/exchange/in/{name}", _apply),
):
    router.add_route(path, door(handler), methods=["POST"])
