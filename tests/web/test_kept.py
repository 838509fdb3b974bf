"""What is kept between requests is what a server that keeps nothing would say, to each reader at each moment."""

from __future__ import annotations

import asyncio
import random
import re
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from birge.jobs import Asked, Jobs
from birge.plan.schema import State
from birge.store import accounts
from birge.store.engine import writing
from birge.store.errors import Nested
from birge.store.kinds import Progress
from birge.store.plans import confirm
from birge.store.progress import report
from birge.store.records import listing, publish, share
from birge.store.registry import OPERATOR, Registry
from birge.store.runs import keep
from birge.web import Settings, application
from birge.web.app import KEPT
from birge.web.app import PAGES as PAGES_OF_ALL
from birge.web.kept import Asked as Question
from birge.web.kept import Kept, Latest, sheet
from tests.web.conftest import HOST, NOW, peopled, sign_in
from tests.web.test_levels import DOCUMENT

PEOPLE = ("", "viewer-geo", "viewer-arm", "secretariat-geo", "approver-arm", "reporter-geo", "admin-arm")
PAGES = ("answer", "measures", "due", "targets", "culture", "statistics")


@pytest.fixture
def pair(registry: Registry) -> Iterator[tuple[dict[str, list[TestClient]], list[Any]]]:
    """Return each reader's clients of two servers that keep and of one that keeps nothing, over one registry."""
    common: dict[str, Any] = {"behind_proxy": True, "names": ("plan.example",), "draws": 0}
    apps = [application(registry, Settings(**common, keep_mb=mb)) for mb in (64, 64, 0)]
    readers: dict[str, list[TestClient]] = {}
    for who in PEOPLE:
        readers[who] = [TestClient(app, base_url=HOST, follow_redirects=False) for app in apps]
        if who:
            sign_in(readers[who][0], registry, who)
            for other in readers[who][1:]:
                other.cookies = readers[who][0].cookies
    yield readers, apps
    for clients in readers.values():
        for client in clients:
            client.close()


def plain(text: str) -> str:
    """Return a page without the token of its forms."""
    return re.sub(r'name="token" value="[0-9a-f]*"', "", text)


class Life:
    """What happens in a registry, step by step."""

    def __init__(self, registry: Registry, seed: int) -> None:
        self.registry, self.chance, self.day = registry, random.Random(seed), date(2026, 1, 1)

    def step(self) -> str:
        """Do one thing that may change a page."""
        return str(
            getattr(self, f"_{self.chance.choice(('report', 'share', 'publish', 'run', 'right', 'job', 'plan'))}")()
        )

    def _report(self) -> str:
        side = self.chance.choice(("geo", "arm"))
        self.day += timedelta(days=1)
        with self.registry.desk(f"reporter-{side}") as desk:
            said = {"en": f"secret of {side} {self.day}"}
            state = self.chance.choice((State.IN_PROGRESS, State.DONE))
            finished = self.day if state is State.DONE else None
            report(desk, Progress(item="draft", reported=self.day, state=state, text=said, finished=finished))
        return "report"

    def _moved(self, kind: str, to_all: bool) -> str:
        side = self.chance.choice(("geo", "arm"))
        with self.registry.desk(f"approver-{side}") as desk:
            own = [r for r in listing(desk, kind, official=True) if r.side == side.upper()]
            if own:
                found = self.chance.choice(own)
                share(desk, found.id, found.version)
                if to_all and kind != "run":
                    publish(desk, found.id, found.version)
        return f"{'publish' if to_all else 'share'} {kind}"

    def _share(self) -> str:
        return self._moved(self.chance.choice(("progress", "run")), False)

    def _publish(self) -> str:
        return self._moved("progress", True)

    def _plan(self) -> str:
        return self._moved("plan", True)

    def _run(self) -> str:
        side = self.chance.choice(("geo", "arm"))
        with self.registry.desk(f"secretariat-{side}") as desk:
            keep(desk, {**DOCUMENT, "seed": self.chance.randrange(10**6), **TARGETS}, "0")
        return "run"

    def _right(self) -> str:
        with self.registry.desk(OPERATOR) as desk:
            act = self.chance.choice((accounts.grant, accounts.revoke))
            act(desk, self.chance.choice(("admin-arm", "viewer-geo", "reporter-geo")), "viewer")
        return "right"

    def _job(self) -> str:
        queue = Jobs(self.registry)
        side = self.chance.choice(("GEO", "ARM"))
        made = queue.queue("x", side, Asked(draws=100, seed=self.chance.randrange(10**6)))
        if self.chance.random() < 0.6:
            queue.cancel(made.id)
        return "job"


TARGETS: dict[str, Any] = {}


@pytest.fixture(autouse=True)
def headline(registry: Registry) -> None:
    """Let made-up runs speak of the plan's own headline."""
    with registry.view("viewer-geo") as desk:
        from birge.store.plans import effective

        plan = effective(desk, NOW.date())
        [(indicator, target)] = [(i, t) for i, t in plan.targets() if t.id == plan.headline][:1]
    whole = {"id": target.id, "indicator": indicator.id, "value": target.value, "year": target.year, "basis": None}
    odds = {
        "odds_with": 0.5,
        "odds_without": 0.25,
        "odds_range": [0.4, 0.6],
        "variants": {},
        "base_rate": None,
        "median": 1.0,
    }
    TARGETS.update(
        targets=[{**whole, **odds, "interval80": [0.5, 1.5]}], headline=target.id, milestones=[], measures=[]
    )
    TARGETS.update(needed=None)


@pytest.mark.parametrize("seed", [1, 3])
def test_every_reader_reads_what_a_server_without_a_memory_says(
    registry: Registry, pair: tuple[dict[str, list[TestClient]], list[Any]], seed: int
) -> None:
    readers, apps = pair
    life, chance = Life(registry, seed), random.Random(seed)
    done = []
    for _ in range(20):
        done.append(life.step())
        for who in chance.sample(PEOPLE, 4):
            path = f"/{chance.choice(('en', 'kk'))}/{chance.choice(PAGES)}" + chance.choice(("", "?as_of=2026-03-01"))
            first, other, bare = readers[who]
            fresh = bare.get(path)
            for client in (first, other, first):
                kept = client.get(path)
                assert (kept.status_code, plain(kept.text)) == (fresh.status_code, plain(fresh.text)), (who, path, done)
    assert len({d.split()[0] for d in done}) >= 5
    house = apps[0].state.house
    assert house.sheets.weight > 0
    assert apps[2].state.house.sheets.weight == 0


def test_no_side_reads_from_memory_what_the_other_keeps_to_itself(
    registry: Registry, pair: tuple[dict[str, list[TestClient]], list[Any]]
) -> None:
    readers, _ = pair
    with registry.desk("reporter-geo") as desk:
        report(desk, Progress(item="draft", reported=NOW.date(), state=State.DONE, finished=NOW.date()))
    own = readers["viewer-geo"][0].get("/en/answer").text
    assert own == readers["viewer-geo"][0].get("/en/answer").text
    for who in ("viewer-arm", "approver-arm", "admin-arm", ""):
        for _ in range(2):
            answer = readers[who][0].get("/en/answer")
            assert answer.text != own
            assert "done" not in re.sub(r"<[^>]*>", " ", answer.text).split("Reported since")[-1].split("Next")[0]
    # somebody of the same side and role has a page of their own, with their own name on it
    assert "viewer &lt;b&gt;GEO" in own
    assert "viewer" not in readers["secretariat-geo"][0].get("/en/answer").text.split("</header>")[0]
    with registry.desk(OPERATOR) as desk:
        accounts.revoke(desk, "viewer-geo", "viewer")
    assert readers["viewer-geo"][0].get("/en/answer").status_code == 404


@pytest.fixture
def public(registry: Registry) -> TestClient:
    """Return a reader without an account of a plan that is published."""
    with registry.desk("approver-geo") as desk:
        [plan] = listing(desk, "plan", official=True)
        publish(desk, plan.id, plan.version)
    app = application(registry, Settings(behind_proxy=True, names=("plan.example",), draws=0))
    return TestClient(app, base_url=HOST, follow_redirects=False)


def test_a_page_that_has_not_changed_is_not_sent_again(registry: Registry, public: TestClient) -> None:
    first = public.get("/en/answer")
    assert first.status_code == 200
    assert first.headers["cache-control"] == "private, no-cache"
    known = {"if-none-match": first.headers["etag"]}
    again = public.get("/en/answer", headers=known)
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["content-security-policy"]
    with registry.desk("reporter-geo") as desk:  # nobody publishes it: the public page stays, without a new rendering
        made = report(desk, Progress(item="draft", reported=NOW.date(), state=State.DONE, finished=NOW.date()))
    house = public.app.state.house  # type: ignore[attr-defined]
    held = house.sheets.weight
    assert public.get("/en/answer", headers=known).status_code == 304
    assert house.sheets.weight == held
    with registry.desk("approver-geo") as desk:
        share(desk, made.id, made.version)
        publish(desk, made.id, made.version)
    changed = public.get("/en/answer", headers=known)
    assert changed.status_code == 200
    assert changed.headers["etag"] != first.headers["etag"]


def test_signed_in_pages_are_stored_by_no_browser(registry: Registry, public: TestClient) -> None:
    sign_in(public, registry, "viewer-geo")
    answer = public.get("/en/answer")
    assert answer.headers["cache-control"] == "no-store"
    assert "etag" not in answer.headers


def test_reading_writes_nothing(registry: Registry, public: TestClient) -> None:
    sign_in(public, registry, "viewer-geo")
    from sqlalchemy import event

    written: list[str] = []
    event.listen(registry.engine, "before_cursor_execute", lambda *a: written.append(a[2]))
    for path in ("/en/answer", "/en/targets", "/en/scenarios", "/api/v1/plan"):
        assert public.get(path).status_code == 200
    assert written
    assert not [w for w in written if re.match(r"\s*(INSERT|UPDATE|DELETE|BEGIN IMMEDIATE)", w)]


def test_what_is_kept_has_a_bound_and_the_newest_stays() -> None:
    kept: Kept[str] = Kept(100)
    for n in range(50):
        kept.put(n, str(n), 10)
    assert kept.weight == 100
    assert [kept.get(n) for n in (39, 40, 49)] == [None, "40", "49"]
    kept.put("whale", "x", 101)
    assert kept.get("whale") is None
    kept.put(40, "again", 1)
    assert kept.weight == 91
    nothing: Kept[str] = Kept(0)
    assert nothing.made("k", lambda: "v", lambda _: 1) == "v"
    assert nothing.get("k") is None


def test_many_who_ask_for_the_same_cost_one_making_and_a_failure_is_not_kept() -> None:
    kept: Kept[int] = Kept(10)
    made: list[int] = []

    def make() -> int:
        time.sleep(0.05)
        made.append(1)
        return len(made)

    askers = [threading.Thread(target=lambda: kept.made("k", make, lambda _: 1)) for _ in range(20)]
    for a in askers:
        a.start()
    for a in askers:
        a.join()
    assert made == [1]

    def fail() -> int:
        raise ValueError("not now")

    with pytest.raises(ValueError, match="not now"):
        kept.made("other", fail, lambda _: 1)
    assert kept.made("other", make, lambda _: 1) == 2
    assert not kept._making


def test_an_answer_is_never_older_than_its_question() -> None:
    state = [0]
    reads: list[int] = []

    def read() -> Question:
        seen = state[0]
        time.sleep(0.01)
        reads.append(seen)
        return Question(seen, None, NOW.date())  # type: ignore[arg-type]

    async def ask(latest: Latest) -> None:
        for _ in range(20):
            await asyncio.sleep(random.random() / 100)
            asked = state[0]
            assert (await latest.now()).mark >= asked  # type: ignore[operator]

    async def change() -> None:
        for _ in range(100):
            state[0] += 1
            await asyncio.sleep(0.002)

    async def all_at_once() -> None:
        latest = Latest(read)
        await asyncio.gather(change(), *(ask(latest) for _ in range(50)))

    # in a thread of its own: a browser's driver may keep a loop running in this one
    with ThreadPoolExecutor(1) as thread:
        thread.submit(lambda: asyncio.run(all_at_once())).result()
    assert len(reads) < 200  # a thousand questions


def test_a_desk_within_a_desk_is_refused_and_leaves_the_next_one_free(registry: Registry) -> None:
    with pytest.raises(Nested, match="pass its desk on"), registry.desk("reporter-geo"), registry.desk("reporter-arm"):
        pass
    with registry.desk("reporter-geo"), registry.view("reporter-arm"):
        pass  # reading within is no fault
    with writing(registry.engine):
        pass


def test_forms_of_one_process_fit_in_another(registry: Registry, tmp_path: Path) -> None:
    url = registry.engine.url.render_as_string()
    other = Registry.open(url, tmp_path / "files")
    assert registry.secret("forms") == other.secret("forms")
    assert len(registry.secret("forms")) == 32
    other.close()
    second = peopled(f"sqlite:///{tmp_path}/second.sqlite", tmp_path / "files-2")
    assert second.secret("forms") != registry.secret("forms")
    second.close()


def test_a_proposal_is_seen_by_its_reader_at_once(
    registry: Registry, pair: tuple[dict[str, list[TestClient]], list[Any]]
) -> None:
    """A plan that comes to hold changes every page of both sides."""
    from birge.plan.schema import Plan
    from birge.store.agreement import standing_plan
    from birge.store.plans import propose

    readers, _ = pair
    before = readers["viewer-arm"][0].get("/en/measures").text
    registry.clock = lambda: NOW + timedelta(minutes=1)  # of two plans of one day and moment the first would hold
    with registry.desk("secretariat-geo") as desk:
        stand = standing_plan(desk.connection, NOW.date())
        assert stand
        data = stand.plan.canonical()
        data["measures"][0]["title"]["en"] = "An entirely new title"
        ident = propose(desk, Plan.model_validate(data), NOW.date()).id
    for who in ("approver-geo", "approver-arm"):
        with registry.desk(who) as desk:
            confirm(desk, ident)
    assert "An entirely new title" not in before
    for client in readers["viewer-arm"]:
        assert "An entirely new title" in client.get("/en/measures").text


def test_a_page_whose_model_works_or_that_holds_a_form_is_not_kept(registry: Registry, public: TestClient) -> None:
    house = public.app.state.house  # type: ignore[attr-defined]
    assert house.weight(sheet("<p>whole</p>")) == len("<p>whole</p>")
    for made in (sheet("<p>half</p>", True), sheet('<input type="hidden" name="token" value="x">')):
        house.sheets.put("k", made, house.weight(made))
        assert house.sheets.get("k") is None
    assert set(PAGES_OF_ALL) >= KEPT
