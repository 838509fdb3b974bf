"""What may be built: projects of the plan from their date on, and further plants, batteries, lines, by the table.

An option that can be split (sun, wind, gas, batteries) is a size the programme chooses; a whole one (a dam, a reactor,
a link to another market) is built or not. Costs are annuities at the discount rate, and a share of the investment.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from birge.models.power.clock import Clock
from birge.models.power.parts import Arc, Tank, Unit
from birge.models.power.system import System
from birge.models.power.tables import shipped_tables
from birge.models.power.zones import zone_parts

__all__ = ["Option", "annuity", "offered", "options"]


@dataclass(frozen=True)
class Option:
    """A thing that may be built from `first_year` on, up to `mw`; `kind` is plant, battery, zone or reservoir.

    A zone has its steps in the system's own table. `efficiency` is that of a battery's cycle, of a
    plant what is left of its profile after outages. `usd_kw` and `usd_kwh` are what a kW and, of a battery, a kWh cost;
    `whole`: built in full or not at all.
    """

    id: str
    milestone: str
    node: str
    kind: str
    technology: str
    mw: float
    first_year: int
    usd_kw: float
    usd_kwh: float
    life: int
    fixed: float
    cost: float
    co2: float
    profile: str
    efficiency: float
    whole: bool

    def yearly(self, system: System) -> float:
        """Return what it costs a year, USD for a MW."""
        return self.usd_kw * 1_000 * (annuity(system.parameters["discount"].mode, self.life) + self.fixed)

    def yearly_store(self, system: System) -> float:
        """Return what a MWh of a battery costs a year, USD."""
        return self.usd_kwh * 1_000 * (annuity(system.parameters["discount"].mode, self.life) + self.fixed)

    def parts(self, system: System, clock: Clock) -> tuple[list[Unit], list[Arc], list[Tank]]:
        """Return the option as parts that may grow, or in full where it is whole (its investment is not in them)."""
        steps = len(clock.hours)
        size, most = (self.mw, 0.0) if self.whole else (0.0, self.mw)
        if self.kind == "battery":
            bus, half = f"{self.id}-battery", self.yearly(system) / 2
            ones, each = np.ones(steps), np.full(steps, self.efficiency**0.5)
            # On typical days a step stands for many days at once, and the day ends empty.
            top = np.where(clock.night, 0.0, clock.days)
            return (
                [],
                [
                    Arc(f"{self.id}-charge", self.node, bus, size, ones, each, most=most, capital=half),
                    Arc(f"{self.id}-discharge", bus, self.node, size, ones, each, most=most, capital=half),
                ],
                [
                    Tank(
                        f"{self.id}-store",
                        bus,
                        0.0,
                        np.zeros(steps),
                        top,
                        most=self.mw * 12,
                        capital=self.yearly_store(system),
                    )
                ],
            )
        shape = clock.values(system, self.profile) * self.efficiency
        if self.kind == "zone":
            return *zone_parts(system, clock, next(z for z in system.zones if z.id == self.id)), []
        if self.kind == "reservoir":
            return [], [], []
        capital = 0.0 if self.whole else self.yearly(system)
        unit = Unit(self.id, self.node, self.technology, size, np.zeros(steps), shape, self.cost, self.co2)
        return [replace(unit, most=most, capital=capital)], [], []


def annuity(rate: float, years: int) -> float:
    """Return the yearly share of an investment that repays it with interest over `years`."""
    return 1 / years if rate == 0 else float(rate / (1 - (1 + rate) ** -years))


def options(system: System, year: int) -> tuple[Option, ...]:
    """Return what may be built by `year` at the nodes of a system."""
    return tuple(o for o in offered(system) if o.first_year <= year)


def offered(system: System) -> tuple[Option, ...]:
    """Return what may ever be built at the nodes of a system."""
    nodes = {n.id for n in system.nodes}
    convert: dict[str, Any] = {"float": float, "int": int, "str": str, "bool": lambda v: v == "true"}
    rows = (system.tables or shipped_tables())["options"]
    made = (Option(**{f.name: convert[str(f.type)](row[f.name]) for f in fields(Option)}) for row in rows)
    return tuple(o for o in made if o.node in nodes)
