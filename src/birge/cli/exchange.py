"""`birge registry`, between two sides: packages out and in, and what stands."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from birge.cli.desks import Day, Who, sit_down
from birge.cli.users import DEFAULT, Files, Url

if TYPE_CHECKING:
    from birge.store import Desk
    from birge.store.release import Item, Receipt

__all__ = ["receive", "release", "status"]

SHOWN = 40


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


def status(as_of: Day = None, who: Who = "", url: Url = DEFAULT, files: Files = None) -> None:
    """Print which plan is agreed, what waits for whom, what is held, and the head of the audit chain."""
    from birge.store import KINDS
    from birge.store.agreement import standing_plan
    from birge.store.audit import head
    from birge.store.plans import outdated, stands
    from birge.store.records import listing, read

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
                if newest := outdated(desk, read(desk, s.record)):
                    print(f"  rests on an older plan than the one agreed from {newest.effective}: make it anew")
            elif s.effective > on:
                print(f"agreed, holds from {s.effective}: {s.digest}")
        for kind in KINDS:
            found = listing(desk, kind)
            if found:
                by_side = {p: sum(r.side == p for r in found) for p in desk.parties}
                print(f"{kind}: " + ", ".join(f"{p} {n}" for p, n in by_side.items() if n))
        last = head(desk.connection)
        print(f"head of the chain: entry {last.seq} of {last.day}, {last.hash}")


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
