"""Change the plan: by its table as a file, or one item by a form. Either ends in a draft that is looked at, then sent.

```
file (DOCX, XLSX, YAML) ─▶ checked: every problem by cell, row or line ─▶ lifted: without what was laid over ─┐
form of an item ─▶ the plan that holds with these fields ─▶ checked: every problem beside its field ───────────┤
    ┌──────────────────────────────────────────────────────────────────────────────────────────────────────────┘
    └▶ draft (own side) ─▶ its differences (`plans`) ─▶ send ─▶ both sides confirm, none of them its author
```
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import BaseModel, ValidationError, create_model

from birge.errors import InputError, Problem
from birge.plan.schema import Measure, Milestone, Plan, Target
from birge.store.access import Thing
from birge.store.agreement import PlanStand
from birge.store.desk import Desk
from birge.store.errors import Missing
from birge.store.kinds import Words
from birge.store.lengths import LONGEST
from birge.store.overlay import lifted
from birge.store.plans import basis, draft, effective, holding, stands
from birge.store.records import listing
from birge.texts import LANGUAGES, Translator
from birge.web.blocks import Cell, Table, said
from birge.web.forms import Field, Form, Sent, door
from birge.web.working.drawn import Drawing, data_of, fields_of
from birge.web.working.typed import day
from birge.web.working.visit import Visit, acted, visited

__all__ = ["changeable", "router"]

router = APIRouter(include_in_schema=False)
MOST_YAML = 2_000_000
MOST = 26_000_000
EDITED: Mapping[type[BaseModel], tuple[str, ...]] = {
    Measure: ("title", "form", "responsible", "co_responsible", "deadline", "cost_musd", "cost_note", "funds"),
    Milestone: ("title", "planned", "start", "owner", "side"),
    Target: ("year", "value", "basis", "source"),
}


def _form(model: type[BaseModel]) -> type[BaseModel]:
    """Return a model of those fields of a record that its form has."""
    fields: dict[str, Any] = {n: (model.model_fields[n].annotation, model.model_fields[n]) for n in EDITED[model]}
    made: type[BaseModel] = create_model(model.__name__, **fields)
    return made


FORMS = {model: _form(model) for model in EDITED}
Path_ = tuple[str | int, ...]


def _items(plan: Plan) -> Iterator[tuple[Path_, Measure | Milestone | Target]]:
    for i, measure in enumerate(plan.measures):
        yield ("measures", i), measure
        for k, stone in enumerate(measure.milestones):
            yield ("measures", i, "milestones", k), stone
    for i, indicator in enumerate(plan.indicators):
        for k, target in enumerate(indicator.targets):
            yield ("indicators", i, "targets", k), target


def _item(plan: Plan, item: str) -> tuple[Path_, Measure | Milestone | Target]:
    found = next((pair for pair in _items(plan) if pair[1].id == item), None)
    if found is None:
        raise Missing("there is no such item of the plan", id=item[:64])
    return found


def _about(desk: Desk) -> Thing:
    return Thing("plan", desk.actor.side, frozenset({"plan"}), author=desk.actor.login)


def changeable(desk: Desk, item: str) -> Measure | Milestone | Target | None:
    """Return the item of the plan that the actor may change by a form; None where there is no such or they may not."""
    if not desk.may("write", _about(desk)):
        return None
    return next((i for _, i in _items(basis(desk).plan) if i.id == item), None)


@router.get("/{lang}/change")
def change_page(request: Request, lang: str) -> Response:
    """Show how to change the plan, what was proposed, and the items that have a form."""
    return _change(visited(request, lang))


def _change(visit: Visit) -> Response:
    t = visit.t
    with visit.desk() as desk:
        desk.require("read", _about(desk))
        stand, may = holding(desk), desk.may("write", _about(desk))
        versions = _versions(desk, t)
        newest = basis(desk)
        items = _listed(newest.plan, t) if may else ()
        today = max(newest.effective, desk.now.date())
    lead: tuple[str, ...] = (
        t("The plan holds from {day}, hash {hash}.", day=t.date(stand.effective), hash=stand.digest[:12]),
    )
    if newest.record != stand.record:
        lead += (agreed_later(t, newest),)
    forms = []
    if may:
        told = (t("Reports and records of the registry that stand in the file do not go into the proposal."),)
        fields = (Field("plan", t("The changed plan"), "file", needed=True), *_when(t, today))
        form = Form(f"/{t.lang}/change/files", fields, (("", t("Show the differences")),), "", told, files=True)
        forms.append(form)
    return visit.show(t("Changes of the plan"), forms, lead, (versions, *items), first=(_taken(t),) if may else ())


def _taken(t: Translator) -> Table:
    """Return the plan as files, each to be taken, changed and sent back."""
    kinds = ("docx", "xlsx", "yaml")
    links = tuple(Cell(f"plan.{k}", f"/plan.{k}" + (f"?lang={t.lang}" if k != "yaml" else "")) for k in kinds)
    told = t("Take the plan as a file, change it and send it back; {formats}.", formats="DOCX, XLSX, YAML")
    return Table("file", t("Change the plan by a file"), tuple(k.upper() for k in kinds), (links,), told)


def _when(t: Translator, today: date) -> tuple[Field, Field]:
    return (
        Field("effective", t("Effective from"), "date", today.isoformat(), needed=True),
        Field("reason", t("Reason"), "area", needed=True),
    )


def agreed_later(t: Translator, newest: PlanStand) -> str:
    """Return what to know of an agreed version whose day is still to come: a change is made on it."""
    day = t.date(newest.effective)
    return t("A version from {day} is agreed already: a change is made on it and may not hold before it.", day=day)


def _versions(desk: Desk, t: Translator) -> Table:
    """Return what was drafted and proposed, the newest first."""
    stood: dict[str, PlanStand] = {s.record: s for s in stands(desk)}
    rows = []
    for r in sorted(listing(desk, "plan"), key=lambda r: r.at, reverse=True):
        stand = stood.get(r.id)
        state = t("draft")
        if stand is not None:
            waits = [s for s in desk.parties if s not in (*stand.confirmed, *stand.sent_back)]
            later = stand.effective > desk.now.date()
            held = t("agreed, holds from {day}", day=t.date(stand.effective)) if later else t("confirmed")
            state = held if stand.agreed else t("waits for {sides}", sides=", ".join(map(t.country, waits)))
            state = t("sent back") if stand.sent_back else state
        link = f"/{t.lang}/confirm/{r.id}"
        name = t("effective from {day}", day=t.date(r.payload.effective))
        written = Cell(t.date(date.fromisoformat(r.at[:10])), kind="date")
        rows.append((Cell(name, link), Cell(t.country(r.side)), written, Cell(state), Cell(r.payload.digest[:12])))
    head = (t("Plan version"), t("Side"), t("Written"), t("State"), t("Hash"))
    return Table("versions", t("Plan versions"), head, tuple(rows), empty=t("nothing is recorded"))


def _listed(plan: Plan, t: Translator) -> tuple[Table, Table]:
    def link(item: Measure | Milestone | Target) -> str:
        return f"/{t.lang}/change/{item.id}"

    measures = []
    for m in plan.measures:
        measures.append((Cell(m.number), said(m.title, t, link(m)), said(m.deadline.text, t)))
        for s in m.milestones:
            measures.append((Cell(""), said(s.title, t, link(s)), Cell(t.date(s.planned) if s.planned else "-")))
    targets = [
        (said(i.title, t, link(x)), Cell(str(x.year)), Cell(t.number(x.value, 1 if x.value % 1 else 0)), Cell(i.unit))
        for i in plan.indicators
        for x in i.targets
    ]
    return (
        Table(
            "items",
            t("Change one item by a form: measures and milestones"),
            (t("Number"), t("What"), t("Deadline")),
            tuple(measures),
        ),
        Table(
            "targets",
            t("Change one item by a form: targets"),
            (t("Indicator"), t("Year"), t("Value"), t("Unit")),
            tuple(targets),
        ),
    )


@router.get("/{lang}/change/{item}")
def item_page(request: Request, lang: str, item: str) -> Response:
    """Show the form of a measure, a milestone or a target."""
    return _edit(visited(request, lang), item)


def _edit(visit: Visit, item: str) -> Response:
    t = visit.t
    with visit.desk() as desk:
        desk.require("write", _about(desk))
        stand, holds = basis(desk), holding(desk)
        _, found = _item(stand.plan, item)
        bodies = tuple((o.id, o.name.get(t.lang)) for o in stand.plan.organisations)
        held = found.model_dump(mode="json", by_alias=True, exclude_none=True)
        drawing = Drawing(t, bodies, desk.parties)
        today = max(stand.effective, desk.now.date())
    fields = (*fields_of(FORMS[type(found)], drawing, held), *_when(t, today))
    base = Field("base", "", "hidden", stand.digest)
    title = found.title.get(t.lang) if not isinstance(found, Target) else f"{t('Target')} {found.year}"
    told: tuple[str, ...] = (t("Nothing is sent yet: the differences are shown first."),)
    if holds.record != stand.record:
        told += (agreed_later(t, stand),)
    form = Form(f"/{t.lang}/change/{item}", (base, *fields), (("", t("Show the differences")),))
    return visit.show(title, [form], told)


def _reason(sent: Sent, lang: str) -> tuple[date, Words]:
    """Return the day from which a change is to hold and the reason for it; raises InputError where one is absent."""
    problems: list[Problem] = []
    effective_from = None
    try:
        effective_from = day(sent.text("effective"), "effective")
    except InputError as error:
        problems += error.problems
    if effective_from is None and not problems:
        problems.append(Problem("effective", "date", "no date is given", "write 2026-11-30"))
    if not (reason := sent.text("reason")):
        problems.append(Problem("reason", "empty", "no reason is given", "say why"))
    if problems or effective_from is None:
        raise InputError(problems)
    return effective_from, {lang: reason[:LONGEST]}  # type: ignore[dict-item]


def _upload(request: Request, sent: Sent, lang: str) -> Response:
    def do(desk: Desk) -> str:
        desk.require("write", _about(desk))
        stand = basis(desk)
        plan = _read(sent, stand.plan)
        effective_from, note = _reason(sent, lang)
        # what was not touched in the file is as in the newest agreed version
        plan = lifted(plan, effective(desk, desk.now.date()), stand.plan)
        return f"/{lang}/confirm/{draft(desk, plan, effective_from, note).id}"

    return acted(request, lang, sent, do, _change)


def _read(sent: Sent, onto: Plan) -> Plan:
    """Return the plan in the file that was sent, told by its bytes; raises InputError with every problem in it."""
    from birge.plan.reading import checked
    from birge.plan.table.files import MOST_BYTES

    found = sent.files("plan")
    if len(found) != 1:
        raise InputError.at("plan", "no-file", "no file is given", "choose the plan as DOCX, XLSX or YAML")
    content = found[0].file.read(MOST + 1)
    office = content.startswith((b"PK", b"\xd0\xcf"))
    if len(content) > (MOST_BYTES if office else MOST_YAML):
        raise InputError.at("plan", "file-size", "the file is too large", "take out what is not the plan")
    name = (found[0].filename or "plan")[-100:]
    if not office and (content.startswith(b"%PDF") or not _text(content)):
        remedy = "choose the plan as one of these"
        raise InputError.at("plan", "plan-kind", "it is none of 'DOCX', 'XLSX', 'YAML'", remedy)
    with TemporaryDirectory() as folder:
        # both kinds of tables are told apart by what they hold
        path = Path(folder) / (
            "plan.docx" if name.lower().endswith(".docx") else "plan.xlsx" if office else "plan.yaml"
        )
        path.write_bytes(content)
        try:
            return checked(path, onto, name)
        except InputError as error:
            raise InputError(
                Problem(
                    # that it is another file altogether is said beside the field
                    "plan" if p.code == "table-none" else p.where.replace(str(path), name).replace(path.name, name),
                    p.code,
                    p.message,
                    p.remedy,
                )
                for p in error.problems
            ) from error


def _text(content: bytes) -> bool:
    """Return whether a file is text at all."""
    try:
        return "\0" not in content.decode("utf-8")
    except UnicodeDecodeError:
        return False


def _send(request: Request, sent: Sent, lang: str, item: str) -> Response:
    def do(desk: Desk) -> str:
        desk.require("write", _about(desk))
        stand = basis(desk)
        where, found = _item(stand.plan, item)
        if sent.text("base") != stand.digest:
            raise InputError.at("base", "changed", "it has changed since you opened it", "read it again, then send it")
        held = found.model_dump(mode="json", by_alias=True, exclude_none=True)
        typed = data_of(FORMS[type(found)], desk.parties, sent, held)
        plan = _with(stand.plan, where, _merged(held, typed, EDITED[type(found)]))
        effective_from, note = _reason(sent, lang)
        return f"/{lang}/confirm/{draft(desk, plan, effective_from, note).id}"

    return acted(request, lang, sent, do, lambda visit: _edit(visit, item))


def _merged(held: Mapping[str, Any], typed: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    """Return a record with its form's fields as they were typed; what was emptied is gone."""
    made = {k: v for k, v in held.items() if k not in names}
    made |= {n: _marked(held.get(n), typed[n]) for n in names if n in typed}
    return made


def _marked(before: Any, after: Any) -> Any:
    """Mark the languages of a text that nobody has reviewed: new ones, and all others where its English changed."""
    if not isinstance(after, dict):
        return after
    if "en" not in after:
        return {k: _marked(before.get(k) if isinstance(before, dict) else None, v) for k, v in after.items()}
    old = before if isinstance(before, dict) else {}
    unread = {
        x
        for x in LANGUAGES[1:]
        if after.get(x)
        and (x in old.get("unreviewed", ()) or not old.get(x) or (old.get("en") != after["en"] and old[x] == after[x]))
    }
    rest = {k: v for k, v in after.items() if k != "unreviewed"}
    return {**rest, "unreviewed": [x for x in LANGUAGES if x in unread]} if unread else rest


def _with(plan: Plan, where: Path_, record: dict[str, Any]) -> Plan:
    """Return the plan with another record at a place; raises InputError with what does not fit, by field."""
    from birge.plan.check import check
    from birge.plan.reading import coordinates
    from birge.plan.table.rows import Places
    from birge.variables import variables

    data = plan.canonical()
    node: Any = data
    for step in where[:-1]:
        node = node[step]
    node[where[-1]] = record
    try:
        made = Plan.model_validate(data)
    except ValidationError as error:
        raise InputError(
            Problem(".".join(map(str, e["loc"][len(where) :])), f"field-{e['type']}", e["msg"], "correct this field")
            for e in error.errors()
        ) from error
    places = Places()
    for name in record:
        places.add((*where, name), name)
    known = {(p.code, p.message) for p in check(plan, Places(), variables(), coordinates(plan))}
    found = [p for p in check(made, places, variables(), coordinates(made)) if (p.code, p.message) not in known]
    if found:
        raise InputError(places.named(p) for p in found)
    return made


for path, handler in (
    ("/{lang}/change/files", _upload),
    ("/{lang}/change/{item}", _send),
):
    router.add_route(path, door(handler), methods=["POST"])
