"""One search over what a reader may see of a plan: letters folded, all words wanted, best first.

the plan as this reader sees it, region pairs, figures ─▶ `Entry` (kind, title, passport, words) ─▶ `search` ─▶ rows

`birge.texts.folded` makes one text of what people type for the same word: capitals, ё and е, and the letters that a
Russian keyboard lacks (қ for к, ү for у); letters only, never words. It is done here and not by the database, so that
both engines find the same. Words change their endings in all four languages: where nothing holds the words as they were
typed, their beginnings are looked for at the beginnings of words (`near`), and the page says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from birge.plan.schema import Record, Source, Text
from birge.store.records import listing
from birge.texts import LANGUAGES, folded, sort_key
from birge.web.reader import Reader

__all__ = ["MOST", "Entry", "entries", "near", "search"]

MOST = 100
SHORTEST, ENDING = 4, 3
"""Letters that a beginning keeps at least, and how many at the end of a word may be its ending."""
SIGNS = re.compile(r"\W+")
KINDS = (
    ("instrument", "instruments"),
    ("event", "events"),
    ("barrier", "barriers"),
    ("initiative", "initiatives"),
    ("region-pair", "region_pairs"),
    ("organisation", "organisations"),
)


@dataclass(frozen=True)
class Entry:
    """Something that can be found: its kind, its title as text or as words of a source, where it leads, other words."""

    kind: str
    title: Text | str
    href: str
    more: str = ""

    def said(self, lang: str) -> str:
        """Return the title in a language, in English where there is none."""
        return self.title if isinstance(self.title, str) else self.title.get(lang)


def entries(view: Reader) -> Iterator[Entry]:
    """Yield all that this reader may find, each with the address of its passport."""
    plan = view.plan
    for m in plan.measures:
        yield Entry("measure", m.title, f"passport/measure/{m.id}", f"{m.number} {m.id}")
        for s in m.milestones:
            yield Entry("milestone", s.title, f"passport/milestone/{s.id}", s.id)
    for meeting in plan.meetings:
        yield Entry("meeting", meeting.title, f"passport/meeting/{meeting.id}", meeting.id)
        for d in meeting.decisions:
            yield Entry("decision", d.title, f"passport/decision/{d.id}", d.id)
    for kind, name in KINDS:
        for x in getattr(plan, name):
            yield Entry(kind, _title(x), f"passport/{kind}/{x.id}", x.id)
    known = {p.id for p in plan.region_pairs}
    for r in listing(view.desk, "region-pair", official=True):
        if r.payload.id not in known:
            yield Entry("region-pair", r.payload.title, f"passport/region-pair/{r.payload.id}", r.payload.id)
    yield from _sources(view)


def search(view: Reader, asked: str) -> list[Entry]:
    """Return what holds every word of `asked`, best first: own title from its start, own title, any other words."""
    return _found(view, folded(asked).split(), "")


def near(view: Reader, asked: str) -> list[Entry]:
    """Return what holds words that begin as those of `asked` do, best first; an ending of up to three is left off."""
    return _found(view, [w[: max(SHORTEST, len(w) - ENDING)] for w in folded(asked).split()], " ")


def _found(view: Reader, words: Sequence[str], before: str) -> list[Entry]:
    """Return the entries with all `words`, each after what stands `before` it: nothing, or the space before a word."""
    if not words:
        return []
    key, found = sort_key(view.t.lang), []
    for e in entries(view):
        own = _spaced(e.said(view.t.lang), before)
        rest = _spaced(" ".join((e.said(view.t.lang), e.more, *_others(e.title))), before)
        if all(before + w in rest for w in words):
            whole = all(before + w in own for w in words)
            rank = 0 if own.startswith(before + words[0]) and whole else 1
            rank += 0 if whole else 1
            found.append((rank, key(e.said(view.t.lang)), e))
    return [e for _, _, e in sorted(found, key=lambda f: (f[0], f[1], f[2].href))][:MOST]


def _spaced(text: str, before: str) -> str:
    """Return a folded text; where words are looked for by their beginnings, a space before each and no other signs."""
    return before + SIGNS.sub(" ", folded(text)) if before else folded(text)


def _others(title: Text | str) -> Iterable[str]:
    return () if isinstance(title, str) else (said for x in LANGUAGES if (said := getattr(title, x)))


def _title(record: Record) -> Text:
    found = getattr(record, "title", None) or getattr(record, "name", None)
    if isinstance(found, Text):
        return found
    regions: Sequence[Text] = list(getattr(record, "regions", {}).values())
    return Text.model_validate({x: " - ".join(r.get(x) for r in regions) for x in LANGUAGES})


def _sources(view: Reader) -> Iterator[Entry]:
    """Yield every source once, leading to the first record or figure that rests on it."""
    seen: set[str] = set()
    places = (
        *((s, f"passport/milestone/{s.id}") for s in view.plan.milestones()),
        *((m, f"passport/measure/{m.id}") for m in view.plan.measures),
        *((d, f"passport/decision/{d.id}") for m in view.plan.meetings for d in m.decisions),
        *((m, f"passport/meeting/{m.id}") for m in view.plan.meetings),
        *((x, f"passport/{kind}/{x.id}") for kind, name in KINDS for x in getattr(view.plan, name)),
    )
    for record, href in places:
        words = (s.source for s in getattr(record, "status", ()))
        held = (getattr(record, "source", None), *getattr(record, "sources", ()), *words)
        for source in (s for s in held if isinstance(s, Source)):
            if (name := source.url or source.title) not in seen:
                seen.add(name)
                yield Entry("source", source.title, href, source.url or "")
    for o in view.observations:
        if o.source not in seen:
            seen.add(o.source)
            yield Entry("source", o.source, f"passport/figure/{o.id}", o.id)
