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
    assert "No such option" in refused(capsys, command, "--hydrologie", "dry")


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


def test_a_series_of_another_length_or_name_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own = tmp_path / "own.csv"
    own.write_text("hour,wind-kgz\n0,0.5\n", "utf-8")
    assert "8,760" in refused(capsys, "hours", "--series", str(own))
    own.write_text("hour,wind-mars\n0,0.5\n", "utf-8")
    assert "wind-kgz" in refused(capsys, "expand", "--series", str(own))
