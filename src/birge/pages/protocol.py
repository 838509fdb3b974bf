"""A council's draft protocol as plain records, for whoever holds the points: a registry or a file.

Data flow: points of both sides in a registry ─▶ `drafted` ─▶ `Draft` ─▶ `birge.report.protocol.originals`; after
signing, decisions in a registry ─▶ `extracted` ─▶ one `Extract` for each organisation. A point is agreed (one text) or
contested (a text of each side); texts are by language. Nothing here is signed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from birge.errors import InputError
from birge.pages.sides import shown
from birge.plan.schema import Organisation, Plan
from birge.store.agreement import known_organisations
from birge.store.council import PointStand, extracts, meeting_of, points, signing_of
from birge.store.desk import Desk
from birge.store.kinds import Council, Meeting, Resolution, Signing, Words
from birge.store.kinds import Point as Stored
from birge.store.plans import effective
from birge.store.records import listing
from birge.texts import LANGUAGES, translator

__all__ = ["Draft", "Duty", "Extract", "Party", "Point", "authentic_languages", "drafted", "extracted", "worded"]


@dataclass(frozen=True)
class Party:
    """A side of the protocol: its code and its full name by language."""

    code: str
    name: Mapping[str, str]


@dataclass(frozen=True)
class Duty:
    """Who has to do it, by language, and until when."""

    owners: Mapping[str, str] | None = None
    due: date | None = None


@dataclass(frozen=True)
class Point:
    """A point by language: `agreed`, or else what each side proposes, by code; who has to do it, until when.

    Where the sides differ about who and until when, `duties` says what each proposes.
    """

    number: str
    agreed: Mapping[str, str] | None = None
    proposed: Mapping[str, Mapping[str, str]] | None = None
    owners: Mapping[str, str] | None = None
    due: date | None = None
    duties: Mapping[str, Duty] | None = None


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


@dataclass(frozen=True)
class Extract:
    """What one organisation has to carry out of a signed protocol, in one language.

    `rows` are (point, text, names of all who answer, due date); `parties` are (name, who signed), own side first.
    """

    organisation: str
    name: str
    lang: str
    session: str
    signing: Signing
    parties: tuple[tuple[str, str], ...]
    rows: tuple[tuple[str, str, str, date | None], ...]


def worded(words: Mapping[Any, str], lang: str) -> str:
    """Return words in `lang`, or in the first of our languages there is with its code behind, so that it is seen."""
    if lang in words:
        return words[lang]
    other = next(x for x in LANGUAGES if x in words)
    return f"{words[other]} ({other})"


def authentic_languages(desk: Desk, held: Meeting) -> tuple[str, ...]:
    """Return the authentic languages of the council that a session belongs to; none where they are not known."""
    council = _council(desk, held)
    return council.languages if council else ()


def _council(desk: Desk, held: Meeting) -> Council | None:
    return next((r.payload for r in listing(desk, "council", key=held.council, official=True)), None)


def drafted(desk: Desk, meeting: str, languages: Sequence[str] = (), prevailing: str | None = None) -> Draft:
    """Return the draft of a session from the registry's points, each side's as far as it has released it.

    The authentic languages are the council's unless `languages` are given. Raises InputError where none are known and
    where there is no point; Missing where there is no such session.
    """
    held: Meeting = meeting_of(desk, meeting).payload
    council = _council(desk, held)
    chosen = tuple(languages) or (council.languages if council else ())
    if not chosen:
        remedy = "name them with --languages, such as kk,ky,ru"
        raise InputError.at("--languages", "languages", f"no authentic languages of {held.council} are known", remedy)
    stands = points(desk, meeting, only_released=True)
    if not stands:
        message = "the protocol has no released points"
        raise InputError.at(meeting, "no-points", message, "enter them with birge council point")
    plan = effective(desk, desk.now.date())
    bodies = known_organisations(desk.connection, desk.now.date())
    first, second = (Party(p.code, {x: p.name.get(x) for x in chosen}) for p in plan.parties)
    return Draft(
        title=_plain(held.title),
        parties=(first, second),
        points=tuple(_point(p, (first.code, second.code), chosen, bodies) for p in stands),
        languages=chosen,
        place=dict.fromkeys(chosen, held.place) if held.place else None,
        day=held.date,
        prevailing=prevailing or (council.prevailing if council and not languages else None),
    )


def _point(
    stand: PointStand, codes: tuple[str, str], languages: Sequence[str], bodies: Mapping[str, Organisation]
) -> Point:
    if p := stand.agreed:
        return Point(stand.number, agreed=_plain(p.text), owners=_named(p.owners, languages, bodies), due=p.due)
    said: dict[str, Stored] = {code: r.payload for code, r in stand.by_side.items()}
    duties = {code: Duty(_named(p.owners, languages, bodies), p.due) for code, p in said.items()}
    one = next(iter(duties.values()))
    silent = {x: translator(x)("no wording yet") for x in languages}
    proposed: dict[str, Mapping[str, str]] = {c: _plain(said[c].text) if c in said else silent for c in codes}
    if all(d == one for d in duties.values()) and len(duties) == len(codes):
        return Point(stand.number, proposed=proposed, owners=one.owners, due=one.due)
    return Point(stand.number, proposed=proposed, duties=duties)


def _plain(words: Words) -> dict[str, str]:
    return {str(lang): text for lang, text in words.items()}


def _named(
    owners: Sequence[str], languages: Sequence[str], bodies: Mapping[str, Organisation]
) -> Mapping[str, str] | None:
    if not owners:
        return None
    return {x: ", ".join(shown(bodies[o].name, x) if o in bodies else o for o in owners) for x in languages}


def extracted(desk: Desk, meeting: str, lang: str | None = None) -> tuple[Extract, ...]:
    """Return an extract for each organisation of the own side, and each joint one, with its own decisions only.

    Its language is `lang`, else the prevailing one, else the first authentic one, else English. Raises InputError
    where the protocol is not signed.
    """
    held: Meeting = meeting_of(desk, meeting).payload
    signing = signing_of(desk, meeting)
    if signing is None:
        raise InputError.at(meeting, "not-signed", "the protocol is not signed", "enter it with birge council sign")
    chosen = lang or signing.prevailing or next(iter(authentic_languages(desk, held)), None) or "en"
    plan = effective(desk, desk.now.date())
    bodies = known_organisations(desk.connection, desk.now.date())
    found = []
    for body, decisions in sorted(extracts(desk, meeting).items()):
        rows = tuple(_row(d, chosen, bodies) for d in sorted(decisions, key=_number))
        name = shown(bodies[body].name, chosen) if body in bodies else body
        session = worded(held.title, chosen)
        parties = _signed(plan, signing, chosen, desk.actor.side)
        found.append(Extract(body, name, chosen, session, signing, parties, rows))
    return tuple(found)


def _signed(plan: Plan, signing: Signing, lang: str, own: str) -> tuple[tuple[str, str], ...]:
    order = sorted(plan.parties, key=lambda p: p.code != own)
    return tuple((shown(p.name, lang), signing.signatories.get(p.code, "")) for p in order)


def _row(decision: Resolution, lang: str, bodies: Mapping[str, Organisation]) -> tuple[str, str, str, date | None]:
    names = _named(decision.owners, (lang,), bodies) or {lang: ""}
    return decision.point or decision.id, worded(decision.title, lang), names[lang], decision.due


def _number(decision: Resolution) -> tuple[int, ...]:
    return tuple(int(part) for part in (decision.point or "0").split("."))
