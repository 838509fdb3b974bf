"""`birge power` as a user meets it: documents on standard output and nothing else, problems with a remedy."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest


def run(*words: str) -> subprocess.CompletedProcess[str]:
    code = "from birge.cli import main; main()"
    return subprocess.run([sys.executable, "-c", code, "power", *words], capture_output=True, text=True, check=False)


def test_the_year_is_a_document_whose_power_balances() -> None:
    done = run("dispatch", "--json")
    assert done.returncode == 0, done.stderr
    made = json.loads(done.stdout)
    assert [r["month"] for r in made["months"]][::11] == ["Jan", "Dec"]
    assert sum(r["given"] for r in made["months"]) == pytest.approx(300)
    assert sum(r["returned"] for r in made["months"]) == pytest.approx(390)
    demand = sum(r["demand"] for r in made["months"])
    assert made["range"]["demand, GWh"]["low"] < demand < made["range"]["demand, GWh"]["high"]
    missing = sum(r["missing"] for r in made["months"])
    assert made["range"]["missing, GWh"]["low"] <= missing < made["range"]["missing, GWh"]["high"]


def test_the_ratio_changes_what_comes_back() -> None:
    made = json.loads(run("dispatch", "--json", "--swap-ratio", "1.0").stdout)
    assert sum(r["returned"] for r in made["months"]) == pytest.approx(sum(r["given"] for r in made["months"]))


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--pair", "GEO-ARM"), "no-power-system"),
        (("--hydrology", "damp"), "unknown"),
        (("--regime", "barter"), "unknown"),
        (("--swap-ratio", "0"), "ratio"),
    ],
)
def test_bad_input_is_named(words: tuple[str, ...], code: str) -> None:
    done = run("dispatch", *words)
    assert done.returncode == 2
    assert code in done.stderr
    assert "Traceback" not in done.stderr


def test_exchange_gives_the_range_of_the_price() -> None:
    made = json.loads(run("exchange", "--json").stdout)
    assert [r["price"] for r in made["by_price"]] == [20, 50, 100]
    for row in made["by_price"]:
        everyone = row["coalitions"]["KGZ+KAZ+UZB"]["gain"]
        assert sum(row["shapley"].values()) == pytest.approx(everyone)
        against = row["today"]["coalitions"]["KGZ+KAZ"]
        assert 0 < against["gain"] < row["coalitions"]["KGZ+KAZ"]["gain"]
    assert len(made["pair_today"]) == 9


def test_every_bad_option_of_swap_is_named_before_anything_is_computed() -> None:
    done = run("swap", "--out", "x.pdf", "--season", "winter")
    assert done.returncode == 2
    assert "format-unknown" in done.stderr
    assert "unknown" in done.stderr.replace("format-unknown", "")
