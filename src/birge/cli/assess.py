"""`birge assess`: the odds of each target, and what is behind them."""

from __future__ import annotations

import sys
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from birge.assess.ensemble import Progress

__all__ = ["app"]

app = typer.Typer(rich_markup_mode=None, help="Odds of each target, what carries them, what a delay costs.")


@app.command()
def assess(
    plan: Annotated[
        Path | None, typer.Argument(metavar="[PLAN]", help="Plan file (YAML); the embedded plan if left out.")
    ] = None,
    draws: Annotated[
        int, typer.Option("--draws", help="Simulated futures; 10,000 give odds to half of one of 100.")
    ] = 10_000,
    seed: Annotated[int, typer.Option("--seed", help="The same seed gives the same numbers.")] = 1,
    as_of: Annotated[
        datetime | None,
        typer.Option(
            "--as-of", formats=["%Y-%m-%d"], help="Use only what was published by this date; today if left out."
        ),
    ] = None,
    scenario: Annotated[
        str | None, typer.Option("--scenario", help="Name of a scenario that ships with Birge, or a YAML file.")
    ] = None,
    without: Annotated[
        list[str] | None, typer.Option("--without", help="Id of a measure whose effects are off; may be repeated.")
    ] = None,
    facts: Annotated[Path | None, typer.Option("--facts", help="Your own trade figures (CSV or XLSX).")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the JSON document instead of the answer.")] = False,
    out: Annotated[Path | None, typer.Option("--out", help="Folder for the run: report, JSON document, draws.")] = None,
) -> None:
    """Print the odds of each target with the plan and if it stopped, what carries them, and who does what next.

    Odds come from simulated futures: the dates of milestones, trade on each side's statistics if the past continues,
    and the effects of the measures. The range beside the odds runs over defensible outlooks.
    """
    from birge.assess import assess as run
    from birge.cli.plan import checked
    from birge.cli.stats import book
    from birge.plan.scenario import load_scenario

    chosen, known = checked(plan), book(facts)
    told = load_scenario(scenario) if scenario else None
    day = as_of.date() if as_of else date.today()
    with _Bar() as bar:
        made = run(
            chosen,
            draws,
            seed,
            as_of=day,
            scenario=told,
            without=tuple(without or ()),
            factbook=known,
            progress=bar.tell,
        )
    if out is not None:
        from birge.report.write import write

        report = write(made, known, out)
    if as_json:
        import json

        print(json.dumps(made.document(), indent=2, ensure_ascii=False))
    else:
        from birge.report.answer import answer

        print(answer(made))
        if out is not None:
            print(f"Report: {report}")


class _Bar:
    """A progress bar with the time left on a terminal; nothing in a pipe."""

    def __enter__(self) -> _Bar:
        self._progress = None
        if sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

            columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
            self._progress = Progress(*columns, console=Console(stderr=True), transient=True)
            self._progress.start()
            self._task = self._progress.add_task("reading", total=1.0)
        return self

    def __exit__(self, *_: object) -> None:
        if self._progress is not None:
            self._progress.stop()

    @property
    def tell(self) -> Progress:
        """Return the callback for the assessment."""

        def report(what: str, share: float) -> None:
            if self._progress is not None:
                self._progress.update(self._task, description=what, completed=share)

        return report
