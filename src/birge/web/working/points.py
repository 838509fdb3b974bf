"""The points of a session's protocol: each side's wording beside the other's, and the form for ours."""

from __future__ import annotations

from textwrap import shorten

from birge.errors import InputError
from birge.store.council import PointStand, withdraw
from birge.store.desk import Desk
from birge.store.kinds import LANGUAGES, Point
from birge.store.own import own
from birge.store.plans import seen_plan
from birge.store.records import create, edit, listing, share, submit
from birge.texts import Translator
from birge.web.blocks import Cell, Table
from birge.web.forms import Field, Form, Sent
from birge.web.working.typed import day, payload, seen, word_cell, word_fields, words

__all__ = ["SPEECH", "point_forms", "points_table", "stated", "taken_back"]

SPEECH = {"en": "English", "ru": "Русский", "kk": "Қазақша", "ky": "Кыргызча"}


def points_table(desk: Desk, t: Translator, ident: str, stands: list[PointStand]) -> Table:
    """Return the points with each side's wording beside the other's, the own side first."""
    own = desk.actor.side or desk.parties[0]
    sides = (own, next(p for p in desk.parties if p != own))
    state = {"agreed": t("agreed"), "contested": t("contested"), "one side": t("one side only")}
    state |= {"kept": t("kept on our side"), "late": t("not in the signed paper")}
    drafts = {r.payload.number for r in listing(desk, "point", subject=ident) if r.side == own and r.draft}

    def wording(p: PointStand, side: str) -> Cell:
        record = p.by_side.get(side)
        link = f"/{t.lang}/record/{record.id}" if record else None
        if p.signed and side != own and (record is None or side in p.late):
            return Cell(t("as signed; what this side has stated since does not count"), link)
        said: Point | None = p.signed if p.signed and side == own else record.payload if record else None
        if said is None:
            return Cell(t("no wording"))
        bodies = desk.organisations
        facts = [", ".join(bodies[o].name.get(t.lang) if o in bodies else o for o in said.owners)]
        facts += [t.date(said.due)] if said.due else []
        more = "; ".join(f for f in facts if f)
        return word_cell(said.text, t, link, f" ({more})" if more else "")

    rows = [
        (
            Cell(p.number, f"/{t.lang}/sessions/{ident}?number={p.number}"),
            Cell(state[p.state] + _differing(t, p) + (f", {t('draft')}" if p.number in drafts else ""), kind="state"),
            *(wording(p, side) for side in sides),
        )
        for p in stands
    ]
    known = {p.number for p in stands}
    rows += [
        (Cell(n, f"/{t.lang}/sessions/{ident}?number={n}"), Cell(t("draft"), kind="state"), Cell(""), Cell(""))
        for n in sorted(drafts - known)
    ]
    head = (t("Point"), t("State"), *(t("Wording of {side}", side=t.country(s)) for s in sides))
    return Table("points", t("Points of the protocol"), head, tuple(rows), empty=t("nothing is recorded"))


def _differing(t: Translator, stand: PointStand) -> str:
    """Return the languages and fields in which the two wordings differ."""
    names = {"owners": t("Who carries it out"), "due": t("Due"), "measure": t("Measure of the plan")}
    names |= {f"text.{x}": SPEECH[x] for x in LANGUAGES}
    return f": {', '.join(names[d] for d in stand.differs)}" if stand.differs else ""


def point_forms(desk: Desk, t: Translator, ident: str, number: str) -> list[Form]:
    """Return the forms of the own side's wording of a point, and to take it back; `number` chooses one there is."""
    mine = own(desk, "point", f"{ident}:{number}") if number else None
    said: Point | None = mine.payload if mine else None
    bodies = desk.organisations.values()
    stand = seen_plan(desk, desk.now.date())
    measures = (
        tuple((m.id, shorten(m.title.get(t.lang), 110, placeholder=" …")) for m in stand.plan.measures) if stand else ()
    )
    fields = (
        Field("seen", "", "hidden", str(mine.newest) if mine else "0"),
        Field("number", t("Point"), value=number, needed=True),
        *word_fields(t, "text", t("Wording"), said.text if said else None, "area"),
        Field(
            "owners",
            t("Who carries it out"),
            "many",
            "\n".join(said.owners) if said else "",
            tuple((o.id, o.name.get(t.lang)) for o in bodies),
        ),
        Field("due", t("Due"), "date", said.due.isoformat() if said and said.due else ""),
        Field(
            "measure", t("Measure of the plan"), "select", said.measure or "" if said else "", (("", "-"), *measures)
        ),
    )
    buttons = (("release", t("State and release to the other side")), ("keep", t("Keep on our side")))
    forms = [Form(f"/{t.lang}/sessions/{ident}/points", fields, buttons, t("Our wording of a point"))]
    if mine is not None:
        held = (Field("seen", "", "hidden", str(mine.newest)), Field("number", "", "hidden", number))
        line = t("The other side sees it no more; it stays in the history.")
        back = (("", t("Take back point {number}", number=number)),)
        forms.append(Form(f"/{t.lang}/sessions/{ident}/points/back", held, back, "", (line,)))
    return forms


def taken_back(desk: Desk, sent: Sent, ident: str) -> None:
    """Take back the own side's wording of a point, at the version that was read."""
    withdraw(desk, ident, sent.text("number"), seen(sent))


def stated(desk: Desk, sent: Sent, ident: str) -> None:
    """State the own side's wording of a point as it was typed, and release it unless it is to be kept."""
    made = payload(
        lambda: Point.model_validate(
            {
                "meeting": ident,
                "number": sent.text("number"),
                "text": words(sent, "text"),
                "owners": sent.many("owners"),
                "due": day(sent.text("due"), "due"),
                "measure": sent.text("measure") or None,
            }
        )
    )
    version = sent.text("seen")
    mine = own(desk, "point", f"{ident}:{sent.text('number')}")
    if mine and version == "0":
        raise InputError.at(
            "number",
            "point-there",
            f"our side has a wording of point {mine.payload.number} already, in the table above",
            "send this once more and it takes its place",
        )
    if mine and version.isascii() and version.isdigit() and version != "0":
        record = edit(desk, mine.id, int(version[:9]), made)
    else:
        record = create(desk, "point", made)
    submit(desk, record.id, record.version)
    if sent.text("verdict") != "keep":
        share(desk, record.id, record.version)
