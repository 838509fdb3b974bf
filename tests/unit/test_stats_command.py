"""`birge stats`: one's own figures are checked, told in words and written; the two sides are drawn."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from birge.charts.mirror import mirror_chart, png
from birge.cli.stats import app
from birge.errors import InputError
from birge.factbook import Factbook, read_observations
from birge.factbook.additions import additions
from birge.factbook.codes import economy_name, iso3, numeric
from birge.factbook.sources import format_of, read_source
from birge.report.statistics import mirror_document, mirror_page, mirror_spec

PAIR = ("KAZ", "KGZ")
BOOK = Factbook.embedded()
DAY = date(2026, 11, 24)
KNOWN = BOOK.observations(PAIR)
OWN = """year;flow;reporter;value;published;source;party_a;party_b
2025;turnover;KGZ;1 512,4;25.03.2026;bulletin 3;KAZ;KGZ
2024;turnover;KGZ;1 405,1;25.03.2026;bulletin 3;KAZ;KGZ
2022;turnover;KAZ;1 500;02.04.2025;bureau;KAZ;KGZ
2024;turnover;KGZ;1340;26.03.2025;bulletin 2;KAZ;KGZ
2024;KAZ-KGZ;KZ;1 285,8;02.04.2025;bureau;KAZ;KGZ
"""


def drawn(spec: Any, column: str) -> list[dict[str, Any]]:
    """Return the rows of the only data in `spec` that have `column`."""
    (only,) = [rows for rows in spec["datasets"].values() if column in rows[0]]
    return list(only)


@pytest.fixture
def own(tmp_path: Path) -> Path:
    path = tmp_path / "own.csv"
    path.write_text(OWN, "utf-8")
    return path


def run(*words: str) -> str:
    done = CliRunner().invoke(app, list(words), catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def refused(*words: str) -> list[str]:
    done = CliRunner().invoke(app, list(words))
    assert isinstance(done.exception, InputError), done.output
    return [p.code for p in done.exception.problems]


def test_each_new_figure_is_told_by_what_it_meets(own: Path) -> None:
    found = [(a.observation.year, a.observation.value, a.kind) for a in additions(KNOWN, read_observations(own), PAIR)]
    assert found == [
        (2022, 1500.0, "conflict"),
        (2024, 1285.8, "not used"),
        (2024, 1340.0, "same"),
        (2024, 1405.1, "other print"),
        (2025, 1512.4, "new period"),
    ]
    grown = [replace(read_observations(own)[0], kind="growth", unit="per cent on a year earlier")]
    assert [a.kind for a in additions(KNOWN, grown, PAIR)] == ["beside"]


def test_add_says_what_changes_and_writes_what_facts_reads(own: Path, tmp_path: Path) -> None:
    out = tmp_path / "mine.csv"
    text = run("add", str(own), "--out", str(out))
    assert text.index("look at these first") < text.index("New periods")
    assert "2024: turnover as KGZ counts 1,405 mn USD, was 1,340" in text
    assert "2024: difference between the two sides +21 %, was +27 %" in text
    assert "2025: turnover as KGZ counts 1,512 mn USD, not known before" in text
    assert read_observations(out) == read_observations(own)
    shown = run("show", "--facts", str(out), "--year", "2025", "--reporter", "KGZ", "--as-of", "2026-11-24")
    assert shown.count("\n") == 1
    assert "1,512.4" in shown
    before = run("show", "--year", "2025", "--reporter", "KGZ", "--as-of", "2026-11-24")
    assert "no observation fits" in before


def test_two_releases_in_files_of_one_name_both_stay(own: Path, tmp_path: Path) -> None:
    out = tmp_path / "mine.csv"
    run("add", str(own), "--out", str(out))
    own.write_text(OWN.splitlines()[0] + "\n2024;turnover;KGZ;1 410,0;25.04.2026;bulletin 4;KAZ;KGZ\n", "utf-8")
    text = run("add", str(own), "--facts", str(out), "--out", str(out))
    assert "known 1,405.1 of 2026-03-25" in text
    assert "replaces" not in text
    assert sorted(o.value for o in read_observations(out) if o.year == 2024 and o.reporter == "KGZ") == [
        1340,
        1405.1,
        1410,
    ]


def test_a_known_id_replaces_and_says_so() -> None:
    changed = replace(next(o for o in KNOWN if o.id == "kgz-2024-0112-turnover"), value=1341.0)
    (found,) = additions(KNOWN, [changed], PAIR)
    assert found.replaces
    (same,) = additions(KNOWN, [replace(changed, value=1340.0)], PAIR)
    assert (same.replaces, same.kind) == (False, "same")


def test_add_never_writes_over_a_file_but_the_facts_it_extends(own: Path, tmp_path: Path) -> None:
    out = tmp_path / "mine.csv"
    run("add", str(own), "--out", str(out))
    assert refused("add", str(own), "--out", str(own)) == ["file-exists"]
    assert refused("add", str(own), "--out", str(out)) == ["file-exists"]
    more = tmp_path / "more.csv"
    more.write_text(OWN.splitlines()[0] + "\n2021;turnover;KGZ;990;25.03.2026;bulletin 3;KAZ;KGZ\n")
    run("add", str(more), "--facts", str(out), "--out", str(out))
    assert [o.year for o in read_observations(out)] == [2025, 2024, 2022, 2024, 2024, 2021]


def test_a_bad_file_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_text(OWN + "2024;turnover;KGZ;many;never;;KAZ;KGZ\n")
    out = tmp_path / "mine.csv"
    assert refused("add", str(bad), "--out", str(out)) == ["value-wrong", "published-wrong", "source-wrong"]
    assert not out.exists()
    assert refused("add", str(tmp_path / "none.csv")) == ["file-unreadable"]
    assert refused("add", str(bad), "--format", "pdf") == ["format-unknown"]
    assert refused("add", str(bad), "--map", "exports=X") == ["mapping-unused"]
    good = tmp_path / "good.csv"
    good.write_text(OWN)
    assert refused("add", str(good), "--pair", "GEO-ARM") == ["pair-missing"]
    assert refused("add", str(good), "--out", str(tmp_path / "no" / "mine.csv")) == ["file-unwritable"]


def test_the_format_is_found_by_the_first_line(tmp_path: Path) -> None:
    def made(name: str, text: str) -> Path:
        path = tmp_path / name
        path.write_text(text)
        return path

    sdmx = made(
        "s.csv", "DATAFLOW,REF_AREA,COUNTERPART_AREA,FLOW,TIME_PERIOD,OBS_VALUE\nA:B(1.0),KG,KZ,EXP,2025,602.5\n"
    )
    assert format_of(sdmx) == "sdmx-csv"
    assert format_of(made("b.csv", "t,i,j,k,v,q\n")) == "baci"
    assert format_of(made("c.csv", '"flowCode","primaryValue","cmdCode"\n')) == "comtrade"
    assert format_of(made("l.csv", OWN)) == "long"
    assert format_of(tmp_path / "x.json") == "comtrade"
    with zipfile.ZipFile(tmp_path / "z.zip", "w"):
        pass
    assert format_of(tmp_path / "z.zip") == "baci"
    words = ["exports=EXP", "UNIT_MULT=6", "UNIT_MEASURE=USD"]
    (o,) = read_source(sdmx, PAIR, "auto", None, words, DAY).observations
    assert (o.flow, o.value, o.published, o.published_assumed) == ("KGZ-KAZ", 602.5, DAY, True)
    with pytest.raises(InputError, match="mapping-wrong"):
        read_source(sdmx, PAIR, "auto", None, ["exports"], DAY)
    with pytest.raises(InputError, match="pair-missing"):
        read_source(sdmx, ("GEO", "ARM"), "auto", None, words, DAY)


def test_codes_of_all_kinds_mean_the_same_economy() -> None:
    assert [iso3(c) for c in ("KZ", "kaz", "398", "0", "W00", "51", "842", "XX")] == [
        "KAZ", "KAZ", "KAZ", None, None, "ARM", "USA", None,
    ]  # fmt: skip
    assert [numeric(c) for c in ("KAZ", "ARM", "DEU", "USA")] == ["398", "51", "276", "842"]
    assert (economy_name("KGZ"), economy_name("ROW")) == ("Kyrgyzstan", "ROW")


def test_show_filters_and_prints_json_and_csv() -> None:
    rows = json.loads(run("show", "--flow", "turnover", "--reporter", "kgz", "--json", "--as-of", "2026-11-24"))
    assert rows
    assert {(r["flow"], r["reporter"]) for r in rows} == {("turnover", "KGZ")}
    table = list(csv.DictReader(io.StringIO(run("show", "--csv", "--as-of", "2026-11-24"))))
    assert len(table) == len(KNOWN)


def test_mirror_writes_every_format_and_refuses_others(tmp_path: Path) -> None:
    for name, start in (
        ("m.svg", b"<svg"),
        ("m.png", b"\x89PNG"),
        ("m.html", b"<!doctype"),
        ("m.csv", b"year,kgz,kaz"),
    ):
        path = tmp_path / name
        assert "written" in run("mirror", "--pair", "KGZ-KAZ", "--as-of", "2026-11-24", "--out", str(path))
        assert path.read_bytes().startswith(start), name
    assert refused("mirror", "--out", str(tmp_path / "m.pdf")) == ["format-unknown"]
    assert refused("mirror", "--pair", "GEO-ARM", "--out", str(tmp_path / "n.svg")) == ["nothing-to-draw"]
    assert refused("mirror", "--out", str(tmp_path / "no" / "m.svg")) == ["file-unwritable"]


def test_the_json_holds_both_sides_and_their_difference() -> None:
    made = json.loads(run("mirror", "--json", "--as-of", "2026-11-24"))
    assert made == json.loads(json.dumps(mirror_document(BOOK.observations(PAIR, DAY), PAIR, DAY)))
    row = next(y for y in made["years"] if y["year"] == 2024)
    assert row["published"] == {"KAZ": 1700.0, "KGZ": 1340.0}
    assert row["rounding"] == {"KAZ": 50.0, "KGZ": 0.0}
    assert row["difference"] == pytest.approx(360 / 1340)
    assert row["settled_difference"] == pytest.approx(1781.373 / 1340 - 1)


def test_the_chart_shows_every_figure_once_and_names_its_sources() -> None:
    spec = mirror_spec(KNOWN, PAIR, DAY)
    assert spec is not None
    upper = drawn(spec, "high")
    assert sum(p["kind"] == "published" for p in upper) == 11
    assert sum(p["kind"] != "published" for p in upper) == 26
    (point,) = [p for p in upper if p["year"] == 2024 and p["side"] == "Kyrgyzstan"]
    assert point["value"] == 1.34
    text = " ".join(spec["title"]["subtitle"])
    assert "24.kg" in text
    assert "2026-11-24" in text
    lower = drawn(spec, "label")
    assert {(d["year"], d["label"]) for d in lower if d["label"]} >= {(2022, "+10"), (2023, "+19"), (2024, "+27")}
    assert png(spec).startswith(b"\x89PNG")


def test_a_side_that_does_not_report_leaves_no_lower_panel() -> None:
    rows = read_observations(Path(__file__).parents[1] / "plans" / "small-observations.csv")
    spec = mirror_spec(rows, ("GEO", "ARM"), DAY)
    assert spec is not None
    assert len(spec["vconcat"]) == 1
    assert "both sides" in " ".join(spec["title"]["subtitle"])
    assert mirror_spec([], ("GEO", "ARM"), DAY) is None
    assert "No full-year figures" in mirror_page([], ("GEO", "ARM"), DAY)


def test_names_that_would_touch_are_moved_apart() -> None:
    points = [
        {"year": 2024, "side": s, "value": v, "kind": "published", "low": v, "high": v}
        for s, v in (("A", 1.0), ("B", 1.01))
    ]
    spec = mirror_chart("t", ("A", "B"), points, [], "s")
    labels = {r["side"]: r["at"] for r in drawn(spec, "at")}
    assert labels["B"] - labels["A"] == pytest.approx(0.07 * 1.01)


def test_the_page_is_self_contained_and_escapes() -> None:
    odd = replace(KNOWN[-1], id="odd", source="<script>alert(1)</script>", reporter="KAZ", derived=False, kind="annual")
    page = mirror_page((*KNOWN, replace(odd, year=2024, months=(1, 12))), PAIR, DAY)
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert 'src="http' not in page
    assert page.count("<svg") == 1
