"""Matrices in and out as OMX (Open Matrix), an HDF5 file with a folder `data` and, where zones have names, `lookup`.

Needs h5py, which the extra `omx` brings.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from birge.errors import BirgeError, InputError
from birge.models.freight.assignment import Trips

__all__ = ["read_omx", "write_omx"]

LOOKUP = "zone_id"


def read_omx(path: str | Path, nodes: tuple[str, ...], name: str = "") -> Trips:
    """Return the trips of matrix `name` (the only one if left out) between `nodes`.

    Zones are named by the file's lookup, or else are the first nodes in order. Raises InputError for what is wrong.
    """
    h5py = _h5py()
    file = Path(path)
    try:
        with h5py.File(file, "r") as base:
            data = base.get("data")
            names = sorted(data) if data is not None else []
            chosen = name or (names[0] if len(names) == 1 else "")
            if chosen not in names:
                message = f"matrices in it: {', '.join(names) or 'none'}"
                raise InputError.at(str(file), "matrix-unknown", message, "name one of them by --matrix")
            values = np.asarray(data[chosen], dtype=np.float64)
            lookups = base.get("lookup")
            zones = None
            if lookups is not None and len(lookups):
                zones = [_text(z) for z in np.asarray(lookups[sorted(lookups)[0]])]
    except OSError as error:
        raise InputError.at(str(file), "file-unreadable", "not a readable OMX file", "name an .omx file") from error
    if values.ndim != 2 or values.shape[0] != values.shape[1]:
        message = f"matrix {chosen} is {' × '.join(map(str, values.shape))}"
        raise InputError.at(str(file), "matrix-not-square", message, "rows and columns are the same zones")
    zones = zones or list(nodes[: values.shape[0]])
    index = {n: k for k, n in enumerate(nodes)}
    lost = [z for z in zones if z not in index]
    if lost or len(zones) != values.shape[0]:
        message = f"{values.shape[0]} zones, {len(nodes)} nodes; not in the network: {', '.join(lost[:5]) or 'none'}"
        raise InputError.at(str(file), "zones-differ", message, "write the nodes' ids as lookup")
    rows, columns = np.nonzero(values)
    at = np.array([index[z] for z in zones], dtype=np.int64)
    place = tuple(f"{file}:{chosen}[{zones[i]},{zones[j]}]" for i, j in zip(rows, columns, strict=True))
    return Trips(at[rows], at[columns], values[rows, columns], place)


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
    return value.decode() if isinstance(value, bytes) else str(value)


def _h5py() -> Any:
    try:
        import h5py  # type: ignore[import-not-found, import-untyped, unused-ignore]
    except ImportError as error:
        raise BirgeError("h5py is not installed → pip install 'birge[omx]'") from error
    return h5py
