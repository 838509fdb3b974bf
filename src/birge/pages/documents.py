"""Documents of kept runs, read by a later release than the one that made them.

`whole(document)` has every key that this release reads: what an earlier release did not keep is null or empty, and
`lacking(document)` names it, so that a page shows what is there and says what is not. Nothing is made up: a row that
lacks a number that every row has is left out and counts as lacking.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields
from typing import Any

from birge.assess.document import Document, PerTarget
from birge.assess.milestones import MilestoneOdds
from birge.assess.odds import InputSensitivity, MeasureShare, TargetOdds

__all__ = ["lacking", "whole"]

Rows = Sequence[Mapping[str, Any]]
OWN = tuple(f.name for f in fields(PerTarget))
KINDS: Mapping[str, type] = {
    "measures": MeasureShare,
    "milestones": MilestoneOdds,
    "sensitivity": InputSensitivity,
}
EMPTY: Mapping[str, Any] = {
    "by_target": {},
    "delay_costs": {},
    "delays": {},
    "fans": (),
    "groups": (),
    "growth": (),
    "measures": (),
    "milestones": (),
    "past_targets": (),
    "sensitivity": (),
    "targets": (),
    "unverified": {},
    "warnings": (),
    "without": (),
}
LATER = ("variants", "base_rate", "odds_range")
"""Keys of a target that some releases did not keep and that a page shows apart."""


def whole(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the document with every key; the headline's own rows also stand under `by_target`."""
    made = {f.name: document.get(f.name, EMPTY.get(f.name)) for f in fields(Document)} | dict(document)
    made |= _rows(made)
    made["targets"] = [_filled(t, TargetOdds) for t in made["targets"]]
    ids = [t["id"] for t in made["targets"]]
    if made["headline"] not in ids and ids:
        made["headline"] = ids[0]
    own = {k: made[k] for k in OWN}
    kept = {ident: {**_blank(), **v, **_rows({**_blank(), **v})} for ident, v in made["by_target"].items()}
    made["by_target"] = {made["headline"]: own} | kept
    return made


def lacking(document: Mapping[str, Any], target: str | None = None) -> tuple[str, ...]:
    """Return what an earlier release did not keep of a target (of the run as a whole where it is None), by key."""
    found = [f.name for f in fields(Document) if f.name not in document]
    if target is None:
        return tuple(found)
    row: Mapping[str, Any] = next((t for t in document.get("targets", ()) if t.get("id") == target), {})
    found = [name for name in LATER if name not in row]
    own = document.get("by_target", {}).get(target)
    if own is None and target == document.get("headline"):
        own = document
    found += [name for name in OWN if own is None or name not in own or _short(name, own[name])]
    return (*found, *(("fans",) if "fans" not in document else ()))


def _blank() -> dict[str, Any]:
    return {name: None if name == "needed" else () for name in OWN}


def _rows(of: Mapping[str, Any]) -> dict[str, Any]:
    return {name: [_filled(r, kind) for r in of[name] if _fits(r, kind)] for name, kind in KINDS.items()}


def _short(name: str, rows: Rows) -> bool:
    return name in KINDS and not all(_fits(r, KINDS[name]) for r in rows)


def _fits(row: Mapping[str, Any], kind: type) -> bool:
    needed = (f.name for f in fields(kind) if f.default is MISSING and f.default_factory is MISSING)
    return all(name in row for name in needed)


def _filled(row: Mapping[str, Any], kind: type) -> dict[str, Any]:
    """Return a row with the fields that it lacks as the record has them where nothing is said."""
    made = {
        f.name: f.default_factory() if f.default_factory is not MISSING else None if f.default is MISSING else f.default
        for f in fields(kind)
    }
    return made | dict(row)
