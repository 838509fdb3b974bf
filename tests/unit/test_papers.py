"""Papers of a council: four formats, four languages, own side first, no odds where there are to be none."""

from __future__ import annotations

import io
import re
import sys
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path

import docx
import openpyxl
import pytest
from pypdf import PdfReader

from birge.assess import Assessment, assess
from birge.cli import main
from birge.errors import InputError
from birge.factbook import Factbook, read_observations
from birge.pages import Draft, Paper, Party, Point, Wanted, paper
from birge.pages.changes import Session, last_council
from birge.pages.statements import Said
from birge.plan import embedded, load
from birge.report.paper import FORMATS, rendered
from birge.report.protocol import original, originals
from birge.texts import LANGUAGES
from tests.paper_text import sheets, words

SMALL = Path(__file__).parents[1] / "plans" / "small.yaml"
BOOK = Factbook.embedded()
MORE = BOOK.extended(read_observations(SMALL.with_name("small-observations.csv")))
DAY, LATER = date(2026, 11, 24), date(2027, 9, 1)
ODDS = re.compile(
    r"of 100|из 100|100-ден|100дөн|100 болжам|100 божомол|[Oo]dds|[Шш]анс|мүмкіндік|мүмкүнчүлүк|futures|simulated|"
    r"смоделир|модельден|моделден|trade\.cost|trade\.new_flow|Shapley|probability|seed"
)


@cache
def run() -> Assessment:
    return assess(draws=200, as_of=DAY, factbook=BOOK)


@cache
def made(lang: str, side: str | None = None, odds: bool = False) -> Paper:
    wanted = Wanted(embedded(), BOOK, DAY, lang, side, since=date(2025, 8, 22), run=run() if odds else None)
    return paper(wanted)


@cache
def small(lang: str = "en") -> Paper:
    return paper(Wanted(load(SMALL)[0], MORE, LATER, lang, "ARM", since=date(2026, 6, 30)))


def pdf(content: bytes) -> PdfReader:
    return PdfReader(io.BytesIO(content))


@pytest.mark.parametrize(
    ("lang", "title", "letters"),
    [
        ("kk", "Қазақстан мен Қырғызстанның 2025-2027 жылдарға арналған ынтымақтастық жоспары", "әғқңөұүіӘҚ"),
        ("ky", "Казакстан менен Кыргызстандын 2025-2027-жылдарга кызматташтык планы", "ңөүҮӨ"),
        ("ru", "План сотрудничества Казахстана и Кыргызстана на 2025-2027 годы", "ыэюяёЭ"),
        ("en", "Kazakhstan - Kyrgyz Republic cooperation plan 2025-2027", "wyz"),
    ],
)
def test_the_pdf_is_accessible_and_its_letters_can_be_read_back(lang: str, title: str, letters: str) -> None:
    content = rendered(made(lang, odds=True), "pdf")
    reader = pdf(content)
    root, text = reader.root_object, words(content)
    assert b"<pdfuaid:part>1</pdfuaid:part>" in root["/Metadata"].get_object().get_data()
    assert root["/Lang"] == lang
    assert root["/MarkInfo"]["/Marked"] is not None
    assert root["/ViewerPreferences"]["/DisplayDocTitle"] is not None
    assert reader.metadata is not None
    assert reader.metadata.title == title
    # A title may break after a hyphen.
    assert title.replace(" ", "") in text.replace(" ", "")
    assert [letter for letter in letters if letter not in text] == []
    note = made(lang).note
    assert [k for k, sheet in enumerate(sheets(content)) if note not in sheet] == []
    assert "\ufffd" not in text
    fonts = {f["/BaseFont"].split("+")[-1] for p in reader.pages for f in p["/Resources"]["/Font"].values()}
    assert any(f.startswith("NotoSans") for f in fonts)


def tags(node: object, found: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the tags of a structure tree in reading order, each with its alternative text."""
    node = getattr(node, "get_object", lambda: node)()
    if isinstance(node, list):
        for each in node:
            tags(each, found)
    elif isinstance(node, dict):
        if "/S" in node:
            found.append((str(node["/S"]), str(node.get("/Alt", ""))))
        if "/K" in node:
            tags(node["/K"], found)
    return found


def test_the_pdf_reads_aloud_tables_by_cell_and_charts_in_words() -> None:
    reader = pdf(rendered(made("ru", odds=True), "pdf"))
    found = tags(reader.root_object["/StructTreeRoot"], [])
    told = [text for tag, text in found if tag == "/Figure"]
    assert len(told) == 3
    assert all(len(text) > 40 for text in told)
    names = [tag for tag, _ in found]
    assert names.count("/H1") == 7
    assert names.count("/Table") == names.count("/THead") > 8
    assert names.count("/TH") > 40
    assert names.count("/TD") > 500
    assert names.count("/P") > 15


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_paper_without_odds_holds_none_in_any_format(lang: str) -> None:
    wanted = made(lang)
    assert wanted.run is None
    assert all(not s.bands for s in wanted.series)
    document = docx.Document(io.BytesIO(rendered(wanted, "docx")))
    book = openpyxl.load_workbook(io.BytesIO(rendered(wanted, "xlsx")))
    texts = {
        "pdf": words(rendered(wanted, "pdf")),
        "docx": " ".join(e.text or "" for e in document.element.body.iter() if e.tag.endswith("}t")),
        "xlsx": " ".join(str(c.value) for sheet in book for row in sheet.iter_rows() for c in row if c.value),
        "html": rendered(wanted, "html").decode(),
    }
    assert {form: ODDS.findall(text) for form, text in texts.items()} == {form: [] for form in texts}
    assert ODDS.search(words(rendered(made(lang, odds=True), "pdf")))


def test_own_side_comes_first_and_otherwise_the_titles_order() -> None:
    assert [s.code for s in made("en").sides] == ["KAZ", "KGZ"]
    own = made("en", "KGZ")
    assert [s.code for s in own.sides] == ["KGZ", "KAZ"]
    assert [s.side.code for s in own.statements] == ["KGZ", "KAZ"]
    year, other = (next(r for r in p.years if r.year == 2024) for p in (own, made("en")))
    assert year.published == other.published[::-1]
    assert year.difference == pytest.approx(-(other.difference or 0.0))
    text = words(rendered(own, "pdf"))
    assert text.index("Kyrgyz Republic, published") < text.index("Kazakhstan, published")


def test_changes_leave_out_what_is_internal() -> None:
    plan = embedded()
    measure = next(m for m in plan.measures if m.effects)
    effect = measure.effects[0].model_copy(update={"ramp_months": 77.0})
    earlier = plan.model_copy(
        update={
            "measures": tuple(
                m.model_copy(update={"effects": (effect,), "number": "99"}) if m is measure else m
                for m in plan.measures
            ),
            "risks": (),
        }
    )
    found = paper(Wanted(plan, BOOK, DAY, "en", since=earlier)).changes
    assert found is not None
    assert len(found) == 1
    assert len(found[0].lines) == 1
    assert "99" in found[0].lines[0]
    assert paper(Wanted(plan, BOOK, DAY, since=plan)).changes == ()
    assert last_council(plan, DAY) == ("igc-13", date(2025, 11, 13))


def test_changes_speak_one_language() -> None:
    lines = [line for c in made("kk").changes or () for line in c.lines]
    assert any("мәтін өзгерді" in line for line in lines)
    assert not any("(орысша)" in line or "(ағылшынша)" in line for line in lines)


@pytest.mark.parametrize("form", FORMATS)
def test_the_second_pair_has_its_paper(form: str) -> None:
    content = rendered(small(), form)
    assert len(content) > 4000
    assert [s.code for s in small().sides] == ["ARM", "GEO"]
    if form == "html":
        assert "Kazakhstan" not in content.decode()
        assert "Republic of Armenia" in content.decode()


def test_texts_that_fall_back_are_seen() -> None:
    assert small("ru").title == "Georgia - Armenia test plan 2026-2031 (en)"


def test_the_word_document_reads_back() -> None:
    content = rendered(made("kk", odds=True), "docx")
    document = docx.Document(io.BytesIO(content))
    assert document.core_properties.language == "kk-KZ"
    assert document.core_properties.title == made("kk").title
    assert made("kk").note in document.sections[0].footer.paragraphs[0].text
    xml = document.element.xml
    assert xml.count("<w:tblHeader/>") == len(document.tables) > 8
    assert len(document.inline_shapes) == 3
    assert all(shape._inline.docPr.get("descr") for shape in document.inline_shapes)
    assert 'PAGE"' in document.sections[0].footer._element.xml
    heads = [p.text for p in document.paragraphs if p.style.name == "Heading 1"]
    assert heads[0] == "Жауап"
    assert len(heads) == 7


def test_formula_cells_stay_text_and_numbers_are_numbers() -> None:
    plan = load(SMALL)[0]
    first = plan.measures[0]
    bad = first.title.model_copy(update={"en": '=HYPERLINK("https://example.org","open")'})
    changed = plan.model_copy(update={"measures": (first.model_copy(update={"title": bad}), *plan.measures[1:])})
    content = rendered(paper(Wanted(changed, MORE, LATER)), "xlsx")
    cells = [c for sheet in openpyxl.load_workbook(io.BytesIO(content)) for row in sheet.iter_rows() for c in row]
    found = [c for c in cells if c.value == bad.en]
    assert found
    assert {c.data_type for c in found} == {"s"}
    assert "f" not in {c.data_type for c in cells}
    assert all(c.hyperlink is None for c in cells)
    assert {"n", "d"} <= {c.data_type for c in cells if c.value is not None}


def test_markup_in_a_text_stays_text() -> None:
    plan = load(SMALL)[0]
    bad = plan.title.model_copy(update={"en": '#read("x") $a$ <script>alert(1)</script> \U0001f600 \u4e2d'})
    made_of = paper(Wanted(plan.model_copy(update={"title": bad}), MORE, LATER))
    assert "<script>" not in rendered(made_of, "html").decode()
    text = words(rendered(made_of, "pdf"))
    assert '#read("x") $a$ <script>alert(1)</script>' in text
    assert "\ufffd" in text


def test_statements_that_were_handed_in_stand_with_their_side() -> None:
    said = Said("ARM", date(2027, 8, 1), "The warehouse waits for the permit.", "letter 12")
    both = paper(Wanted(load(SMALL)[0], MORE, LATER, said=(said,))).statements
    assert [s.said for s in both] == [(), (said,)]
    council = Session("", date(2027, 10, 1))
    wanted = Wanted(load(SMALL)[0], MORE, LATER, said=(said,), council=council)
    html = rendered(paper(wanted), "html").decode()
    assert "2027-08-01: The warehouse waits for the permit. (letter 12)" in html
    assert "1 October 2027" in html


def call(monkeypatch: pytest.MonkeyPatch, *words: object) -> int:
    monkeypatch.setattr(sys, "argv", ["birge", "report", *map(str, words)])
    try:
        main()
    except SystemExit as stop:
        return int(stop.code or 0)
    return 0


def test_bad_options_are_told_all_at_once(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert call(monkeypatch, "--lang", "de", "--side", "USA", "--out", tmp_path / "p.odt") == 2
    told = capsys.readouterr().err
    assert [w for w in ("--lang: language", "--side: side-unknown", "--out: format") if w not in told] == []
    assert "Traceback" not in told
    for option, value, code in (
        ("--council", "council-99", "council-unknown"),
        ("--council", "parliaments-2", "council-undated"),
        ("--since", "2030-01-01", "date-future"),
        ("--since", "nowhere.yaml", "file-unreadable"),
        ("--format", "docx", "format"),
    ):
        assert call(monkeypatch, "--without-odds", option, value, "--as-of", DAY, "--out", tmp_path / "p.pdf") == 2
        assert code in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_the_command_writes_and_never_replaces_unasked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    out = tmp_path / "new" / "p.html"
    options = ("--without-odds", "--as-of", DAY, "--council", "council-7", "--lang", "ru", "--out", out)
    assert call(monkeypatch, *options) == 0
    text = out.read_text("utf-8")
    assert "7-й Высший Межгосударственный совет" in text
    assert call(monkeypatch, *options) == 2
    assert call(monkeypatch, *options, "--overwrite") == 0


NAMES = (Party("KAZ", {"kk": "Қазақстан", "ru": "Казахстан"}), Party("KGZ", {"kk": "Қырғызстан", "ru": "Кыргызстан"}))
DRAFT = Draft(
    title={"kk": "Кеңестің хаттамасы", "ru": "Протокол совета"},
    parties=NAMES,
    points=(
        Point("1", agreed={"kk": "Келісілді", "ru": "Согласовано"}, due=date(2027, 3, 1)),
        Point(
            "2",
            proposed={
                "KAZ": {"kk": "бірінші", "ru": "первое"},
                "KGZ": {"kk": "екінші", "ru": "второе"},
            },
        ),
    ),
    languages=("kk", "ru"),
    day=date(2026, 12, 10),
    prevailing="ru",
)


def test_each_side_has_its_original(tmp_path: Path) -> None:
    paths = originals(DRAFT, tmp_path)
    texts = ["\n".join(p.text for p in docx.Document(str(path)).paragraphs) for path in paths]
    assert "2. [Казахстан: первое | Кыргызстан: второе]" in texts[0]
    assert "2. [Кыргызстан: второе | Казахстан: первое]" in texts[1]
    assert "2. [Қырғызстан: екінші | Қазақстан: бірінші]" in texts[1]
    assert all("1. Согласовано" in text and "1 марта 2027 года" in text for text in texts)


def test_a_draft_with_gaps_is_refused_with_all_of_them() -> None:
    gaps = replace(DRAFT, points=(Point("1", agreed={"kk": "x"}), Point("2")), prevailing="en")
    with pytest.raises(InputError) as caught:
        original(gaps, "USA")
    assert [p.code for p in caught.value.problems] == ["side-unknown", "language", "point-state", "text-missing"]
