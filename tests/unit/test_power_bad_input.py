"""Bad input of every `birge power` command: exit code 2, the option or code named with a remedy, never a traceback."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from birge.cli import main

COMMANDS = ("dispatch", "hours", "exchange", "swap", "expand", "policy")


def run(*words: str) -> int:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.argv", ["birge", "power", *words])
        try:
            main()
        except SystemExit as stop:
            return int(stop.code or 0)
    return 0


def refused(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """Run a command that has to be refused; return what it says."""
    assert run(*words) == 2, words
    shown = capsys.readouterr()
    assert shown.out == "", words
    assert "Traceback" not in shown.err
    return " ".join(shown.err.split())


@pytest.mark.parametrize("command", COMMANDS)
def test_what_all_commands_refuse(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert "--year" in refused(capsys, command, "--year", "1999")
    assert "--year" in refused(capsys, command, "--year", "soon")
    assert "dry, mean, wet" in refused(capsys, command, "--hydrology", "damp")
    for pair in ("GEO-ARM", "KAZ", "KAZ-KGZ-UZB", ""):
        assert "no-power-system" in refused(capsys, command, "--pair", pair)
    assert "same-party" in refused(capsys, command, "--pair", "KAZ-KAZ")
    assert "no-water" in refused(capsys, command, "--pair", "KAZ-UZB")
    assert "No such option" in refused(capsys, command, "--hydrologie", "dry")


@pytest.mark.parametrize(
    ("words", "places"),
    [
        (
            ("hours", "--hours", "weekly", "--water", "foo", "--regime", "swap", "--engine", "glpk"),
            ("--hours", "--water", "--regime", "--engine"),
        ),
        (
            ("expand", "--hours", "monthly", "--engine", "foo", "--growth", "no", "--hydrology", "damp"),
            ("--hours", "--engine", "--growth", "--hydrology"),
        ),
        (
            ("policy", "--from-volume", "50", "--with", "foo=2028-01", "--with", "kambarata-first-unit", "--with",
             "casa-1000=2020-13", "--hydrology", "damp"),
            ("--from-volume", "--with", "--with", "--with", "--hydrology"),
        ),
        (("swap", "--growth", "no", "--season", "dry", "--out", "x.pdf"), ("--growth", "--season", "--out")),
        (("dispatch", "--year", "abc", "--pair", "KAZ-KAZ", "--open", "x"), ("--year", "--pair")),
        (("policy", "--months", "x", "--paths", "3", "--caution", "much"), ("--months", "--paths", "--caution")),
        (("exchange", "--boundaries", "none", "--swap-ratio", "9", "--lang", "xx"), ("none", "--swap-ratio", "--lang")),
    ],
)  # fmt: skip
def test_all_that_is_wrong_is_told_at_once(
    words: tuple[str, ...], places: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(*words) == 2
    told = [line for line in capsys.readouterr().err.splitlines() if " → " in line]
    assert sorted(line.partition(":")[0] for line in told) == sorted(places)
    assert not [line for line in told if "Errno" in line or "pydantic" in line]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("dispatch", "--swap-ratio", "0"), "above 0, up to 5"),
        (("dispatch", "--swap-ratio", "-1"), "above 0, up to 5"),
        (("dispatch", "--swap-ratio", "nan"), "above 0, up to 5"),
        (("dispatch", "--regime", "barter"), "isolated, purchases, swap, free"),
        (("dispatch", "--open", "casa-2000"), "casa-1000"),
        (("dispatch", "--open", "casa-1000", "--year", "2027"), "take 2028 or later"),
        (("policy", "--with", "casa-1000=2027-12"), "take 2028 or later"),
        (("hours", "--regime", "swap"), "take free, purchases or isolated"),
        (("hours", "--water", "cyclic", "--from-volume", "9"), "give no volume"),
        (("hours", "--water", "tides"), "cyclic, targets, values"),
        (("hours", "--water", "targets", "--from-volume", "3"), "from 5.6 to 19.5 km3"),
        (("hours", "--hours", "daily"), "typical, three-hourly, hourly"),
        (("hours", "--engine", "abacus"), "highs, pypsa"),
        (("hours", "--lang", "de"), "en, ru, kk, ky"),
        (("hours", "--series", "no-such.csv"), "no-such.csv"),
        (("exchange", "--lang", "de"), "en, ru, kk, ky"),
        (("exchange", "--boundaries", "no-such.geojson"), "no-such.geojson"),
        (("swap", "--growth", "none"), "low, mode, high"),
        (("swap", "--season", "monsoon"), "today"),
        (("swap", "--slack", "200"), "--slack: range"),
        (("swap", "--out", "x.pdf"), ".csv, .json, .svg, .png"),
        (("expand", "--year", "2025"), "--year"),
        (("expand", "--growth", "none"), "low, mode, high"),
        (("expand", "--hours", "daily"), "typical, three-hourly, hourly"),
        (("expand", "--engine", "abacus"), "highs, pypsa"),
        (("expand", "--near", "-1"), "--near"),
        (("policy", "--regime", "barter"), "isolated, purchases, swap, free"),
        (("policy", "--from-volume", "3"), "from 5.5 to 19.5 km3"),
        (("policy", "--swap-ratio", "0"), "above 0, up to 5"),
        (("exchange", "--swap-ratio", "-0.5"), "above 0, up to 5"),
        (("policy", "--lang", "de"), "en, ru, kk, ky"),
        (("policy", "--months", "0"), "--months"),
        (("policy", "--caution", "2"), "--caution"),
        (("policy", "--with", "a-dam=2028-01"), "kambarata-first-unit"),
        (("policy", "--with", "kambarata-first-unit=2026-01"), "take 2033 or later"),
        (("policy", "--alone", "--regime", "free"), "--regime: alone"),
        (("dispatch", "--regime", "free", "--swap-ratio", "1.2"), "--swap-ratio: unused"),
        (("policy", "--regime", "isolated", "--swap-ratio", "1.2"), "--swap-ratio: unused"),
        (("swap", "--pair", "KGZ-UZB"), "--pair: other-partner"),
        (("dispatch", "--pair", "UZB-KGZ"), "take KAZ-KGZ"),
        (("policy", "--pair", "KGZ-UZB"), "--pair: other-partner"),
        (("dispatch", "--tables", "no-such-folder"), "--tables: folder-unreadable"),
        (("policy", "--with", "casa-1000"), "NAME=YYYY-MM"),
    ],
)
def test_what_a_command_refuses(words: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert said in refused(capsys, *words)


@pytest.mark.parametrize("command", ["hours", "expand"])
def test_a_missing_extra_is_named_with_its_install(
    command: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pypsa", None)
    words = ("--water", "cyclic") if command == "hours" else ()
    told = refused(capsys, command, *words, "--engine", "pypsa")
    assert "pypsa-missing" in told
    assert "pip install 'birge[power]'" in told


def series(path: Path, values: list[str], header: str = "hour,wind-kgz") -> tuple[str, ...]:
    """Return the words that name a file of 8,760 rows in which `values` come first."""
    rows = [*values, *(f"{k},0.5" for k in range(8_760 - len(values)))]
    path.write_text("\n".join([header, *rows]) + "\n", "utf-8")
    return "--series", str(path)


@pytest.mark.parametrize(
    ("value", "code"),
    [("calm", "number"), ("nan", "number"), ("inf", "number"), ("-0.1", "negative"), ("1.2", "share"), ("", "number")],
)
def test_a_value_of_a_series_is_named_by_line_and_column(
    value: str, code: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = refused(capsys, "hours", *series(tmp_path / "own.csv", ["0,0.5", f"1,{value}"]))
    assert f"own.csv, line 3, column wind-kgz: {code}" in told


def test_a_series_is_checked_before_it_is_used(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own = tmp_path / "own.csv"
    own.write_text("hour,wind-kgz\n0,0.5\n", "utf-8")
    assert "8,760" in refused(capsys, "hours", "--series", str(own))
    own.write_text("hour,wind-mars\n0,0.5\n", "utf-8")
    assert "wind-kgz" in refused(capsys, "expand", "--series", str(own))
    # A column of demand is the ratio to the mean of the year: zeros and MW are none.
    for level in ("0", "2500"):
        words = series(own, [f"{k},{level}" for k in range(8_760)], "hour,demand-kgz")
        assert "own.csv, column demand-kgz: mean" in refused(capsys, "hours", *words)
    assert "column-twice" in refused(capsys, "hours", *series(own, [], "wind-kgz,wind-kgz"))
    told = refused(capsys, "hours", *series(own, [f"{k},x" for k in range(500)]))
    assert told.count("is no number") == 10
    assert "490 more values are wrong" in told
    assert "own.csv, line 2: columns" in refused(capsys, "hours", *series(own, ["0,0.5,0.7"]))
    assert "separator" in refused(capsys, "hours", *series(own, [], "hour;wind-kgz"))
    own.write_text("", "utf-8")
    for path in (str(own), "/dev/null"):
        assert "the file is empty" in refused(capsys, "hours", "--series", path)
    own.write_bytes(b"\xff\xfe\x00\x01")
    assert "UTF-8" in refused(capsys, "hours", "--series", str(own))


def test_water_of_a_pair_that_no_row_names_is_asked_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own = Path(__file__).parents[1] / "data" / "two-rivers"
    for file in own.glob("*.csv"):
        if file.name != "power_pairs.csv":
            (tmp_path / file.name).write_text(
                file.read_text("utf-8").replace("XUP", "TJK").replace("XLO", "AFG"), "utf-8"
            )
    told = refused(capsys, "dispatch", "--pair", "TJK-AFG", "--tables", str(tmp_path))
    assert "power_parameters.csv, line 2, column id: place" in told
    (tmp_path / "power_parameters.csv").unlink()
    told = refused(capsys, "dispatch", "--pair", "TJK-AFG", "--tables", str(tmp_path))
    assert "--pair: no-water" in told
    assert "gate-lake or plain-lake" in told
