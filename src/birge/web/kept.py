"""What is kept between requests: plans and pages, under everything that their content depends on.

```
request without a session ─▶ Front: the mark, asked once for all who wait ─▶ sheet kept? ─▶ 200 or 304
                                                                        └─ no ─▶ the page's route
page's route ─▶ reader: mark, in the transaction that reads ─▶ plan kept? ─▶ Page ─▶ sheet, kept under that mark
```

A mark is the hash of the newest audit entry (for the public a sum over the records) and the state of the finished jobs:
every write to the registry appends to the chain, so what was made under a mark is right as long as the mark stands,
whichever process wrote. Nothing is timed.
docs/decisions/0023 says why nothing crosses from one side to the other.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from datetime import date
from threading import Lock
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, String, case, cast, func, select

from birge.store.access import Actor
from birge.store.tables import audit, jobs, records

__all__ = ["Asked", "Kept", "Latest", "Mark", "Marks", "Sheet", "sheet"]

T = TypeVar("T")
OPEN = ("waiting", "running", "stopping")
OFTEN = ("progress", "comment")


@dataclass(frozen=True)
class Mark:
    """What all pages depend on: the state of the records, the finished jobs; and how many jobs are open.

    Open jobs are no part of what is compared: only their own side sees them, and while there are some nothing is kept
    for a side.
    """

    records: str
    done: str
    open: int = field(compare=False)


_HEAD = select(audit.c.hash).order_by(audit.c.seq.desc()).limit(1).scalar_subquery()
_DONE = (
    select(cast(func.count(), String).concat(" ").concat(func.coalesce(func.max(jobs.c.seen), "")))
    .where(jobs.c.state.in_(("done", "failed")))
    .scalar_subquery()
)
_OPEN = select(func.count()).select_from(jobs).where(jobs.c.state.in_(OPEN)).scalar_subquery()
_MARK = select(_HEAD, _DONE, _OPEN)
_ALL = records.c.version + records.c.submitted + records.c.shared + records.c.published
_PUBLIC = select(func.sum(case((records.c.kind.in_(OFTEN), records.c.published), else_=_ALL)))


class Marks:
    """Gives the mark that a transaction sees.

    For a side it is the head of the chain. For a reader without any right it is the sum of all versions and marks, in
    which what is written often and published rarely counts only as published: marks never fall, so the sum stands still
    only where nothing of that changed, and fifty reports that nobody has published cost the public no new page.
    """

    def __init__(self) -> None:
        self._public = ("", "")

    def of(self, connection: Connection, actor: Actor) -> Mark:
        """Return the mark for an actor."""
        head, done, still = connection.execute(_MARK).one()
        if actor.side or actor.grants or actor.operator:
            return Mark(f"head {head}", done, still)
        known, text = self._public
        if known != head:
            text = f"public {connection.execute(_PUBLIC).scalar()}"
            self._public = (head, text)
        return Mark(text, done, still)


@dataclass(frozen=True)
class Sheet:
    """A rendered page, its ETag, and whether a model still works for it."""

    body: bytes
    etag: str
    waits: bool = False


def sheet(text: str, waits: bool = False) -> Sheet:
    """Return a page as it is sent."""
    body = text.encode()
    return Sheet(body, f'"{hashlib.sha256(body).hexdigest()[:32]}"', waits)


class Kept(Generic[T]):
    """Values under keys, the least used dropped first; all of them together weigh no more than `most`.

    Who asks for what somebody is making waits for it, so that a change of the registry costs one rendering and not one
    for each reader. With `most` 0 nothing is kept.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self.weight = 0
        self._lock = Lock()
        self._held: OrderedDict[Hashable, tuple[T, int]] = OrderedDict()
        self._making: dict[Hashable, tuple[Lock, int]] = {}

    def get(self, key: Hashable) -> T | None:
        """Return what is kept under a key."""
        with self._lock:
            found = self._held.get(key)
            if found is None:
                return None
            self._held.move_to_end(key)
            return found[0]

    def put(self, key: Hashable, value: T, weight: int) -> None:
        """Keep a value."""
        if weight > self.most:
            return
        with self._lock:
            old = self._held.pop(key, None)
            self.weight += weight - (old[1] if old else 0)
            self._held[key] = (value, weight)
            while self.weight > self.most:
                self.weight -= self._held.popitem(last=False)[1][1]

    def made(self, key: Hashable, make: Callable[[], T], weigh: Callable[[T], int]) -> T:
        """Return what is kept under a key, made and kept where nothing is; what `make` raises is kept by nobody."""
        if (found := self.get(key)) is not None:
            return found
        with self._lock:
            line, waiting = self._making.get(key, (Lock(), 0))
            self._making[key] = (line, waiting + 1)
        try:
            with line:
                if (found := self.get(key)) is None:
                    found = make()
                    self.put(key, found, weigh(found))
                return found
        finally:
            with self._lock:
                line, waiting = self._making[key]
                if waiting == 1:
                    del self._making[key]
                else:
                    self._making[key] = (line, waiting - 1)


@dataclass(frozen=True)
class Asked:
    """What holds for a reader without a session: the mark, who they are, what day it is."""

    mark: Mark
    actor: Actor
    today: date


@dataclass
class _Rounds:
    """The reading that is under way in an event loop, and the one after it."""

    running: asyncio.Future[Asked] | None = None
    next: asyncio.Future[Asked] | None = None


class Latest:
    """Gives all who wait the outcome of one reading that began after each of them had asked.

    So an answer is never older than its question, and two hundred readers at once cost two queries.
    """

    def __init__(self, read: Callable[[], Asked]) -> None:
        self.read = read
        self._rounds: WeakKeyDictionary[asyncio.AbstractEventLoop, _Rounds] = WeakKeyDictionary()

    async def now(self) -> Asked:
        """Return what holds now."""
        rounds = self._rounds.setdefault(asyncio.get_running_loop(), _Rounds())
        if rounds.next is None:
            rounds.next = asyncio.ensure_future(self._round(rounds))
        return await asyncio.shield(rounds.next)

    async def _round(self, rounds: _Rounds) -> Asked:
        if rounds.running is not None and not rounds.running.done():
            await asyncio.wait((rounds.running,))
        rounds.running, rounds.next = rounds.next, None
        return await asyncio.get_running_loop().run_in_executor(None, self.read)
