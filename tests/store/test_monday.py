"""Monday in two secretariats: the whole council cycle on two installations, by the commands that they type.

Kazakhstan's installation is on SQLite; the Kyrgyz Republic's is on SQLite, then on PostgreSQL. They exchange files.
"""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import docx
import pytest
from openpyxl import load_workbook

from birge.plan import embedded, plan_hash
from birge.plan.table import import_table
from birge.store import OPERATOR, Registry
from birge.store.signing_in import resume, second_factor, sign_in
from tests import paper_text
from tests.store.test_store_docs import run

TODAY = date.today()
SESSION = TODAY + timedelta(days=40)
SECRET = ("hush: our fallback offer", "half a draft", "remark among colleagues", "12-3/456")
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


@dataclass
class Ministry:
    """One side's machine: a folder, a database, the login that works there."""

    folder: Path
    url: str
    who: str

    def __call__(self, line: str, code: int = 0, given: str = "", who: str = "") -> str:
        """Type a command as it stands in the guide."""
        user = "" if " user " in line or line.startswith(("registry init", "plan ")) else f" --user {who or self.who}"
        url = "" if line.startswith("plan ") else f" --url {self.url} --files {self.folder / 'files'}"
        return run(f"{line}{user}{url}", self.folder, code, given)


@pytest.fixture(params=["sqlite", "postgresql"])
def ministries(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Ministry, Ministry]:
    """Two empty machines."""
    for side in ("kaz", "kgz"):
        (tmp_path / side).mkdir()
    url = (
        f"sqlite:///{tmp_path}/kgz/birge.sqlite"
        if request.param == "sqlite"
        else request.getfixturevalue("postgresql")()
    )
    return (
        Ministry(tmp_path / "kaz", f"sqlite:///{tmp_path}/kaz/birge.sqlite", "aigul"),
        Ministry(tmp_path / "kgz", url, "nurlan"),
    )


def fill(path: Path, rows: dict[str, tuple[Any, Any, Any]]) -> None:
    """Fill in a workbook as an organisation does: state, day, text, by item."""
    book = load_workbook(path)
    sheet = book.worksheets[0]
    there = {sheet.cell(n, 1).value: n for n in range(5, sheet.max_row + 1)}
    for item, cells in rows.items():
        for column, value in enumerate(cells, start=5):
            sheet.cell(there[item], column).value = value
    book.save(path)


def first_items(path: Path) -> list[str]:
    """Return the ids of the items that a workbook asks about."""
    sheet = load_workbook(path).worksheets[0]
    return [str(sheet.cell(n, 1).value) for n in range(5, sheet.max_row + 1) if sheet.cell(n, 1).value]


def carry(sender: Ministry, receiver: Ministry, name: str) -> tuple[Path, str]:
    """Release a package, show it at the other side, then take it in; returns the file and what was shown."""
    path = sender.folder.parent / f"{name}.zip"
    sender(f"registry release {path}")
    shown = receiver(f"registry receive {path}")
    assert "nothing was changed" in shown
    assert "taken in" in receiver(f"registry receive {path} --apply")
    return path, shown


def words(path: Path) -> str:
    """Return the text of a Word document, tables and all."""
    document = docx.Document(str(path))
    return "\n".join(
        "".join(t.text or "" for t in p.iter() if t.tag.endswith("}t"))
        for p in document.element.body.iter()
        if p.tag.endswith("}p")
    )


def test_a_secretariat_starts_on_monday(ministries: tuple[Ministry, Ministry]) -> None:
    kaz, kgz = ministries
    packages: list[Path] = []

    # The plan comes in as our own Word table, in Russian; nothing of it is lost.
    kaz("plan export --lang ru --out table.docx")
    kaz("registry init --pair KAZ-KGZ --side KAZ")
    kgz("registry init --pair KAZ-KGZ --side KGZ")
    for ministry, people in ((kaz, ("aigul", "bolat", "dina")), (kgz, ("nurlan", "cholpon"))):
        for login, role in zip(people, ("secretariat", "approver", "reporter"), strict=False):
            ministry(f"registry user add {login} --name {login.title()} --role {role}")
    printed = kaz("registry user password aigul", given="a long enough password\n")
    _signs_in_with_a_printed_code(kaz, "aigul", "a long enough password", printed.strip().splitlines()[-1])
    agreed = plan_hash(embedded())
    assert agreed in kaz("registry import table.docx --effective 2025-08-22")

    # Both confirm, by file; who wrote it cannot.
    kaz("registry confirm plan", 4)
    kaz("registry confirm plan", who="bolat")
    packages.append(carry(kaz, kgz, "1-plan")[0])
    kgz("registry confirm plan", who="cholpon")
    packages.append(carry(kgz, kaz, "2-confirmed")[0])
    for ministry in (kaz, kgz):
        assert f"agreed plan since 2025-08-22: {agreed}" in ministry("registry status")

    # A run of the assessment is kept, and it stays inside; so do drafts and remarks.
    told = kaz("assess --draws 200")
    (citation,) = re.findall(r"Run ([0-9a-f-]{36}) is kept", told)
    milestones = [m.id for m in embedded().milestones() if not m.side]
    kaz(f'registry report {milestones[0]} --state "in progress" --text "{SECRET[1]}" --draft', who="dina")
    (kaz.folder / "remark.json").write_text(
        f'{{"id": "c-1", "on": "{milestones[0]}", "text": "{SECRET[2]}"}}', encoding="utf-8"
    )
    kaz("registry put comment remark.json")

    # The session is set, a round opens, three organisations are asked.
    line = f"council convene igc-99 --date {SESSION} --council igc --place Astana --languages kk,ky,ru --prevailing ru"
    titles = "--title 'Заседание совета' --lang ru --also kk='Кеңес отырысы' --also ky='Кеңештин жыйыны'"
    for ministry in (kaz, kgz):
        assert f"{SESSION - timedelta(days=30)}  request" in ministry(f"{line} {titles}")
    closes = TODAY + timedelta(days=10)
    opened = kaz(f"council open autumn --closes {closes} --meeting igc-99 --out workbooks --lang ru")
    books = {p: int(n) for p, n in re.findall(r"^(\S+\.xlsx): (\d+) items$", opened, re.MULTILINE)}
    three = sorted(books, key=lambda p: -books[p])[:3]
    assert len(three) == 3
    assert all(books[p] for p in three)
    asked = {p: first_items(kaz.folder / p) for p in three}

    # The first workbook has errors: they are named by sheet and cell, and nothing of it is entered.
    wrong = kaz.folder / three[0]
    fill(wrong, {asked[three[0]][0]: ("почти", "вчера", "x"), asked[three[0]][1]: ("выполняется", None, "идёт")})
    letter = f'--letter "{SECRET[3]}" --dated {TODAY}'
    refused = kaz(f"council enter {three[0]} {letter}", 2)
    assert "Birge!E5" in refused
    assert "Birge!F5" in refused
    assert "no answer" in kaz("registry list answer")
    fill(wrong, {asked[three[0]][0]: ("выполнено", TODAY, "Пункт открыт: әділ, өңір, ұзақ, іске")})
    for path in three[1:]:
        fill(kaz.folder / path, {asked[path][0]: ("выполняется", None, "Работа идёт")})
    entered = kaz(f"council enter {' '.join(three)} {letter}")
    assert entered.count("items answered") == 3
    silent = kaz("council silent autumn --remind")
    told = {line.partition("  ")[0]: line for line in silent.splitlines()}
    for n, p in zip((2, 1, 1), three, strict=True):
        line = told[Path(p).stem.removeprefix("autumn-")]
        assert f": {n} of {books[p]} answered, {books[p] - n} left" in line
    assert len(told) == len(books)
    assert "Работа идёт" in kaz("council consolidate autumn --lang ru")
    kaz("council close autumn")

    # The other side reports with evidence, and disputes what is said of the same milestone.
    done = asked[three[0]][0]
    kaz("registry share --kind progress", who="bolat")
    packages.append(carry(kaz, kgz, "3-progress")[0])
    assert done in kgz("registry list progress")
    (kgz.folder / "act.pdf").write_bytes(PDF)
    kgz(f'registry report {done} --state "in progress" --text "Акт кабыл алынган эмес" --lang ky --evidence act.pdf')
    kgz("registry share --kind progress")

    # Points: one agreed, one contested, one of one side only.
    first = "--lang ru --also kk='Пунктті ашу' --also ky='Пунктту ачуу'"
    owner = next(o.id for o in embedded().organisations if o.party == "KAZ")
    other = next(o.id for o in embedded().organisations if o.party == "KGZ")
    duty = f"--owner {owner} --owner {other} --due {SESSION + timedelta(days=90)}"
    for ministry in (kaz, kgz):
        ministry(f"council point igc-99 1 'Открыть пункт' {first} {duty}")
    spring = "--lang ru --also kk='Наурыз айының соңына дейін' --also ky='Март айынын аягына чейин'"
    summer = "--lang ru --also kk='Маусымның соңына дейін' --also ky='Июндун аягына чейин'"
    kaz(f"council point igc-99 2 'До конца марта' {spring} --owner {owner}")
    kgz(f"council point igc-99 2 'До конца июня' {summer} --owner {owner}")
    kaz("council statement igc-99 'Казахская сторона выполнила график' --also kk='Қазақ тарапы кестені орындады'")
    kgz("council statement igc-99 'Кыргыз тарап графикти аткарды' --lang ky")
    kaz(f"council statement {TODAY} '{SECRET[0]}' --keep")
    packages.append(carry(kaz, kgz, "4-points")[0])
    package, shown = carry(kgz, kaz, "5-points-back")
    packages.append(package)
    assert "contested: 2" in shown
    assert "point igc-99:2 (our statement is another)" in shown
    assert "(our last report says done)" in shown
    assert "ours:" in shown
    assert "theirs:" in shown
    for ministry in (kaz, kgz):
        stands = ministry("council points igc-99 --lang ru")
        assert "1  agreed" in stands
        assert "2  contested" in stands
        assert {"До конца марта", "До конца июня"} <= {x.split(": ")[-1] for x in stands.splitlines()}
        both = ministry("registry list progress")
        assert {"KAZ", "KGZ"} <= {row.split()[0] for row in both.splitlines() if f" {done}@" in row}

    # The draft protocol: two originals, each names its own side first, in three authentic languages.
    assert "not agreed: 2" in kaz("council protocol igc-99 --out draft")
    ours, theirs = (words(kaz.folder / "draft" / f"protocol-{code}.docx") for code in ("KAZ", "KGZ"))
    assert "[Республика Казахстан: До конца марта | Кыргызская Республика: До конца июня]" in ours
    assert "[Кыргызская Республика: До конца июня | Республика Казахстан: До конца марта]" in theirs
    for text in ("Кеңес отырысы", "Пунктті ашу", "Пунктту ачуу", "Открыть пункт", "Astana"):
        assert text in ours
        assert text in theirs
    assert next(o.name.ru for o in embedded().organisations if o.id == owner) in ours
    refused = kaz("council sign igc-99 --date 2026-11-20 --place Astana --by KAZ=A --by KGZ=B", 2)
    assert "igc-99:2" in refused

    # They agree, hold the session, sign on paper; points become decisions with an extract for each organisation.
    kaz(f"council point igc-99 2 'До конца июня' {summer} --owner {owner}")
    packages.append(carry(kaz, kgz, "6-agreed")[0])
    (kaz.folder / "scan.pdf").write_bytes(PDF)
    kaz(f"council convene igc-99 --date {TODAY}")
    signed = f"council sign igc-99 --date {TODAY} --place Astana --by KAZ='А. Үміт' --by KGZ='Б. Өмүр' --prevailing ru"
    assert "2 decisions" in kaz(f"{signed} --scan scan.pdf")
    kaz("council extracts igc-99 --out extracts")
    extract = words(kaz.folder / "extracts" / f"extract-{owner}.docx")
    assert all(text in extract for text in ("Открыть пункт", "До конца июня", "А. Үміт", "Б. Өмүр", "русский"))
    assert not (kaz.folder / "extracts" / f"extract-{other}.docx").exists()
    sheets = load_workbook(kaz.folder / "extracts" / f"extract-{owner}.xlsx").worksheets
    assert any("Открыть пункт" in str(c.value) for s in sheets for row in s.iter_rows() for c in row)
    package, _ = carry(kaz, kgz, "7-signed")
    packages.append(package)
    kgz(f"council convene igc-99 --date {TODAY}")
    kgz(signed)
    kgz("council extracts igc-99 --out extracts --lang ky")
    extract = words(kgz.folder / "extracts" / f"extract-{other}.docx")
    assert "Пунктту ачуу" in extract
    assert "Июндун" not in extract

    # A reviewed translation stands in every paper from now on.
    kaz(f"registry translate {done} 'Тексерілген атау: әғқңөұүі' --lang kk --reviewed-by 'A. Reader'")
    kaz("registry share --kind text", who="bolat")

    # The paper in Kazakh, Kyrgyz and Russian, with both sides' statements; no draft of the other side, no odds.
    for lang, letters, said in (
        ("kk", "әғқңөұүі", "Қазақ тарапы кестені орындады"),
        ("ky", "ңөү", "Кыргыз тарап графикти аткарды"),
        ("ru", "ыэюя", "Казахская сторона выполнила график"),
    ):
        for ministry in (kaz, kgz):
            ministry(f"report --lang {lang} --council igc-99 --without-odds --out paper-{lang}.pdf")
            text = _printed(ministry.folder / f"paper-{lang}.pdf")
            assert said in text
            assert all(letter in text for letter in letters)
            assert "эмес (en)" not in text  # a text is never said to be English where it is not
            assert citation not in text
            assert SECRET[1] not in text
    assert "Тексерілген атау: әғқңөұүі" in _printed(kaz.folder / "paper-kk.pdf")
    for ministry in (kaz, kgz):  # the paper for both holds nothing that a side has not released
        assert SECRET[0] not in _printed(ministry.folder / "paper-ru.pdf")

    # With odds the paper cites the kept run, which the other side does not have.
    kaz("report --lang ru --council igc-99 --since 2026-11-24 --out odds.docx")
    own = words(kaz.folder / "odds.docx")
    assert citation in own
    assert SECRET[0] in own

    # The same table comes back, filled in: the same rows in the same order; the agreed text keeps its hash.
    kaz("registry plan --out back.docx --lang ru")
    back, _ = import_table(kaz.folder / "back.docx")
    before = import_table(kaz.folder / "table.docx")[0]
    assert [m.id for m in back.measures] == [m.id for m in before.measures]
    assert plan_hash(before) == agreed
    status = next(m for m in back.milestones() if m.id == done).status
    assert {s.source.title for s in status if s.source} >= {"report of KAZ", "report of KGZ"}
    assert "выполнено, сообщено" in words(kaz.folder / "table.docx")
    assert f"выполнено, сообщено {TODAY:%d.%m.%Y}: Пункт открыт" in words(kaz.folder / "back.docx")
    for ministry in (kaz, kgz):
        assert f"agreed plan since 2025-08-22: {agreed}" in ministry("registry status")
        kept = f"--url {ministry.url} --files {ministry.folder / 'files'}"
        assert "all as written" in run(f"registry verify {kept}", ministry.folder)

    # In no package that left: a draft, a remark, a letter, a run.
    for package in packages:
        with zipfile.ZipFile(package) as held:
            content = b"\n".join(held.read(name) for name in held.namelist())
        assert len(content) > 1000
        for secret in (*SECRET, citation):
            assert secret.encode() not in content, (package.name, secret)
            assert secret.encode("unicode_escape") not in content, (package.name, secret)


def _printed(path: Path) -> str:
    return paper_text.words(path.read_bytes())


def _signs_in_with_a_printed_code(ministry: Ministry, login: str, password: str, code: str) -> None:
    """What a command has printed lets a person in."""
    registry = Registry.open(ministry.url, ministry.folder / "files")
    try:
        session = sign_in(registry, login, password)
        assert session is not None
        with registry.desk(OPERATOR) as desk:
            stepped = second_factor(desk, session, code)
            assert stepped is not None
            assert resume(desk, stepped) == login
    finally:
        registry.close()
