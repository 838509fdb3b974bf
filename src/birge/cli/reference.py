"""The reference page of the command line, made from the commands themselves.

`python -m birge.cli.reference docs/reference/cli.md` writes it again after a command or an option has changed.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer.main

from birge.cli import GROUPS, app

__all__ = ["cli_page", "commands"]

HIDDEN = ("help", "install_completion", "show_completion")
HEAD = """\
# The command line

Made from the commands themselves by `python -m birge.cli.reference docs/reference/cli.md`. `birge COMMAND --help` shows
the same. Exit codes: 0 done, 1 something else went wrong, 2 the input is wrong (every problem is listed with its place
and a remedy, and nothing was changed), 3 a model did not converge.
"""


def commands() -> Iterator[tuple[str, Any]]:
    """Yield every command that does something, with its full name."""
    root = typer.main.get_command(app)
    for group in GROUPS:
        yield from _commands(f"birge {group}", root.get_command(None, group))  # type: ignore[attr-defined]


def _commands(name: str, command: Any) -> Iterator[tuple[str, Any]]:
    inner = getattr(command, "commands", None)
    if not inner:
        yield name, command
        return
    for word, each in inner.items():
        yield from _commands(f"{name} {word}", each)


def cli_page() -> str:
    """Return the page: a section per command with its arguments and options."""
    return "\n".join([HEAD, *(_section(name, command) for name, command in commands())])


def _section(name: str, command: Any) -> str:
    parameters = [p for p in command.params if p.name not in HIDDEN]
    usage = " ".join([name, "[OPTIONS]", *(_argument(p) for p in parameters if _is_argument(p))])
    text = "\n".join(line.strip() for line in (command.help or "").strip().splitlines())
    head = ["| argument or option | meaning | default |", "|---|---|---|"] if parameters else []
    return "\n".join([f"## `{name}`", "", "```text", usage, "```", "", text, "", *head, *map(_row, parameters), ""])


def _is_argument(parameter: Any) -> bool:
    return not any(name.startswith("-") for name in parameter.opts)


def _argument(parameter: Any) -> str:
    return str(parameter.metavar or parameter.name.upper())


def _row(parameter: Any) -> str:
    if _is_argument(parameter):
        name = f"`{_argument(parameter)}`"
    else:
        taken = "" if parameter.is_flag else f" {_argument(parameter)}"
        name = ", ".join(f"`{o}{taken}`" for o in [*parameter.opts, *parameter.secondary_opts])
    shown = "has to be given" if parameter.required else _default(parameter.default)
    return f"| {name} | {' '.join((parameter.help or '').split())} | {shown} |"


def _default(value: Any) -> str:
    if value is None or value is False or value in ((), []):
        return ""
    return "on" if value is True else f"`{value}`"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(cli_page(), "utf-8")
