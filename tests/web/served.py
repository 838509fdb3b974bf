"""A real `birge serve` in a process of its own, and what speaks to it over a socket."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from birge.store import accounts
from birge.store.registry import OPERATOR, Registry
from birge.store.signing_in import second_factor, sign_in
from birge.web.visitor import COOKIE

PASSWORD = "a long enough password"


@dataclass
class Served:
    """A running server."""

    process: subprocess.Popen[bytes]
    port: int
    log: Path

    def connect(self) -> socket.socket:
        """Return a connection."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=60)

    def get(self, path: str) -> int:
        """Return the status of a page on a connection of its own."""
        with self.connect() as line:
            line.sendall(f"GET {path} HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n".encode())
            return status(line)

    def post(self, path: str, session: str, token: str, fields: dict[str, str]) -> int:
        """Send a form; returns the status, raises OSError where the server is gone."""
        body = urlencode({"token": token, **fields}).encode()
        head = (
            f"POST {path} HTTP/1.1\r\nhost: 127.0.0.1:{self.port}\r\norigin: http://127.0.0.1:{self.port}\r\n"
            f"cookie: {COOKIE}={session}\r\ncontent-type: application/x-www-form-urlencoded\r\n"
            f"content-length: {len(body)}\r\nconnection: close\r\n\r\n"
        )
        with self.connect() as line:
            line.sendall(head.encode() + body)
            return status(line)

    def pids(self) -> list[int]:
        """Return the processes of the server: the first one and its children."""
        told = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return [self.process.pid, *map(int, told.split())]

    def kill(self) -> None:
        """Kill -9 the server and all its processes."""
        for pid in self.pids():
            os.kill(pid, signal.SIGKILL)
        assert self.process.wait(20) == -signal.SIGKILL


def status(line: socket.socket) -> int:
    """Return the status of the answer that comes; raises OSError where none does."""
    head = b""
    while b"\r\n" not in head:
        part = line.recv(65536)
        if not part:
            raise ConnectionError(f"no answer: {head!r}")
        head += part
    return int(head.split()[1])


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as made:
        made.bind(("127.0.0.1", 0))
        return int(made.getsockname()[1])


@contextmanager
def serving(url: str, folder: Path, workers: int = 1, before: str = "") -> Iterator[Served]:
    """Start `birge serve` and wait until it answers; `before` is code that runs in its process first."""
    port = free_port()
    command = ["birge", "serve", "--url", url, "--files", str(folder / "files"), "--port", str(port)]
    command += ["--draws", "0", "--workers", str(workers)]
    code = f"import sys; sys.argv = {command!r}\n{before}\nfrom birge.cli import main\nmain()"
    log = folder / f"server-{port}.log"
    with log.open("wb") as out:
        process = subprocess.Popen([sys.executable, "-c", code], stdout=out, stderr=out)
        served = Served(process, port, log)
        try:
            for _ in range(1200):
                try:
                    served.get("/en/sign-in")
                    break
                except OSError:
                    assert process.poll() is None, log.read_text()
                    time.sleep(0.05)
            yield served
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                process.wait(30)


def session_of(registry: Registry, login: str) -> str:
    """Return a session of somebody with both factors."""
    with registry.desk(OPERATOR) as desk:
        accounts.set_password(desk, login, PASSWORD)
        code = accounts.new_codes(desk, login)[0]
    begun = sign_in(registry, login, PASSWORD)
    assert begun
    with registry.desk(OPERATOR) as desk:
        session = second_factor(desk, begun, code)
    assert session
    return session
