"""`birge border`: simulate, check and begin designs of crossings and of the complex."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from birge.cli.assess import Bar

if TYPE_CHECKING:
    from birge.models.border import Design

__all__ = ["app"]

app = typer.Typer(rich_markup_mode=None, no_args_is_help=True, help="Waiting and capacity at crossings.")

File = Annotated[Path | None, typer.Argument(metavar="[DESIGN]", help="Design file (YAML); else give --crossing.")]
Crossing = Annotated[str, typer.Option("--crossing", help="Name of a design that ships with Birge.")]


@app.command("new")
def new_command(crossing: Crossing = "karasu") -> None:
    """Print a design as YAML, to be changed and given to the other commands."""
    from birge.models.border import template

    print(template(crossing), end="")


@app.command("check")
def check_command(path: File = None, crossing: Crossing = "karasu") -> None:
    """Report every problem of a design, each with file, line, code and remedy."""
    from birge.models.border.check import busiest, load

    design = _design(path, crossing)
    tight = busiest(design)
    assumed = design.assumptions()
    print(f"{design.title}: no problems; {len(design.stations)} stations, {len(design.streams)} streams")
    print(f"Busiest: {tight.id}, asked for {100 * load(design, tight):.0f} % of what it can do over a year")
    print(f"Assumed: {', '.join(assumed) or 'nothing'}")


@app.command()
def simulate(
    path: File = None,
    crossing: Crossing = "karasu",
    replications: Annotated[int, typer.Option("--replications", min=1, max=1000, help="Simulated years.")] = 10,
    regime: Annotated[str, typer.Option("--regime", help="Way of control: normal, or one of the design's.")] = "normal",
    days: Annotated[int, typer.Option("--days", min=7, max=3650, help="Days from 1 January on.")] = 365,
    seed: Annotated[int, typer.Option("--seed", min=0, max=10**9, help="The same seed gives the same numbers.")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON document instead of the table.")] = False,
    out: Annotated[Path | None, typer.Option("--out", help="File for the JSON document.")] = None,
) -> None:
    """Print what trucks meet at a crossing: wait, time in all, queue, use of stations, cost, fuel and CO2."""
    import json

    from birge.errors import InputError
    from birge.models.border import simulate as run
    from birge.report.border_answer import answer, document

    design = _design(path, crossing)
    known = ("normal", *(r.id for r in design.regimes))
    if regime not in known:
        raise InputError.at("--regime", "unknown-regime", f"there is no {regime!r}", f"use one of: {', '.join(known)}")
    with Bar() as bar:
        made = run(design, regime=regime, days=days, replications=replications, seed=seed, progress=bar.tell)
    text = json.dumps(document(made), indent=2, ensure_ascii=False)
    if out is not None:
        try:
            out.write_text(text + "\n", "utf-8")
        except OSError as error:
            raise InputError.at("--out", "file-unwritable", f"{out}: {error.strerror}", "name another file") from error
    print(text if as_json else answer(made))


def _design(path: Path | None, crossing: str) -> Design:
    from birge.models.border import default_design, read_design

    return default_design(crossing) if path is None else read_design(path)
