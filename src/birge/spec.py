"""The nouns every part shares: the Variable, its dims, and the Model record.

A Variable is a named quantity with a unit and ordered dims. A model reads Variables and writes Variables;
a plan's effects act on Variables that nobody writes. Inside the assessment the world is a mapping from
Variable name to a bare array whose first axis is the draw and whose other axes follow the declared dims.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from birge.rng import Streams

__all__ = ["Dim", "Draw", "Model", "Variable", "World"]

I = TypeVar("I")  # noqa: E741
P = TypeVar("P")
World = Mapping[str, NDArray[np.float64]]


@dataclass(frozen=True)
class Dim:
    """A named axis and where its coordinates come from."""

    name: str
    source: Literal["plan parties", "directions", "years", "months", "milestones", "crossings", "economies", "sections"]


@dataclass(frozen=True)
class Variable:
    """A named quantity: unit, ordered dims after the draw, how contributions combine, and its meaning."""

    name: str
    unit: str
    dims: tuple[str, ...]
    step: Literal["year", "month", "none"]
    combine: Literal["add", "multiply", "none"]
    default: float | None
    bounds: tuple[float, float]
    plan_may_act: bool
    meaning: str


@dataclass(frozen=True)
class Draw:
    """An input that a model drew, by name, with its value in every draw; what the odds hang on is read from these."""

    id: str
    meaning: str
    unit: str
    assumed: bool
    value: NDArray[np.float64]


@dataclass(frozen=True)
class Model(Generic[I, P]):
    """One model: what it reads and writes, and three pure steps.

    `setup` is the only place that reads plan, factbook and scenario; `prepare` is slow and cached by the
    hash of its inputs; `run` is cheap, batched over draws, and touches no file, global or clock.
    """

    id: str
    inputs: type[I]
    reads: tuple[str, ...]
    writes: tuple[str, ...]
    setup: Callable[..., I]
    prepare: Callable[[I, Streams], P]
    run: Callable[[P, World, Streams], Mapping[str, NDArray[Any]]]
