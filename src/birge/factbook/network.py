"""The corridors as data: nodes with names in four languages, road and rail links, crossings with their waits.

`corridors(pair)` gives what ships with Birge for a pair, an empty network where there is none. Every name of a place,
either name of a crossing included, finds it: `Network.find`.
"""

from __future__ import annotations

import csv
import difflib
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from itertools import pairwise

from birge.errors import InputError, Problem
from birge.factbook.parameters import Parameter

__all__ = [
    "Link",
    "Network",
    "Node",
    "Passage",
    "SectionShare",
    "corridors",
    "freight_parameters",
    "section_shares",
    "section_values",
]

LANGUAGES = ("en", "ru", "kk", "ky")
NUMBERS = ("value", "low", "mode", "high")


@dataclass(frozen=True)
class Node:
    """A place; `economy` of a crossing joins both sides by -; `population` in thousands."""

    id: str
    kind: str
    economy: str
    lat: float
    lon: float
    transfer: bool
    names: tuple[tuple[str, str], ...]
    others: tuple[str, ...] = ()
    population: float = 0.0

    @property
    def border(self) -> bool:
        """Whether the node is a crossing, or the complex, with a side in each country."""
        return self.kind in ("crossing", "complex")

    def name(self, language: str = "en") -> str:
        """Return the name in `language`; the id where it has none."""
        return dict(self.names).get(language) or self.id


@dataclass(frozen=True)
class Link:
    """A link open in both directions unless `one_way`; km, km/h, money in USD a tonne-km.

    `lanes` of a direction, and the `capacity` of each in vehicles an hour; 0 where it is not known.
    """

    id: str
    a: str
    b: str
    mode: str
    economy: str
    kind: str
    km: float
    speed: float
    cv: float
    usd_tkm: float
    milestone: str = ""
    assumed: bool = True
    source: str = ""
    one_way: bool = False
    lanes: float = 0.0
    capacity: float = 0.0


@dataclass(frozen=True)
class Passage:
    """A crossing in use: trucks a day now, the milestone and months until it opens, and hours over trucks by regime.

    `directed` holds hours over trucks by direction (KAZ-KGZ) and regime where they differ from those of both.
    """

    id: str
    trucks: float
    milestone: str
    lag_months: float
    curves: Mapping[str, tuple[tuple[float, float], ...]]
    cv: float
    directed: Mapping[str, Mapping[str, tuple[tuple[float, float], ...]]] = field(default_factory=dict)

    @property
    def opening(self) -> str:
        """Return what opens it: "" if open, a milestone, or milestone+months where it opens later."""
        return f"{self.milestone}+{self.lag_months:g}" if self.milestone and self.lag_months else self.milestone

    def hours(self, trucks: float, regime: str = "normal", direction: str = "") -> float:
        """Return mean hours at `trucks` a day, by the last slope beyond the curve; of both directions if none."""
        curves = self.directed.get(direction, {})
        knots = curves.get(regime) or self.curves.get(regime) or curves.get("normal") or self.curves["normal"]
        for (q0, h0), (q1, h1) in pairwise(knots):
            if trucks <= q1 or q1 == knots[-1][0]:
                return h0 + (h1 - h0) * (max(trucks, 0.0) - q0) / (q1 - q0)
        return knots[0][1]


@dataclass(frozen=True)
class SectionShare:
    """Share of a section in the value of a flow, and its class of goods."""

    flow: str
    section: str
    goods: str
    share: float


@dataclass(frozen=True)
class Network:
    """Nodes, links and passages by the crossing's id."""

    nodes: tuple[Node, ...]
    links: tuple[Link, ...]
    passages: Mapping[str, Passage] = field(default_factory=dict, hash=False)

    def node(self, id: str) -> Node:
        """Return the node `id`; raises KeyError."""
        return {n.id: n for n in self.nodes}[id]

    def find(self, name: str, where: str = "place") -> Node:
        """Return the node of `name` in any language, or of an id; raises InputError with the nearest names, or with
        the ids of places that share the name.
        """
        same = list(dict.fromkeys(n.id for n in self.nodes for text in _named(n) if _plain(text) == _plain(name)))
        if name in same:
            return self.node(name)
        if len(same) > 1:
            message = f"{name!r} is the name of {len(same)} places"
            raise InputError.at(where, "place-ambiguous", message, f"write the id: {' or '.join(same[:10])}")
        known: dict[str, Node] = {}
        # Full names come first, halves of a crossing's name last: "Tokmok" is the town, not the crossing.
        for kind in (_named, _identified, _further):
            for n in self.nodes:
                for text in kind(n):
                    known.setdefault(_plain(text), n)
        found = known.get(_plain(name))
        if found is not None:
            return found
        near = difflib.get_close_matches(_plain(name), list(known), 3, 0.6)
        meant = ", ".join(dict.fromkeys(known[k].name() for k in near))
        remedy = f"did you mean {meant}?" if meant else "see `birge freight places` for the names"
        raise InputError.at(where, "place-unknown", f"{name!r} is no place of the network", remedy)

    def openings(self) -> dict[str, tuple[str, float]]:
        """Return what opens links and crossings, each with its milestone and the months after it."""
        found = {k.milestone: (k.milestone, 0.0) for k in self.links if k.milestone}
        return found | {p.opening: (p.milestone, p.lag_months) for p in self.passages.values() if p.milestone}

    def problems(self) -> list[Problem]:
        """Return everything that is wrong with it: ends, lengths, speeds, costs, waits, and pieces."""
        ids = {n.id for n in self.nodes}
        found = []
        for k in self.links:
            where = f"link {k.id}"
            for end in (k.a, k.b):
                if end not in ids:
                    found.append(Problem(where, "node-unknown", f"there is no node {end}", "add it to the nodes"))
            if not 0 <= k.km < math.inf:
                found.append(Problem(where, "negative-length", f"length {k.km:g} km", "write 0 or more"))
            if not 0 < k.speed < math.inf:
                found.append(Problem(where, "speed-not-positive", f"speed {k.speed:g} km/h", "write it above 0"))
            if k.usd_tkm < 0 or k.cv < 0:
                found.append(Problem(where, "negative-cost", "cost or spread below 0", "write 0 or more"))
        for p in self.passages.values():
            for regime, knots in (item for curves in (p.curves, *p.directed.values()) for item in curves.items()):
                steps = list(pairwise(knots))
                if any(q1 <= q0 or h1 < h0 for (q0, h0), (q1, h1) in steps) or len(knots) < 2:
                    message = f"hours of {regime} do not rise with trucks"
                    found.append(Problem(f"crossing {p.id}", "wait-not-monotone", message, "sort and mend the rows"))
        return found


def corridors(pair: tuple[str, str]) -> Network:
    """Return the network that ships with Birge for `pair`; empty where it has no crossing between the two."""
    joined = {"-".join(pair), "-".join(reversed(pair))}
    nodes = tuple(_node(r) for r in _rows("network_nodes"))
    if not any(n.economy in joined for n in nodes):
        return Network((), ())
    curves: dict[str, dict[str, list[tuple[float, float]]]] = {}
    spread: dict[str, float] = {}
    for r in _rows("crossing_waits"):
        knots = curves.setdefault(r["crossing"], {}).setdefault(r["regime"], [])
        knots.append((float(r["trucks_day"]), float(r["hours"])))
        spread[r["crossing"]] = float(r["cv"])
    passages = {
        r["crossing"]: Passage(
            r["crossing"],
            float(r["trucks_day"]),
            r["milestone"],
            float(r["lag_months"]),
            {k: tuple(v) for k, v in curves[r["crossing"]].items()},
            spread[r["crossing"]],
        )
        for r in _rows("crossing_traffic")
    }
    return Network(nodes, tuple(_link(r) for r in _rows("network_links")), passages)


def freight_parameters() -> Mapping[str, Parameter]:
    """Return every parameter of the freight model by id."""
    return {
        r["id"]: Parameter(
            r["id"],
            r["kind"],
            tuple((n, float(r[n])) for n in NUMBERS if r[n]),
            r["unit"],
            int(r["year"]),
            r["source"],
            r["assumed"] == "true",
        )
        for r in _rows("freight_parameters")
    }


def section_values() -> Mapping[str, Parameter]:
    """Return the value of a tonne by section, USD."""
    return {
        r["section"]: Parameter(
            r["section"],
            "triangular",
            tuple((n, float(r[n])) for n in ("low", "mode", "high")),
            r["unit"],
            int(r["year"]),
            r["source"],
            r["assumed"] == "true",
            r["title"],
        )
        for r in _rows("freight_values")
    }


def section_shares(pair: tuple[str, str]) -> tuple[SectionShare, ...]:
    """Return the shares of sections in both directions of `pair`, summing to 1 in each; none where unknown."""
    flows = {f"{pair[0]}-{pair[1]}", f"{pair[1]}-{pair[0]}"}
    rows = [r for r in _rows("freight_sections") if r["flow"] in flows]
    total: dict[str, float] = {}
    for r in rows:
        total[r["flow"]] = total.get(r["flow"], 0.0) + float(r["share"])
    return tuple(SectionShare(r["flow"], r["section"], r["goods"], float(r["share"]) / total[r["flow"]]) for r in rows)


def _node(r: Mapping[str, str]) -> Node:
    return Node(
        r["id"],
        r["kind"],
        r["economy"],
        float(r["lat"]),
        float(r["lon"]),
        r["transfer"] == "true",
        tuple((k, r[f"name_{k}"]) for k in LANGUAGES),
        tuple(t for t in r["other_names"].split(";") if t),
        float(r["population_thousand"] or 0),
    )


def _link(r: Mapping[str, str]) -> Link:
    km, speed, cv, money = (float(r[k]) for k in ("km", "speed_kmh", "speed_cv", "usd_tkm"))
    return Link(
        r["id"], r["from_node"], r["to_node"], r["mode"], r["economy"], r["class"], km, speed, cv, money,
        r["milestone"], r["assumed"] == "true", r["source"],
    )  # fmt: skip


def _named(n: Node) -> list[str]:
    return [text for _, text in n.names]


def _identified(n: Node) -> list[str]:
    return [n.id]


def _further(n: Node) -> list[str]:
    """Return other names, and each half of a crossing's name."""
    return [*n.others, *(part for _, text in n.names if n.border for part in text.split(" - "))]


def _plain(text: str) -> str:
    """Return `text` as names are compared: lower case, without dashes, dots and doubled blanks."""
    kept = "".join(c if c.isalnum() else " " for c in text.casefold())
    return " ".join(kept.split())


def _rows(table: str) -> list[dict[str, str]]:
    return list(csv.DictReader((files("birge.factbook") / "tables" / f"{table}.csv").read_text("utf-8").splitlines()))
