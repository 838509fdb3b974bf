"""What a plan version changes: a table per record of the plan, with what stands now and what is proposed."""

from __future__ import annotations

from birge.plan.schema import Plan
from birge.texts import Translator
from birge.web.blocks import Cell, Table

__all__ = ["changes"]


def changes(before: Plan | None, after: Plan, t: Translator, against: str = "") -> tuple[Table, ...]:
    """Return the differences in groups: a measure with its milestones, an indicator with its targets.

    `against` names what is compared with, in each heading, where it is not what the version changes.
    """
    from birge.plan.told import differences

    title, name = against or t("What changes"), "against" if against else "changes"
    if before is None:
        return (Table(name, title, (), (), empty=t("the first version: nothing stands before it")),)
    found = differences(before, after, t.lang)
    if not found:
        return (Table(name, title, (), (), empty=t("no differences")),)
    head = (t("What"), t("Stands now"), t("Proposed"))
    return tuple(
        Table(
            f"{name}-{n}",
            (f"{against}: " if against else "") + record[:1].upper() + record[1:],
            head,
            tuple((Cell(d.what or d.sentence), Cell(d.before or "-"), Cell(d.after or "-")) for d in own),
        )
        for n, (record, own) in enumerate(found, start=1)
    )
