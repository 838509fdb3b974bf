"""The QR of a paper and of a printed page says the link, module by module, with its quiet zone."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from birge.factbook import Factbook
from birge.pages import Wanted, paper
from birge.pages.paper import Cited
from birge.plan import embedded
from birge.report.paper import write_paper
from birge.report.paper_text import composed
from birge.report.qr import MODULE, QUIET, modules, qr_spec, qr_svg

LINK = "https://plan.example/ky/answer?run=cdc8ce71-5a8c-463f-9f2e-337e8747ef78&as_of=2026-11-24"


def test_the_modules_are_those_of_the_standard_with_a_quiet_zone() -> None:
    segno = pytest.importorskip("segno")
    made, rows = segno.make(LINK, error="m", micro=False).matrix, modules(LINK)
    n = len(rows)
    assert n == len(made) + 2 * QUIET
    assert [[bool(x) for x in row] for row in made] == [list(r[QUIET:-QUIET]) for r in rows[QUIET:-QUIET]]
    assert not any(any(r) for r in (*rows[:QUIET], *rows[-QUIET:]))
    finder = [row[QUIET : QUIET + 7] for row in rows[QUIET : QUIET + 7]]
    assert [sum(r) for r in finder] == [7, 2, 5, 5, 5, 2, 7]


def test_both_drawings_draw_every_dark_module_once() -> None:
    rows = modules(LINK)
    dark = {(x, y) for y, row in enumerate(rows) for x, on in enumerate(row) if on}
    spec = qr_spec(LINK)
    values = spec["layer"][1]["data"]["values"]
    assert {(v["x"] // MODULE, v["y"] // MODULE) for v in values} == dark
    assert all((v["x2"] - v["x"], v["y2"] - v["y"]) == (MODULE, MODULE) for v in values)
    svg = qr_svg(LINK)
    assert {(int(x), int(y)) for x, y in re.findall(r"M(\d+) (\d+)h1v1h-1z", svg)} == dark
    assert "style" not in svg


@pytest.mark.parametrize("form", ["pdf", "docx", "xlsx", "html"])
def test_a_paper_carries_its_link_in_every_form(form: str, tmp_path: Path) -> None:
    wanted = Wanted(embedded(), Factbook.embedded(), date(2026, 11, 24), "ky", address="https://plan.example/")
    made = paper(wanted)
    assert made.link == "https://plan.example/ky/answer?as_of=2026-11-24"
    write_paper(made, tmp_path / f"p.{form}", form)
    assert (tmp_path / f"p.{form}").stat().st_size > 5_000
    if form == "html":
        assert "https://plan.example/ky/answer?as_of=2026-11-24" in (tmp_path / "p.html").read_text("utf-8")


def test_the_run_stands_in_the_link_and_in_words() -> None:
    from birge.assess import assess

    document = assess(draws=100, as_of=date(2026, 11, 24)).document()
    run = Cited("cdc8ce71-5a8c-463f-9f2e-337e8747ef78", document, "0")
    plan, book = embedded(), Factbook.embedded()
    made = paper(Wanted(plan, book, date(2026, 11, 24), "ky", run=run, address="https://plan.example"))
    assert made.link == LINK
    texts = [getattr(p, "text", "") for p in composed(made).parts]
    assert any(run.id in t for t in texts)
    assert any(LINK in t for t in texts)
    plain = composed(paper(Wanted(plan, book, date(2026, 11, 24), "ky")))
    assert not any("https://plan.example" in getattr(p, "text", "") for p in plain.parts)
