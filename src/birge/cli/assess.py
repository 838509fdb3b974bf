"""`birge assess`: the odds of each target, and what is behind them."""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager, nullcontext
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
import typer.core

from birge.cli.registered import RegistryUrl, from_registry, held_at, keep_run
from birge.cli.registry import Files, Who

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from birge.assess.ensemble import Progress

__all__ = ["Bar", "app"]

app = typer.Typer(
    rich_markup_mode=None, add_completion=False, help="Odds of each target, what carries them, what a delay costs."
)

EPILOG = """
Examples:

  birge assess
      The embedded plan, 10,000 futures, as of today.

  birge assess my-plan.yaml --facts my-figures.csv --out report
      Your own plan and figures; report/index.html opens in a browser.

  birge assess --out report --lang kk
      The report in Kazakh; ru and ky are the other languages.

  birge assess --as-of 2025-09-01
      What could have been said then: nothing published later is used.

  birge assess --scenario longer-checks
      The same futures with longer checks at the crossings.

  birge assess --without industrial-complex
      What is left if one measure has no effect.

  birge assess --delay industrial-complex=6
      What six months' delay costs: the same futures with and without it.

  birge assess --counterfactual never
      Compared with a plan that had never been, not with one that stops today.

  birge assess --json | jq .headline
      The document for other tools; --schema prints its JSON Schema.

How to read the answer: "38 of 100" means that 38 of 100 simulated futures reach the target. The range beside it runs
over outlooks that can be defended; it is wider than the error of the simulation. What is not modelled says so.
"""


class Command(typer.core.TyperCommand):
    """A command whose epilog keeps its lines."""

    def format_epilog(self, ctx: Any, formatter: Any) -> None:
        """Write the epilog as it stands."""
        formatter.write(EPILOG)


class Against(StrEnum):
    """What the plan is compared with."""

    STOP = "stop"
    NEVER = "never"


def _schema(wanted: bool) -> None:
    """Print the JSON Schema of the document and leave."""
    if wanted:
        import json

        from birge.assess.document import schema

        print(json.dumps(schema(), indent=2, ensure_ascii=False))
        raise typer.Exit


@app.command(cls=Command)
def assess(
    ctx: typer.Context,
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
    delay: Annotated[
        list[str] | None,
        typer.Option(
            "--delay", metavar="ITEM=MONTHS", help="Put a measure or a milestone off by months; may be repeated."
        ),
    ] = None,
    counterfactual: Annotated[
        Against,
        typer.Option(
            "--counterfactual",
            help="What the plan is compared with: it stops (what is unfinished never finishes), or it had never been.",
        ),
    ] = Against.STOP,
    facts: Annotated[Path | None, typer.Option("--facts", help="Your own trade figures (CSV or XLSX).")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the JSON document instead of the answer.")] = False,
    out: Annotated[Path | None, typer.Option("--out", help="Folder for the run: report, JSON document, draws.")] = None,
    lang: Annotated[
        str, typer.Option("--lang", help="Language of the report that --out writes: en, ru, kk or ky.")
    ] = "en",
    workers: Annotated[int, typer.Option("--workers", help="Threads; the numbers do not depend on it.")] = 2,
    scheduler: Annotated[
        str | None,
        typer.Option("--scheduler", help="Address of a Dask scheduler (tcp://host:8786) to run the draws on."),
    ] = None,
    url: RegistryUrl = "",
    who: Who = "",
    files: Files = None,
    _show_schema: Annotated[
        bool,
        typer.Option(
            "--schema", callback=_schema, is_eager=True, help="Print the JSON Schema of the document and exit."
        ),
    ] = False,
) -> None:
    """Print the odds of each target with the plan and without it, what carries them, and who does what next.

    Odds come from simulated futures: the dates of milestones, trade on each side's statistics if the past continues,
    and the effects of the measures.
    """
    from birge.assess import assess as run
    from birge.cli.plan import checked
    from birge.cli.stats import book
    from birge.plan.delays import read_delays
    from birge.plan.known import known as known_plan
    from birge.plan.scenario import load_scenario

    told = load_scenario(scenario) if scenario else None
    day = as_of.date() if as_of else date.today()
    registered = from_registry(ctx, plan)
    if registered:
        holding = held_at(url, files, who, day, book(facts))
        chosen, known = holding.plan, holding.book
    else:
        chosen, known = checked(plan), book(facts)
    _spoken(lang)
    if out is not None:
        _writable(out)
    with _executor(scheduler) as executor, Bar() as bar:
        made = run(
            chosen,
            draws,
            seed,
            as_of=day,
            scenario=told,
            without=tuple(without or ()),
            delays=read_delays(delay or (), known_plan(chosen, day), day),
            counterfactual=counterfactual.value,
            factbook=known,
            progress=bar.tell,
            workers=workers,
            executor=executor,
        )
    if out is not None:
        from birge.report.write import write

        report = write(made, known, out, lang)
    if as_json:
        import json

        print(json.dumps(made.document(), indent=2, ensure_ascii=False, allow_nan=False))
    else:
        from birge.report.answer import answer

        print(answer(made, known))
        if out is not None:
            print(f"Report: {report}")
    if registered:
        print(keep_run(url, files, who, made) or f"{who} may not record runs: this one is not kept", file=sys.stderr)


def _spoken(lang: str) -> None:
    """Raise InputError before the run where a report cannot be in `lang`."""
    from birge.errors import InputError
    from birge.texts import LANGUAGES

    if lang not in LANGUAGES:
        told = f"{lang[:20]!r} is not a language of reports"
        raise InputError.at("--lang", "language", told, f"use {', '.join(LANGUAGES)}")


def _writable(folder: Path) -> None:
    """Raise InputError before the run if `folder` cannot be made or written to."""
    import os

    from birge.errors import InputError

    remedy = "name another folder"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError.at("--out", "folder-unwritable", f"{folder}: {error.strerror}", remedy) from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise InputError.at("--out", "folder-unwritable", f"{folder}: no permission to write", remedy)


def _executor(scheduler: str | None) -> AbstractContextManager[Executor | None]:
    """Return the executor on the Dask cluster at `scheduler`, None for threads."""
    if scheduler is None:
        return nullcontext()
    from birge.assess.executors import dask_executor

    return dask_executor(scheduler)


class Bar:
    """A progress bar with the time left on a terminal; nothing in a pipe."""

    def __enter__(self) -> Bar:
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
