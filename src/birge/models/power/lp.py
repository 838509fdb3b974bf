"""Linear programmes on HiGHS: assembled by columns and rows, solved, and never half solved.

`Assembly` collects columns, rows and coefficients as arrays; `Solver` keeps one HiGHS object alive, so that a changed
bound or an added row starts from the last basis. Units throughout: GWh, km3, mn USD.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from birge.errors import SolveError

__all__ = ["INFINITY", "Assembly", "Solution", "Solver"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
INFINITY = float("inf")
METHOD = "simplex"
DUAL, PRIMAL = 1, 4
"""How HiGHS numbers its ways of the simplex."""
LEVELS = 8
"""Slices of a column that is evened: what is left of differences is one of them."""
TIE = 1e-7
"""Reduced costs and duals below this are none, as the tolerances of HiGHS have it."""


class Assembly:
    """Columns with cost and bounds, rows with bounds, and the coefficients between them."""

    def __init__(self) -> None:
        self.cost: list[Floats] = []
        self.bounds: list[tuple[Floats, Floats]] = []
        self.limits: list[tuple[Floats, Floats]] = []
        self.entries: list[tuple[Ints, Ints, Floats]] = []
        self.columns = 0
        self.rows = 0

    def column(self, count: int, cost: Any = 0.0, low: Any = 0.0, high: Any = INFINITY) -> Ints:
        """Add `count` columns; return their numbers."""
        self.cost.append(np.broadcast_to(np.asarray(cost, dtype=np.float64), (count,)))
        self.bounds.append((_full(low, count), _full(high, count)))
        self.columns += count
        return np.arange(self.columns - count, self.columns, dtype=np.int32)

    def row(self, count: int, low: Any = 0.0, high: Any = INFINITY) -> Ints:
        """Add `count` rows low ≤ … ≤ high; return their numbers."""
        self.limits.append((_full(low, count), _full(high, count)))
        self.rows += count
        return np.arange(self.rows - count, self.rows, dtype=np.int32)

    def put(self, rows: Any, columns: Any, values: Any) -> None:
        """Set coefficients; the three are broadcast to each other. A place that is set twice is an error of HiGHS."""
        r, c, v = np.broadcast_arrays(np.asarray(rows, np.int32), np.asarray(columns, np.int32), np.asarray(values))
        self.entries.append((r.ravel(), c.ravel(), v.ravel().astype(np.float64)))

    def model(self) -> Any:
        """Return the programme as HiGHS reads it."""
        import highspy

        r, c, v = (np.concatenate([e[k] for e in self.entries]) for k in range(3))
        keep = v != 0
        r, c, v = r[keep], c[keep], v[keep]
        order = np.lexsort((r, c))
        made = highspy.HighsLp()
        made.num_col_, made.num_row_ = self.columns, self.rows
        made.col_cost_ = np.concatenate(self.cost)
        made.col_lower_, made.col_upper_ = (np.concatenate([b[k] for b in self.bounds]) for k in (0, 1))
        made.row_lower_, made.row_upper_ = (np.concatenate([b[k] for b in self.limits]) for k in (0, 1))
        made.a_matrix_.start_ = np.searchsorted(c[order], np.arange(self.columns + 1)).astype(np.int32)
        made.a_matrix_.index_, made.a_matrix_.value_ = r[order], v[order]
        return made


@dataclass(frozen=True)
class Solution:
    """An optimum: cost, values of columns, reduced costs, duals of rows."""

    cost: float
    value: Floats
    reduced: Floats
    dual: Floats


class Solver:
    """One programme that stays in memory; raises SolveError unless a solve ends at an optimum.

    `costs` are those of its columns when it was made. `often`: solved again and again from its last basis, which
    presolve would only slow down. `seconds` bounds a solve.
    """

    def __init__(self, made: Assembly, often: bool = False, seconds: float = INFINITY) -> None:
        import highspy

        library: Any = highspy
        self._optimal = library.HighsModelStatus.kOptimal
        self._highs = _quiet(library)()
        asked = {"output_flag": False, "threads": 1, "solver": METHOD, "time_limit": seconds}
        for name, value in (asked | ({"presolve": "off"} if often else {})).items():
            self._set(name, value)
        self._refused = library.HighsStatus.kError
        self._done(self._highs.passModel(made.model()), "the programme")
        self._rows = made.rows
        self.costs = np.concatenate(made.cost)

    def bound(self, columns: Ints, low: Floats, high: Floats) -> None:
        """Change the bounds of columns."""
        self._done(self._highs.changeColsBounds(len(columns), columns, low, high), "bounds of columns")

    def coefficient(self, row: int, column: int, value: float) -> None:
        """Change one coefficient."""
        self._done(self._highs.changeCoeff(row, column, value), "a coefficient")

    def limit(self, row: int, low: float, high: float) -> None:
        """Change the bounds of a row."""
        self._done(self._highs.changeRowBounds(row, low, high), "bounds of a row")

    def price(self, column: int, cost: float) -> None:
        """Change the cost of a column."""
        self._done(self._highs.changeColCost(column, cost), "a cost")

    def prices(self, cost: Floats) -> None:
        """Change the cost of every column."""
        every = np.arange(len(cost), dtype=np.int32)
        self._done(self._highs.changeColsCost(len(cost), every, cost), "costs of columns")

    def primal(self) -> None:
        """Go on by the primal simplex, which a change of costs alone leaves a feasible basis."""
        self._set("simplex_strategy", PRIMAL)

    def dual(self) -> None:
        """Go on by the dual simplex, which is faster after a change of bounds."""
        self._set("simplex_strategy", DUAL)

    def at_least(self, low: Floats, columns: Ints, values: Floats) -> None:
        """Add the rows low ≤ values · columns; `columns` and `values` are [row, entry]."""
        count, entries = columns.shape
        starts = np.arange(0, count * entries, entries, dtype=np.int32)
        columns = np.ascontiguousarray(columns, np.int32).ravel()
        high = np.full(count, INFINITY)
        self._done(
            self._highs.addRows(count, low, high, count * entries, starts, columns, values.ravel()), f"{count:,} rows"
        )

    def row(self, columns: Ints, values: Floats) -> int:
        """Add a row without limits; return its number."""
        number = int(self._highs.getNumRow())
        self._done(self._highs.addRow(-INFINITY, INFINITY, len(columns), columns, values), "a row")
        return number

    def forget(self) -> None:
        """Take out every row that was added after the programme was made."""
        last = self._highs.getNumRow()
        if last > self._rows:
            added = np.arange(self._rows, last, dtype=np.int32)
            self._done(self._highs.deleteRows(last - self._rows, added), "rows taken out")

    def solve(self) -> Solution:
        """Return the optimum, from the last basis; raises SolveError with the status of HiGHS otherwise."""
        self._run()
        s = self._highs.getSolution()
        return Solution(
            self._highs.getObjectiveValue(),
            np.asarray(s.col_value),
            np.asarray(s.col_dual),
            np.asarray(s.row_dual),
        )

    def priced(self, columns: Ints) -> tuple[float, Floats]:
        """Return cost and reduced costs of `columns` at the optimum, where nothing else is asked."""
        self._run()
        return self._highs.getObjectiveValue(), np.asarray(self._highs.getSolution().col_dual)[columns]

    def _set(self, name: str, value: Any) -> None:
        self._highs.setOptionValue(name, value)
        # A wheel without the asked solver takes another one and says nothing: read it back.
        if self._highs.getOptionValue(name)[1] != value:
            raise SolveError(f"HiGHS did not take {name} = {value}", 0, float("nan"))

    def _done(self, status: Any, what: str) -> None:
        """Raise SolveError where HiGHS did not take what it was given, and would solve something else."""
        if status == self._refused:
            raise SolveError(f"HiGHS did not take {what}", 0, float("nan"))

    def evened(self, s: Solution, columns: Ints, width: Floats, weight: Floats, kept: Ints) -> Solution:
        """Return another optimum of the same cost, duals kept, in which `columns` are as alike as their `width` allows.

        What would cost something to change is held: columns with a reduced cost and rows with a dual, which leaves the
        optima and nothing else; so are the columns `kept`. Among them, each column fills `LEVELS` slices of its width,
        a deeper one at a higher price times `weight`. The programme is not to be solved again afterwards.
        """
        many = len(s.value)
        activity = np.asarray(self._highs.getSolution().row_value)
        held = np.union1d(np.flatnonzero(np.abs(s.reduced) > TIE), kept)
        rows = np.flatnonzero(np.abs(s.dual) > TIE)
        free = np.flatnonzero(np.abs(s.reduced[columns]) <= TIE)
        if not len(free):
            return s
        self.bound(held.astype(np.int32), s.value[held], s.value[held])
        limits = self._highs.changeRowsBounds(len(rows), rows.astype(np.int32), activity[rows], activity[rows])
        self._done(limits, "bounds of rows")
        self.prices(np.zeros(many))
        slices, none = np.repeat(width[free] / LEVELS, LEVELS), np.zeros(0)
        slices[LEVELS - 1 :: LEVELS] = INFINITY
        price = np.outer(weight[free], np.arange(1.0, LEVELS + 1)).ravel()
        count, empty = len(price), np.zeros(0, np.int32)
        added = self._highs.addCols(count, price, np.zeros(count), slices, 0, np.zeros(count, np.int32), empty, none)
        self._done(added, f"{count:,} columns")
        own = np.arange(many, many + count).reshape(-1, LEVELS)
        signs = np.concatenate([np.ones(own.shape), -np.ones((len(free), 1))], axis=1)
        self.at_least(np.zeros(len(free)), np.concatenate([own, columns[free, None]], axis=1), signs)
        self._run()
        return replace(s, value=np.asarray(self._highs.getSolution().col_value)[:many])

    def _run(self) -> None:
        self._highs.run()
        status = self._highs.getModelStatus()
        if status != self._optimal:
            name = self._highs.modelStatusToString(status)
            raise SolveError(f"the power programme ended as {name}", 0, float("nan"))


def _quiet(library: Any) -> Any:
    """Return the HiGHS class that says nothing: the plain one prints its name before any option can be set."""

    def enable(self: Any) -> None:
        self.setOptionValue("output_flag", False)
        library.Highs.enableCallbacks(self)

    return type("Quiet", (library.Highs,), {"enableCallbacks": enable})


def _full(value: Any, count: int) -> Floats:
    return np.broadcast_to(np.asarray(value, dtype=np.float64), (count,))
