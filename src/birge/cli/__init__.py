"""The command line: one file per command group, loaded when it is entered."""

from __future__ import annotations

import importlib
import sys
from typing import Any

import typer
import typer.core

from birge.errors import BirgeError, InputError

__all__ = ["app", "main"]

GROUPS = {
    "assess": "Odds of each target, what carries them, what a delay costs, who does what next.",
    "border": "Waiting and capacity at crossings: simulate, size, replay, check and begin designs.",
    "council": "A council's dates, reporting rounds and decisions.",
    "freight": "Corridors: which way cargo goes, and at what cost.",
    "plan": "Check and show a plan; what is due.",
    "power": "Water, electricity and what their exchange is worth.",
    "registry": "Keep a plan: two sides, confirmations, exchange.",
    "report": "The paper for a council: PDF, Word, Excel or HTML, in four languages.",
    "serve": "The plan in a browser.",
    "stats": "What the two sides' statistics say, side by side.",
}


class LazyGroup(typer.core.TyperGroup):
    """A group that imports `birge.cli.NAME` only when NAME is entered."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the names of the command groups."""
        return list(GROUPS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Import the group `cmd_name`; None if there is no such group."""
        if cmd_name not in GROUPS:
            return None
        module = importlib.import_module(f"birge.cli.{cmd_name}")
        command = typer.main.get_command(module.app)
        command.name = cmd_name
        return command

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """List the groups without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(GROUPS.items()))


app = typer.Typer(
    cls=LazyGroup,
    rich_markup_mode=None,
    add_completion=False,
    no_args_is_help=True,
    help="Birge turns a cooperation plan between two countries into something that can be run.",
)


@app.callback()
def root() -> None:
    """Birge turns a cooperation plan between two countries into something that can be run."""


def main() -> None:
    """Run the command line; what is wrong goes to standard error, never as a traceback."""
    try:
        app()
    except InputError as error:
        for problem in error.problems:
            print(problem, file=sys.stderr)
        count = len(error.problems)
        print(f"{count} problem{'s' if count != 1 else ''} found; nothing was changed.", file=sys.stderr)
        sys.exit(error.exit_code)
    except BirgeError as error:
        print(f"birge: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        sys.exit(0)
