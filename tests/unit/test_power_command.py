"""`birge power` as a user meets it: documents on standard output and nothing else, problems with a remedy."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from birge.texts import translator


def run(*words: str) -> subprocess.CompletedProcess[str]:
    code = "from birge.cli import main; main()"
    return subprocess.run([sys.executable, "-c", code, "power", *words], capture_output=True, text=True, check=False)


def test_the_year_is_a_document_whose_rows_add_up_to_demand() -> None:
    done = run("dispatch", "--json")
    assert done.returncode == 0, done.stderr
    made = json.loads(done.stdout)
    assert [r["month"] for r in made["months"]][::11] == ["Jan", "Dec"]
    for row in (*made["months"], made["year_total"]):
        assert sum(row["supply"].values()) == pytest.approx(row["demand"], abs=1e-6)
    assert made["year_total"]["supply"]["given"] == pytest.approx(-300)
    assert made["year_total"]["supply"]["returned"] == pytest.approx(390)
    asked = {"pair": "KAZ-KGZ", "year": 2026, "hydrology": "mean", "regime": "swap", "swap_ratio": 1.3, "opened": []}
    assert {k: made[k] for k in asked} == asked
    assert "GWh" in made["unit"]
    own = made["year_total"]["supply"]
    clean = sum(own.get(k, 0) for k in ("cascade", "hydro", "solar", "wind", "nuclear"))
    assert made["shares"]["KGZ"]["clean"] == pytest.approx(clean / (clean + own["coal"]))
    demand = made["year_total"]["demand"]
    assert made["range"]["demand, GWh"]["low"] < demand < made["range"]["demand, GWh"]["high"]
    missing = own["missing"] + own["rationed"]
    assert made["range"]["missing, GWh"]["low"] <= missing < made["range"]["missing, GWh"]["high"]


def test_the_printed_year_of_open_lines_adds_up_row_by_row(tmp_path: Path) -> None:
    words = ("--regime", "free", "--year", "2028", "--open", "casa-1000", "--out", str(tmp_path / "year"))
    told = run("dispatch", *words, "--lang", "ky").stdout.splitlines()
    rows = [[float(x.replace(",", "")) for x in line.split()[1:]] for line in told[2:15]]
    assert len(rows) == 13
    for demand, *rest in rows[:12]:
        assert sum(rest[:-1]) == pytest.approx(demand, abs=0.06 * len(rest)), "each cell is rounded to 0.1"
    assert sum(rows[12][1:]) == pytest.approx(rows[12][0], abs=0.6 * len(rows[12]))
    assert "to 5.6" not in "".join(told), "a range is printed where there is one"
    picture = (tmp_path / "year" / "days.svg").read_text("utf-8")
    assert "2028" in picture
    assert translator("ky")("illustrative") in picture


def test_the_ratio_changes_what_comes_back() -> None:
    own = json.loads(run("dispatch", "--json", "--swap-ratio", "1.0").stdout)["year_total"]["supply"]
    assert own["returned"] == pytest.approx(-own["given"])


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
