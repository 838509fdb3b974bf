"""Which node a trip's end is: trips name zones, and `zone_id` of the network says at which node each lies.

A network without zones is named by its nodes. Trips that name nodes of a network with zones have to say so, since the
same number may be a zone here and a node there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from birge.errors import InputError, Problem
from birge.models.freight.assignment import Roads

__all__ = ["Ends", "ends_of"]

SHOWN = 10


@dataclass(frozen=True)
class Ends:
    """What trips name (`kind`: zone or node), the number of the node of each id, and zones that lie at several."""

    kind: str
    index: Mapping[str, int]
    doubled: Mapping[str, tuple[str, ...]]

    def number(self, text: str, where: str, problems: list[Problem]) -> int | None:
        """Return the node's number; None, with a problem added, for an unknown id or a zone at several nodes."""
        if text in self.doubled:
            message = f"zone {text!r} is at several nodes: {', '.join(self.doubled[text][:SHOWN])}"
            remedy = "keep its zone_id at one of them, or give that one node_type centroid"
            problems.append(Problem(where, "zone-twice", message, remedy))
        elif text not in self.index:
            problems.append(Problem(where, f"{self.kind}-unknown", *self._unknown(text)))
        return self.index.get(text)

    def name(self, node: int) -> str:
        """Return what trips call the node number `node`; raises KeyError where they do not name it."""
        return {k: name for name, k in self.index.items()}[node]

    def _unknown(self, text: str) -> tuple[str, str]:
        if self.kind == "node":
            return f"{text!r} is no node of the network", "name a node of the network"
        known = list(self.index)
        some = ", ".join(known[:SHOWN]) + (f" and {len(known) - SHOWN} more" if len(known) > SHOWN else "")
        return (
            f"{text!r} is no zone of the network (zone_id: {some})",
            "name a zone, or say --ends node where ids are nodes",
        )


def ends_of(roads: Roads, kind: str = "") -> Ends:
    """Return what trips on `roads` name: zones where it has any, nodes where not, or what `kind` says.

    A zone with several nodes is at the one that is a centroid. Raises InputError for an unknown kind, and for zones
    where the network has none.
    """
    if kind not in ("", "zone", "node"):
        raise InputError.at("--ends", "ends-unknown", f"{kind!r}", "write zone or node")
    if kind == "zone" and not roads.zones:
        message, remedy = "the network has no zones", "fill zone_id in node.csv, or leave out --ends"
        raise InputError.at("--ends", "zones-missing", message, remedy)
    if kind == "node" or not roads.zones:
        return Ends("node", {n: k for k, n in enumerate(roads.nodes)}, {})
    index: dict[str, int] = {}
    doubled: dict[str, tuple[str, ...]] = {}
    for name, nodes in roads.zones.items():
        centroids = [k for k in nodes if not roads.through[k]]
        chosen = nodes if len(nodes) == 1 else centroids
        if len(chosen) == 1:
            index[name] = chosen[0]
        else:
            doubled[name] = tuple(roads.nodes[k] for k in nodes)
    return Ends("zone", index, doubled)
