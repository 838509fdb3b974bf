"""How a server is set up."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

from birge.errors import InputError

__all__ = ["Settings"]


@dataclass(frozen=True)
class Settings:
    """Where the server listens, whether a proxy with TLS stands before it, under which names it is known.

    `draws` is how many futures the first assessment has; 0 starts none. `workers` is how many
    processes answer, `keep_mb` how much each keeps of rendered pages; with 0 it keeps nothing.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    behind_proxy: bool = False
    names: tuple[str, ...] = ()
    draws: int = 10_000
    workers: int = 1
    keep_mb: int = 64

    @property
    def alone(self) -> bool:
        """Return whether only this machine reaches the server."""
        return not self.behind_proxy and _loopback(self.host)

    @property
    def hosts(self) -> tuple[str, ...]:
        """Return the names a request may ask for; others are refused, so no foreign page can point here."""
        return self.names or ("127.0.0.1", "localhost", "[::1]")

    def check(self) -> None:
        """Raise InputError for an address that would carry passwords in the clear."""
        problems = []
        if not _loopback(self.host) and not self.behind_proxy:
            problems.append(
                InputError.at(
                    "--host",
                    "no-tls",
                    f"{self.host} is reached by others, and this server speaks no TLS: passwords would be readable",
                    "bind 127.0.0.1, or put a proxy with TLS before it and say --behind-proxy",
                ).problems[0]
            )
        if self.behind_proxy and not self.names:
            problems.append(
                InputError.at(
                    "--name",
                    "no-name",
                    "a server behind a proxy has to know its public name",
                    "add --name plan.example",
                ).problems[0]
            )
        if not 0 < self.port < 65536:
            problems.append(
                InputError.at("--port", "port", f"there is no port {self.port}", "use 1 to 65535").problems[0]
            )
        if not 1 <= self.workers <= 64:
            problems.append(
                InputError.at("--workers", "workers", f"{self.workers} processes", "use 1 to 64").problems[0]
            )
        if problems:
            raise InputError(problems)


def _loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
