"""Why the registry refuses.

```
StoreError            exit 4
├── Denied            the actor has no right to it; there is no right without a grant
├── Missing           there is no such thing, or none that the actor may see
├── Conflict          somebody else changed it first: carries both versions, nothing is lost
├── Unready           the database holds no registry, or one of another revision
├── Nested            a desk was asked for within a desk: a fault of the caller, never of the data
└── Broken            a package or a backup is damaged or is not what it says
```
"""

from __future__ import annotations

from typing import Any

from birge.errors import StoreError

__all__ = ["Broken", "Conflict", "Denied", "Missing", "Nested", "StoreError", "Unready"]


class Denied(StoreError):
    """The actor may not do this."""


class Missing(StoreError):
    """There is no such thing, or none that the actor may see."""


class Conflict(StoreError):
    """Somebody else was first; `mine` is what was sent, `theirs` what stands there now, with its version."""

    def __init__(self, message: str, mine: Any, theirs: Any, version: int) -> None:
        super().__init__(message, mine=mine, theirs=theirs, version=version)
        self.mine = mine
        self.theirs = theirs
        self.version = version


class Unready(StoreError):
    """The database holds no registry, or one that this release cannot read."""


class Nested(StoreError):
    """A transaction that writes was begun within another on the same thread; it would wait for itself."""


class Broken(StoreError):
    """A package or backup is damaged, or is not what it says."""
