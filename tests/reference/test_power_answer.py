"""What the policy answers: shipped answers solved again, odds and sums read from paths, pictures with their tables."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from birge.cli import main
from birge.errors import InputError
from birge.models.power.answer import Answer, Question, answer, cases_of, head_of, policy_of
from birge.models.power.case import dated
from birge.models.power.policy import Setup, train
from birge.models.power.policy_table import QUESTIONS, inputs, shipped
from birge.models.power.reading import document, wilson
from birge.models.power.simulate import simulate
from birge.models.power.system import power_system
from birge.report.power import policy_drawings
from birge.report.power_files import about, files_of
from birge.rng import Streams
from birge.texts import translator

PAIR = ("KAZ", "KGZ")
SYSTEM = power_system(PAIR)
SHORT = Question(2026, months=24, together=False, outcomes=2, circle=16, close=0.03, pairs=12)


@pytest.fixture(scope="module")
def made() -> Answer:
    return answer(SYSTEM, SHORT, PAIR)


def test_a_shipped_answer_is_the_one_that_is_solved() -> None:
    name = str(np.random.default_rng().choice(list(QUESTIONS)))
    found = shipped(PAIR, name)
    assert found is not None, "the tables changed: python -m birge.models.power.policy_table KAZ-KGZ"
    assert found == shipped(PAIR[::-1], name)
    policy = policy_of(SYSTEM, QUESTIONS[name], PAIR)
    assert policy.bound == pytest.approx(found["cost"]["bound"], rel=2e-3), name
    run = simulate(policy, 15, Streams(7))
    volume, told = run.volume["toktogul"][:, 3], found["months"][2]["volume"]
    assert volume.min() >= told["p2.5"] - 0.3
    assert volume.max() <= told["p97.5"] + 0.3


def test_other_tables_have_another_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    before = inputs()
    monkeypatch.setitem(QUESTIONS, "mean", replace(QUESTIONS["mean"], seed=2))
    assert inputs() != before
    assert shipped(PAIR, "mean") is None
    assert shipped(("GEO", "ARM"), "mean") is None


def test_the_document_adds_up(made: Answer) -> None:
    d, run = document(made), made.run
    assert json.loads(json.dumps(d)) == d
    for k, y in enumerate(d["years"]):
        part = d["months"][12 * k : 12 * k + 12]
        for total in ("bought", "paid", "given", "returned"):
            assert y[total] == pytest.approx(sum(m[total] for m in part))
        assert y["missing"]["KGZ"] == pytest.approx(sum(m["missing"]["KGZ"]["mean"] for m in part))
        odds = [y["odds_below"][f"{v:g}"] for v in d["levels"]]
        assert odds == sorted(odds), "who falls to a level has fallen to those above it"
    lowest = run.volume["toktogul"][:, 1:13].min(axis=1)
    assert d["years"][0]["odds_below"]["6.5"] == pytest.approx((lowest <= 6.51).mean())
    rivers = d["rivers"]
    assert [r["river"] for r in rivers] == ["dry", "middle", "wet"]
    assert [r["inflow"] for r in rivers] == sorted(r["inflow"] for r in rivers)
    year = run.missing["KGZ"][:, 9:21].sum(axis=1).mean()
    assert np.mean([r["missing"]["KGZ"] for r in rivers]) == pytest.approx(year)
    c = d["cost"]
    assert c["bound"] <= c["cost"] <= c["upper"]


def test_what_the_head_adds_is_told_with_an_error_that_holds_for_other_rivers(made: Answer) -> None:
    assert made.head.paths >= 200 > len(made.run.cost), "on more paths than were asked for"
    again = [simulate(made.policy, 60, Streams(5), true_head=h) for h in (False, True)]
    other = head_of(*again)
    assert abs(made.head.adds - other.adds) < 4 * np.hypot(made.head.error, other.error)
    assert 0 < made.head.error < 0.01
    # Without what the water that is left is worth, the same paths say nearly half as surely.
    own = [r.own.sum(axis=1).reshape(-1, 2).mean(axis=1) for r in again]
    assert (own[1] - own[0]).std() / own[0].mean() > 1.5 * other.error * np.sqrt(len(own[0]))


def test_odds_stand_between_limits_that_solve_the_equation_of_wilson(made: Answer) -> None:
    for share, paths in ((0.0, 40), (0.025, 40), (0.34, 200), (1.0, 10)):
        for end in wilson(share, paths):
            edge = end in (0.0, 1.0) and end == share
            assert edge or (share - end) ** 2 == pytest.approx(1.96**2 * end * (1 - end) / paths, abs=1e-12)
    for y in document(made)["years"]:
        for name in ("below", "unserved"):
            for key, odds in y[f"odds_{name}"].items():
                low, high = y[f"odds_{name}_95"][key]
                assert low <= odds <= high


def test_irrigation_that_counts_is_missed_less() -> None:
    missed = []
    for price in (0.0, 100.0):
        cases = cases_of(SYSTEM, replace(SHORT, months=12, price=price), PAIR)
        setup = Setup({"toktogul": 9.4}, outcomes=1, circle=8, sweeps=20, terminal=False)
        missed.append(simulate(train(SYSTEM, cases, setup), 1, Streams(1)).dry["UZB"].sum())
    assert missed[1] < missed[0] - 0.1


def test_a_plant_works_from_the_month_that_is_named() -> None:
    question = replace(SHORT, year=2032, built={"kambarata-first-unit": (2033, 5)})
    cases = cases_of(SYSTEM, question, PAIR)
    assert cases[0].reservoirs == ("toktogul", "kambarata-1")
    assert not cases[0].online["kambarata-1"].any()
    assert cases[12].online["kambarata-1"].tolist() == [0.0] * 5 + [1.0] * 7
    with pytest.raises(InputError, match="kambarata-first-unit"):
        cases_of(SYSTEM, replace(SHORT, built={"a-dam": (2027, 5)}, months=0), PAIR)
    # No option comes before the first year of its table, a project of the plan not before the year it is planned for.
    assert dated(SYSTEM)["kambarata-first-unit"] == 2033
    assert dated(SYSTEM)["kyzyl-oruk-solar"] == 2026
    with pytest.raises(InputError, match="take 2033 or later"):
        cases_of(SYSTEM, replace(question, built={"kambarata-first-unit": (2032, 11)}), PAIR)


def test_pictures_say_the_numbers_of_their_tables(made: Answer) -> None:
    d = document(made)
    t = translator("kk")
    files = files_of(policy_drawings(d, t, "Toktogul", "source"), about(t, 2026, "dry", "swap"))
    assert {Path(n).suffix for n in files} == {".svg", ".png", ".csv"}
    rows = list(csv.reader(io.StringIO(files["reservoir.csv"].decode())))
    assert len(rows) == 25
    assert float(rows[6][4]) == pytest.approx(d["months"][5]["volume"]["p50"], abs=1e-3)
    drawn = files["reservoir.svg"].decode()
    assert "5,5; 5,6; 6,5" in drawn, "the stop levels, as the reader writes numbers"
    assert drawn.count("<path") > 4
    words = re.sub(r"<(title|desc)[ >].*?</\1>", "", drawn)
    for said in ("2026", t("dry year"), t("illustrative"), "source"):
        assert said in words, "a picture that is passed on says itself what it shows"
    assert files["missing.png"].startswith(b"\x89PNG")


def test_the_command_writes_and_says_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = ["policy", "--quick", "--alone", "--months", "6", "--paths", "10", "--out", str(tmp_path / "o")]
    _run("power", *options)
    said = capsys.readouterr().out
    found = json.loads((tmp_path / "o" / "policy.json").read_text("utf-8"))
    assert (found["pair"], found["swap_ratio"], len(found["by_price"])) == ("KAZ-KGZ", 1.3, 1)
    assert "km3" in found["unit"]
    cost = found["by_price"][0]["cost"]
    assert f"{cost['bound']:,.0f}" in said
    assert f"standard error {100 * cost['head_error']:.1f}" in said
    assert "from 10 drawn rivers" in said
    assert len(list((tmp_path / "o").iterdir())) == 10
    assert _run("power", "policy", "--with", "kambarata-1", "--with", "x=2027-13") == 2
    told = capsys.readouterr().err
    assert "kambarata-1" in told
    assert "x=2027-13" in told


def _run(*words: str) -> int:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.argv", ["birge", *words])
        try:
            main()
        except SystemExit as stop:
            return int(stop.code or 0)
    return 0
