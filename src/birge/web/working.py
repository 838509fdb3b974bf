"""Working pages: sign in, my tasks, report, propose, confirm, run. Each form calls one service of the registry."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import date

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, ValidationError

from birge.errors import InputError, Problem
from birge.jobs import Asked
from birge.plan.due import Due, Only, Row, due
from birge.plan.scenario import load_scenario, scenario_names
from birge.plan.schema import Plan, State
from birge.store import accounts
from birge.store.access import ROLES, Thing
from birge.store.desk import Desk
from birge.store.errors import Denied, Missing
from birge.store.kinds import Progress
from birge.store.plans import confirm, effective, propose, stands
from birge.store.progress import attach, report
from birge.store.records import listing
from birge.store.registry import OPERATOR
from birge.store.signing_in import second_factor, sign_in, sign_out
from birge.texts import LANGUAGES, Translator, translator
from birge.web.blocks import Cell, Table
from birge.web.forms import Field, Form, Sent, bound, door
from birge.web.reader import House, Reader
from birge.web.render import render
from birge.web.visitor import COOKIE, FORM, Visitor, visitor

__all__ = ["may_run", "router", "scenario_choices"]

router = APIRouter(include_in_schema=False)


def may_run(desk: Desk) -> bool:
    """Return whether the reader may run an assessment."""
    return desk.may("run", Thing("run", desk.actor.side))


def scenario_choices(view: Reader) -> list[tuple[str, str]]:
    """Return name and title of every scenario."""
    return [(name, load_scenario(name).title.get(view.t.lang)) for name in scenario_names()]


def _texts(lang: str) -> Translator:
    if lang not in LANGUAGES:
        raise HTTPException(404)
    return translator(lang)


def _shown(
    request: Request,
    t: Translator,
    who: Visitor | None,
    title: str,
    forms: list[Form],
    lead: tuple[str, ...] = (),
    problems: tuple[str, ...] = (),
    tables: tuple[Table, ...] = (),
    status: int = 200,
) -> Response:
    """Show forms."""
    facts = {"title": title, "lead": lead, "problems": problems, "forms": forms, "tables": tables}
    return bound(request, who, lambda: render(request, t, "form.html", who, **facts), status)


def _set(answer: Response, name: str, value: str) -> None:
    answer.set_cookie(name, value, path="/", secure=True, httponly=True, samesite="lax")


def _signed_in(request: Request) -> Visitor:
    who = visitor(request)
    if not who.signed_in:
        raise Denied("sign in first")
    return who


def _sign_in_form(t: Translator) -> Form:
    return Form(
        f"/{t.lang}/sign-in",
        (
            Field("login", t("Login"), auto="username", needed=True),
            Field("password", t("Password"), "password", auto="current-password", needed=True),
        ),
        (("", t("Sign in")),),
    )


@router.get("/{lang}/sign-in")
def sign_in_page(request: Request, lang: str) -> Response:
    """Show the form to sign in."""
    t = _texts(lang)
    return _shown(request, t, visitor(request), t("Sign in"), [_sign_in_form(t)])


def _enter(request: Request, sent: Sent, lang: str) -> Response:
    t = _texts(lang)
    session = sign_in(sent.house.registry, sent.text("login")[:100], sent.text("password")[:1000])
    if session is None:
        told = t("Login or password do not fit, or the login is locked for a while.")
        return _shown(request, t, sent.who, t("Sign in"), [_sign_in_form(t)], (), (told,), status=403)
    answer = RedirectResponse(f"/{lang}/second-factor", 303)
    _set(answer, COOKIE, session)
    return answer


@router.get("/{lang}/second-factor")
def second_page(request: Request, lang: str) -> Response:
    """Show the form for the second factor."""
    t = _texts(lang)
    return _shown(request, t, visitor(request), t("Second factor"), [_second_form(t)])


def _second_form(t: Translator) -> Form:
    code = Field("code", t("One-time password or printed code"), auto="one-time-code", needed=True)
    return Form(f"/{t.lang}/second-factor", (code,), (("", t("Sign in")),))


def _second(request: Request, sent: Sent, lang: str) -> Response:
    t = _texts(lang)
    with sent.house.registry.desk(OPERATOR) as desk:
        session = second_factor(desk, sent.who.session, sent.text("code")[:40])
    if session is None:
        told = t("The code does not fit, or the login is locked for a while.")
        return _shown(request, t, sent.who, t("Second factor"), [_second_form(t)], (), (told,), status=403)
    answer = RedirectResponse(f"/{lang}/tasks", 303)
    _set(answer, COOKIE, session)
    answer.delete_cookie(FORM, path="/", secure=True, httponly=True, samesite="lax")
    return answer


def _leave(_request: Request, sent: Sent, lang: str) -> Response:
    _texts(lang)
    with sent.house.registry.desk(OPERATOR) as desk:
        sign_out(desk, sent.who.session)
    answer = RedirectResponse(f"/{lang}/answer", 303)
    answer.delete_cookie(COOKIE, path="/", secure=True, httponly=True, samesite="lax")
    return answer


@router.get("/{lang}/tasks")
def tasks(request: Request, lang: str) -> Response:
    """Show what waits for the reader: items to report, versions to confirm, their own drafts."""
    t, who = _texts(lang), _signed_in(request)
    house: House = request.app.state.house
    with house.reader(who.actor, lang, {}) as view:
        # who administers accounts reads no plan
        reads = view.desk.may("read", Thing("plan", who.actor.side, frozenset({"plan"})))
        none: tuple[Row, ...] = ()
        found = due(view.plan, view.day, lang, 100, Only(side=who.actor.side)) if reads else Due(none, none, none)
        administers = view.desk.may("administer", Thing("account", who.actor.side))
        rows = tuple(
            (
                Cell(r.item, f"/{lang}/report/{r.id}"),
                Cell(r.organisation),
                Cell(t.date(r.due), kind="date"),
                Cell(r.last_word),
            )
            for r in (*found.silent, *found.overdue, *found.next)
        )
        waiting = tuple(
            (
                Cell(s.record, f"/{lang}/confirm/{s.record}"),
                Cell(s.side),
                Cell(t.date(s.effective)),
                Cell(s.digest[:12]),
            )
            for s in stands(view.desk)
            if who.actor.side not in s.confirmed and view.desk.may("confirm", Thing("plan", s.side, shared=True))
        )
        mine = tuple(
            (
                Cell(r.key),
                Cell(t.named("word", r.payload.state.value)),
                Cell(t.date(r.payload.reported)),
                Cell(t("draft") if r.draft else t("submitted")),
            )
            for r in listing(view.desk, "progress")
            if r.author == who.actor.login
        )
    tables: tuple[Table, ...] = (
        Table(
            "confirm",
            t("To confirm"),
            (t("Plan version"), t("Side"), t("Effective from"), t("Hash")),
            waiting,
            empty=t("nothing waits"),
        ),
        Table(
            "report", t("To report"), (t("What"), t("Who"), t("Due"), t("Last word")), rows, empty=t("nothing is due")
        ),
        Table(
            "mine",
            t("My reports"),
            (t("Item"), t("Status"), t("Reported"), t("State")),
            mine,
            empty=t("nothing is recorded"),
        ),
    )
    if administers:
        tables += (Table("admin", t("Accounts"), (t("What"),), ((Cell(t("Accounts"), f"/{lang}/admin"),),)),)
    forms = [Form(f"/{lang}/sign-out", (), (("", t("Sign out")),))]
    return _shown(request, t, who, t("My tasks"), forms, (), (), tables)


@router.get("/{lang}/report/{item}")
def report_page(request: Request, lang: str, item: str) -> Response:
    """Show the forms of an item: report its progress, propose another date."""
    t, who = _texts(lang), _signed_in(request)
    return _report_shown(request, t, who, item, ())


def _report_shown(
    request: Request, t: Translator, who: Visitor, item: str, problems: tuple[str, ...], status: int = 200
) -> Response:
    house: House = request.app.state.house
    with house.registry.view(who.actor) as desk:
        place = desk.places.get(item)
        today = desk.now.date()
        if place is None or not desk.may(
            "read", Thing("progress", desk.actor.side, frozenset({item}) | place.items, place.organisations)
        ):
            raise Missing("there is no such item", id=item[:64])
    states = tuple((s.value, t.named("word", s.value)) for s in State)
    fields = (
        Field("state", t("Status"), "select", State.IN_PROGRESS.value, states),
        Field("reported", t("Reported"), "date", today.isoformat(), needed=True),
        Field("finished", t("Finished"), "date"),
        Field("text", t("What was done"), "area"),
        Field("evidence", t("Evidence: PDF, PNG, JPEG, DOCX, XLSX or text, up to 25 MB"), "file"),
    )
    change = (Field("planned", t("Planned"), "date", needed=True), Field("note", t("Reason"), "area"))
    forms = [
        Form(f"/{t.lang}/report/{item}/evidence", fields, (("", t("Report")),), t("Report progress"), files=True),
        Form(f"/{t.lang}/propose/{item}", change, (("", t("Propose")),), t("Propose another date")),
    ]
    return _shown(request, t, who, place.title, forms, (), problems, status=status)


def _day(text: str, where: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise InputError.at(where, "date", f"{text[:40]!r} is no date", "write 2026-11-30") from error


def _payload(make: Callable[[], BaseModel]) -> BaseModel:
    """Make a payload from a form; raises InputError with every field that does not fit."""
    try:
        return make()
    except (ValidationError, ValueError) as error:
        found = error.errors() if isinstance(error, ValidationError) else []
        problems = [
            Problem(".".join(map(str, e["loc"])) or "form", f"field-{e['type']}", e["msg"], "correct this field")
            for e in found
        ]
        raise InputError(problems or [Problem("form", "field", str(error)[:200], "correct this field")]) from error


def _report(request: Request, sent: Sent, lang: str, item: str) -> Response:
    t, house = _texts(lang), sent.house
    if not sent.who.signed_in:
        raise Denied("sign in first")
    try:
        with house.registry.desk(sent.who.actor) as desk:
            place = desk.places.get(item)
            if place is None:
                raise Missing("there is no such item", id=item[:64])
            desk.require(
                "report",
                Thing(
                    "progress", desk.actor.side, frozenset({item}) | place.items, place.organisations, desk.actor.login
                ),
            )
            evidence = tuple(attach(desk, f.file, f.filename or "file") for f in sent.files("evidence"))
            text = sent.text("text")
            said = _payload(
                lambda: Progress(
                    item=item,
                    reported=_day(sent.text("reported"), "reported") or desk.now.date(),
                    state=State(sent.text("state")),
                    finished=_day(sent.text("finished"), "finished"),
                    text={lang: text} if text else None,
                    evidence=evidence,
                )
            )
            assert isinstance(said, Progress)
            report(desk, said)
    except InputError as error:
        return _report_shown(request, t, sent.who, item, tuple(str(p) for p in error.problems), 422)
    return RedirectResponse(f"/{lang}/tasks", 303)


def _propose(_request: Request, sent: Sent, lang: str, item: str) -> Response:
    _texts(lang)
    if not sent.who.signed_in:
        raise Denied("sign in first")
    planned = _day(sent.text("planned"), "planned")
    if planned is None:
        raise InputError.at("planned", "date", "no date is given", "write 2026-11-30")
    with sent.house.registry.desk(sent.who.actor) as desk:
        desk.require("write", Thing("plan", desk.actor.side, frozenset({"plan"}), author=desk.actor.login))
        from birge.store.agreement import standing_plan

        stand = standing_plan(desk.connection, desk.now.date())
        if stand is None:
            raise Missing("there is no plan")
        note = sent.text("note")
        made = propose(desk, _moved(stand.plan, item, planned), desk.now.date(), {lang: note} if note else None)  # type: ignore[dict-item]
    return RedirectResponse(f"/{lang}/confirm/{made.id}", 303)


def _moved(plan: Plan, item: str, planned: date) -> Plan:
    """Return the plan with another date for a milestone."""
    data = plan.canonical()
    stones = [s for m in data.get("measures", ()) for s in m.get("milestones", ()) if s["id"] == item]
    if not stones:
        raise Missing("there is no such milestone", id=item[:64])
    stones[0]["planned"] = planned.isoformat()
    return Plan.model_validate(data)


@router.get("/{lang}/confirm/{ident}")
def confirm_page(request: Request, lang: str, ident: str) -> Response:
    """Show a proposed plan version: what it changes, who has confirmed, and the two buttons."""
    from birge.plan.told import told

    t, who = _texts(lang), _signed_in(request)
    house: House = request.app.state.house
    with house.registry.view(who.actor) as desk:
        stand = next((s for s in stands(desk) if s.record == ident), None)
        if stand is None:
            raise Missing("there is no such version", id=ident[:64])
        changes = [
            f"{record}: {line}"
            for record, lines in told(effective(desk, desk.now.date()), stand.plan, lang)
            for line in lines
        ]
        may = desk.may("confirm", Thing("plan", stand.side, shared=True))
    lead = (
        t("Hash of the content: {hash}", hash=stand.digest),
        t("Confirmed by: {sides}", sides=", ".join(stand.confirmed) or t("nobody")),
    )
    table = Table(
        "changes", t("What changes"), (t("What"),), tuple((Cell(c),) for c in changes[:200]), empty=t("no differences")
    )
    buttons = (("confirmed", t("Confirm")), ("sent back", t("Send back")))
    forms = [Form(f"/{lang}/confirm/{ident}", (Field("note", t("Reason"), "area"),), buttons)] if may else []
    return _shown(request, t, who, t("Plan version"), forms, lead, (), (table,))


def _confirm(_request: Request, sent: Sent, lang: str, ident: str) -> Response:
    _texts(lang)
    if not sent.who.signed_in:
        raise Denied("sign in first")
    verdict, note = sent.text("verdict"), sent.text("note")
    if verdict not in ("confirmed", "sent back"):
        raise InputError.at("verdict", "verdict", "neither confirmed nor sent back", "use one of the two buttons")
    with sent.house.registry.desk(sent.who.actor) as desk:
        confirm(desk, ident, verdict == "sent back", {lang: note} if note else None)  # type: ignore[dict-item]
    return RedirectResponse(f"/{lang}/tasks", 303)


def _run(_request: Request, sent: Sent, lang: str) -> Response:
    _texts(lang)
    house, actor = sent.house, sent.who.actor
    draws = sent.text("draws") or "2000"
    if not (draws.isascii() and draws.isdigit()) or len(draws) > 9:
        raise InputError.at("draws", "draws", f"{draws[:20]!r} is no number", "use 100 to 20,000")
    with house.reader(actor, lang, {}) as view:
        view.desk.require("run", Thing("run", actor.side))
        asked = Asked(
            int(draws), scenario=sent.text("scenario") or None, without=tuple(sorted(set(sent.many("without"))))
        )
        asked.check({m.id for m in view.plan.measures}, scenario_names())
    house.jobs.queue(actor.login, actor.side, asked)
    return RedirectResponse(f"/{lang}/scenarios", 303)


def _cancel(_request: Request, sent: Sent, lang: str, ident: str) -> Response:
    _texts(lang)
    house, actor = sent.house, sent.who.actor
    with house.registry.view(actor) as desk:
        desk.require("run", Thing("run", actor.side))
    job = house.jobs.get(ident)
    if job.side != actor.side:
        raise Missing("there is no such job", id=ident[:64])
    house.jobs.cancel(job.id)
    return RedirectResponse(f"/{lang}/scenarios", 303)


@router.get("/{lang}/admin")
def admin_page(request: Request, lang: str) -> Response:
    """Show the accounts that the reader may administer."""
    t, who = _texts(lang), _signed_in(request)
    house: House = request.app.state.house
    with house.registry.view(who.actor) as desk:
        if not desk.may("administer", Thing("account", who.actor.side)):
            raise Denied("you may not administer accounts")
        rows = tuple(tuple(Cell(x) for x in row) for row in accounts.logins(desk))
    table = Table("accounts", t("Accounts"), (t("Login"), t("Name"), t("Side"), t("Roles")), rows)
    roles = tuple((r, r) for r in ROLES)
    add = (
        Field("login", t("Login"), needed=True),
        Field("name", t("Name"), needed=True),
        Field("role", t("Role"), "select", "viewer", roles),
    )
    forms = [Form(f"/{lang}/admin", add, (("", t("Add an account")),), t("Add an account"))]
    return _shown(request, t, who, t("Accounts"), forms, (), (), (table,))


def _admin(request: Request, sent: Sent, lang: str) -> Response:
    t = _texts(lang)
    if not sent.who.signed_in:
        raise Denied("sign in first")
    login, password = sent.text("login"), secrets.token_urlsafe(15)
    with sent.house.registry.desk(sent.who.actor) as desk:
        accounts.add_user(desk, login, sent.text("name")[:200], sent.who.actor.side)
        accounts.grant(desk, login, sent.text("role"))
        accounts.set_password(desk, login, password)
        codes = accounts.new_codes(desk, login)
    lead = (
        t("Shown this once: hand it over on paper."),
        t("Login: {login}", login=login),
        t("Password: {password}", password=password),
        " ".join(codes),
    )
    return _shown(request, t, sent.who, t("Accounts"), [], lead)


for path, handler in (
    ("/{lang}/sign-in", _enter),
    ("/{lang}/second-factor", _second),
    ("/{lang}/sign-out", _leave),
    ("/{lang}/report/{item}/evidence", _report),
    ("/{lang}/propose/{item}", _propose),
    ("/{lang}/confirm/{ident}", _confirm),
    ("/{lang}/runs", _run),
    ("/{lang}/jobs/{ident}/cancel", _cancel),
    ("/{lang}/admin", _admin),
):
    router.add_route(path, door(handler), methods=["POST"])
