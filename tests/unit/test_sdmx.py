"""SDMX-CSV 1.0 and 2.0: dimensions, periods, multipliers, statuses; refusals name line and remedy."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from birge.errors import InputError
from birge.factbook.sdmx import Loaded, read_sdmx

PAIR = ("KAZ", "KGZ")
DAY = date(2026, 5, 1)
V2 = (
    "STRUCTURE,STRUCTURE_ID,ACTION,FREQ,COUNTRY,INDICATOR,COUNTERPART_COUNTRY,"
    "TIME_PERIOD,OBS_VALUE,UNIT_MULT,OBS_STATUS"
)


def load(tmp_path: Path, *lines: str, mapping: dict[str, str] | None = None) -> Loaded:
    path = tmp_path / "trade.csv"
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return read_sdmx(path, PAIR, DAY, mapping)


def codes(tmp_path: Path, *lines: str, mapping: dict[str, str] | None = None) -> list[tuple[str, str]]:
    with pytest.raises(InputError) as caught:
        load(tmp_path, *lines, mapping=mapping)
    return [(p.where.removeprefix(str(tmp_path / "trade.csv")), p.code) for p in caught.value.problems]


def test_version_2_with_all_periods(tmp_path: Path) -> None:
    head = "dataflow,IMF.STA:IMTS(1.0.0),I"
    found = load(
        tmp_path,
        V2,
        f"{head},A,KAZ,XG_FOB_USD,KGZ,2024,1285790000,0,A",
        f"{head},A,KAZ,MG_CIF_USD,KGZ,2024,495583,3,P",
        f"{head},Q,KGZ,MG_CIF_USD,KAZ,2024-Q2,210.5,6,R",
        f"{head},M,KGZ,XG_FOB_USD,KAZ,2024-M11,0.0412,9,E",
        f"{head},M,KGZ,XG_FOB_USD,KAZ,2024-03,41.2,6,A",
        f"{head},S,KGZ,XG_FOB_USD,KAZ,2024-S2,241.2,6,A",
        f"{head},A,KAZ,XG_FOB_USD,UZB,2024,3000,6,A",
        f"{head},A,KAZ,XG_FOB_USD,KGZ,2025,,6,M",
        f"{head},A,KAZ,TBG_USD,KGZ,2024,790,6,A",
    )
    assert found.left_out == 3
    rows = [
        (o.year, o.months, o.flow, o.reporter, round(o.value, 6), o.valuation, o.vintage) for o in found.observations
    ]
    assert rows == [
        (2024, (1, 12), "KAZ-KGZ", "KAZ", 1285.79, "f.o.b.", "not known"),
        (2024, (1, 12), "KGZ-KAZ", "KAZ", 495.583, "c.i.f.", "first print"),
        (2024, (4, 6), "KAZ-KGZ", "KGZ", 210.5, "c.i.f.", "revised"),
        (2024, (11, 11), "KGZ-KAZ", "KGZ", 41.2, "f.o.b.", "not known"),
        (2024, (3, 3), "KGZ-KAZ", "KGZ", 41.2, "f.o.b.", "not known"),
        (2024, (7, 12), "KGZ-KAZ", "KGZ", 241.2, "f.o.b.", "not known"),
    ]
    assert [o.kind for o in found.observations] == ["annual", "annual", "part", "part", "part", "part"]
    assert found.observations[3].note == "estimated by the reporter"
    assert all(o.published == DAY and o.published_assumed and "IMTS" in o.source for o in found.observations)


def test_version_1_with_labels_alpha_2_codes_and_semicolons(tmp_path: Path) -> None:
    found = load(
        tmp_path,
        "DATAFLOW;FREQ: Frequency;REF_AREA;COUNTERPART_AREA;TRADE;UNIT_MEASURE;UNIT_MULT;TIME_PERIOD;OBS_VALUE",
        "NSO:TRADE(1.0);A: Annual;KG: Kyrgyz Republic;398;1: Export;USD: US dollar;6;2023;455,702",
        "NSO:TRADE(1.0);A: Annual;KG: Kyrgyz Republic;398;2: Import;USD: US dollar;6;2023;862,182",
        mapping={"indicator": "TRADE", "exports": "1", "imports": "2"},
    )
    assert [(o.flow, o.reporter, o.value) for o in found.observations] == [
        ("KGZ-KAZ", "KGZ", 455.702),
        ("KAZ-KGZ", "KGZ", 862.182),
    ]


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("D,A,KAZ,XG_FOB_USD,KGZ,2024,1,6,A", "action-delete"),
        ("I,A,KAZ,TOTAL,KGZ,2024,1,6,A", "flow-unknown"),
        ("I,A,KAZ,XG_FOB_USD,KGZ,2024-W12,1,6,A", "period-wrong"),
        ("I,A,KAZ,XG_FOB_USD,KGZ,2024-Q5,1,6,A", "period-wrong"),
        ("I,A,KAZ,XG_FOB_USD,KGZ,2024-13,1,6,A", "period-wrong"),
        ("I,A,KAZ,XG_FOB_USD,KGZ,2024,many,6,A", "value-wrong"),
        ("I,A,KAZ,XG_FOB_USD,KGZ,2024,1,mn,A", "value-wrong"),
        ("I,A,KAZ,XG_FOB_USD,KGZ,2024,-1,6,A", "value-negative"),
    ],
)
def test_a_bad_row_names_its_line(tmp_path: Path, row: str, code: str) -> None:
    head = "dataflow,IMF.STA:IMTS(1.0.0)"
    assert codes(tmp_path, V2, f"{head},I,A,KAZ,XG_FOB_USD,KGZ,2023,1,6,A", f"{head},{row}") == [(":3", code)]


def test_rows_that_stand_twice_and_missing_columns_are_refused(tmp_path: Path) -> None:
    row = "dataflow,X:Y(1.0),I,A,KAZ,XG_FOB_USD,KGZ,2023,1,6,A"
    assert codes(tmp_path, V2, row, row) == [(":3", "row-twice")]
    assert [c for _, c in codes(tmp_path, "DATAFLOW,REF_AREA,OBS_VALUE", "a,KAZ,1")] == ["column-missing"] * 4
    assert codes(tmp_path, V2, row, mapping={"export": "X"}) == [("--map", "mapping-unknown")]
    tenge = "DATAFLOW,REF_AREA,COUNTERPART_AREA,FLOW,TIME_PERIOD,OBS_VALUE,UNIT_MULT,UNIT_MEASURE"
    bare = "DATAFLOW,REF_AREA,COUNTERPART_AREA,FLOW,TIME_PERIOD,OBS_VALUE"
    assert codes(tmp_path, bare, "X:Y(1.0),KAZ,KGZ,X,2023,1", mapping={"UNIT_MULT": "6"}) == [(":2", "unit-wrong")]
    assert codes(tmp_path, tenge, "X:Y(1.0),KAZ,KGZ,X,2023,1,6,KZT") == [(":2", "unit-wrong")]
