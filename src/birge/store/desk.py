"""A desk: one actor, one transaction, one clock. Every service takes a desk, so nothing happens outside of one."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, select

from birge.plan.schema import Organisation
from birge.store import audit
from birge.store.access import Actor, Thing, may
from birge.store.agreement import known_organisations, known_places
from birge.store.errors import Denied
from birge.store.evidence import Files
from birge.store.places import Place
from birge.store.sealing import Seal
from birge.store.tables import settings

__all__ = ["Desk"]


@dataclass
class Desk:
    """What a service needs: the connection of the transaction, the actor, the time, the files, the key."""

    connection: Connection
    actor: Actor
    now: datetime
    files: Files
    seal: Seal
    _cache: dict[str, Any] = field(default_factory=dict)

    @cached_property
    def settings(self) -> dict[str, str]:
        """Return the installation's settings: its id, its side (empty: both sides work here), the two parties."""
        return {row.name: row.value for row in self.connection.execute(select(settings))}

    @property
    def side(self) -> str:
        """Return the side this installation belongs to; empty on a joint server."""
        return self.settings["side"]

    @property
    def parties(self) -> tuple[str, str]:
        """Return the codes of the two sides in the order of the plan's title."""
        first, second = self.settings["parties"].split("-")
        return first, second

    @property
    def other(self) -> str:
        """Return the code of the side that is not the actor's."""
        first, second = self.parties
        return second if self.actor.side == first else first

    @property
    def places(self) -> dict[str, Place]:
        """Return where each item that the actor's side may see stands: measure, pillar, organisations, side."""
        if "places" not in self._cache:
            self._cache["places"] = known_places(self.connection, self.now.date(), self.actor.side)
        found: dict[str, Place] = self._cache["places"]
        return found

    @property
    def organisations(self) -> dict[str, Organisation]:
        """Return the organisations that the actor's side knows: the plan's, its own, and what the other has shared."""
        if "organisations" not in self._cache:
            self._cache["organisations"] = known_organisations(self.connection, self.now.date(), self.actor.side)
        found: dict[str, Organisation] = self._cache["organisations"]
        return found

    def forget(self) -> None:
        """Read the plan and what lies over it anew when it is next asked for."""
        self._cache.clear()

    def may(self, action: str, thing: Thing) -> bool:
        """Return whether the actor may do `action`, at this installation."""
        if self.side and self.actor.side not in (self.side, "") and action != "read":
            return False
        return may(self.actor, action, thing)

    def require(self, action: str, thing: Thing) -> None:
        """Raise Denied unless the actor may do `action`."""
        if not self.may(action, thing):
            facts = {"action": action, "kind": thing.kind, "side": thing.side}
            if action == "confirm" and thing.author == self.actor.login:
                raise Denied(f"{self.actor.name} wrote this {thing.kind} and cannot confirm it", **facts)
            raise Denied(f"{self.actor.name} may not {action} this {thing.kind} of {thing.side}", **facts)

    def note(self, action: str, **facts: Any) -> int:
        """Write an audit entry of what the actor did."""
        return audit.append(self.connection, self.now, self.actor.login, self.actor.side, action, **facts)
