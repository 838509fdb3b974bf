"""What sizing answers: the chosen design, the curve of cost against wait, what binds, other demands, closed hours."""

from __future__ import annotations

from dataclasses import dataclass

from birge.models.border.decisions import Decision, decided
from birge.models.border.design import Design
from birge.models.border.feasible import Verdict
from birge.models.border.tried import Asked

__all__ = ["Binding", "Closed", "Demand", "Option", "Sizing", "Vector"]

Vector = tuple[int, ...]
"""A value for each decision."""


@dataclass(frozen=True)
class Option:
    """A design that was tried: decisions, USD a year, P90 of the wait (h), shares of weeks met and of trucks lost."""

    chosen: Vector
    operator_usd_year: float
    p90_h: float
    share: float
    lost: float
    truck_hours_year: float
    carriers_usd_year: tuple[float, float]


@dataclass(frozen=True)
class Binding:
    """What one more, and one less, of a decision does to the P90 of the wait (h) and to the yearly cost (USD)."""

    decision: Decision
    now: int
    more_p90_h: float | None
    less_p90_h: float | None
    step_usd_year: float


@dataclass(frozen=True)
class Closed:
    """Hours a week that stations and pools are closed; P90 (h), weeks met and USD a year more with one server then."""

    hours: dict[str, float]
    p90_h: float
    share: float
    step_usd_year: float


@dataclass(frozen=True)
class Demand:
    """The cheapest design at another demand, and what the chosen one gives there."""

    level: float
    kept: Option
    sized: Option | None


@dataclass(frozen=True)
class Sizing:
    """The answer: `chosen` is None where no design within the decisions' limits (or the budget) meets the service.

    `beyond` is then the cheapest that meets it for more than the budget, `best` the closest one within the budget.
    """

    design: Design
    asked: Asked
    regime: str
    free: tuple[Decision, ...]
    now: Option
    chosen: Option | None
    verdict: Verdict | None
    best: Option
    curve: tuple[Option, ...]
    binding: tuple[Binding, ...]
    demand: tuple[Demand, ...]
    error: float
    tolerance: float
    judged: int
    runs: int
    seed: int
    budget: float | None = None
    beyond: Option | None = None
    closed: Closed | None = None

    def result(self) -> Design:
        """Return the chosen design, or the best one found; its title says that it is sized."""
        made = decided(self.design, self.free, (self.chosen or self.best).chosen)
        return made.model_copy(update={"title": f"{made.title}, sized"})
