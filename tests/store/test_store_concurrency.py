"""Many writers at once lose and double nothing; a killed writer loses nothing that was acknowledged."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path

from sqlalchemy import func, select

from birge.plan.schema import State
from birge.store import accounts
from birge.store.audit import verify
from birge.store.engine import reading
from birge.store.errors import Conflict
from birge.store.kinds import Progress
from birge.store.progress import report
from birge.store.records import edit, listing, read, versions
from birge.store.registry import OPERATOR, Registry
from birge.store.tables import audit, history, records

DAY = date(2026, 1, 1)


def said(n: int, text: str = "") -> Progress:
    return Progress(
        item="draft", reported=DAY + timedelta(days=n), state=State.IN_PROGRESS, text={"en": text or f"writer {n}"}
    )


def test_fifty_writers_at_once_lose_and_double_nothing(joint: Registry) -> None:
    idents = [f"00000000-0000-4000-8000-{n:012d}" for n in range(50)]

    def write(n: int) -> str:
        # each writer sends the same request twice, as a browser does that got no answer
        for _ in range(2):
            with joint.desk("reporter-geo" if n % 2 else "reporter-arm") as desk:
                made = report(desk, said(n), idents[n])
        return made.id

    with ThreadPoolExecutor(50) as pool:
        assert list(pool.map(write, range(50))) == idents
    with reading(joint.engine) as connection:
        kinds = select(func.count()).select_from(records).where(records.c.kind == "progress")
        assert connection.execute(kinds).scalar() == 50
        mine = select(func.count()).select_from(history).join(records).where(records.c.kind == "progress")
        assert connection.execute(mine).scalar() == 50
        assert verify(connection) == []
        numbers = connection.execute(select(audit.c.seq).order_by(audit.c.seq)).scalars().all()
        assert list(numbers) == list(range(len(numbers)))
    with joint.view("viewer-geo") as desk:
        assert {r.payload.text["en"] for r in listing(desk, "progress")} == {f"writer {n}" for n in range(1, 50, 2)}


def test_twenty_editors_of_one_record_keep_every_word(joint: Registry) -> None:
    with joint.desk("reporter-geo") as desk:
        made = report(desk, said(0, "first"))

    def write(n: int) -> int:
        lost = 0
        while True:
            with joint.view("reporter-geo") as desk:
                before = read(desk, made.id)
            try:
                with joint.desk("reporter-geo") as desk:
                    text = f"{before.payload.text['en']} {n}"
                    edit(desk, made.id, before.version, said(0, text))
                return lost
            except Conflict:
                lost += 1

    with ThreadPoolExecutor(20) as pool:
        list(pool.map(write, range(20)))
    with joint.view("viewer-geo") as desk:
        words = read(desk, made.id).payload.text["en"].split()
        assert words[0] == "first"
        assert sorted(words[1:], key=int) == [str(n) for n in range(20)]
        assert [r.version for r in versions(desk, made.id)] == list(range(1, 22))
        assert verify(desk.connection) == []


WRITER = """
import sys, uuid
from datetime import date, timedelta
from pathlib import Path
from birge.plan.schema import State
from birge.store.kinds import Progress
from birge.store.progress import report
from birge.store.registry import Registry
registry = Registry.open(sys.argv[1], Path(sys.argv[2]))
for n in range(10_000):
    said = Progress(item="draft", reported=date(1990, 1, 1) + timedelta(days=n), state=State.IN_PROGRESS)
    with registry.desk("reporter-geo") as desk:
        made = report(desk, said)
    print(made.id, flush=True)
"""


def test_kill_9_during_writes_loses_nothing_acknowledged(joint: Registry, tmp_path: Path) -> None:
    url = joint.engine.url.render_as_string(hide_password=False)
    acknowledged: list[str] = []
    for wanted in (15, 40):
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER.replace("1990", str(1990 - wanted)), url, str(tmp_path)],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert writer.stdout is not None
        for _ in range(wanted):
            acknowledged.append(writer.stdout.readline().strip())
        os.kill(writer.pid, signal.SIGKILL)
        acknowledged += writer.stdout.read().split()
        writer.stdout.close()
        assert writer.wait() == -signal.SIGKILL
    with reading(joint.engine) as connection:
        kept = set(connection.execute(select(records.c.id).where(records.c.kind == "progress")).scalars())
        assert set(acknowledged) <= kept
        assert len(kept) - len(acknowledged) <= 2  # at most one write each was done and not yet acknowledged
        assert verify(connection) == []
        entries = [json.loads(e) for e in connection.execute(select(audit.c.entry)).scalars()]
        assert {e["record"] for e in entries if e.get("kind") == "progress"} == kept
    with joint.desk("reporter-geo") as desk:
        report(desk, said(3))


def test_a_revoked_right_ends_with_the_next_transaction(joint: Registry) -> None:
    with joint.desk(OPERATOR) as desk:
        accounts.revoke(desk, "reporter-geo", "reporter")
    with joint.view("reporter-geo") as desk:
        assert desk.actor.grants == ()
        assert listing(desk, "plan") == []
