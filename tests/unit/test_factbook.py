"""Every figure has a source, unit and year; the two sides stand beside each other; nothing from the future."""

from __future__ import annotations

import csv
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from datetime import date
from importlib.resources import files

import pytest

from birge.factbook import Factbook, mirror

BOOK = Factbook.embedded()
PAIR = ("KAZ", "KGZ")


def test_every_row_has_source_unit_year_and_a_known_kind() -> None:
    assert [i for i, n in Counter(o.id for o in BOOK.every).items() if n > 1] == []
    for o in BOOK.every:
        assert o.source, o.id
        assert o.unit in ("mn USD", "per cent on a year earlier"), o.id
        assert (o.unit != "mn USD") == (o.kind == "growth"), o.id
        assert 2000 <= o.year <= 2025, o.id
        assert 1 <= o.months[0] <= o.months[1] <= 12, o.id
        assert (o.kind == "part") <= (o.months != (1, 12)), o.id
        assert (o.kind == "rounded") <= (o.step is not None), o.id
        assert o.kind in ("annual", "part", "growth", "rounded", "over"), o.id
        assert o.verified in ("official", "press", "unverified compilation"), o.id
        assert o.value > (-100 if o.kind == "growth" else 0), o.id
        assert o.flow in ("turnover", "KAZ-KGZ", "KGZ-KAZ"), o.id


def test_the_catalogue_describes_every_table() -> None:
    folder = files("birge.factbook") / "tables"
    tables = {e.name.removesuffix(".csv") for e in folder.iterdir() if e.name.endswith(".csv")}
    assert tables == set(BOOK.catalogue)
    for name, entry in BOOK.catalogue.items():
        header = next(csv.reader((folder / f"{name}.csv").read_text("utf-8").splitlines()))
        assert header == entry["columns"]
        assert entry["unit"]
        assert entry["source"]
        assert entry["licence"]


def test_nothing_published_later_is_known() -> None:
    day = date(2025, 9, 1)
    then = BOOK.observations(PAIR, day)
    assert {o.id for o in BOOK.observations(PAIR)} > {o.id for o in then}
    assert max(o.published for o in then) <= day
    assert BOOK.facts_until(PAIR, day) == max(o.published for o in then)
    assert BOOK.facts_until(PAIR, date(1999, 1, 1)) is None
    assert BOOK.observations(("GEO", "ARM")) == ()


def test_both_sides_figures_of_2024_differ_by_27_per_cent() -> None:
    row = next(r for r in mirror(BOOK.observations(PAIR), PAIR) if r.year == 2024)
    assert row.published == (1700.0, 1340.0)
    assert row.difference == pytest.approx(1700 / 1340 - 1)
    assert row.compiled[0] == pytest.approx(1285.79 + 495.583)
    assert row.compiled[1] is None
    swapped = next(r for r in mirror(BOOK.observations(PAIR), PAIR[::-1]) if r.year == 2024)
    assert swapped.published == (1340.0, 1700.0)


def test_a_derived_row_never_enters_the_mirror() -> None:
    rows = [replace(o, derived=True) for o in BOOK.observations(PAIR) if o.year == 2024]
    assert mirror(rows, PAIR) == []


def test_a_year_that_was_not_over_when_published_does_not_enter_the_mirror() -> None:
    row = next(r for r in mirror(BOOK.observations(PAIR), PAIR) if r.year == 2025)
    assert any(o.year == 2025 and o.kind == "rounded" and o.months == (1, 12) for o in BOOK.every)
    assert row.published == (None, None)


def test_directions_add_up_where_no_turnover_was_published() -> None:
    rows = [o for o in BOOK.observations(PAIR) if o.year == 2023 and o.flow != "turnover"]
    (row,) = mirror(rows, PAIR)
    assert row.published[1] == pytest.approx(862.182 + 455.702)


def test_the_commands_print_and_refuse() -> None:
    def run(*words: str) -> subprocess.CompletedProcess[str]:
        code = "from birge.cli import main; main()"
        return subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, check=False)

    out = run("stats", "mirror", "--as-of", "2026-11-24")
    assert out.returncode == 0, out.stderr
    assert "+27 %" in out.stdout
    assert run("stats", "show", "--year", "2024").stdout.count("\n") == sum(o.year == 2024 for o in BOOK.every)
    refused = run("stats", "mirror", "--pair", "KAZ")
    assert refused.returncode == 2
    assert "--pair" in refused.stderr
