"""Goods and what their time costs: value of a tonne, value of a day, trucks, and trade in USD to tonnes and trucks.

tonnes[section] = USD[section] / value of a tonne          loaded trucks = tonnes by road / payload / 365
trucks of a direction = loaded + empty returns × loaded of the other direction
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from birge.errors import InputError
from birge.factbook.network import SectionShare, freight_parameters, section_shares, section_values
from birge.factbook.parameters import Parameter

__all__ = ["GOODS", "Costs", "Goods", "central", "class_of_goods", "costs", "sections_of"]

Floats = NDArray[np.float64]
GOODS = ("perishables", "bulk", "general", "valuables")


@dataclass(frozen=True)
class Goods:
    """A kind of goods: `value` USD a tonne, `day` share of value a day in transit costs."""

    name: str
    value: float
    day: float

    @property
    def hour(self) -> float:
        """Return what an hour costs, USD a tonne."""
        return self.value * self.day / 24


@dataclass(frozen=True)
class Costs:
    """The parameters of generalised cost and choice; units as in freight_parameters."""

    reliability_ratio: float
    truck_hour: float
    payload: float
    empty_returns: float
    wagon_payload: float
    transfer_cost: float
    transfer_hours: float
    rail_border_hours: float
    fee: float
    fuel_full: float
    fuel_empty: float
    idle_fuel: float
    diesel_wtw: float
    rail_intensity: float
    scale_route: float
    scale_crossing: float
    scale_mode: float

    @property
    def waiting(self) -> float:
        """Return what an hour at a crossing costs the truck, empty returns included, USD a tonne of load."""
        return self.truck_hour * (1 + self.empty_returns) / self.payload


def central(p: Parameter) -> float:
    """Return the middle of a parameter: its value, the mean of a triangular or a uniform draw."""
    numbers = dict(p.numbers)
    if "value" in numbers:
        return numbers["value"]
    return sum(numbers.values()) / len(numbers)


def costs() -> Costs:
    """Return the parameters at their means."""
    known = freight_parameters()
    return Costs(**{name: central(known[name]) for name in Costs.__dataclass_fields__})


def sections_of(pair: tuple[str, str]) -> Mapping[str, tuple[tuple[SectionShare, Goods], ...]]:
    """Return by direction the sections of the pair's trade with the goods they stand for, at central values."""
    known, values = freight_parameters(), section_values()
    made: dict[str, tuple[tuple[SectionShare, Goods], ...]] = {}
    for a, b in (pair, pair[::-1]):
        made[f"{a}-{b}"] = tuple(
            (s, Goods(s.section, _mode(values[s.section]), central(known[f"day_{s.goods}"])))
            for s in section_shares(pair)
            if s.flow == f"{a}-{b}"
        )
    return made


def class_of_goods(name: str, pair: tuple[str, str]) -> Goods:
    """Return goods of a class (perishables, …) or a section (I, …) of the pair's trade in both directions.

    The value of a tonne of a class is its value over its tonnes. Raises InputError for an unknown name.
    """
    known, values = freight_parameters(), section_values()
    if name.upper() in values:
        section = name.upper()
        kinds = [s.goods for s in section_shares(pair) if s.section == section]
        return Goods(section, _mode(values[section]), central(known[f"day_{kinds[0] if kinds else 'general'}"]))
    if name.lower() not in GOODS:
        remedy = f"write one of {', '.join(GOODS)}, or a section I to XXI"
        raise InputError.at("--goods", "goods-unknown", f"{name!r} is no class of goods", remedy)
    rows = [s for s in section_shares(pair) if s.goods == name.lower()]
    usual = {"perishables": "II", "bulk": "V", "general": "IV", "valuables": "XVI"}[name.lower()]
    tonnes = sum(s.share / _mode(values[s.section]) for s in rows)
    value = sum(s.share for s in rows) / tonnes if rows else _mode(values[usual])
    return Goods(name.lower(), value, central(known[f"day_{name.lower()}"]))


def _mode(p: Parameter) -> float:
    return dict(p.numbers)["mode"]
