"""A desk of a registry for the commands: in whose name, at which registry, as of which day."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from birge.cli.users import opened

if TYPE_CHECKING:
    from birge.store import Desk

__all__ = ["Day", "Who", "sit_down"]

Who = Annotated[str, typer.Option("--user", envvar="BIRGE_USER", help="The login in whose name this is done.")]
Day = Annotated[
    datetime | None, typer.Option("--as-of", formats=["%Y-%m-%d"], help="As of this date; today if left out.")
]


@contextmanager
def sit_down(url: str, files: Path | None, who: str, writes: bool = True) -> Iterator[Desk]:
    """Give a desk of the registry at `url` in the name of a login; raises InputError where no name is given."""
    from birge.errors import InputError

    if not who:
        raise InputError.at("--user", "user", "in whose name?", "name a login with --user or BIRGE_USER")
    with opened(url, files) as registry, (registry.desk if writes else registry.view)(who) as desk:
        yield desk
