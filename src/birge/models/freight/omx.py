"""Matrices in and out as OMX (Open Matrix), an HDF5 file with a folder `data` and, where zones have names, `lookup`.

Needs h5py, which the extra `omx` brings.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from birge.errors import BirgeError, InputError, Problem
from birge.models.freight.assignment import Trips
from birge.models.freight.zones import Ends

__all__ = ["read_omx", "write_omx"]

LOOKUP = "zone_id"
LOOKUPS = (LOOKUP, "zone", "zones", "zone id", "zone number", "zone_number", "zonenumber", "taz", "taz_id", "tazid")
"""Names of a lookup that names zones, whatever their case."""

SHOWN = 10


def read_omx(path: str | Path, ends: Ends, name: str = "", lookup: str = "") -> Trips:
    """Return the trips of matrix `name` (the only one if left out).

    Zones are named by `lookup`; if left out, by the only lookup of the file or the one that is named as zones are;
    without any they are 1, 2, … Raises InputError for what is wrong.
    """
    h5py = _h5py()
    file = Path(path)
    try:
        with h5py.File(file, "r") as base:
            matrices, lookups = base.get("data", {}), base.get("lookup", {})
            chosen = _chosen(file, "matrix", sorted(matrices), name, ())
            values = np.asarray(matrices[chosen], dtype=np.float64)
            by = _chosen(file, "lookup", sorted(lookups), lookup, LOOKUPS) if len(lookups) or lookup else ""
            zones = [_text(z) for z in np.asarray(lookups[by]).reshape(-1)] if by else None
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise InputError.at(str(file), "file-unreadable", "not a readable OMX file", "name an .omx file") from error
    if values.ndim != 2 or values.shape[0] != values.shape[1]:
        message = f"matrix {chosen} is {' × '.join(map(str, values.shape))}"
        raise InputError.at(str(file), "matrix-not-square", message, "rows and columns are the same zones")
    zones = zones or [str(k) for k in range(1, values.shape[0] + 1)]
    at = _nodes(f"{file}:lookup {by}" if by else str(file), zones, values.shape[0], ends, by)
    rows, columns = np.nonzero(values)
    place = tuple(f"{file}:{chosen}[{zones[i]},{zones[j]}]" for i, j in zip(rows, columns, strict=True))
    return Trips(at[rows], at[columns], values[rows, columns], place)


def _chosen(file: Path, what: str, names: list[str], asked: str, usual: tuple[str, ...]) -> str:
    """Return the name asked for, the only one, or the only one of the usual; raises InputError else."""
    known = [n for n in names if n.lower() in usual]
    chosen = asked or (names[0] if len(names) == 1 else known[0] if len(known) == 1 else "")
    if chosen not in names:
        message = f"{asked!r} is none of {', '.join(names)}" if asked else f"it has more than one: {', '.join(names)}"
        remedy = f"name one of them by --{what}"
        if not names:
            message, remedy = f"there is no {what} in it", f"leave out --{what}" if asked else "name a file with one"
        raise InputError.at(str(file), f"{what}-unknown", message, remedy)
    return chosen


def _nodes(where: str, zones: list[str], size: int, ends: Ends, lookup: str) -> NDArray[np.int64]:
    """Return the node of each zone; raises InputError naming every zone that has none."""
    problems: list[Problem] = []
    if len(zones) != size:
        message = f"{len(zones)} names, {size} rows"
        problems.append(Problem(where, "zones-differ", message, "name each row of the matrix once"))
    twice = sorted({z for z in zones if zones.count(z) > 1}) if len(set(zones)) < len(zones) else []
    if twice:
        remedy = "a lookup of zones names each once; name another by --lookup"
        problems.append(Problem(where, "zone-twice", f"{', '.join(twice[:5])} stands more than once", remedy))
    if problems:
        raise InputError(problems)
    at = [ends.number(z, where, problems) for z in zones]
    if problems and not lookup:
        message = f"there is no lookup, so zones are 1 to {size}"
        raise InputError([*_some(problems), Problem(where, "lookup-missing", message, "write names as lookup zone_id")])
    if problems:
        raise InputError(_some(problems))
    return np.array(at, dtype=np.int64)


def _some(problems: list[Problem]) -> list[Problem]:
    """Return the first problems, and how many more there are."""
    if len(problems) <= SHOWN:
        return problems
    last = problems[SHOWN]
    return [*problems[:SHOWN], Problem(last.where, last.code, f"{len(problems) - SHOWN} more", last.remedy)]


def write_omx(path: str | Path, zones: tuple[str, ...], matrices: Mapping[str, NDArray[np.float64]]) -> None:
    """Write `matrices` [zone, zone] with the zones' names; raises InputError if the file cannot be written."""
    h5py = _h5py()
    try:
        with h5py.File(path, "w") as base:
            base.attrs["OMX_VERSION"] = np.bytes_(b"0.2")
            base.attrs["SHAPE"] = np.array([len(zones)] * 2, dtype=np.int32)
            data = base.create_group("data")
            for name, values in matrices.items():
                data.create_dataset(name, data=values, compression="gzip", compression_opts=1)
            lookup = base.create_group("lookup")
            lookup.create_dataset(LOOKUP, data=np.array([z.encode() for z in zones]))
    except OSError as error:
        message = f"{path}: {error}"
        raise InputError.at("--out", "file-unwritable", message, "name a file in a folder that exists") from error


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        return value.decode().strip()
    return str(int(value)) if isinstance(value, np.floating) and value.is_integer() else str(value).strip()


def _h5py() -> Any:
    try:
        import h5py
    except ImportError as error:
        raise BirgeError("h5py is not installed → pip install 'birge[omx]'") from error
    return h5py
