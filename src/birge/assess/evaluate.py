"""Run coupled models to a fixed point, draw by draw.

The order follows from what each model reads and writes. Models on a cycle are iterated with damping
``x ← x + ω (f(x) - x)``; a draw whose relative change falls under `tolerance` is frozen, so that its answer
does not depend on which other draws are in the batch. A draw that never settles keeps its residual and is
marked failed: it counts as a miss in the lower odds and as a hit in the upper.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from birge.errors import BirgeError
from birge.rng import Streams
from birge.spec import Model, World
from birge.variables import variables

__all__ = ["Evaluated", "evaluate", "order", "starts"]


@dataclass(frozen=True)
class Evaluated:
    """The world after the fixed point, with residual, passes and failure of every draw."""

    world: World
    residual: NDArray[np.float64]
    passes: NDArray[np.int64]
    failed: NDArray[np.bool_]


def starts(draws: int) -> World:
    """Return the defaults of Variables that models write, as arrays of length 1 along each dim: where cycles begin."""
    return {
        v.name: np.full((draws,) + (1,) * len(v.dims), v.default)
        for v in variables().values()
        if v.default is not None and not v.plan_may_act
    }


def order(models: Sequence[Model[Any, Any]]) -> list[list[Model[Any, Any]]]:
    """Group models into strongly connected components, each after all it reads from.

    Raises BirgeError if two models write the same Variable.
    """
    writer: dict[str, Model[Any, Any]] = {}
    for model in models:
        for name in model.writes:
            if name in writer:
                raise BirgeError(f"{name} is written by {writer[name].id} and {model.id}", variable=name)
            writer[name] = model
    after = {m.id: [writer[r].id for r in m.reads if r in writer] for m in models}
    by_id = {m.id: m for m in models}
    return [[by_id[i] for i in group] for group in _components(after)]


def _components(after: Mapping[str, Sequence[str]]) -> list[list[str]]:
    """Tarjan's strongly connected components, dependencies first."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []

    def visit(node: str) -> None:
        index[node] = low[node] = len(index)
        stack.append(node)
        for other in after[node]:
            if other not in index:
                visit(other)
                low[node] = min(low[node], low[other])
            elif other in stack:
                low[node] = min(low[node], index[other])
        if low[node] == index[node]:
            cut = stack.index(node)
            found.append(sorted(stack[cut:], key=list(after).index))
            del stack[cut:]

    for node in after:
        if node not in index:
            visit(node)
    return found


def evaluate(
    models: Sequence[Model[Any, Any]],
    prepared: Mapping[str, Any],
    world: World,
    streams: Streams,
    *,
    damping: float = 1.0,
    tolerance: float = 1e-8,
    passes: int = 100,
) -> Evaluated:
    """Evaluate one block of `streams.draws` draws; `world` holds the defaults of Variables in cycles.

    Raises BirgeError where a Variable in a cycle has no starting value.
    """
    now: dict[str, NDArray[np.float64]] = dict(world)
    residual = np.zeros(streams.draws)
    used = np.ones(streams.draws, dtype=np.int64)
    failed = np.zeros(streams.draws, dtype=np.bool_)
    for group in order(models):
        if len(group) == 1 and not set(group[0].reads) & set(group[0].writes):
            now.update(group[0].run(prepared[group[0].id], now, streams))
            continue
        r, n = _fixed_point(group, prepared, now, streams, damping, tolerance, passes)
        residual = np.maximum(residual, r)
        used = np.maximum(used, n)
        failed |= ~(r <= tolerance)
    return Evaluated(now, residual, used, failed)


def _fixed_point(
    group: Sequence[Model[Any, Any]],
    prepared: Mapping[str, Any],
    now: dict[str, NDArray[np.float64]],
    streams: Streams,
    damping: float,
    tolerance: float,
    passes: int,
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Iterate `group` in place on `now`; return the residual and the number of passes of every draw."""
    names = [n for m in group for n in m.writes]
    missing = [n for n in names if n not in now]
    if missing:
        raise BirgeError(f"no default for {', '.join(missing)}, which stand in a cycle", variables=missing)
    active = np.ones(streams.draws, dtype=np.bool_)
    residual = np.full(streams.draws, np.inf)
    used = np.zeros(streams.draws, dtype=np.int64)
    for number in range(1, passes + 1):
        trial = dict(now)
        change = np.zeros(streams.draws)
        with np.errstate(over="ignore", invalid="ignore"):
            for model in group:
                for name, value in model.run(prepared[model.id], trial, streams).items():
                    old = now[name]
                    step = value - old
                    scale = np.maximum(np.abs(value), 1.0)
                    change = np.maximum(change, _per_draw(np.abs(step) / scale))
                    trial[name] = np.where(_along(active, old), old + damping * step, old)
        now.update({n: trial[n] for n in names})
        residual[active] = np.where(np.isfinite(change), change, np.inf)[active]
        used[active] = number
        active &= ~(residual <= tolerance)
        if not active.any():
            break
    return residual, used


def _per_draw(x: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(x.reshape(len(x), -1).max(axis=1)) if x.size else np.zeros(len(x))


def _along(mask: NDArray[np.bool_], like: NDArray[np.float64]) -> NDArray[np.bool_]:
    return mask.reshape((-1,) + (1,) * (like.ndim - 1))
