"""The registry: what two sides keep together and apart, on SQLite or PostgreSQL by one code path.

Every record has one owning side and goes out version by version: own side, both sides, public. The design stands in
`docs/decisions/0020-registry.md`; a service takes a `Desk` (one transaction, one actor):

>>> registry = Registry.open("sqlite:///birge.sqlite")            # doctest: +SKIP
>>> with registry.desk("aigul") as desk:                          # doctest: +SKIP
...     report(desk, Progress(item="complex-open", reported=today, state="in progress"))
"""

from __future__ import annotations

from birge.store import accounts
from birge.store.access import Actor, Grant
from birge.store.desk import Desk
from birge.store.errors import Broken, Conflict, Denied, Missing, StoreError, Unready
from birge.store.kinds import KINDS
from birge.store.records import Record
from birge.store.registry import ANYONE, OPERATOR, Registry

__all__ = [
    "ANYONE",
    "KINDS",
    "OPERATOR",
    "Actor",
    "Broken",
    "Conflict",
    "Denied",
    "Desk",
    "Grant",
    "Missing",
    "Record",
    "Registry",
    "StoreError",
    "Unready",
    "accounts",
]
