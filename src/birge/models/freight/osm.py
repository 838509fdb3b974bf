"""Make a network from an OpenStreetMap extract of the user's own (.osm XML, also .gz or .bz2).

Ways with `highway` or `railway=rail` are cut where they meet or end, and at `barrier=border_control`; what lies between
two cuts is one link with its length along the way. Speed is `maxspeed` where it is a number, else by class; lanes are
`lanes`, else by class, and the capacity of a lane is by class (assumed). Places with a name become nodes' names.
OpenStreetMap is © OpenStreetMap contributors, ODbL 1.0: what is made from it stays under that licence.

A border control becomes a crossing where the extract's territories are told by a place in each (`sides`): every node
belongs to the place nearest to it along roads and rails that pass no control. Controls in a row, as two states have
them, are one crossing. A link from one territory to another without a control is left out, and said.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from birge.errors import InputError, Problem
from birge.factbook.network import Link, Network, Node
from birge.models.freight.gmns import USD_TKM
from birge.models.freight.osm_file import Extract, read_extract

__all__ = ["Imported", "read_osm"]

NEAR_KM = 5.0
SOURCE = "OpenStreetMap contributors (ODbL 1.0)"


@dataclass(frozen=True)
class Imported:
    """The network; names of controls that are no crossing, and ids of links left out at an open border."""

    network: Network
    plain: tuple[str, ...]
    dropped: tuple[str, ...]


def read_osm(path: str | Path, economy: str = "", sides: Mapping[str, str] | None = None) -> Imported:
    """Return the network of the extract; `economy` is the territory all links count to.

    `sides` names a place in each territory instead, by its code. Raises InputError for a file that cannot be read, is
    PBF, holds no roads or rails, refers to missing nodes or has wrong positions, and for a place it does not hold.
    """
    file = Path(path)
    if file.name.endswith(".pbf"):
        remedy = "convert it first: osmium cat extract.osm.pbf -o extract.osm"
        raise InputError.at(str(file), "format-not-read", "PBF is not read, only OSM XML", remedy)
    extract = read_extract(file)
    links = _links(extract, economy)
    ends = list(dict.fromkeys(end for k in links for end in (k.a, k.b)))
    names = _names(ends, extract)
    controls = [r for r in ends if r in extract.controls]
    title = {r: extract.controls[r] or f"border control {r}" for r in controls}
    if not sides:
        nodes = [_node(r, economy, names.get(r), extract) for r in ends]
        return Imported(Network(tuple(nodes), tuple(links)), tuple(title.values()), ())
    side = _nearest(ends, links, set(controls), _seeds(sides, ends, names, extract))
    _between(links, set(controls), side)
    joins = {r: _joined(r, links, side) for r in controls}
    many = [r for r in controls if len(joins[r]) > 2]
    if many:
        message = f"{', '.join(joins[many[0]])} meet at {title[many[0]]}"
        raise InputError.at(f"--economy {joins[many[0]][-1]}", "three-sides", message, "name a place in two of them")
    kept = [replace(k, economy=_side(k, side)) for k in links if _guarded(k, side)]
    nodes = []
    for r in ends:
        crossing = len(joins.get(r, ())) == 2
        made = _node(r, "-".join(joins[r]) if crossing else side.get(r, ""), names.get(r) or title.get(r), extract)
        nodes.append(replace(made, kind="crossing") if crossing else made)
    plain = tuple(title[r] for r in controls if len(joins[r]) != 2)
    return Imported(Network(tuple(nodes), tuple(kept)), plain, tuple(k.id for k in links if not _guarded(k, side)))


def _links(extract: Extract, economy: str) -> list[Link]:
    """Return the links between cuts of the ways."""
    uses = Counter(r for w in extract.ways for r in w.refs)
    at = extract.at
    links: list[Link] = []
    for w in extract.ways:
        refs = w.refs[::-1] if w.one_way < 0 else w.refs
        start, km = 0, 0.0
        for k in range(1, len(refs)):
            km += _km(at[refs[k - 1]], at[refs[k]])
            if k == len(refs) - 1 or uses[refs[k]] > 1 or refs[k] in extract.controls:
                a, b = refs[start], refs[k]
                if a != b:
                    links.append(
                        Link(
                            f"{w.id}-{start}", a, b, w.mode, economy, w.kind, km, w.speed, 0.2, USD_TKM[w.mode],
                            assumed=True, source=SOURCE, one_way=w.one_way != 0, lanes=w.lanes, capacity=w.capacity,
                        )
                    )  # fmt: skip
                start, km = k, 0.0
    return links


def _node(ref: str, economy: str, name: str | None, extract: Extract) -> Node:
    kind = "city" if name and ref not in extract.controls else "junction"
    return Node(ref, kind, economy, *extract.at[ref], True, (("en", name or ref),))


def _names(ends: list[str], extract: Extract) -> dict[str, str]:
    """Give each named place to the end of a link nearest to it, within 5 km; a node keeps its first name."""
    found: dict[str, str] = {}
    open_ends = [r for r in ends if r not in extract.controls]
    spots = np.array([extract.at[r] for r in open_ends]).reshape(-1, 2)
    for name, place in extract.named:
        lat, lon = extract.at[place]
        far = np.hypot(spots[:, 0] - lat, (spots[:, 1] - lon) * np.cos(np.radians(lat))) * 111.2
        if far.size and far.min() <= NEAR_KM:
            found.setdefault(open_ends[int(far.argmin())], name)
    return found


def _seeds(sides: Mapping[str, str], ends: list[str], names: Mapping[str, str], extract: Extract) -> dict[str, str]:
    """Return the node that stands for each territory; raises InputError for places that the extract has not."""
    known = {r.casefold(): r for r in ends if r not in extract.controls} | {
        name.casefold(): r for r, name in names.items()
    }
    problems = []
    for code, place in sides.items():
        if place.casefold() not in known:
            some = ", ".join(sorted(names.values())[:10]) or "none; write the number of a node"
            message = f"{place!r} is no place at a road of the extract"
            problems.append(Problem(f"--economy {code}", "place-unknown", message, f"places: {some}"))
    if problems:
        raise InputError(problems)
    seeds = {code: known[place.casefold()] for code, place in sides.items()}
    if len(set(seeds.values())) < len(seeds):
        message = f"{', '.join(sides.values())} are one node"
        raise InputError.at("--economy", "place-twice", message, "name a place in each territory")
    return seeds


def _nearest(ends: list[str], links: list[Link], controls: set[str], seeds: Mapping[str, str]) -> dict[str, str]:
    """Return the territory of the place nearest to each node, along links that pass no control, where there is one."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import dijkstra

    number = {r: k for k, r in enumerate(ends)}
    free = [k for k in links if k.a not in controls and k.b not in controls]
    tail, head = (np.array([number[getattr(k, e)] for k in free], dtype=np.int64) for e in "ab")
    # Parallel links: the sum of lengths would be taken, so the shortest is kept.
    km: NDArray[np.float64] = np.array([max(k.km, 1e-9) for k in free])
    order = np.lexsort((km, head, tail))
    first = np.ones(order.size, dtype=bool)
    first[1:] = (tail[order][1:] != tail[order][:-1]) | (head[order][1:] != head[order][:-1])
    keep = order[first]
    matrix = coo_array((km[keep], (tail[keep], head[keep])), shape=(len(ends), len(ends))).tocsr()
    far = dijkstra(matrix, directed=False, indices=[number[r] for r in seeds.values()])
    codes = list(seeds)
    nearest = far.argmin(axis=0)
    reached = np.isfinite(far.min(axis=0))
    return {r: codes[nearest[k]] for k, r in enumerate(ends) if reached[k] and r not in controls}


def _between(links: list[Link], controls: set[str], side: dict[str, str]) -> None:
    """Give roads between two controls the territory that is reached through the first of them."""
    near: dict[str, list[str]] = {}
    for k in links:
        near.setdefault(k.a, []).append(k.b)
        near.setdefault(k.b, []).append(k.a)
    queue = [r for r in near if r in controls and any(n in side for n in near[r])]
    while queue:
        control = queue.pop(0)
        code = next(side[n] for n in near[control] if n in side)
        unknown = [n for n in near[control] if n not in side and n not in controls]
        next_ones = [n for n in near[control] if n in controls and n not in side]
        if next_ones:
            # The control next to another stands on its own side; that one is the crossing.
            side[control] = code
        while unknown:
            n = unknown.pop()
            side[n] = code
            unknown += [m for m in near[n] if m not in side and m not in controls]
            next_ones += [m for m in near[n] if m in controls]
        queue += [n for n in dict.fromkeys(next_ones) if n not in queue and n not in side and n != control]


def _joined(control: str, links: list[Link], side: Mapping[str, str]) -> tuple[str, ...]:
    """Return the territories that meet at a control, in the order of links."""
    others = [k.b if k.a == control else k.a for k in links if control in (k.a, k.b)]
    return tuple(dict.fromkeys(side[o] for o in others if o in side))


def _side(link: Link, side: Mapping[str, str]) -> str:
    return side.get(link.a) or side.get(link.b) or ""


def _guarded(link: Link, side: Mapping[str, str]) -> bool:
    """Whether a link stays on one side of the border, or ends at a control."""
    a, b = side.get(link.a), side.get(link.b)
    return a is None or b is None or a == b


def _km(a: tuple[float, float], b: tuple[float, float]) -> float:
    p, q, r, s = np.radians([*a, *b])
    root = np.sin((r - p) / 2) ** 2 + np.cos(p) * np.cos(r) * np.sin((s - q) / 2) ** 2
    return float(2 * 6371.0 * np.arcsin(np.sqrt(root)))
