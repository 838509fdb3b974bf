"""`birge border`: simulate, size, check and begin designs of crossings and of the complex."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from birge.cli.assess import Bar
from birge.cli.out import write_out

if TYPE_CHECKING:
    from birge.errors import Problem
    from birge.models.border import Design
    from birge.report.drawings import Drawing

__all__ = ["app"]

app = typer.Typer(rich_markup_mode=None, no_args_is_help=True, help="Waiting and capacity at crossings.")

File = Annotated[Path | None, typer.Argument(metavar="[DESIGN]", help="Design file (YAML); else give --crossing.")]
Crossing = Annotated[
    str | None,
    typer.Option("--crossing", help="Name of a design that ships with Birge; karasu where no file is given."),
]
DEFAULT = "karasu"


LEAST_OVER, MOST_OVER = 0.01, 10_000.0
"""Hours of wait of which `simulate --over` can tell the share of trucks above."""


@app.command("new")
def new_command(crossing: Crossing = None) -> None:
    """Print a design as YAML, to be changed and given to the other commands."""
    from birge.models.border import template

    print(template(crossing or DEFAULT), end="")


@app.command("schema")
def schema_command() -> None:
    """Print the JSON Schema of a design file, for editors that complete and check fields."""
    from birge.models.border.schema_page import json_schema

    print(json_schema(), end="")


@app.command("check")
def check_command(path: File = None, crossing: Crossing = None) -> None:
    """Report every problem of a design, each with file, line, code and remedy."""
    from birge.models.border.load import busiest, load

    design = _design(path, crossing)
    tight = busiest(design)
    assumed = design.assumptions()
    print(f"{design.title}: no problems; {len(design.stations)} stations, {len(design.streams)} streams")
    print(f"Busiest: {tight.id}, asked for {100 * load(design, tight):.0f} % of what it can do over a year")
    print(f"Assumed: {', '.join(assumed) or 'nothing'}")


@app.command()
def simulate(
    path: File = None,
    crossing: Crossing = None,
    replications: Annotated[int, typer.Option("--replications", min=1, max=1000, help="Simulated years.")] = 10,
    regime: Annotated[str, typer.Option("--regime", help="Way of control: normal, or one of the design's.")] = "normal",
    days: Annotated[int, typer.Option("--days", min=7, max=3650, help="Days from 1 January on.")] = 365,
    warmup: Annotated[
        int, typer.Option("--warmup", min=0, max=3650, help="Days before 1 January that do not count.")
    ] = 28,
    over: Annotated[
        list[float] | None,
        typer.Option("--over", help="Tell the share of trucks that wait over so many hours; repeat."),
    ] = None,
    seed: Annotated[int, typer.Option("--seed", min=0, max=10**9, help="The same seed gives the same numbers.")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON document instead of the table.")] = False,
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder for simulation.json and the pictures, or a .json file.")
    ] = None,
) -> None:
    """Print what trucks meet at a crossing: wait, time in all, queue, use of stations, cost, fuel and CO2."""
    import json

    from birge.errors import InputError, Problem
    from birge.models.border import simulate as run
    from birge.models.border.load import unstable
    from birge.models.border.simulate import OVER
    from birge.report.border_answer import answer, document

    design = _design(path, crossing)
    wrong = _regime(regime, design)
    wrong += [
        Problem("--over", "hours", f"{h:g} h", f"use {LEAST_OVER:g} to {MOST_OVER:g}, such as 6")
        for h in over or ()
        if not LEAST_OVER <= h <= MOST_OVER
    ]
    if wrong:
        raise InputError(wrong)
    if endless := list(unstable(design, lambda _: "--regime", regime)):
        raise InputError(endless)
    with Bar() as bar:
        made = run(
            design,
            regime=regime,
            over=over or OVER,
            days=days,
            warmup_days=warmup,
            replications=replications,
            seed=seed,
            progress=bar.tell,
        )
    text = json.dumps(document(made), indent=2, ensure_ascii=False)
    if out is not None and out.suffix == ".json":
        write_out(out, text + "\n")
    elif out is not None:
        from birge.report.border_pictures import simulation_drawings

        lead = (
            f"Control: {made.design.control(made.regime)}; {made.replications} runs of {made.days} simulated days "
            f"after {made.warmup_days} days of warm-up, seed {made.seed}."
        )
        _folder(out, made.design, "simulation.json", text, lead, simulation_drawings(made))
    print(text if as_json else answer(made))


@app.command()
def replay(
    path: File = None,
    crossing: Crossing = None,
    beside: Annotated[
        str | None, typer.Option("--beside", help="A design to play beside it: a name or a file.")
    ] = None,
    day: Annotated[str, typer.Option("--day", help="The day to play, such as 2027-10-14.")] = "2027-10-14",
    regime: Annotated[str, typer.Option("--regime", help="Way of control: normal, or one of the design's.")] = "normal",
    seed: Annotated[int, typer.Option("--seed", min=0, max=10**9, help="The same seed gives the same day.")] = 1,
    out: Annotated[Path, typer.Option("--out", help="The page (HTML) to write.")] = Path("replay.html"),
) -> None:
    """Write a page that plays a day at a crossing, truck by truck, before and after."""
    from datetime import date

    from birge.errors import InputError
    from birge.models.border import default_names
    from birge.models.border.replay import replay as play
    from birge.report.border_replay import page

    designs = [_design(path, crossing)]
    if beside is not None:
        named = beside in default_names()
        designs.append(_design(None, beside) if named else _design(Path(beside), None))
    try:
        when = date.fromisoformat(day)
    except ValueError as error:
        raise InputError.at("--day", "date", f"{day!r} is no day", "write 2027-10-14") from error
    if wrong := _regime(regime, *designs):
        raise InputError(wrong)
    write_out(out, page([play(d, when, regime=regime, seed=seed) for d in designs]))
    print(out)


Hours = Annotated[str, typer.Option("--p90-wait", help="Hours that nine of ten trucks wait at most, such as 4h.")]


@app.command()
def size(
    path: File = None,
    crossing: Crossing = None,
    p90_wait: Hours = "4h",
    in_share: Annotated[str, typer.Option("--in", help="Share of weeks in which that holds, such as 95%.")] = "95%",
    lost: Annotated[str, typer.Option("--lost", help="Share of trucks that may stay away.")] = "1%",
    budget: Annotated[float | None, typer.Option("--budget", min=0, help="Most USD a year for the operator.")] = None,
    only: Annotated[list[str] | None, typer.Option("--only", help="Station or pool that may change; repeat.")] = None,
    demand: Annotated[list[float] | None, typer.Option("--demand", help="Size again at this demand; repeat.")] = None,
    regime: Annotated[str, typer.Option("--regime", help="Way of control: normal, or one of the design's.")] = "normal",
    seed: Annotated[int, typer.Option("--seed", min=0, max=10**9, help="The same seed gives the same design.")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON document instead of the table.")] = False,
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder for sizing.json, design.yaml and the pictures.")
    ] = None,
) -> None:
    """Print the cheapest crossing for an asked service, what binds, and what waiting costs on the way there."""
    import json

    from birge.errors import InputError, Problem
    from birge.models.border import Asked
    from birge.models.border import size as run
    from birge.models.border.defaults import as_yaml
    from birge.report.border_size import answer, document

    design = _design(path, crossing)
    found: list[Problem] = []
    asked = Asked(
        _number(found, "--p90-wait", p90_wait, "h", (0.01, 1000), "4h"),
        _number(found, "--in", in_share, "%", (0.0, 100), "95%") / 100,
        _number(found, "--lost", lost, "%", (0.0, 100), "1%") / 100,
    )
    found += _regime(regime, design)
    found += [
        Problem("--demand", "demand", f"{x:g} times the arrivals", "use .2 to 5")
        for x in demand or ()
        if not 0.2 <= x <= 5
    ]
    if found:
        raise InputError(found)
    with Bar() as bar:
        made = run(
            design,
            asked,
            regime=regime,
            only=tuple(only or ()),
            budget=budget,
            demand=tuple(demand or ()),
            seed=seed,
            progress=bar.tell,
        )
    text = json.dumps(document(made), indent=2, ensure_ascii=False)
    if out is not None:
        from birge.report.border_pictures import sizing_drawings

        lead = (
            f"Asked: P90 of the wait at most {asked.p90_wait_h:g} h in {100 * asked.in_share:g} % of weeks; control: "
            f"{made.design.control(made.regime)}, seed {made.seed}, {made.runs} simulated years."
        )
        _folder(out, made.design, "sizing.json", text, lead, sizing_drawings(made))
        write_out(out / "design.yaml", as_yaml(made.result()))
    print(text if as_json else answer(made))


def _folder(out: Path, design: Design, name: str, text: str, lead: str, drawn: dict[str, Drawing]) -> None:
    """Write the document, a page with all pictures and their tables, and each picture as SVG."""
    from birge.errors import InputError
    from birge.report.border_pictures import page, pictures

    source = (
        f"Source: event simulation of the design {design.id} by Birge. Assumed: "
        f"{', '.join(design.assumptions()) or 'nothing'}."
    )
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError.at("--out", "file-unwritable", f"{out}: {error.strerror}", "name another folder") from error
    write_out(out / name, text + "\n")
    write_out(out / "pictures.html", page(design.title, lead, source, list(drawn.values())))
    for file, picture in pictures(drawn, source).items():
        write_out(out / file, picture)


def _regime(regime: str, *designs: Design) -> list[Problem]:
    """Return a problem for each design that has no such way of control."""
    from birge.errors import Problem

    found = []
    for d in designs:
        known = ("normal", *(r.id for r in d.regimes))
        if regime not in known:
            what = f"there is no {regime!r} in {d.id}"
            found.append(Problem("--regime", "unknown-regime", what, f"use one of: {', '.join(known)}"))
    return found


def _number(
    found: list[Problem], option: str, text: str, unit: str, limits: tuple[float, float], such_as: str
) -> float:
    """Return a number that may carry its unit; note a problem where it is none or out of its limits."""
    from birge.errors import Problem

    low, high = limits
    try:
        value = float(text.strip().removesuffix(unit))
    except ValueError:
        value = float("nan")
    if not low <= value <= high:
        found.append(Problem(option, "number", f"{text!r} is not {low:g} to {high:g} {unit}", f"write {such_as}"))
    return value


def _design(path: Path | None, crossing: str | None) -> Design:
    from birge.errors import InputError
    from birge.models.border import default_design, read_design

    if path is None:
        return default_design(crossing or DEFAULT)
    if crossing is not None:
        raise InputError.at("--crossing", "two-designs", f"{path} is a design already", "give a file or --crossing")
    return read_design(path)
