"""The shipped table of waits: `tables/waits.json`, made by `python -m birge.models.border.shipped FILE`.

Each entry has the hash of its design and of the grid; a design that differs from the one it was made from is not found
here and is worked out anew. A test re-solves cases drawn at random.
"""

from __future__ import annotations

import hashlib
import json
import sys
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from birge.models.border.defaults import COMPLEX, default_design, default_names
from birge.models.border.design import Design
from birge.models.border.table import CAPACITIES, LOADS, METHOD, PASSED, REST_LOADS, WaitTable, wait_table

__all__ = ["design_hash", "document", "table_of"]

PARTS = ("slowest", "joined", "rest")


APART: Any = {"calendar": True, "streams": {"__all__": {"direction": True, "balking": {"to", "hours"}}}}
"""What the recursion does not read: days of other control, and where trucks that stay away go."""


def design_hash(design: Design) -> str:
    """Return the SHA-256 of all that a design's waits depend on: itself, the grid, the version of the recursion."""
    known = {
        "design": design.model_dump(mode="json", exclude=APART),
        "loads": LOADS,
        "capacities": CAPACITIES,
        "rest_loads": REST_LOADS,
        "passed": PASSED,
        "method": METHOD,
    }
    text = json.dumps(known, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def table_of(design: Design, stream: str) -> WaitTable:
    """Return the table of a stream, from the shipped ones where the design is one of them."""
    found = _shipped().get(f"{design.id}/{stream}")
    if found is None or found["hash"] != design_hash(design):
        return wait_table(design, stream)
    parts = (np.array(found[part]) for part in PARTS)
    return WaitTable(design.id, stream, "normal", found["full"], found["rest_full"], *parts)


def document() -> dict[str, Any]:
    """Return the tables of every crossing that ships, rounded to five digits."""
    made = {}
    for name in default_names():
        if name == COMPLEX:
            continue
        design = default_design(name)
        for stream in design.streams:
            t = wait_table(design, stream.id)
            parts = {p: [[float(f"{v:.5g}") for v in row] for row in getattr(t, p)] for p in PARTS}
            made[f"{name}/{stream.id}"] = {
                "hash": design_hash(design),
                "full": t.full,
                "rest_full": t.rest_full,
            } | parts
    return made


@cache
def _shipped() -> dict[str, Any]:
    text = (files("birge.models.border") / "tables" / "waits.json").read_text("utf-8")
    return dict(json.loads(text))


if __name__ == "__main__":
    lines = [f"{json.dumps(k)}: {json.dumps(v)}" for k, v in document().items()]
    Path(sys.argv[1]).write_text("{\n" + ",\n".join(lines) + "\n}\n", "utf-8")
