"""Whatever people do on two installations: only what is shared goes out, all of it arrives, and the chains verify."""

from __future__ import annotations

import tempfile
import zipfile
from datetime import date, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule

from birge.plan import load
from birge.plan.schema import State
from birge.store import plans
from birge.store.audit import verify
from birge.store.engine import reading
from birge.store.errors import Denied
from birge.store.kinds import Comment, Progress
from birge.store.progress import report
from birge.store.records import create, edit, listing, publish, read, retire, share, submit
from birge.store.registry import ANYONE, Registry
from birge.store.release import apply, receive, release
from birge.store.runs import keep
from tests.store.registries import PAIR, SMALL, Clock, populate

SIDES = st.sampled_from(PAIR)


class Exchange(RuleBasedStateMachine):
    """Two installations; the model knows of each record which text stands at which mark."""

    made = Bundle("made")
    ran = Bundle("ran")

    @initialize()
    def found(self) -> None:
        """Two installations with the plan on both."""
        self.folder = tempfile.TemporaryDirectory()
        self.numbers = count()
        self.registries: dict[str, Registry] = {}
        self.model: dict[str, dict[str, Any]] = {}
        self.private: list[tuple[str, str]] = []
        self.runs: dict[str, list[Any]] = {}
        self.taken: dict[str, dict[str, str | None]] = {side: {} for side in PAIR}
        for side in PAIR:
            url = f"sqlite:///{self.folder.name}/{side}.sqlite"
            self.registries[side] = Registry.create(url, PAIR, side, Path(self.folder.name) / side, Clock())
            populate(self.registries[side], side)
        with self.registries["GEO"].desk("secretariat-geo") as desk:
            plans.propose(desk, load(SMALL)[0], date(2026, 1, 1))
        self.exchange("GEO")

    def word(self) -> str:
        """A text that occurs nowhere else."""
        return f"word-{next(self.numbers):05d}-end"

    def say(self, number: int, text: str) -> Progress:
        """A report about a matter of its own."""
        day = date(2026, 1, 1) + timedelta(days=number % 200)
        return Progress(
            item=("draft", "open")[number // 200 % 2], reported=day, state=State.IN_PROGRESS, text={"en": text}
        )

    @rule(target=made, side=SIDES)
    def write(self, side: str) -> str:
        """A reporter writes a draft."""
        number, text = len(self.model), self.word()
        with self.registries[side].desk(f"reporter-{side.lower()}") as desk:
            ident = report(desk, self.say(number, text), draft=True).id
        self.model[ident] = {"side": side, "number": number, "texts": [text], "submitted": 0, "shared": 0, "public": 0}
        return ident

    @rule(ident=made)
    def change(self, ident: str) -> None:
        """Somebody edits it."""
        m, text = self.model[ident], self.word()
        with self.registries[m["side"]].desk(f"reporter-{m['side'].lower()}") as desk:
            edit(desk, ident, len(m["texts"]), self.say(m["number"], text))
        m["texts"].append(text)

    @rule(ident=made)
    def take_back(self, ident: str) -> None:
        """Somebody retires it; the new version says so."""
        m = self.model[ident]
        with self.registries[m["side"]].desk(f"reporter-{m['side'].lower()}") as desk:
            retire(desk, ident, len(m["texts"]))
        m["texts"].append(None)

    @rule(ident=made)
    def hand_in(self, ident: str) -> None:
        """The newest version is submitted."""
        m = self.model[ident]
        with self.registries[m["side"]].desk(f"reporter-{m['side'].lower()}") as desk:
            submit(desk, ident, len(m["texts"]))
        m["submitted"] = len(m["texts"])

    @rule(ident=made)
    def let_out(self, ident: str) -> None:
        """The submitted version, if any, is shared."""
        m = self.model[ident]
        if m["submitted"]:
            with self.registries[m["side"]].desk(f"approver-{m['side'].lower()}") as desk:
                share(desk, ident, len(m["texts"]))
            m["shared"] = m["submitted"]

    @rule(ident=made)
    def make_public(self, ident: str) -> None:
        """The shared version, if any, is published."""
        m = self.model[ident]
        if m["shared"]:
            with self.registries[m["side"]].desk(f"approver-{m['side'].lower()}") as desk:
                publish(desk, ident, len(m["texts"]))
            m["public"] = m["shared"]

    @rule(side=SIDES)
    def remark(self, side: str) -> None:
        """Somebody remarks on a milestone; a remark cannot be let out."""
        word = self.word()
        with self.registries[side].desk(f"reporter-{side.lower()}") as desk:
            ident = create(desk, "comment", Comment(id=word, on="draft", text=word)).id
            submit(desk, ident, 1)
        for mark in (share, publish):
            with pytest.raises(Denied), self.registries[side].desk(f"approver-{side.lower()}") as desk:
                mark(desk, ident, 1)
        self.private.append((side, word))

    @rule(target=ran, side=SIDES)
    def assess(self, side: str) -> str:
        """A side keeps a run to itself."""
        word = self.word()
        document = {"plan_hash": "0" * 64, "as_of": "2026-09-01", "seed": 1, "draws": 100, "scenario": None}
        with self.registries[side].desk(f"secretariat-{side.lower()}") as desk:
            ident = keep(desk, {**document, "note": word}, "0").id
        with pytest.raises(Denied), self.registries[side].desk(f"secretariat-{side.lower()}") as desk:
            share(desk, ident, 1)
        self.runs[ident] = [side, word, False]
        return ident

    @rule(ident=ran)
    def let_run_out(self, ident: str) -> None:
        """An approver shares a run."""
        side = self.runs[ident][0]
        with self.registries[side].desk(f"approver-{side.lower()}") as desk:
            share(desk, ident, 1)
        self.runs[ident][2] = True

    @rule(side=SIDES)
    def exchange(self, side: str) -> None:
        """A side releases, the other receives and applies; then the package holds nothing new."""
        path = Path(self.folder.name) / f"{next(self.numbers)}.zip"
        other = next(s for s in PAIR if s != side)
        with self.registries[side].desk(f"secretariat-{side.lower()}") as desk:
            release(desk, path)
        with zipfile.ZipFile(path) as archive:
            whole = b"".join(archive.read(n) for n in archive.namelist())
        for m in self.model.values():
            for version, text in enumerate(m["texts"], start=1):
                if text is not None:
                    # a retired version repeats the text that was there before it
                    shown = m["shared"] and self.content(m, m["shared"]) == text and m["side"] == side
                    assert (text.encode() in whole) == bool(shown), (version, m)
        assert not [w for _, w in self.private if w.encode() in whole]
        for owner, word, out in self.runs.values():
            assert (word.encode() in whole) == (out and owner == side)
        with self.registries[other].desk(f"secretariat-{other.lower()}") as desk:
            apply(desk, path)
        with self.registries[other].view(f"secretariat-{other.lower()}") as desk:
            assert {i.state for i in receive(desk, path).items} <= {"equal"}
        for ident, m in self.model.items():
            if m["side"] == side and m["shared"]:
                self.taken[other][ident] = None if m["texts"][m["shared"] - 1] is None else self.content(m, m["shared"])

    @staticmethod
    def content(m: dict[str, Any], version: int) -> str:
        """The text of a version; a retired one holds that of the version before it."""
        return next(str(t) for t in reversed(m["texts"][:version]) if t is not None)

    @invariant()
    def each_sees_what_it_may(self) -> None:
        """Own newest versions, the other's as last taken in, and the public's."""
        if not hasattr(self, "registries") or len(self.registries) < 2:
            return
        for side in PAIR:
            with self.registries[side].view(f"viewer-{side.lower()}") as desk:
                seen = {r.id: r.payload.text["en"] for r in listing(desk, "progress")}
            own = {i: m["texts"][-1] for i, m in self.model.items() if m["side"] == side}
            expected = {i: t for i, t in {**own, **self.taken[side]}.items() if t is not None}
            assert seen == expected
            with self.registries[side].view(ANYONE) as desk:
                public = {i for i, m in self.model.items() if m["side"] == side and m["public"]}
                for ident in public:
                    m = self.model[ident]
                    assert read(desk, ident).payload.text["en"] == self.content(m, m["public"])

    def teardown(self) -> None:
        """Both chains verify at the end."""
        for registry in getattr(self, "registries", {}).values():
            with reading(registry.engine) as connection:
                assert verify(connection) == []
            registry.close()
        if hasattr(self, "folder"):
            self.folder.cleanup()


TestExchange = Exchange.TestCase
TestExchange.settings = settings(
    max_examples=12, stateful_step_count=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
