"""Make the table that ships: `python -m birge.models.power.shipped KAZ KGZ 2030 FILE`.

It prints how far readings are from direct solves of cases that are not on the grid, and keeps these errors in the file.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from birge.models.power.cases import design, pair_system
from birge.models.power.system import power_system
from birge.models.power.table import MORE, errors, horizon, input_hash, solved

__all__ = ["document"]


def document(pair: tuple[str, str], last: int) -> dict[str, Any]:
    """Return the table of a pair for a plan that ends in `last`, as it ships.

    Raises ValueError where the pair has no power system.
    """
    whole = power_system(pair)
    system = pair_system(whole, pair) if whole else None
    if whole is None or system is None:
        raise ValueError(f"no power system of {'-'.join(pair)} in the tables")
    of = design(system, horizon(system, last))
    made = solved(system, of)
    arrays = {n: getattr(made, n) for n in ("main", "shift")}
    return {
        "hash": input_hash(system, of),
        "cuts": made.cuts,
        "error": errors(system, of, made, whole.parameters["swap-cap"], MORE),
        "shapes": {n: x.shape for n, x in arrays.items()},
        **{n: [int(v) if v == int(v) else v for v in x.ravel().tolist()] for n, x in arrays.items()},
    }


if __name__ == "__main__":
    first, second, year, target = sys.argv[1:5]
    made = document((first, second), int(year))
    rows = [f"{json.dumps(k)}: {json.dumps(v, separators=(',', ':'))}" for k, v in made.items()]
    Path(target).write_text("{\n" + ",\n".join(rows) + "\n}\n", "utf-8")
    for name, (bias, size) in made["error"].items():
        print(f"{name:22s} mean error {bias:8.2f}, root mean square {size:8.2f}")
