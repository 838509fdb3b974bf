"""The declared Variables, read from the TOML files beside this module."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from birge.spec import Variable

__all__ = ["variables"]


@cache
def variables() -> Mapping[str, Variable]:
    """Return every declared Variable by name."""
    found: dict[str, Variable] = {}
    for entry in sorted(files(__package__).iterdir(), key=lambda e: e.name):
        if entry.name.endswith(".toml"):
            for name, row in tomllib.loads(entry.read_text("utf-8")).items():
                found[name] = Variable(
                    name=name,
                    unit=row["unit"],
                    dims=tuple(row["dims"]),
                    step=row["step"],
                    combine=row["combine"],
                    default=row.get("default"),
                    bounds=(float(row["bounds"][0]), float(row["bounds"][1])),
                    plan_may_act=row["plan_may_act"],
                    meaning=row["meaning"],
                )
    return found
