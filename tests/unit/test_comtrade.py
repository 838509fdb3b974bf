"""UN Comtrade: a response in the documented format, of our own making; a clear word without package or network."""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from birge.errors import BirgeError, InputError
from birge.factbook.comtrade import fetch_comtrade, parse_comtrade, read_comtrade

PAIR = ("KAZ", "KGZ")
DAY = date(2026, 5, 1)


def row(reporter: int, partner: int, flow: str, value: float, **more: Any) -> dict[str, Any]:
    fob = value if flow in ("X", "RX") else None
    cif = value if flow in ("M", "RM") else None
    return {
        "typeCode": "C", "freqCode": "A", "refPeriodId": 20230101, "refYear": 2023, "refMonth": 52, "period": "2023",
        "reporterCode": reporter, "reporterISO": None, "flowCode": flow, "partnerCode": partner, "partnerISO": None,
        "partner2Code": 0, "classificationCode": "H6", "cmdCode": "TOTAL", "customsCode": "C00", "mosCode": "0",
        "motCode": 0, "cifvalue": cif, "fobvalue": fob, "primaryValue": value, "isReported": True, "isAggregate": True,
    } | more  # fmt: skip


ROWS = [
    row(398, 417, "X", 1147180000.0, reporterISO="KAZ", partnerISO="KGZ"),
    row(398, 417, "RX", 81200000.0),
    row(398, 417, "M", 540959000.0),
    row(417, 398, "M", 862182000.0, isReported=False),
    row(417, 398, "X", 41200000.0, freqCode="M", period="202311", refMonth=11),
    row(398, 417, "X", 220000.0, cmdCode="0401"),
    row(398, 417, "X", 5.0, motCode=1000),
    row(398, 0, "X", 78e9, partnerISO="W00"),
]


def test_totals_become_observations_and_re_exports_a_note(tmp_path: Path) -> None:
    path = tmp_path / "answer.json"
    path.write_text(json.dumps({"elapsedTime": "0.1", "count": len(ROWS), "data": ROWS, "error": ""}))
    found = read_comtrade(path, PAIR, DAY)
    assert found.left_out == 4
    assert [(o.year, o.months, o.flow, o.reporter, o.value, o.valuation) for o in found.observations] == [
        (2023, (1, 12), "KAZ-KGZ", "KAZ", 1147.18, "f.o.b."),
        (2023, (1, 12), "KGZ-KAZ", "KAZ", 540.959, "c.i.f."),
        (2023, (1, 12), "KAZ-KGZ", "KGZ", 862.182, "c.i.f."),
        (2023, (11, 11), "KGZ-KAZ", "KGZ", 41.2, "f.o.b."),
    ]
    first, _, estimated, month = found.observations
    assert first.note == "of which re-exports 81.2 mn USD"
    assert estimated.derived
    assert not first.derived
    assert month.kind == "part"


def test_the_csv_holds_the_same(tmp_path: Path) -> None:
    path = tmp_path / "answer.csv"
    lines = [",".join(ROWS[0])] + [",".join("" if v is None else str(v) for v in r.values()) for r in ROWS]
    path.write_text("\n".join(lines))
    found = read_comtrade(path, PAIR, DAY)
    other = parse_comtrade(ROWS, PAIR, DAY, "answer")
    assert found == other


def test_bad_answers_are_refused(tmp_path: Path) -> None:
    def code(text: str, name: str = "a.json") -> str:
        path = tmp_path / name
        path.write_text(text)
        with pytest.raises(InputError) as caught:
            read_comtrade(path, PAIR, DAY)
        return caught.value.problems[0].code

    assert code("{") == "json-broken"
    assert code("[" * 100_000) == "json-broken"
    assert code('{"data": 5}') == "format-wrong"
    assert code("a,b\n1,2\n", "a.csv") == "column-missing"
    assert code(json.dumps({"data": [ROWS[0], ROWS[0]]})) == "row-twice"
    assert code(json.dumps({"data": [{**ROWS[0], "primaryValue": "many"}]})) == "value-wrong"
    assert code(json.dumps({"data": [{**ROWS[0], "primaryValue": -1}]})) == "value-negative"
    assert code(json.dumps({"data": [{**ROWS[0], "period": "2023Q1"}]})) == "value-wrong"


def test_without_the_package_the_user_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "comtradeapicall", None)
    with pytest.raises(BirgeError, match=r"birge\[comtrade\]"):
        fetch_comtrade(PAIR, [2023])


def test_both_sides_are_asked_by_number_and_silence_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[dict[str, Any]] = []

    class Frame:
        def __init__(self, rows: list[dict[str, Any]]) -> None:
            self.rows = rows

        def to_dict(self, orient: str) -> list[dict[str, Any]]:
            assert orient == "records"
            return self.rows

    def preview(**words: Any) -> Frame:
        asked.append(words)
        return Frame([r for r in ROWS if str(r["reporterCode"]) == words["reporterCode"]])

    monkeypatch.setitem(sys.modules, "comtradeapicall", SimpleNamespace(previewFinalData=preview))
    assert len(fetch_comtrade(PAIR, [2022, 2023], today=DAY).observations) == 4
    assert [(a["reporterCode"], a["partnerCode"], a["period"]) for a in asked] == [
        ("398", "417", "2022,2023"),
        ("417", "398", "2022,2023"),
    ]
    monkeypatch.setitem(sys.modules, "comtradeapicall", SimpleNamespace(previewFinalData=lambda **_: None))
    with pytest.raises(BirgeError, match="refused"):
        fetch_comtrade(PAIR, [2023])

    def offline(**_: Any) -> None:
        raise OSError("no route to host")

    monkeypatch.setitem(sys.modules, "comtradeapicall", SimpleNamespace(previewFinalData=offline))
    with pytest.raises(BirgeError, match="does not answer"):
        fetch_comtrade(PAIR, [2023])
