"""Every form: by which right it is taken, and a request that really succeeds for who holds that right.

Who may send a form is not listed: it follows from the right by `birge.store.access.ROLES`. `narrow` names those whose
grant for an organisation or a pillar covers what the form is about. `ours` says that the address names a thing of our
side, so that the other side's people are refused whatever their role.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient
from openpyxl import load_workbook
from sqlalchemy import func, select

from birge.jobs import Asked, Jobs
from birge.plan import load
from birge.plan.schema import Barrier, Plan
from birge.plan.write import as_yaml
from birge.store import accounts, council, plans, rounds
from birge.store.access import ROLES as RIGHTS
from birge.store.kinds import Council, Meeting, Observed, Point, Progress, Signing
from birge.store.plans import holding
from birge.store.progress import report
from birge.store.records import Record, create, share, submit
from birge.store.registry import OPERATOR, Registry
from birge.store.release import release
from birge.store.signing_in import _start
from birge.store.tables import audit, jobs
from birge.store.workbook import write_workbook
from birge.web import Settings, application
from birge.web.guard import token
from birge.web.visitor import COOKIE, FORM
from tests.web.canaries import LIMITED
from tests.web.conftest import HOST, ROLES, SMALL

__all__ = ["ANYBODY", "DOORS", "ELSEWHERE", "WHO", "Ask", "Door", "World", "may", "narrow", "stocked"]

WHO = ("", *ROLES, *LIMITED)
ANYBODY, SIGNED_IN = "anybody", "signed in"
SOURCE = {"source.title": "fictional"}
WHEN = {"effective": "2026-09-02", "reason": "because"}
START = datetime(2026, 9, 1, 8, 0, tzinfo=UTC)
TODAY = START.date()


@dataclass(frozen=True)
class Ask:
    """A request: address, fields, files."""

    path: str
    data: Mapping[str, Any] = field(default_factory=dict)
    files: tuple[tuple[str, tuple[str, bytes]], ...] = ()


@dataclass
class World:
    """A registry with every role on both sides, the application over it, a session of each, and a number for names."""

    registry: Registry
    client: TestClient
    folder: Path
    sessions: dict[str, str] = field(default_factory=dict)
    other: Registry | None = None
    n: int = 0

    def name(self) -> str:
        """Return a new name."""
        self.n += 1
        return f"n{self.n:03d}"

    def send(self, login: str, ask: Ask) -> Any:
        """Send a form as a browser of `login` does; of nobody with ""."""
        secret = self.client.app.state.house.secret  # type: ignore[attr-defined]
        if login and login not in self.sessions:
            with self.registry.desk(OPERATOR) as desk:
                self.sessions[login] = _start(desk, login, True)
        cookie = self.sessions[login] if login else "nobody"
        headers = {"origin": HOST, "cookie": f"{COOKIE if login else FORM}={cookie}"}
        return self.client.post(
            ask.path, data={"token": token(secret, cookie), **ask.data}, files=list(ask.files) or None, headers=headers
        )

    def standing(self) -> tuple[Any, ...]:
        """Return what any change moves: the chain of the audit, the jobs with their states, the files that are kept."""
        with self.registry.view(OPERATOR) as desk:
            chain = desk.connection.execute(select(func.count()).select_from(audit)).scalar_one()
            rows = desk.connection.execute(select(jobs.c.id, jobs.c.state).order_by(jobs.c.id)).all()
        kept = sorted(p.name for p in self.registry.files.root.rglob("*") if p.is_file())
        return chain, tuple(map(tuple, rows)), tuple(kept)


@dataclass(frozen=True)
class Door:
    """A form's route, the right by which it is taken, the request, and who with a narrow grant is let in."""

    path: str
    right: str
    ask: Callable[[World], Ask]
    narrow: tuple[str, ...] = ()
    ours: bool = False
    alone: bool = False


def may(door: Door, role: str) -> bool:
    """Return whether a role is to be let in."""
    if door.right == ANYBODY:
        return True
    if role in LIMITED or not role:
        return role in door.narrow or (door.right == SIGNED_IN and bool(role))
    return door.right == SIGNED_IN or door.right in RIGHTS[role]


def narrow(right: str, kind: str) -> tuple[str, ...]:
    """Return who has a right by a grant for less than all, on a kind that is about the item `draft`."""
    return tuple(n for n, (role, _, _, kinds) in LIMITED.items() if right in RIGHTS[role] and kind in kinds)


def stocked(folder: Path, side: str = "") -> World:
    """Return a world with an agreed plan and a council; of one `side` only, where that is given."""
    ticks = iter(range(10**9))
    made = Registry.create(
        f"sqlite:///{folder}/{side or 'joint'}.sqlite",
        ("GEO", "ARM"),
        side,
        clock=lambda: START + timedelta(milliseconds=next(ticks)),
    )
    with made.desk(OPERATOR) as desk:
        for own in (side,) if side else ("GEO", "ARM"):
            for role in ROLES:
                accounts.add_user(desk, f"{role}-{own.lower()}", f"{role} {own}", own)
                accounts.grant(desk, f"{role}-{own.lower()}", role)
            for name, (role, body, item, _) in LIMITED.items():
                accounts.add_user(desk, f"{name}-{own.lower()}", f"{name} {own}", own)
                accounts.grant(desk, f"{name}-{own.lower()}", role, body, item)
    app = application(made, Settings(behind_proxy=True, names=("plan.example",), draws=0))
    world = World(made, TestClient(app, base_url=HOST, raise_server_exceptions=False, follow_redirects=False), folder)
    if not side:
        with made.desk("secretariat-geo") as desk:
            ident = plans.propose(desk, load(SMALL)[0], TODAY).id
        for login in ("approver-geo", "approver-arm"):
            with made.desk(login) as desk:
                plans.confirm(desk, ident)
        with made.desk("secretariat-geo") as desk:
            body = create(desk, "council", Council(id="igc", title={"en": "Council"}, body="other"))
            share(desk, submit(desk, body.id, 1).id, 1)
    return world


def _barrier(w: World, login: str = "secretariat-geo", level: str = "draft") -> Record:
    with w.registry.desk(login) as desk:
        made = create(desk, "barrier", Barrier(id=w.name(), title={"en": "Wall"}, source={"title": "fictional"}))
        if level != "draft":
            submit(desk, made.id, 1)
        return share(desk, made.id, 1) if level == "shared" else made


def _plan(w: World) -> Plan:
    with w.registry.view("secretariat-geo") as desk:
        data = holding(desk).plan.canonical()
    data["title"]["en"] = f"Plan {w.name()}"
    return Plan.model_validate(data)


def _draft(w: World) -> Ask:
    with w.registry.desk("secretariat-geo") as desk:
        made = plans.draft(desk, _plan(w), date(2026, 9, 2))
    return Ask(f"/en/proposals/{made.id}", {"verdict": "send", "seen": "1"})


def _proposed(w: World) -> Ask:
    with w.registry.desk("secretariat-geo") as desk:
        made = plans.propose(desk, _plan(w), date(2030, 1, 1))
    return Ask(f"/en/confirm/{made.id}", {"verdict": "confirmed", "hash": made.hash})


def _change(w: World) -> Ask:
    with w.registry.view("secretariat-geo") as desk:
        base = holding(desk).digest
    stone = {"base": base, "title.en": f"Draft {w.name()}", "planned": "2026-12-01", "side": "", "owner": ""}
    return Ask("/en/change/draft", {**stone, **WHEN})


def _file(w: World) -> Ask:
    return Ask("/en/change/files", WHEN, (("plan", ("plan.yaml", as_yaml(_plan(w)).encode())),))


def _reported(w: World) -> Ask:
    day = TODAY - timedelta(days=int(w.name()[1:]))
    return Ask("/en/report/draft/evidence", {"state": "in progress", "reported": day.isoformat()})


def _moved(w: World) -> Ask:
    day = date(2027, 1, 1) + timedelta(days=int(w.name()[1:]))
    return Ask("/en/propose/draft", {"planned": day.isoformat()})


def _run(w: World) -> Ask:
    return Ask("/en/runs", {"draws": str(100 + int(w.name()[1:]))})


def _job(w: World) -> Ask:
    made = Jobs(w.registry).queue("secretariat-geo", "GEO", Asked(draws=100 + int(w.name()[1:])))
    return Ask(f"/en/jobs/{made.id}/cancel")


def _account(w: World) -> Ask:
    with w.registry.desk(OPERATOR) as desk:
        accounts.add_user(desk, login := w.name(), "Somebody", "GEO")
    return Ask(f"/en/accounts/{login}", {"verdict": "close"})


def _round(w: World) -> str:
    with w.registry.desk("secretariat-geo") as desk:
        return str(rounds.open_round(desk, w.name(), date(2026, 10, 1)).payload.id)


def _workbook(w: World) -> Ask:
    ident, path = _round(w), w.folder / "book.xlsx"
    with w.registry.view("secretariat-geo") as desk:
        write_workbook(desk, ident, "desk", "en", path)
    book = load_workbook(path)
    book.worksheets[0]["E5"] = "in progress"
    out = io.BytesIO()
    book.save(out)
    letter = {"number": "12-34", "date": TODAY.isoformat()}
    return Ask(f"/en/rounds/{ident}/workbooks", letter, (("files", ("a.xlsx", out.getvalue())),))


def _entered(w: World) -> Ask:
    ident = _session(w, signs=True)
    with w.registry.desk("secretariat-geo") as desk:
        paper = Signing(date=TODAY, place="Tbilisi", signatories={"GEO": "A. One", "ARM": "B. Two"})
        council.sign(desk, ident, paper)
        seen = str(council.meeting_of(desk, ident).newest)
    return Ask(f"/en/sessions/{ident}/signing/back", {"seen": seen, "withdrawn": "entered by mistake"})


def _session(w: World, signs: bool = False) -> str:
    ident, on = w.name(), date(2026, 9, 1) if signs else date(2026, 12, 1)
    with w.registry.desk("secretariat-geo") as desk:
        held = Meeting(id=ident, council="igc", title={"en": "Session"}, date=on, place="Tbilisi")
        made = council.convene(desk, held)
        share(desk, made.id, made.newest)
    for side in ("geo", "arm") if signs else ():
        with w.registry.desk(f"secretariat-{side}") as desk:
            point = create(desk, "point", Point(meeting=ident, number="1", text={"en": "Open it"}, owners=("desk",)))
            submit(desk, point.id, 1)
            share(desk, point.id, 1)
    return ident


def _signing(w: World) -> Ask:
    signed = {"date": "2026-09-01", "place": "Tbilisi", "by.GEO": "A. One", "by.ARM": "B. Two"}
    return Ask(f"/en/sessions/{_session(w, signs=True)}/signing", signed)


def _observed(w: World) -> dict[str, Any]:
    year = 2000 + int(w.name()[1:]) % 190
    return {
        "flow": "GEO-ARM", "year": year, "months": (1, 12), "reporter": "GEO", "value": 5.0, "unit": "mn USD",
        "published": "2026-08-01", "vintage": "preliminary", "source": "fictional",
    }  # fmt: skip


def _typed(data: Mapping[str, Any]) -> dict[str, str]:
    months = {f"months.{n}": str(m) for n, m in enumerate(data["months"])}
    return {k: str(v) for k, v in data.items() if k != "months"} | months


def _figure(w: World) -> Ask:
    with w.registry.desk("statistics-geo") as desk:
        made = create(desk, "observation", Observed.model_validate(data := _observed(w)))
    return Ask(f"/en/record/{made.id}/edit", {**_typed({**data, "value": "6"}), "seen": "1"})


def _said(w: World, draft: bool) -> Record:
    day = TODAY - timedelta(days=int(w.name()[1:]))
    with w.registry.desk("secretariat-geo") as desk:
        return report(desk, Progress(item="draft", reported=day, state="in progress"), draft=draft)


def _edited(w: World) -> Ask:
    r = _barrier(w)
    return Ask(f"/en/record/{r.id}/edit", {"id": r.key, "title.en": "Low wall", **SOURCE, "seen": "1"})


def _mark(verdict: str, level: str) -> Callable[[World], Ask]:
    def ask(w: World) -> Ask:
        return Ask(f"/en/record/{_barrier(w, level=level).id}/mark", {"verdict": verdict, "seen": "1"})

    return ask


def _chosen(where: str, level: str) -> Callable[[World], Ask]:
    def ask(w: World) -> Ask:
        return Ask(f"/en/exchange/{where}", {"records": f"{_barrier(w, level=level).id} 1"})

    return ask


def _theirs(w: World) -> Ask:
    r = _barrier(w, "secretariat-arm", "shared")
    return Ask(f"/en/record/{r.id}/confirm", {"verdict": "confirmed", "hash": r.hash})


def _package(w: World) -> bytes:
    """Return a package of the other installation with one barrier more than the one before."""
    assert w.other is not None
    with w.other.desk("secretariat-arm") as desk:
        made = create(desk, "barrier", Barrier(id=w.name(), title={"en": "Wall"}, source={"title": "fictional"}))
        submit(desk, made.id, 1)
        share(desk, made.id, 1)
        release(desk, path := w.folder / f"{made.key}.zip")
    return path.read_bytes()


def _sent_in(w: World) -> Ask:
    return Ask("/en/exchange/packages", {}, (("package", ("package.zip", _package(w))),))


def _taken_in(w: World) -> Ask:
    content = _package(w)
    name = hashlib.sha256(content).hexdigest()
    with w.registry.desk("secretariat-geo") as desk:
        desk.files.write(name, content)
    return Ask(f"/en/exchange/in/{name}")


def _named(w: World, path: str, **fields: str) -> Ask:
    return Ask(path, {**fields, "id": w.name(), "title.en": "Title"})


ABOUT = narrow("report", "progress")
DOORS: tuple[Door, ...] = (
    Door("/{lang}/report/{item}/evidence", "report", _reported, ABOUT),
    Door("/{lang}/propose/{item}", "write", _moved),
    Door("/{lang}/change/files", "write", _file),
    Door("/{lang}/change/{item}", "write", _change),
    Door("/{lang}/proposals/{ident}", "write", _draft, ours=True),
    Door("/{lang}/confirm/{ident}", "confirm", _proposed),
    Door("/{lang}/runs", "run", _run),
    Door("/{lang}/jobs/{ident}/cancel", "run", _job, ours=True),
    Door(
        "/{lang}/accounts",
        "administer",
        lambda w: Ask("/en/accounts", {"login": w.name(), "name": "N", "role": "viewer"}),
    ),
    Door("/{lang}/accounts/{login}", "administer", _account, ours=True),
    Door("/{lang}/account", SIGNED_IN, lambda w: Ask("/en/account", {"verdict": "others"})),
    Door("/{lang}/rounds", "write", lambda w: Ask("/en/rounds", {"id": w.name(), "closes": "2026-10-01"})),
    Door("/{lang}/rounds/{ident}/workbooks", "write", _workbook, ours=True),
    Door("/{lang}/rounds/{ident}/remind", "write", lambda w: Ask(f"/en/rounds/{_round(w)}/remind"), ours=True),
    Door("/{lang}/rounds/{ident}/close", "write", lambda w: Ask(f"/en/rounds/{_round(w)}/close"), ours=True),
    Door("/{lang}/councils", "write", lambda w: _named(w, "/en/councils", body="other")),
    Door("/{lang}/councils/named", "write", lambda w: Ask("/en/councils/named", {"bodies": "regions"})),
    Door("/{lang}/sessions", "write", lambda w: _named(w, "/en/sessions", council="igc", date="2026-12-01")),
    Door(
        "/{lang}/sessions/{ident}/dates",
        "write",
        lambda w: Ask(f"/en/sessions/{_session(w)}/dates", {"date": "2026-12-08"}),
        ours=True,
    ),
    Door(
        "/{lang}/sessions/{ident}/points",
        "write",
        lambda w: Ask(f"/en/sessions/{_session(w)}/points", {"number": "1", "text.en": "Open it", "seen": "0"}),
    ),
    Door(
        "/{lang}/sessions/{ident}/points/back",
        "write",
        lambda w: Ask(f"/en/sessions/{_session(w, signs=True)}/points/back", {"number": "1", "seen": "1"}),
    ),
    Door("/{lang}/sessions/{ident}/signing", "write", _signing, ours=True),
    Door("/{lang}/sessions/{ident}/signing/back", "write", _entered, ours=True),
    Door("/{lang}/exchange/share", "share", _chosen("share", "submitted"), ours=True),
    Door("/{lang}/exchange/publish", "publish", _chosen("publish", "shared"), ours=True),
    Door("/{lang}/exchange/release", "share", lambda w: Ask("/en/exchange/release")),
    Door("/{lang}/exchange/packages", "receive", _sent_in, alone=True),
    Door("/{lang}/exchange/in/{name}", "receive", _taken_in, alone=True),
    Door("/{lang}/records/{kind}", "write", lambda w: _named(w, "/en/records/barrier", **SOURCE)),
    Door("/{lang}/records/{kind}", "figure", lambda w: Ask("/en/records/observation", _typed(_observed(w)))),
    Door("/{lang}/record/{ident}/edit", "write", _edited, ours=True),
    Door("/{lang}/record/{ident}/edit", "figure", _figure, ours=True),
    Door("/{lang}/record/{ident}/mark", "write", _mark("submit", "draft"), ours=True),
    Door("/{lang}/record/{ident}/mark", "write", _mark("retire", "submitted"), ours=True),
    Door("/{lang}/record/{ident}/mark", "share", _mark("share", "submitted"), ours=True),
    Door("/{lang}/record/{ident}/mark", "publish", _mark("publish", "shared"), ours=True),
    Door(
        "/{lang}/record/{ident}/mark",
        "report",
        lambda w: Ask(f"/en/record/{_said(w, True).id}/mark", {"verdict": "submit", "seen": "1"}),
        ABOUT,
        ours=True,
    ),
    Door("/{lang}/record/{ident}/confirm", "confirm", _theirs),
    Door(
        "/{lang}/record/{ident}/comments",
        "comment",
        lambda w: Ask(f"/en/record/{_said(w, False).id}/comments", {"text": "A remark"}),
        narrow("comment", "comment"),
        ours=True,
    ),
    Door(
        "/{lang}/texts/{item}/{field}",
        "write",
        lambda w: Ask(
            "/en/texts/two/title", {"to": "ky", "text": "Форум", "reader": "A", "verdict": "draft", "seen": "0"}
        ),
    ),
    Door("/{lang}/sign-out", ANYBODY, lambda w: Ask("/en/sign-out")),
)
# these are taken from whoever proves who he is, and no right of a role opens them: tested where the proof is made
ELSEWHERE = {
    "/{lang}/sign-in": "test_working.py",
    "/{lang}/second-factor": "test_working.py",
    "/{lang}/account/keys": "test_accounts.py",
    "/{lang}/invited/{invitation}": "test_accounts.py",
    "/{lang}/security-key": "test_accounts.py",
    "/{lang}/security-key/answer": "test_accounts.py",
}
