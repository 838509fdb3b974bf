"""Read the 69-country panel of manufacturing trade 1986-2006 (Yotov, Piermartini, Monteiro and Larch 2016; CC BY 4.0).

The panel is not shipped: clone `pachadotdev/tradepolicy` and pass the folder that holds `agtpa_applications.rda`.
The file is R's XDR serialization (R Internals, section 1.8), of which only what a data frame needs is read here.
"""

from __future__ import annotations

import bz2
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["HORIZON", "ORIGINS", "Panel", "halves", "held_out", "read_panel", "read_rda"]

SHARED = Path(__file__).parents[1] / ".." / "shared" / "data" / "trade_advanced_guide"
NAME = "agtpa_applications.rda"


@dataclass(frozen=True)
class Panel:
    """Turnover [pair, year] and each country's domestic sales [country, year], in mn USD (current)."""

    countries: tuple[str, ...]
    pairs: tuple[tuple[int, int], ...]
    years: tuple[int, ...]
    turnover: NDArray[np.float64]
    domestic: NDArray[np.float64]


def read_panel(folder: Path | str = SHARED, positive: bool = True) -> Panel:
    """Return the panel; `positive` keeps only the pairs that traded in every year."""
    table = read_rda(Path(folder) / NAME)
    trade, year = np.asarray(table["trade"]), np.asarray(table["year"]).astype(int)
    countries = tuple(sorted(set(table["exporter"])))
    years = tuple(range(year.min(), year.max() + 1))
    index = {c: k for k, c in enumerate(countries)}
    flow = np.zeros((len(countries), len(countries), len(years)))
    i = np.array([index[c] for c in table["exporter"]])
    j = np.array([index[c] for c in table["importer"]])
    flow[i, j, year - years[0]] = trade
    both = flow + flow.transpose(1, 0, 2)
    pairs = [(a, b) for a in range(len(countries)) for b in range(a + 1, len(countries))]
    kept = [(a, b) for a, b in pairs if not positive or (both[a, b] > 0).all()]
    at = np.arange(len(countries))
    return Panel(countries, tuple(kept), years, np.stack([both[a, b] for a, b in kept]), flow[at, at])


def read_rda(path: Path) -> dict[str, Any]:
    """Return the columns of the first data frame in an RDX2 file packed by bzip2."""
    raw = bz2.decompress(path.read_bytes())
    if raw[:7] != b"RDX2\nX\n":
        raise ValueError(f"{path} is not an RDX2 file in XDR form")
    item = _Reader(raw, 7 + 12).item()
    return dict(zip(item.names, item.values, strict=True))


@dataclass
class _Vector:
    values: Any
    names: list[str]


class _Reader:
    """A cursor on R's serialization."""

    def __init__(self, raw: bytes, at: int) -> None:
        self.raw, self.at = raw, at
        self.symbols: list[str] = []

    def integer(self) -> int:
        self.at += 4
        return int.from_bytes(self.raw[self.at - 4 : self.at], "big", signed=True)

    def array(self, kind: str) -> NDArray[Any]:
        n = self.integer()
        found = np.frombuffer(self.raw, dtype=kind, count=n, offset=self.at)
        self.at += found.nbytes
        return found.astype(kind.replace(">", "="))

    def item(self) -> Any:
        flags = self.integer()
        kind, has_attributes, has_tag = flags & 255, flags & 512, flags & 1024
        if kind == 254:  # NULL
            return None
        if kind == 255:  # a symbol named before
            return self.symbols[(flags >> 8) - 1]
        if kind == 1:
            self.symbols.append(self.item())
            return self.symbols[-1]
        if kind == 2:  # pairlist
            return self.pairs(has_attributes, has_tag)
        if kind == 9:
            n = self.integer()
            self.at += max(n, 0)
            return self.raw[self.at - n : self.at].decode("utf-8") if n >= 0 else ""
        if kind in (10, 13):
            values: Any = self.array(">i4")
        elif kind == 14:
            values = self.array(">f8")
        elif kind in (16, 19):
            values = [self.item() for _ in range(self.integer())]
        else:
            raise ValueError(f"an R object of kind {kind} at byte {self.at} is not read")
        attributes = self.item() if has_attributes else {}
        if kind == 13 and "levels" in attributes:
            values = [attributes["levels"][v - 1] for v in values]
        names = attributes.get("names")
        return _Vector(values, names) if names is not None else values

    def pairs(self, has_attributes: int, has_tag: int) -> dict[str, Any] | Any:
        """Return a pairlist as a mapping; the outermost one holds the data frame, which is returned alone."""
        if has_attributes:
            self.item()
        tag = self.item() if has_tag else ""
        value = self.item()
        if isinstance(value, _Vector):
            return value
        rest = self.item()
        return {tag: value, **(rest or {})}


ORIGINS = tuple(range(1999, 2006))
"""Origins that are reported on; tuning saw origins to 1998 and outcomes to 1999."""
HORIZON = 5


def halves(panel: Panel) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Split the pairs at random into those that were tuned on and those that are reported on."""
    order = np.random.default_rng(7).permutation(len(panel.pairs))
    middle = len(order) // 2
    return order[:middle], order[middle:]


def held_out(panel: Panel) -> NDArray[np.int64]:
    """Return the pairs that tuning never saw."""
    return halves(panel)[1]
