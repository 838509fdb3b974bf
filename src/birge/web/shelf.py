"""What models say of the pair: worked out once, outside the request, and kept for the process.

    page ─▶ taken(key, make) ─▶ the value, or None while it is being computed (a page says so and asks again)

A value is a pure function of its key (pair, design, run of the plan), so two readers never see different ones. One
thread works, so that a page with ten questions takes one core; kernels give the interpreter free while they run.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as Late
from typing import Any, TypeVar

__all__ = ["Shelf", "taken"]

T = TypeVar("T")
MOST = 64
PATIENCE_S = 0.4
"""How long a page waits for a value; a quick model answers within it."""


class Shelf:
    """Values by key, the least used ones given up first."""

    def __init__(self, most: int = MOST, patience: float = PATIENCE_S) -> None:
        self.most, self.patience = most, patience
        self._held: OrderedDict[Hashable, Future[Any]] = OrderedDict()
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(1, "study")

    def take(self, key: Hashable, make: Callable[[], T]) -> T | None:
        """Return the value of `key`, begun with `make` if nobody has asked before; None while it is not ready.

        What `make` raises is raised here for every reader of this value, and tried again after.
        """
        with self._lock:
            found = self._held.get(key)
            if found is None:
                found = self._held[key] = self._pool.submit(make)
            self._held.move_to_end(key)
            done = [k for k, f in self._held.items() if f.done() and k != key]
            for old in done[: max(0, len(self._held) - self.most)]:
                del self._held[old]
        try:
            return found.result(self.patience)  # type: ignore[no-any-return]
        except Late:
            if not found.done():
                return None
            raise
        except Exception:
            with self._lock:
                self._held.pop(key, None)
            raise


_SHELF = Shelf()


def taken(key: Hashable, make: Callable[[], T]) -> T | None:
    """Return a value from the shelf of this process."""
    return _SHELF.take(key, make)
