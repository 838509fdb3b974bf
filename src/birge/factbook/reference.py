"""The reference page of the factbook, generated from catalogue.toml, columns.toml and the tables themselves.

`python -m birge.factbook.reference > docs/reference/factbook.md` writes it; a test keeps it current.
"""

from __future__ import annotations

import csv
import sys
import tomllib
from importlib.resources import files
from typing import Any

__all__ = ["column_meanings", "reference_page"]

HEAD = """# The factbook

The tables that ship with Birge, in `birge/factbook/tables`. Generated: `python -m birge.factbook.reference`.
Figures of your own are added with [`--facts` and `birge stats add`](../how-to/statistics.md), never by editing these.

A statement enters once per reporter, flow, period and print. Growth that was stated together with a level stands in the
level's note; a row of kind `growth` exists only where no level was stated, so that nothing counts twice.
"""


def column_meanings(name: str, entry: dict[str, Any]) -> dict[str, str]:
    """Return what each column of the table `name` means; a column without a meaning is missing."""
    known: dict[str, Any] = tomllib.loads(_text("columns.toml"))
    known |= known.get(name, {})
    return {c: known[c] for c in entry["columns"] if isinstance(known.get(c), str)}


def reference_page() -> str:
    """Return the page as Markdown: every table with title, unit, source, licence, vintage, rows and columns."""
    catalogue: dict[str, dict[str, Any]] = tomllib.loads(_text("catalogue.toml"))
    lines = [HEAD, "| table | rows | vintage | licence |", "|---|---|---|---|"]
    lines += [
        f"| [`{n}`](#{n}) | {_rows(n):,} | {e.get('vintage', 'not stated')} | {e['licence']} |"
        for n, e in sorted(catalogue.items())
    ]
    for name, entry in sorted(catalogue.items()):
        lines += ["", f"## {name}", "", f"{entry['title']}.", ""]
        lines += [f"- Unit: {entry['unit']}", f"- Source: {entry['source']}", f"- Licence: {entry['licence']}"]
        lines += ["", "| column | meaning |", "|---|---|"]
        lines += [f"| `{c}` | {m} |" for c, m in column_meanings(name, entry).items()]
    return "\n".join(lines) + "\n"


def _text(file: str) -> str:
    return (files("birge.factbook") / "tables" / file).read_text("utf-8")


def _rows(name: str) -> int:
    return sum(1 for _ in csv.DictReader(_text(f"{name}.csv").splitlines()))


if __name__ == "__main__":
    sys.stdout.write(reference_page())
