"""A council's draft protocol as plain records, for whoever holds the points: a registry or a file.

A point is agreed (one text) or contested (a text of each side); texts are by language. Nothing here is signed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

__all__ = ["Draft", "Party", "Point"]


@dataclass(frozen=True)
class Party:
    """A side of the protocol: its code and its full name by language."""

    code: str
    name: Mapping[str, str]


@dataclass(frozen=True)
class Point:
    """A point by language: `agreed`, or else what each side proposes, by code; who has to do it, until when."""

    number: str
    agreed: Mapping[str, str] | None = None
    proposed: Mapping[str, Mapping[str, str]] | None = None
    owners: Mapping[str, str] | None = None
    due: date | None = None


@dataclass(frozen=True)
class Draft:
    """A draft: the session by language, its place by language and day, the parties in the title's order, the points.

    `languages` are the authentic ones in the order of printing, `prevailing` the one that decides where they differ.
    """

    title: Mapping[str, str]
    parties: tuple[Party, Party]
    points: tuple[Point, ...]
    languages: tuple[str, ...]
    place: Mapping[str, str] | None = None
    day: date | None = None
    prevailing: str | None = None
