"""The table of solved cases: found in what ships by the hash of its inputs, or solved anew, and read between points.

    system of the pair, last year ─▶ `table_of` ─▶ shipped (`tables/KAZ-KGZ.json`), or solved in this process once
                                   ─▶ `PowerTable.read(places, shares)` ─▶ outputs of a year

`python -m birge.models.power.shipped KAZ KGZ 2030 FILE` makes the shipped one. Its key is the SHA-256 of all that
the cases read: the pair's rows of the power tables, the last year, the design, and `METHOD`, which goes up when the
model gives other numbers. A row that changes, or a plan that reaches further, is solved anew.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from birge.models.power.cases import ANNUAL, CAPPED, Design, Solved, solve
from birge.models.power.heldout import direct, drawn_cases, measured
from birge.models.power.system import Range, System
from birge.rng import Streams

__all__ = ["METHOD", "MORE", "STEP", "PowerTable", "errors", "horizon", "input_hash", "solved", "table_of"]

Floats = NDArray[np.float64]
METHOD = 3
"""Goes up when the dispatch or the policy gives other numbers, so that the shipped table is made anew."""
STEP = 5
"""Tables reach to a multiple of so many years after the tables' year, so that plans of like length share one."""
DIGITS = 6
FEW, MORE, SEED = 20, 120, 1
"""Cases off the grid of a table made for one run, and of the one that ships."""
MOST_KEPT = 4


@dataclass(frozen=True)
class PowerTable:
    """A solved design of the pair's system, with the hash of its inputs; `error` by output: mean and root mean square
    against direct solves."""

    system: System
    design: Design
    solved: Solved
    key: str
    error: Mapping[str, tuple[float, float]]

    def read(self, at: Floats, share: Floats, count: int) -> Floats:
        """Return the first `count` outputs [n, count] at places [n, 4] with options [n, option].

        Energy and counts are never below 0, and the reservoir stays between stop and full.
        """
        from birge.kernels.response_table import respond

        a, b, c, d = (np.array(x) for x in self.design.axes)
        e, f, g, h = (np.array(x)[list(k)] for x, k in zip(self.design.axes, self.design.coarse, strict=True))
        made = np.empty((len(at), count))
        respond(at, share, (a, b, c, d), self.solved.main, (e, f, g, h), self.solved.shift, made)
        made = np.maximum(made, 0.0)
        lowest = self.system.lowest()
        made[:, 3:5] = np.clip(made[:, 3:5], lowest.stop_km3, lowest.full_km3)
        return made

    def places(self, milestones: tuple[str, ...]) -> list[tuple[int, float, int]]:
        """Return (option, MW, place in `milestones`, -1 where it is not there) of everything that may come."""
        return [
            (k, mw, milestones.index(m) if m in milestones else -1)
            for k, o in enumerate(self.design.options)
            for mw, m in zip(o.mw, o.milestones, strict=False)
            if o.id != CAPPED
        ]


def horizon(system: System, last: int) -> int:
    """Return the year to which the table of a plan that ends in `last` reaches."""
    first = system.home().year
    return first + STEP * max(-(-(last - first) // STEP), 1)


def input_hash(system: System, of: Design) -> str:
    """Return the SHA-256 of what the cases read."""

    def plain(x: Any) -> Any:
        return x.tolist() if isinstance(x, np.ndarray) else str(x)

    parts = {k: v for k, v in asdict(system).items() if k != "tables" and (k != "usual" or v)}
    known = {"system": parts, "design": asdict(of), "method": METHOD}
    text = json.dumps(known, sort_keys=True, ensure_ascii=True, separators=(",", ":"), default=plain)
    return hashlib.sha256(text.encode()).hexdigest()


def table_of(system: System, of: Design) -> PowerTable:
    """Return the table of a pair's system (`pair_system`): the shipped one if it was made from the same inputs."""
    key = input_hash(system, of)
    made, error = _made(key) or _remember(key, system, of)
    return PowerTable(system, of, made, key, error)


def solved(system: System, of: Design) -> Solved:
    """Return the design's cases solved, rounded as they ship, to six digits."""
    made = solve(system, of)
    return replace(made, main=_rounded(made.main), shift=_rounded(made.shift))


def _rounded(values: Floats) -> Floats:
    """Return `values` to six digits; what is below a hundredth is noise of the solver."""
    size = 10.0 ** (DIGITS - 1 - np.floor(np.log10(np.maximum(np.abs(values), 1.0))))
    return np.where(np.abs(values) < 5e-3, 0.0, np.round(values * size) / size) + 0.0


def errors(system: System, of: Design, made: Solved, cap: Range, count: int) -> dict[str, tuple[float, float]]:
    """Return mean and root mean square of the error of readings in `count` cases off the grid, by output."""
    rng = Streams(SEED).at("power/held-out")
    cases = drawn_cases(system, of, cap, horizon(system, system.home().year + 1), count, rng)
    table = PowerTable(system, of, made, "", {})
    read = table.read(np.stack([c.place for c in cases]), np.stack([c.share for c in cases]), len(ANNUAL))
    return measured(read, np.stack([direct(system, of, made, c) for c in cases]))


Found = tuple[Solved, Mapping[str, tuple[float, float]]]
_KEPT: dict[str, Found] = {}


def _remember(key: str, system: System, of: Design) -> Found:
    """Solve a design once in a process."""
    if key not in _KEPT:
        if len(_KEPT) >= MOST_KEPT:
            _KEPT.pop(next(iter(_KEPT)))
        made = solved(system, of)
        _KEPT[key] = made, errors(system, of, made, system.parameters["swap-cap"], FEW)
    return _KEPT[key]


@lru_cache(maxsize=4)
def _made(key: str) -> Found | None:
    """Return the shipped table with this hash."""
    for file in (files("birge.models.power") / "tables").iterdir():
        if not file.name.endswith(".json"):
            continue
        text = file.read_text("utf-8")
        if f'"{key}"' not in text[:200]:
            continue
        found = json.loads(text)
        arrays = {n: np.array(found[n], dtype=np.float64).reshape(found["shapes"][n]) for n in found["shapes"]}
        cuts = tuple(tuple((level, slopes, own) for level, slopes, own in of) for of in found["cuts"])
        return Solved(cuts=cuts, **arrays), {name: (bias, size) for name, (bias, size) in found["error"].items()}
    return None
