"""What pages say of a run: odds in words, targets by name, who has to do what; and what a worker keeps for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from birge.pages.registered import unswitched
from birge.plan.due import due
from birge.plan.scenario import load_scenario, scenario_names
from birge.plan.schema import Plan
from birge.texts import Translator
from birge.web.blocks import Cell, Table, said
from birge.web.reader import Reader

if TYPE_CHECKING:
    from birge.assess.assessment import Assessment
    from birge.factbook import Factbook, MirrorYear

__all__ = [
    "cited",
    "decimal",
    "due_tables",
    "fans",
    "headline",
    "notes",
    "odds",
    "shown",
    "signed",
    "switches",
    "target_name",
    "targets_table",
    "titles",
]

PAST_YEARS = 14
"""How many years before the first open one a fan shows; the table of both sides' statistics has them all."""


def shown(run: Assessment, _book: Factbook) -> Mapping[str, Any]:
    """Return what pages draw of a run and its document does not hold: each side's past, futures and targets."""
    return {"fans": fans(run.document(), run.plan, run.mirror)}


def fans(document: Mapping[str, Any], plan: Plan, rows: Sequence[MirrorYear]) -> list[dict[str, Any]]:
    """Return each side's past, futures and targets in bn USD, from a run's document and the figures of both sides."""
    from birge.pages.sides import sides
    from birge.pages.statistics import series

    bands = document.get("fans") or ()
    since = min((f["year"] for f in bands), default=0) - PAST_YEARS
    goals = [(x["basis"] or "", x["year"], x["value"], x["id"]) for x in document["targets"] if x.get("median")]
    return [asdict(s) for s in series(rows, sides(plan, "en"), goals, bands, since)]


def odds(value: float | None, t: Translator) -> str:
    """Return odds as "38 of 100"."""
    if value is None:
        return t("not modelled")
    number = "<1" if 0 < value < 0.005 else ">99" if 0.995 < value < 1 else f"{100 * value:.0f}"
    return t("{odds} of 100", odds=number)


def target_name(view: Reader, target: Mapping[str, Any]) -> Cell:
    """Return a target in words: indicator, value, year, whose statistics."""
    t, plan = view.t, view.plan
    indicator = next((i for i in plan.indicators if i.id == target["indicator"]), None)
    if indicator is None:
        return Cell(str(target["id"]))
    title = said(indicator.title, t)
    if indicator.kind == "milestone":
        return Cell(f"{title.text}, {target['year']}", lang=title.lang)
    basis = next((p.statistics.get(t.lang) for p in plan.parties if p.code == target["basis"]), "")
    value = f"{t.number(target['value'])} {t.named('unit', indicator.unit)}"
    return Cell(", ".join(x for x in (f"{title.text}: {value}", str(target["year"]), basis) if x), lang=title.lang)


def headline(view: Reader) -> Mapping[str, Any] | None:
    """Return the headline's odds from the run of the page, None without a run."""
    document = view.document
    if document is None:
        return None
    found: Mapping[str, Any] = next(x for x in document["targets"] if x["id"] == document["headline"])
    return found


def cited(view: Reader) -> str:
    """Return the line that says from which run the numbers are."""
    if view.run is None:
        return ""
    r, t = view.run.payload, view.t
    return t(
        "Run {run}: {draws} futures, seed {seed}, known on {date}, plan version {plan}, Birge {release}.",
        run=view.run.id[:8],
        draws=t.number(r.draws),
        seed=r.seed,
        date=t.date(r.as_of),
        plan=r.plan_hash[:12],
        release=r.release,
    )


def titles(view: Reader) -> dict[str, str]:
    """Return what measures and milestones are called, by id; an id that is both is the measure's."""
    lang = view.t.lang
    steps = {m.id: m.title.get(lang) for m in view.plan.milestones()}
    return {**steps, **{m.id: m.title.get(lang) for m in view.plan.measures}}


def switches(view: Reader, document: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return what was switched in a run, as (name, value): scenario, measures off, what is late; all by their titles.

    What neither the plan nor the scenarios know any more keeps its id.
    """
    t, none = view.t, view.t("none")
    scenario, off, delays = (document.get(name) for name in ("scenario", "without", "delays"))
    called = titles(view) if off or delays else {}
    late = "; ".join(
        t("{what} by {months} months", what=called.get(item, item), months=decimal(months, t))
        for item, months in (delays or {}).items()
    )
    known = load_scenario(scenario).named(view.plan).get(t.lang) if scenario in scenario_names() else scenario
    return [
        (t("Scenario"), known or none),
        (t("Measures off"), "; ".join(called.get(m, m) for m in off or ()) or none),
        (t("Put off"), late or none),
    ]


def decimal(value: float, t: Translator) -> str:
    """Return a number as the reader writes it, with a decimal only where it has one."""
    return t.number(value, 0 if value == int(value) else 1)


def signed(value: float, t: Translator, decimals: int = 0) -> str:
    """Return a difference with its sign, as the reader writes it; one that rounds to nothing has none."""
    value = round(value, decimals) + 0.0
    return f"+{t.number(value, decimals)}" if value > 0 else t.number(value, decimals)


def notes(view: Reader) -> tuple[str, ...]:
    """Return what every page says first: where the plan comes from, and whether it has changed since the run."""
    t, plan = view.t, view.plan
    found = [plan.origin_note.get(t.lang)] if plan.origin == "reconstructed" else []
    if view.run is not None and view.run.payload.plan_hash != view.version:
        found.append(t("The plan has changed since this run."))
    if view.document is not None and not unswitched(view.document):
        told = "; ".join(f"{name}: {value}" for name, value in switches(view, view.document) if value != t("none"))
        found.append(t("This run is not of the plan as it stands: {what}.", what=told))
    return tuple(found)


def due_tables(view: Reader, count: int = 1000) -> list[Table]:
    """Return who has to do what by when, in three groups."""
    from birge.plan.due import Only

    t, q = view.t, view.query
    only = Only(q.get("organisation") or None, q.get("pillar") or None, q.get("side") or None)
    found = due(view.plan, view.day, t.lang, count, only)
    groups = (
        ("next", t("Next"), found.next),
        ("overdue", t("Past its date, with a word since"), found.overdue),
        ("silent", t("Past its date, not known since"), found.silent),
    )
    head = (t("What"), t("Who"), t("Due"), t("Last word"))
    marks = {"next": "", "overdue": "overdue", "silent": "no report"}
    return [
        Table(
            name,
            title,
            head,
            tuple(
                (
                    Cell(r.item, f"measures?item={r.id}"),
                    Cell(r.organisation),
                    Cell(t.date(r.due), kind="date"),
                    Cell(r.last_word, state=marks[name]),
                )
                for r in rows[:count]
            ),
            empty=t("nothing is due") if name == "next" else t("none"),
        )
        for name, title, rows in groups
    ]


def targets_table(view: Reader) -> Table:
    """Return the odds of every target of the run."""
    t = view.t
    document = view.document
    assert document is not None
    rows = []
    for x in document["targets"]:
        span = x["odds_range"] if x["variants"] else None
        rows.append(
            (
                replace(target_name(view, x), href=f"passport/target/{x['id']}"),
                Cell(odds(x["odds_with"], t), kind="n"),
                Cell(f"{100 * span[0]:.0f} - {100 * span[1]:.0f}" if span else "-", kind="n"),
                Cell(odds(x["odds_without"], t) if x["odds_with"] is not None else "-", kind="n"),
                Cell(t.number(x["median"]) if x["median"] is not None else "-", kind="n"),
                Cell(" - ".join(t.number(v) for v in x["interval80"]) if x["interval80"] else "-", kind="n"),
            )
        )
    head = (
        t("Target"),
        t("Odds"),
        t("Over outlooks"),
        t("If the plan stopped"),
        t("Median, mn USD"),
        t("80 of 100 futures, mn USD"),
    )
    return Table("targets", t("Targets"), head, tuple(rows), cited(view))
