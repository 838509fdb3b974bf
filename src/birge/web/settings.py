"""How a server is set up."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from birge.errors import InputError, Problem
from birge.store.security_keys import Site
from birge.web.boundaries import boundaries

__all__ = ["OIDC_SECRET", "Provider", "Settings"]

OIDC_SECRET = "BIRGE_OIDC_SECRET"


@dataclass(frozen=True)
class Provider:
    """A provider of sign-ins by OpenID Connect: its issuer, and as whom it knows this server."""

    issuer: str
    client: str
    secret: str = field(repr=False)

    def problems(self) -> list[Problem]:
        """Return what is wrong with it; only a provider on this very machine may do without TLS."""
        parts = urlsplit(self.issuer)
        secure = parts.scheme == "https" or (parts.scheme == "http" and _loopback(parts.hostname or ""))
        found = []
        if not secure or not parts.hostname or parts.query or parts.fragment:
            found.append(
                Problem("--oidc-issuer", "issuer", f"{self.issuer!r} is no https address", "write https://id.example")
            )
        if not self.client:
            found.append(
                Problem("--oidc-client-id", "client", "no client id", "give what the provider calls this server")
            )
        if not self.secret:
            found.append(
                Problem(OIDC_SECRET, "secret", "the client's secret is not set", f"set the variable {OIDC_SECRET}")
            )
        return found


@dataclass(frozen=True)
class Settings:
    """Where the server listens, whether a proxy with TLS stands before it, under which names it is known.

    `draws` is how many futures the first assessment has; 0 starts none. `workers` is how many
    processes answer, `keep_mb` how much each keeps of rendered pages; with 0 it keeps nothing. `boundaries` is a
    GeoJSON or TopoJSON file that maps draw instead of the one that ships.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    behind_proxy: bool = False
    names: tuple[str, ...] = ()
    draws: int = 10_000
    workers: int = 1
    keep_mb: int = 64
    oidc: Provider | None = None
    boundaries: Path | None = None

    @property
    def alone(self) -> bool:
        """Return whether only this machine reaches the server."""
        return not self.behind_proxy and _loopback(self.host)

    @property
    def hosts(self) -> tuple[str, ...]:
        """Return the names a request may ask for; others are refused, so no foreign page can point here."""
        return self.names or ("127.0.0.1", "localhost", "[::1]")

    @property
    def origins(self) -> tuple[str, ...]:
        """Return the addresses of this server's pages, the main one first; behind a proxy on the usual port."""
        if self.names:
            return tuple(f"https://{n}" if self.behind_proxy else f"http://{n}:{self.port}" for n in self.names)
        return (f"http://localhost:{self.port}",)

    @property
    def site(self) -> Site:
        """Return what security keys know this server by; a key knows names, never 127.0.0.1."""
        return Site(str(urlsplit(self.origins[0]).hostname), self.origins)

    def check(self) -> None:
        """Raise InputError for an address that would carry passwords in the clear, or boundaries nobody can read."""
        problems = self.oidc.problems() if self.oidc else []
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
        if self.boundaries:
            try:
                boundaries(self.boundaries)
            except InputError as error:
                problems += error.problems
        if problems:
            raise InputError(problems)


def _loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
