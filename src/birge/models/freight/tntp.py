"""Read networks and trips in the text format of the usual test networks (TNTP).

A file has lines `<NAME> value` until `<END OF METADATA>`; a network then has a row per link (init node, term node,
capacity, length, free flow time, b, power, speed, toll, type), a trip table `Origin n` and `destination : trips;`.
Nodes below `<FIRST THRU NODE>` are centroids, which no path may pass.
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from birge.errors import InputError, Problem
from birge.factbook.table import number, read_text
from birge.models.freight.assignment import Roads, Trips
from birge.models.freight.zones import Ends

__all__ = ["read_tntp", "read_tntp_trips"]

COLUMNS = ("init_node", "term_node", "capacity", "length", "free_flow_time", "b", "power", "speed", "toll", "link_type")


def read_tntp(path: str | Path, toll_factor: float = 0.0, length_factor: float = 0.0) -> Roads:
    """Return the network in `path`; toll and length enter the cost of a link by their factors.

    Raises InputError naming every bad line.
    """
    file = Path(path)
    head, body = _split(file)
    nodes = _count(file, head, "NUMBER OF NODES")
    links = _count(file, head, "NUMBER OF LINKS")
    through = _count(file, head, "FIRST THRU NODE")
    rows: list[list[float]] = []
    places: list[str] = []
    problems: list[Problem] = []
    for line, text in body:
        cells = text.replace(";", " ").split()
        if not cells or cells[0].startswith("~"):
            continue
        where = f"{file}:{line}"
        try:
            row = [number(c) for c in cells[:9]]
        except ValueError:
            problems.append(Problem(where, "not-a-number", text.strip()[:60], "write numbers, separated by blanks"))
            continue
        if len(row) < 7:
            problems.append(Problem(where, "row-short", f"{len(row)} of {len(COLUMNS)} values", "fill the row"))
            continue
        row += [0.0] * (9 - len(row))
        bad = [c for c in row[:2] if c != int(c) or not 1 <= c <= nodes]
        if bad:
            problems.append(
                Problem(where, "node-unknown", f"node {bad[0]:g} is not one of 1 to {nodes}", "check NUMBER OF NODES")
            )
        if row[3] < 0:
            problems.append(Problem(where, "negative-length", f"length {row[3]:g}", "write 0 or more"))
        rows.append(row)
        places.append(where)
    if len(rows) != links and not problems:
        message = f"{len(rows)} links, but NUMBER OF LINKS says {links}"
        problems.append(Problem(str(file), "count-wrong", message, "the file may be cut off; check it"))
    if problems:
        raise InputError(problems)
    a = np.array(rows, dtype=np.float64).reshape(-1, 9)
    return Roads(
        nodes=tuple(str(n) for n in range(1, nodes + 1)),
        through=np.arange(1, nodes + 1) >= through,
        tail=a[:, 0].astype(np.int64) - 1,
        head=a[:, 1].astype(np.int64) - 1,
        free=a[:, 4].copy(),
        rise=a[:, 5].copy(),
        capacity=a[:, 2].copy(),
        power=a[:, 6].copy(),
        fixed=a[:, 8] * toll_factor + a[:, 3] * length_factor,
        place=tuple(places),
    )


def read_tntp_trips(path: str | Path, ends: Ends) -> Trips:
    """Return the trips in `path`; raises InputError naming every bad line."""
    file = Path(path)
    head, body = _split(file)
    found: list[tuple[int, int, float, str]] = []
    problems: list[Problem] = []
    origin: int | None = None
    for line, text in body:
        where = f"{file}:{line}"
        start = re.match(r"\s*Origin\s+(\S+)", text, re.IGNORECASE)
        if start:
            origin = ends.number(start[1], where, problems)
            continue
        for part in filter(str.strip, text.split(";")):
            pair = re.fullmatch(r"\s*(\S+)\s*:\s*(\S+)\s*", part)
            try:
                if pair is None:
                    raise ValueError(part)
                value = number(pair[2])
            except ValueError:
                message = f"{part.strip()[:40]!r} is not 'destination : trips'"
                problems.append(Problem(where, "cell-broken", message, "write pairs such as 4 : 500.0;"))
                continue
            goal = ends.number(pair[1], where, problems)
            if goal is not None and origin is not None and value:
                found.append((origin, goal, value, where))
    summed = sum(f[2] for f in found)
    try:
        total = number(head["TOTAL OD FLOW"]) if head.get("TOTAL OD FLOW") else summed
    except ValueError:
        total = summed
        message = f"TOTAL OD FLOW is {head['TOTAL OD FLOW']!r}"
        problems.append(Problem(str(file), "not-a-number", message, "write the sum of trips, or leave the line out"))
    if not problems and abs(total - summed) > 1e-6 * max(summed, 1.0):
        message = f"trips sum to {summed:g}, but TOTAL OD FLOW says {total:g}"
        problems.append(Problem(str(file), "sum-wrong", message, "the file may be cut off; check it"))
    if problems:
        raise InputError(problems)
    return Trips(
        np.array([f[0] for f in found], dtype=np.int64),
        np.array([f[1] for f in found], dtype=np.int64),
        np.array([f[2] for f in found], dtype=np.float64),
        tuple(f[3] for f in found),
    )


def _split(file: Path) -> tuple[dict[str, str], list[tuple[int, str]]]:
    """Return the metadata and the numbered lines after it."""
    lines = read_text(file).splitlines()
    head: dict[str, str] = {}
    for number_, text in enumerate(lines, 1):
        found = re.match(r"\s*<([^>]+)>\s*(.*)", text)
        if found and found[1].strip().upper() == "END OF METADATA":
            rest = list(enumerate(lines[number_:], number_ + 1))
            return head, [(n, t) for n, t in rest if not t.lstrip().startswith(("~", "<"))]
        if found:
            head[found[1].strip().upper()] = found[2].strip()
    raise InputError.at(str(file), "format-wrong", "there is no <END OF METADATA>", "name a TNTP file")


def _count(file: Path, head: dict[str, str], name: str) -> int:
    try:
        value = int(head[name])
        if value < 1:
            raise ValueError(name)
    except (KeyError, ValueError) as error:
        message = f"<{name}> is missing or not a whole number above 0"
        raise InputError.at(str(file), "metadata-missing", message, "write it among the first lines") from error
    return value
