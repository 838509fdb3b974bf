"""A registry full of canaries: every kind of record, on both sides, at every level, each with words found nowhere else.

Payloads are made from the kinds' own models, so a new kind or field is planted without anybody adding it here; what a
model cannot tell (ids that have to exist) stands in `_about`.
"""

from __future__ import annotations

import io
import json
import re
import types
import typing
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from typing import Annotated, Any, Literal, get_args, get_origin

from fastapi.testclient import TestClient
from pydantic import BaseModel

from birge.assess import assess
from birge.factbook import Factbook, read_observations
from birge.jobs import Asked, Jobs, run_job
from birge.plan import load
from birge.store import accounts, plans
from birge.store.canonical import digest, plain
from birge.store.desk import Desk
from birge.store.kinds import KINDS, LANGUAGES, Confirmation
from birge.store.progress import attach
from birge.store.records import Record, create, edit, load_payload, publish, read, share, submit
from birge.store.registry import OPERATOR, Registry
from birge.store.signing_in import _start
from birge.web.pages_run import shown
from birge.web.visitor import COOKIE
from tests.web.conftest import HOST, ROLES, SMALL

TAG = re.compile(r"cnry[0-9]{4}z")
LEVELS = ("draft", "submitted", "both sides", "public")
WRITERS = {
    "write": "secretariat",
    "comment": "secretariat",
    "judge": "approver",
    "figure": "statistics",
    "report": "secretariat",
    "receive": "secretariat",
    "run": "secretariat",
}
DAY = "2026-08-01"
SIDES = ("GEO", "ARM")
# who is limited: role, organisation, item, and the kinds of records that may be about it or are for all who read
LIMITED = {
    "limited-organisation": (
        "reporter",
        "desk",
        "",
        {"progress", "comment", "barrier", "decision", "plan", "round", "answer", "council", "meeting"},
    ),
    "limited-item": ("viewer", "", "draft", {"progress", "comment", "plan", "council", "meeting"}),
    "limited-pillar": ("reporter", "", "trade", {"progress", "comment", "plan", "council", "meeting"}),
}
# of these somebody limited reads no draft (docs/decisions/0020)
OFFICIAL = ("plan", "council", "meeting", "round", "answer")
PEOPLE = ("", *(f"{r}-{s.lower()}" for r in (*ROLES, *LIMITED) for s in SIDES))


@dataclass(frozen=True)
class Planted:
    """Words in one version of a record: whose, of which kind, about what, and how far that version has gone."""

    tag: str
    side: str
    kind: str
    level: str
    record: str


@dataclass
class Garden:
    """All that was planted, and the ids that routes can be asked for."""

    registry: Registry
    planted: dict[str, Planted] = field(default_factory=dict)
    document: dict[str, Any] = field(default_factory=dict)
    number: int = 0

    def tag(self) -> str:
        """Return new words."""
        self.number += 1
        return f"cnry{self.number:04d}z"

    @property
    def records(self) -> list[str]:
        """Return the ids of all records."""
        return sorted({p.record for p in self.planted.values()})

    def open_to(self, side: str, kinds: frozenset[str] | None = None) -> set[str]:
        """Return the words that a reader of a side may meet; of other kinds than `kinds` only the public ones."""
        return {t for t, p in self.planted.items() if p.level == "public" or self._seen(p, side, kinds)}

    @staticmethod
    def _seen(p: Planted, side: str, kinds: frozenset[str] | None) -> bool:
        if not side or (kinds is not None and p.kind not in kinds):
            return False
        if kinds is not None and p.kind in OFFICIAL and p.level == "draft":
            return False
        return p.side == side or p.level == "both sides"


def found(body: bytes, media: str = "") -> set[str]:
    """Return the words in a body, also inside of archives and of folded calendars."""
    if body.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            return set().union(*(found(archive.read(n)) for n in archive.namelist()), found_names(archive))
    text = body.decode("utf-8", "replace")
    if media.startswith("text/calendar"):
        text = re.sub(r"\r?\n[ \t]", "", text)
    return set(TAG.findall(text))


def found_names(archive: zipfile.ZipFile) -> set[str]:
    """Return the words in the names of an archive."""
    return set(TAG.findall(" ".join(archive.namelist())))


def sample(model: type[BaseModel], words: str, slug: str, side: str) -> dict[str, Any]:
    """Return plain data that fits a model, with `words` in every free text and `slug` in every id."""
    return {
        f.alias or name: _value(f.annotation, tuple(f.metadata), name, words, slug, side)
        for name, f in model.model_fields.items()
    }


def _value(kind: Any, facts: tuple[Any, ...], name: str, words: str, slug: str, side: str) -> Any:
    origin = get_origin(kind)
    if origin is Annotated:
        inner, *more = get_args(kind)
        told = tuple(m for x in more for m in (x.metadata if hasattr(x, "metadata") else (x,)))
        return _value(inner, (*facts, *told), name, words, slug, side)
    if origin in (typing.Union, types.UnionType):
        parts = [a for a in get_args(kind) if a is not type(None)]
        # a text rather than a choice, where both are taken
        best = next((p for p in parts if isinstance(p, type) and issubclass(p, BaseModel)), parts[0])
        return _value(best, facts, name, words, slug, side)
    if origin is Literal:
        return get_args(kind)[0]
    if origin is tuple:
        args = get_args(kind)
        if len(args) == 2 and args[1] is not Ellipsis:
            return [1, 12]
        if name in ("owners", "answers", "organisers", "organisations"):
            return ["desk"]
        return [_value(args[0], (), name, words, slug, side)]
    if origin in (dict, typing.Mapping) or kind is dict:
        key, value = get_args(kind) or (str, Any)
        keys = LANGUAGES if get_origin(key) is Literal else [side if "A-Z" in str(key) else "k"]
        return {k: _value(value, (), name, words, slug, side) for k in keys}
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return sample(kind, words, slug, side)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return next(iter(kind)).value
    simple: dict[Any, Any] = {date: DAY, int: 2026 if name == "year" else 1, float: 1.0, bool: False, Any: words}
    if kind in simple:
        return simple[kind]
    assert kind is str, f"{name}: {kind} is not known here"
    return _text(facts, words, slug, side)


def _text(facts: tuple[Any, ...], words: str, slug: str, side: str) -> str:
    pattern = next((p for m in facts if (p := getattr(m, "pattern", None))), "")
    most = next((n for m in facts if (n := getattr(m, "max_length", None))), 20_000)
    for start, value in (
        ("^[A-Z]{3}$", side),
        ("^[a-z0-9]", slug),
        ("^[0-9a-f]{64}", digest(slug)),
        ("^[0-9]+", "1." + slug[4:8].lstrip("0")),
        ("^[a-z_.]", "title"),
    ):
        if pattern.startswith(start):
            return value
    return words[:most]


def _about(garden: Garden, desk: Desk, kind: str, data: dict[str, Any], tag: str, n: int) -> dict[str, Any]:
    """Fill in what has to exist: items and organisations of the plan, files, records to confirm."""
    side = desk.actor.side
    if kind == "progress":
        proof = attach(desk, io.BytesIO(f"evidence {tag}".encode()), f"{data['text']['en'][:100]}.txt")
        data |= {"item": ("draft", "open")[n % 2], "reported": f"2026-07-{n + 1:02d}", "state": "in progress"}
        data |= {"finished": None, "organisation": None, "evidence": [plain(proof)]}
    elif kind == "observation":
        data |= {"flow": "GEO-ARM", "reporter": side, "year": 2000 + n, "months": [1, 12], "published": DAY}
    elif kind == "comment":
        data |= {"on": "draft"}
    elif kind == "answer":
        data |= {"round": tag, "organisation": "desk"}
    elif kind == "meeting":
        proof = attach(desk, io.BytesIO(f"scan {tag}".encode()), "scan.txt")
        data["signing"] |= {"scan": proof.hash, "signatories": {side: data["title"]["en"]}}
    elif kind == "run":
        data |= {"document": {**garden.document, "seed": garden.number, "without": []}, "scenario": None, "draws": 100}
    elif kind == "plan":
        plan = load_plan()
        plan["title"] = {"en": data["note"]["en"]}
        data |= {"plan": plan, "effective": "2029-01-01"}
    elif kind == "confirmation":
        other = [p for p in garden.planted.values() if p.kind == "barrier" and p.side != side and p.level in LEVELS[2:]]
        about = read(
            desk,
            sorted(
                {p.record for p in other}
                | {
                    q.record
                    for q in garden.planted.values()
                    if q.kind == "council" and q.side != side and q.level in LEVELS[2:]
                }
            )[n],
        )
        data |= {"record": about.id, "hash": about.hash, "verdict": "confirmed"}
    for name in ("measure", "pillar"):
        if data.get(name) and kind != "event":
            data[name] = {"measure": "one", "pillar": "trade"}[name]
    if kind == "event":
        data["event"] |= {"pillar": "trade"}
        for f in data["follow_up"]:
            f["owner"] = "desk"
    if kind == "organisation":
        data["party"] = side
    return data


def load_plan() -> dict[str, Any]:
    """Return the small plan as data."""
    return load(SMALL)[0].canonical()


def who(side: str, role: str) -> str:
    """Return the login of a role on a side."""
    return f"{role}-{side.lower()}"


def plant(garden: Garden, words: str = "words {tag}") -> Garden:
    """Plant every kind on both sides at every level; `words` is what texts say, with the tag in it."""
    kinds = sorted(KINDS, key=lambda k: (k == "confirmation", k != "barrier", k))
    for kind in kinds:
        for side in ("GEO", "ARM"):
            private = KINDS[kind].private
            levels = LEVELS[:2] if private else LEVELS
            for n, level in enumerate(levels):
                made = _first(garden, kind, side, n, words)
                garden.planted[made[1]] = Planted(made[1], side, kind, level, made[0].id)
                _raise(garden, made[0], side, level)
            _grown(garden, kind, side, len(levels), words, private)
    return garden


def _first(garden: Garden, kind: str, side: str, n: int, words: str) -> tuple[Record, str]:
    tag = garden.tag()
    with garden.registry.desk(who(side, WRITERS[KINDS[kind].write])) as desk:
        data = sample(KINDS[kind].payload, words.format(tag=tag), tag, side)
        data = _about(garden, desk, kind, data, tag, n)
        return create(desk, kind, load_payload(kind, data, kind)), tag


def _raise(garden: Garden, record: Record, side: str, level: str) -> None:
    """Bring the newest version of a record to a level."""
    with garden.registry.desk(who(side, WRITERS[KINDS[record.kind].write])) as desk:
        if level != "draft":
            submit(desk, record.id, record.newest)
    if level in ("both sides", "public"):
        with garden.registry.desk(who(side, "approver")) as desk:
            share(desk, record.id, record.newest)
    if level == "public":
        if KINDS[record.kind].internal:
            _agree(garden, record, side)
        with garden.registry.desk(who(side, "approver")) as desk:
            publish(desk, record.id, record.newest)


def _agree(garden: Garden, record: Record, side: str) -> None:
    other = "ARM" if side == "GEO" else "GEO"
    with garden.registry.desk(who(other, "approver")) as desk:
        said = Confirmation(record=record.id, hash=record.hash, verdict="confirmed", by="somebody", on=date(2026, 8, 1))
        made = create(desk, "confirmation", said)
        submit(desk, made.id, 1)
        share(desk, made.id, 1)


def _grown(garden: Garden, kind: str, side: str, n: int, words: str, private: bool) -> None:
    """Plant one record whose versions stand at all levels at once: the oldest public, the newest a draft."""
    levels = ("submitted", "draft") if private else tuple(reversed(LEVELS))
    record, tag = _first(garden, kind, side, n, words)
    garden.planted[tag] = Planted(tag, side, kind, levels[0], record.id)
    _raise(garden, record, side, levels[0])
    if not (editable := _editable(record)):
        return
    for level in levels[1:]:
        later = garden.tag()
        with garden.registry.desk(who(side, WRITERS[KINDS[kind].write])) as desk:
            held = read(desk, record.id)
            data = _reworded(plain(held.payload), editable, words.format(tag=later))
            record = edit(desk, record.id, held.newest, load_payload(kind, data, kind))
        garden.planted[later] = Planted(later, side, kind, level, record.id)
        _raise(garden, record, side, level)


def _editable(record: Record) -> tuple[tuple[Any, ...], ...]:
    """Return where the words of a payload stand whose change leaves its key as it is."""
    if record.kind in ("plan", "run", "head", "confirmation"):
        return ()
    kind, data = KINDS[record.kind], plain(record.payload)

    def keeps(path: tuple[Any, ...]) -> bool:
        other = load_payload(record.kind, _reworded(json.loads(json.dumps(data)), (path,), "other words"), "")
        return kind.key_of(other) == record.key and kind.subject_of(other) == record.subject

    texts = [path for path, text in _texts(data) if TAG.search(text) and not TAG.fullmatch(text)]
    return tuple(path for path in texts if keeps(path))


def _texts(data: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], str]]:
    if isinstance(data, str):
        yield path, data
    elif isinstance(data, dict | list):
        for k, v in data.items() if isinstance(data, dict) else enumerate(data):
            yield from _texts(v, (*path, k))


def _reworded(data: dict[str, Any], paths: tuple[tuple[Any, ...], ...], words: str) -> dict[str, Any]:
    for *way, last in paths:
        node: Any = data
        for step in way:
            node = node[step]
        node[last] = words
    return data


def founded(url: str, words: str = "words {tag}") -> Garden:
    """Return a joint registry with everything planted and a plan that is public."""
    ticks = iter(range(10**9))
    start = datetime(2026, 9, 1, 8, 0, tzinfo=UTC)
    registry = Registry.create(url, SIDES, clock=lambda: start + timedelta(milliseconds=next(ticks)))
    with registry.desk(OPERATOR) as desk:
        for side in SIDES:
            for role in ROLES:
                accounts.add_user(desk, f"{role}-{side.lower()}", f"{role} {side}", side)
                accounts.grant(desk, f"{role}-{side.lower()}", role)
            for name, (role, body, item, _) in LIMITED.items():
                accounts.add_user(desk, f"{name}-{side.lower()}", f"{name} {side}", side)
                accounts.grant(desk, f"{name}-{side.lower()}", role, body, item)
    with registry.desk("secretariat-geo") as desk:
        ident = plans.propose(desk, load(SMALL)[0], start.date()).id
    for login in ("approver-geo", "approver-arm"):
        with registry.desk(login) as desk:
            plans.confirm(desk, ident)
    with registry.desk("approver-geo") as desk:
        publish(desk, ident, 1)
    made = Garden(registry)
    queue = Jobs(registry)
    queue.queue("secretariat-geo", "GEO", Asked(draws=100))
    if (job := queue.claim()) is None:
        raise AssertionError("no job")
    run_job(queue, job, shown, "0")
    facts = SMALL.parents[1] / "plans" / "small-observations.csv"
    more = Factbook.embedded().extended(read_observations(facts))
    made.document = dict(assess(load(SMALL)[0], 100, 1, as_of=start.date(), factbook=more).document())
    return plant(made, words)


def client_of(app: Any, garden: Garden, login: str) -> TestClient:
    """Return a client of somebody who has signed in; of nobody with ""."""
    client = TestClient(app, base_url=HOST, raise_server_exceptions=False, follow_redirects=False)
    if login:
        with garden.registry.desk(OPERATOR) as desk:
            client.cookies.set(COOKIE, _start(desk, login, True))
    return client


def routes(app: Any) -> set[tuple[str, str]]:
    """Return method and path of every route, also of the routers that are taken in, and of the OpenAPI."""
    got: set[tuple[str, str]] = set()

    def walk(router: Any, prefix: str = "") -> None:
        for r in router.routes:
            inner = getattr(r, "original_router", None) or getattr(r, "router", None)
            if getattr(r, "path", None) is None and inner is not None:
                walk(inner)
            elif getattr(r, "methods", None):
                got.update((m, prefix + r.path) for m in r.methods if m != "HEAD")

    walk(app)
    got.update((m.upper(), path) for path, ways in app.openapi()["paths"].items() for m in ways)
    return got


def posts(app: Any) -> list[str]:
    """Return the path of every route that changes something."""
    return sorted({path for method, path in routes(app) if method not in ("GET", "HEAD", "OPTIONS")})


def filled_form(path: str) -> str:
    """Return an address of a form's route."""
    return re.sub(r"\{(\w+)\}", lambda m: {"lang": "en", "item": "draft"}.get(m[1], "x"), path)
