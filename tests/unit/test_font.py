"""The pages' font: one small file with every letter of the four languages and its weights."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from birge.texts import LANGUAGES, catalogue_path
from birge.web.font import face, font_file, font_name


def test_one_file_has_every_letter_the_pages_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    content = font_file()
    with TTFont(io.BytesIO(content)) as font:
        letters = set(font.getBestCmap())
        axes = {a.axisTag: (a.minValue, a.maxValue) for a in font["fvar"].axes}
        assert axes == {"wght": (400, 700)}
        assert font.flavor == "woff2"
    wanted = {c for lang in LANGUAGES for c in catalogue_path(lang).read_text("utf-8") if c.isprintable()}
    assert {c for c in wanted if ord(c) not in letters and c.isalpha()} == set()
    assert set(map(ord, "әғқңөұүһіӘҒҚҢӨҰҮҺІ₸–—«»…·№−")) <= letters
    assert len(content) < 100_000
    assert font_file() == content
    assert f"/static/fonts/{font_name()}" in face()


def test_a_cache_that_cannot_be_written_costs_time_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "birge").write_text("a file where the folder should be")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert font_file()[:4] == b"wOF2"
