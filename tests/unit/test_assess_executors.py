"""The same numbers whatever runs the blocks, and failed draws as rows with their error."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from dataclasses import replace
from datetime import date
from functools import cache
from multiprocessing import get_context
from typing import Any

import numpy as np
import pytest

from birge.assess import assess, block, ensemble
from birge.assess.executors import dask_executor
from birge.errors import InputError, SolveError
from birge.models.registry import MODELS
from birge.rng import Streams
from birge.spec import Model

AS_OF = date(2026, 11, 24)


def document(**options: Any) -> Mapping[str, Any]:
    """Return the document of a run of two blocks, the last one short, without its runtime."""
    made = assess(draws=1_010, as_of=AS_OF, **options).document()
    return {k: v for k, v in made.items() if k != "runtime_s"}


@cache
def one() -> Mapping[str, Any]:
    """Return the document of a run on one thread."""
    return document(workers=1)


class Backwards(Executor):
    """Runs what it was given last first."""

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        raise NotImplementedError

    def map(self, fn: Any, *iterables: Any, **_: Any) -> Any:
        given = list(zip(*iterables, strict=True))
        made = {k: fn(*given[k]) for k in reversed(range(len(given)))}
        return (made[k] for k in range(len(given)))


def test_the_numbers_do_not_depend_on_what_runs_them() -> None:
    assert document(workers=3) == one()
    assert document(executor=Backwards()) == one()
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        assert document(executor=pool) == one()


def test_the_last_block_alone_equals_the_last_of_the_whole() -> None:
    seen: dict[int, Any] = {}

    class Keeping(Backwards):
        def map(self, fn: Any, *iterables: Any, **_: Any) -> Any:
            given = list(zip(*iterables, strict=True))
            seen["alone"] = fn(*given[-1])
            return (fn(*g) for g in given)

    whole = assess(draws=1_100, as_of=AS_OF, executor=Keeping())
    alone = seen["alone"]
    assert (alone.joint.turnover() == whole.joint.turnover()[1_000:]).all()
    assert (alone.joint.log == whole.joint.log[1_000:]).all()


@pytest.mark.skipif(importlib.util.find_spec("distributed") is None, reason="Dask is not installed (extra `dask`)")
def test_a_dask_cluster_gives_the_same_numbers() -> None:
    from distributed import LocalCluster

    with (
        LocalCluster(n_workers=1, threads_per_worker=2, dashboard_address=None, processes=False) as cluster,
        dask_executor(cluster.scheduler_address) as executor,
    ):
        assert executor.submit(max, 1, 2).result() == 2
        assert document(executor=executor) == one()


def test_a_scheduler_that_is_not_there_is_an_error_of_input() -> None:
    with pytest.raises(InputError) as caught, dask_executor("tcp://127.0.0.1:9", timeout_s=1.0):
        pass
    problem = caught.value.problems[0]
    assert problem.where == "--scheduler"
    installed = importlib.util.find_spec("distributed") is not None
    assert problem.code == ("scheduler-unreachable" if installed else "dask-missing")


def broken(monkeypatch: pytest.MonkeyPatch, spoil: Any) -> None:
    """Let the last model's output pass through `spoil(flow, streams)`."""
    last = MODELS[-1]

    def run(prepared: Any, world: Any, streams: Streams) -> Mapping[str, Any]:
        made = dict(last.run(prepared, world, streams))
        return made | {"trade.flow": spoil(made["trade.flow"].copy(), streams)}

    models: tuple[Model[Any, Any], ...] = (*MODELS[:-1], replace(last, run=run))
    monkeypatch.setattr(block, "MODELS", models)


def test_a_draw_that_fails_is_a_row_with_its_error(monkeypatch: pytest.MonkeyPatch) -> None:
    fine = assess(draws=500, as_of=AS_OF)

    def spoil(flow: Any, _streams: Streams) -> Any:
        flow[7] = np.nan
        return flow

    broken(monkeypatch, spoil)
    made = assess(draws=500, as_of=AS_OF)
    assert made.failed == {7: "a flow is not a number"}
    assert made.failed_draws == 1
    t, u = made.headline.target, fine.headline.target
    met = np.delete(fine.joint.turnover()[:, fine.joint.years.index(2027), 0] >= 3_000, 7)
    assert t.odds_with == pytest.approx(met.mean())
    # a miss in the lower odds, a hit in the upper
    assert t.odds_range is not None
    assert t.odds_range[0] == pytest.approx(min(t.variants.values()) * 0.998)
    assert t.odds_range[1] == pytest.approx(max(t.variants.values()) * 0.998 + 0.002)
    assert any("1 of 500 draws failed" in w for w in made.warnings)
    assert u.odds_with is not None
    assert bool(made.dataset["failed"][7])
    assert np.isnan(made.dataset["turnover_with"][7]).all()
    assert not np.isnan(made.fan()).any()


def test_a_block_that_is_lost_counts_as_failed_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    def spoil(flow: Any, streams: Streams) -> Any:
        if streams.block == 1:
            raise ZeroDivisionError("no trucks")
        return flow

    broken(monkeypatch, spoil)
    with pytest.raises(SolveError, match=r"100 of 1,100 draws failed.*draw 1000: ZeroDivisionError: no trucks"):
        assess(draws=1_100, as_of=AS_OF)
    monkeypatch.setattr(ensemble, "MOST_FAILED", 0.5)
    made = assess(draws=1_100, as_of=AS_OF)
    assert made.failed_draws == 100
    assert set(made.failed) == set(range(1_000, 1_100))
    low, high = made.headline.target.odds_range or (0.0, 0.0)
    assert high - low >= 100 / 1_100
