"""Faults on a real server over a real socket: killed while many write, slow clients, bodies of a gigabyte."""

from __future__ import annotations

import os
import signal
import socket
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import Lock

import pytest

from birge.errors import InputError
from birge.store.audit import verify
from birge.store.records import listing
from birge.store.registry import OPERATOR, Registry
from birge.web.guard import token
from birge.web.serve import _listening
from birge.web.settings import Settings
from tests.web.conftest import peopled
from tests.web.served import Served, serving, session_of, status

WRITERS, BEFORE_THE_KILL = 20, 25
QUICK = "import birge.web.line as line, birge.web.guard as guard\nline.HEAD_S, guard.WAIT_S = 1.0, 1.0"


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the URL of an empty database on each engine."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/faults.sqlite"
    fresh: Callable[[], str] = request.getfixturevalue("postgresql")
    return fresh()


def test_kill_9_of_the_server_loses_nothing_acknowledged_and_doubles_nothing(url: str, tmp_path: Path) -> None:
    registry = peopled(url, tmp_path / "files", lambda: datetime.now(UTC))
    sessions = [session_of(registry, f"reporter-{side}") for side in ("geo", "arm")]
    secret = registry.secret("forms")
    acknowledged: list[str] = []
    asked: list[str] = []
    lock = Lock()

    def write(served: Served, writer: int, times: int) -> None:
        session = sessions[writer % 2]
        for n in range(times):
            text = f"writer {writer} report {n} to {served.port}"
            with lock:
                asked.append(text)
                day = date(2000, 1, 1) + timedelta(days=len(asked))
            fields = {"state": "in progress", "reported": day.isoformat(), "text": text}
            try:
                code = served.post("/en/report/draft/evidence", session, token(secret, session), fields)
            except OSError:
                return
            assert code == 303, served.log.read_text()
            with lock:
                acknowledged.append(text)

    with serving(url, tmp_path, workers=2) as served, ThreadPoolExecutor(WRITERS) as pool:
        writing = [pool.submit(write, served, w, 10_000) for w in range(WRITERS)]
        while len(acknowledged) < BEFORE_THE_KILL:
            assert not any(w.done() for w in writing), served.log.read_text()
            time.sleep(0.01)
        served.kill()
        for w in writing:
            w.result()
    before = len(acknowledged)
    assert before >= BEFORE_THE_KILL
    with serving(url, tmp_path) as served:
        write(served, 0, 2)
        write(served, 1, 2)
    assert len(acknowledged) == before + 4
    found: Counter[str] = Counter()
    for side in ("geo", "arm"):
        with registry.view(f"reporter-{side}") as desk:
            found.update(r.payload.text["en"] for r in listing(desk, "progress") if r.side == side.upper())
    with registry.view(OPERATOR) as desk:
        assert verify(desk.connection) == []
    assert set(acknowledged) <= set(found)
    assert set(found) <= set(asked)
    assert set(found.values()) == {1}
    assert len(found) - len(acknowledged) <= WRITERS  # at most one each was done and not yet acknowledged
    registry.close()


def test_a_process_that_dies_is_started_again_and_forms_outlive_it(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/crew.sqlite"
    registry = peopled(url, tmp_path / "files", lambda: datetime.now(UTC))
    session = session_of(registry, "reporter-geo")
    given = token(registry.secret("forms"), session)
    with serving(url, tmp_path, workers=2) as served:
        _, *children = served.pids()
        assert len(children) >= 3
        for pid in children[:2]:
            os.kill(pid, signal.SIGKILL)
        for _ in range(600):
            if len(served.pids()) == 1 + len(children) and not set(children[:2]) & set(served.pids()):
                break
            time.sleep(0.05)
        fields = {"state": "in progress", "reported": "2026-01-01"}
        assert served.post("/en/report/draft/evidence", session, given, fields) == 303
        assert "started again" in served.log.read_text()
        own = served.pids()
        served.process.send_signal(signal.SIGKILL)
        served.process.wait()
        for _ in range(600):  # children see that their parent is gone
            if not any(Path(f"/proc/{pid}").exists() for pid in own[1:]):
                break
            time.sleep(0.05)
        assert not any(Path(f"/proc/{pid}").exists() for pid in own[1:])
    registry.close()


@pytest.fixture(scope="module")
def quick(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Served, Registry]]:
    """Return a server whose patience is one second."""
    folder = tmp_path_factory.mktemp("quick")
    url = f"sqlite:///{folder}/quick.sqlite"
    registry = peopled(url, folder / "files", lambda: datetime.now(UTC))
    with serving(url, folder, before=QUICK) as served:
        yield served, registry
    registry.close()


def trickled(line: socket.socket, served: Served, text: bytes) -> bytes:
    """Send a byte every tenth of a second until the server hangs up, while others are served; returns what it said."""
    line.settimeout(0.1)
    said = b""
    for n in range(100):
        try:
            line.sendall(text[n % len(text) :][:1])
            part = line.recv(4096)
        except TimeoutError:
            if n % 5 == 0:
                assert served.get("/en/sign-in") == 200
            continue
        except OSError:
            return said
        if not part:
            return said
        said += part
    raise AssertionError("the server waits for ever")


def test_a_head_that_comes_byte_by_byte_is_cut_off(quick: tuple[Served, Registry]) -> None:
    served, _ = quick
    with served.connect() as line:
        line.sendall(b"GET /en/answer HTTP/1.1\r\nhost: 127.0.0.1\r\nx: ")
        assert trickled(line, served, b"y").startswith(b"HTTP/1.1 408")
    with served.connect() as line:  # the second request of a connection has no more time than the first
        line.sendall(b"GET /en/sign-in HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n")
        assert status(line) == 200
        line.settimeout(0.5)
        while True:
            try:
                line.recv(65536)
            except TimeoutError:
                break
        line.sendall(b"GET /")
        assert trickled(line, served, b"x").startswith(b"HTTP/1.1 408")
    assert "no whole head" in served.log.read_text()


def test_a_connection_that_says_nothing_is_closed(quick: tuple[Served, Registry]) -> None:
    served, _ = quick
    with served.connect() as line:
        line.settimeout(20)
        assert line.recv(100) == b""


def test_a_body_that_comes_byte_by_byte_is_refused_and_logged(quick: tuple[Served, Registry]) -> None:
    served, _ = quick
    head = "POST /en/sign-in HTTP/1.1\r\nhost: 127.0.0.1\r\norigin: http://127.0.0.1\r\ncontent-length: 500\r\n"
    kind = "content-type: application/x-www-form-urlencoded\r\n\r\n"
    with served.connect() as line:
        line.sendall((head + kind).encode())
        assert trickled(line, served, b"login=x&").startswith(b"HTTP/1.1 408")
    assert "comes too slowly" in served.log.read_text()


def resident(pid: int) -> int:
    """Return the memory of a process in bytes."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(1024 * int(text.split()[1]) for text in lines if text.startswith("VmRSS"))


@pytest.mark.parametrize("way", ["content-length", "chunked", "understated"])
@pytest.mark.parametrize("path", ["/en/sign-in", "/en/report/draft/evidence"])
def test_a_body_of_a_gigabyte_is_refused_logged_and_not_held(
    quick: tuple[Served, Registry], way: str, path: str
) -> None:
    served, _ = quick
    size, block = 1_000_000_000, b"x" * 1_000_000
    head = f"POST {path} HTTP/1.1\r\nhost: 127.0.0.1\r\norigin: http://127.0.0.1\r\n"
    head += "content-type: multipart/form-data; boundary=b\r\n"
    length = {"content-length": f"content-length: {size}", "chunked": "transfer-encoding: chunked"}
    head += length.get(way, "content-length: 10") + "\r\n\r\n"
    first = b'--b\r\ncontent-disposition: form-data; name="evidence"; filename="x.pdf"\r\n\r\n%PDF-1.7 '
    before, most, sent = resident(served.process.pid), 0, 0
    logged = len(served.log.read_text())
    answer = b""
    with served.connect() as line:
        line.sendall(head.encode())
        try:
            while sent < size:
                data = (first + block)[: len(block)] if sent == 0 else block
                line.sendall(f"{len(data):x}\r\n".encode() + data + b"\r\n" if way == "chunked" else data)
                sent += len(data)
                most = max(most, resident(served.process.pid))
        except OSError:
            pass  # it hung up, as it may
        try:
            while part := line.recv(65536):
                answer += part
        except OSError:
            pass
    assert most - before < 60_000_000, "the body was held in memory"
    told = served.log.read_text()[logged:]
    if way == "understated":  # what comes after ten bytes is no request
        assert b"HTTP/1.1 2" not in answer
    else:
        assert "too large" in told
        assert sent < size or answer.startswith(b"HTTP/1.1 413")
    assert served.get("/en/sign-in") == 200


def test_who_listens_for_the_answer_while_sending_hears_413(quick: tuple[Served, Registry]) -> None:
    served, _ = quick
    with served.connect() as line:
        line.sendall(
            b"POST /en/sign-in HTTP/1.1\r\nhost: 127.0.0.1\r\norigin: http://127.0.0.1\r\n"
            b"content-length: 1000000000\r\n\r\nx"
        )
        assert status(line) == 413


def test_an_address_that_is_taken_is_told_plainly() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(InputError, match="--port"):
            _listening(Settings(port=other.getsockname()[1]))
    with pytest.raises(InputError, match="--workers"):
        Settings(workers=0).check()
