"""BACI by DuckDB: sums equal those of plain Python over a generated release of 100,000 rows, CSV and ZIP."""

from __future__ import annotations

import zipfile
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from birge.errors import InputError
from birge.factbook.baci import pair_sums, read_baci

pytest.importorskip("duckdb", reason="needs the extra duckdb")

ECONOMIES = {4: "AFG", 156: "CHN", 276: "DEU", 398: "KAZ", 417: "KGZ", 643: "RUS", 842: "USA", 860: "UZB"}
PAIR = ("KAZ", "KGZ")


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[tuple[int, str, str], float]]:
    """Return the folder of a release of two years, and what plain Python sums."""
    folder = tmp_path_factory.mktemp("baci")
    rng = np.random.default_rng(1)
    numbers = list(ECONOMIES)
    totals: dict[tuple[int, str, str], float] = {}
    for year in (2022, 2023):
        lines = ["t,i,j,k,v,q"]
        ends = rng.integers(0, len(numbers), (50_000, 2))
        values = rng.lognormal(3, 2, 50_000).round(3)
        for n, ((a, b), v) in enumerate(zip(ends, values, strict=True)):
            i, j = numbers[a], numbers[b]
            lines.append(f"{year},{i},{j},{n % 9999:06d},{v:12.3f},{'NA' if n % 7 == 0 else f'{v / 2:.3f}'}")
            key = (year, ECONOMIES[i], ECONOMIES[j])
            totals[key] = totals.get(key, 0.0) + float(v) / 1000
        (folder / f"BACI_HS22_Y{year}_V202501.csv").write_text("\n".join(lines))
    codes = [f"{n},Economy {c},{c[:2]},{c}" for n, c in ECONOMIES.items()]
    (folder / "country_codes_V202501.csv").write_text(
        "\n".join(["country_code,country_name,country_iso2,country_iso3", *codes])
    )
    with zipfile.ZipFile(folder / "BACI_HS22_V202501.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for path in folder.glob("*.csv"):
            archive.write(path, path.name)
        archive.writestr("Readme.txt", "text")
    return folder, totals


def test_all_pairs_of_a_zip_sum_as_plain_python_does(release: tuple[Path, dict[tuple[int, str, str], float]]) -> None:
    folder, totals = release
    found = {(y, i, j): v for y, i, j, v in pair_sums(folder / "BACI_HS22_V202501.zip")}
    assert found.keys() == totals.keys()
    assert found == pytest.approx(totals, rel=1e-9)


def test_one_pair_of_a_csv_becomes_observations(release: tuple[Path, dict[tuple[int, str, str], float]]) -> None:
    folder, totals = release
    found = read_baci(folder / "BACI_HS22_Y2023_V202501.csv", PAIR).observations
    assert {o.flow: o.value for o in found} == pytest.approx(
        {"KAZ-KGZ": totals[2023, "KAZ", "KGZ"], "KGZ-KAZ": totals[2023, "KGZ", "KAZ"]}
    )
    assert {(o.reporter, o.published, o.published_assumed) for o in found} == {("BACI", date(2025, 1, 31), True)}
    both = read_baci(folder / "BACI_HS22_V202501.zip", PAIR, date(2025, 1, 30)).observations
    assert sorted({o.year for o in both}) == [2022, 2023]
    assert not any(o.published_assumed for o in both)


def test_what_is_not_baci_is_refused(tmp_path: Path, release: tuple[Path, dict[tuple[int, str, str], float]]) -> None:
    def code(path: Path, pair: tuple[str, str] = PAIR, published: date | None = date(2025, 1, 1)) -> str:
        with pytest.raises(InputError) as caught:
            read_baci(path, pair, published)
        return caught.value.problems[0].code

    other = tmp_path / "other.csv"
    other.write_text("a,b\n1,2\n")
    assert code(other) == "format-wrong"
    broken = tmp_path / "broken.csv"
    broken.write_text("t,i,j,k,v,q\n2023,398,417,010101,many,1\n")
    assert code(broken) == "csv-broken"
    assert code(tmp_path / "none.csv") == "file-unreadable"
    fake = tmp_path / "fake.zip"
    fake.write_text("no archive")
    assert code(fake) == "file-unreadable"
    empty = tmp_path / "empty.zip"
    with zipfile.ZipFile(empty, "w") as archive:
        archive.writestr("Readme.txt", "")
    assert code(empty) == "format-wrong"
    whole = release[0] / "BACI_HS22_Y2023_V202501.csv"
    assert code(whole, ("GEO", "ARM")) == "pair-missing"
    renamed = tmp_path / "renamed.csv"
    renamed.write_bytes(whole.read_bytes())
    assert code(renamed, published=None) == "release-unknown"
    assert read_baci(renamed, PAIR, date(2025, 1, 1)).observations[0].value > 0
