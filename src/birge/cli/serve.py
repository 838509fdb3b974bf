"""`birge serve`: the pages in a browser."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from birge.cli.users import DEFAULT, Files, Url

__all__ = ["app"]

app = typer.Typer(rich_markup_mode=None, add_completion=False, help="The plan in a browser.")


@app.command()
def serve(
    host: Annotated[str, typer.Option("--host", help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", help="Port to listen on.")] = 8000,
    url: Url = DEFAULT,
    files: Files = None,
    behind_proxy: Annotated[
        bool, typer.Option("--behind-proxy", help="A proxy with TLS stands before this server.")
    ] = False,
    name: Annotated[
        list[str] | None, typer.Option("--name", help="Public name of the server; may be repeated.")
    ] = None,
    draws: Annotated[
        int, typer.Option("--draws", help="Simulated futures of the first assessment; 0 runs none.")
    ] = 10_000,
    workers: Annotated[
        int, typer.Option("--workers", help="Processes that answer; more than one is for PostgreSQL and many readers.")
    ] = 1,
    oidc_issuer: Annotated[
        str,
        typer.Option(
            "--oidc-issuer", help="A provider of sign-ins (OpenID Connect); its secret is in BIRGE_OIDC_SECRET."
        ),
    ] = "",
    oidc_client_id: Annotated[str, typer.Option("--oidc-client-id", help="What the provider calls this server.")] = "",
    boundaries: Annotated[
        Path | None,
        typer.Option("--boundaries", help="GeoJSON or TopoJSON file that maps draw instead of the shipped one."),
    ] = None,
) -> None:
    """Show the plan in a browser; where there is no registry, one is made with the embedded plan.

    Without accounts the pages show what this machine's holder may see; `birge registry user add` makes accounts.
    """
    from birge.web.serve import serve as run
    from birge.web.settings import OIDC_SECRET, Provider, Settings

    provider = Provider(oidc_issuer, oidc_client_id, os.environ.get(OIDC_SECRET, "")) if oidc_issuer else None
    settings = Settings(
        host, port, behind_proxy, tuple(name or ()), draws, workers, oidc=provider, boundaries=boundaries
    )
    settings.check()
    print(f"Birge listens on http://{host}:{port} - stop with Ctrl+C", flush=True)
    run(url, settings, files)
