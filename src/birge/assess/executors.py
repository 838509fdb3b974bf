"""Where blocks of draws run: threads of this process, any `concurrent.futures.Executor`, or a Dask cluster.

A block is a pure function of its number, so the numbers are the same bit for bit whatever runs it and in which order.
The kernels release the interpreter lock, so threads are the default.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar

from birge.errors import InputError

__all__ = ["WORKERS", "dask_executor", "over_blocks"]

T = TypeVar("T")
P = TypeVar("P")
WORKERS = 2


def over_blocks(
    task: Callable[[P], T], pieces: Sequence[P], workers: int = WORKERS, executor: Executor | None = None
) -> Iterator[T]:
    """Yield `task(piece)` in the order of `pieces`, on `executor` or else on `workers` threads."""
    if executor is not None:
        yield from executor.map(task, pieces)
    elif workers == 1 or len(pieces) == 1:
        yield from map(task, pieces)
    else:
        with ThreadPoolExecutor(workers, thread_name_prefix="birge") as pool:
            yield from pool.map(task, pieces)


@contextmanager
def dask_executor(address: str, timeout_s: float = 10.0) -> Iterator[Executor]:
    """Connect to the Dask scheduler at `address` (`tcp://host:8786`) and yield its executor.

    Raises InputError where Dask is not installed or nobody answers.
    """
    try:
        from distributed import Client
    except ImportError as error:
        raise InputError.at(
            "--scheduler", "dask-missing", "Dask is not installed", "install the extra: pip install 'birge[dask]'"
        ) from error
    try:
        client = Client(address, timeout=timeout_s, set_as_default=False)
    except (OSError, ValueError, TypeError) as error:
        raise InputError.at(
            "--scheduler",
            "scheduler-unreachable",
            f"no Dask scheduler answers at {address!r}",
            "start one with `dask scheduler` and give its address, such as tcp://127.0.0.1:8786",
        ) from error
    with client:
        yield _Cluster(client)


class _Cluster(Executor):
    """A Dask client as an executor whose `map` sends the task once to every worker, not once with every piece."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:
        """Run `fn` on the cluster."""
        future: Future[T] = self._client.get_executor(pure=False).submit(fn, *args, **kwargs)
        return future

    def map(
        self, fn: Callable[..., T], *iterables: Iterable[Any], timeout: float | None = None, chunksize: int = 1
    ) -> Iterator[T]:
        """Yield `fn(*items)` in order; `chunksize` changes nothing."""
        task = self._client.scatter(fn, broadcast=True, hash=False)
        made = [self._client.submit(_called, task, *items, pure=False) for items in zip(*iterables, strict=False)]
        return (future.result(timeout=timeout) for future in made)


def _called(task: Callable[..., T], *items: Any) -> T:
    return task(*items)
