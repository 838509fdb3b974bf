"""The secretariat's desks: rounds, councils, exchange, records; each form by role, errors with what was typed kept."""

from __future__ import annotations

import html
import io
import re
import zipfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from docx import Document
from fastapi.testclient import TestClient
from httpx2 import Response
from openpyxl import load_workbook

from birge.plan import load
from birge.plan.schema import Barrier, Organisation, Plan
from birge.store import accounts, plans, records, rounds
from birge.store.desk import Desk
from birge.store.kinds import Comment
from birge.store.records import create, listing, share, submit
from birge.store.registry import OPERATOR, Registry
from birge.web import Settings, application
from tests.web.conftest import HOST, NOW, SMALL, Enter, post, sign_in, token

OWN = {"origin": HOST, "sec-fetch-site": "same-origin"}
ROLES = ["", "secretariat", "approver", "reporter", "viewer", "statistics", "admin"]


def upload(
    client: TestClient, path: str, page: str, field: str, files: list[tuple[str, bytes]], **data: str
) -> Response:
    """Send a form with files as a browser does."""
    sent = {"token": token(client.get(page).text), **data}
    return client.post(path, data=sent, files=[(field, f) for f in files], headers=OWN)


def filled(content: bytes, state: str = "in progress", finished: str = "", text: str = "Draft sent out") -> bytes:
    """Return a workbook with its first row filled in."""
    book = load_workbook(io.BytesIO(content))
    sheet = book.worksheets[0]
    sheet["E5"], sheet["G5"] = state, text
    if finished:
        sheet["F5"] = finished
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_round_goes_from_request_to_consolidation_in_the_browser(enter: Enter, registry: Registry) -> None:
    client = enter("secretariat-geo")
    opened = post(client, "/en/rounds", "/en/rounds", id="autumn", closes="2026-10-01")
    assert (opened.status_code, opened.headers["location"]) == (303, "/en/rounds/autumn")
    page = client.get("/en/rounds/autumn").text
    assert "Trade desk" in page
    assert "1 organisation is silent." in page
    book = client.get("/en/rounds/autumn/workbook-desk.xlsx").content
    with zipfile.ZipFile(io.BytesIO(client.get("/en/rounds/autumn/workbooks.zip").content)) as archive:
        assert archive.namelist() == ["autumn-desk.xlsx"]
    letter = {"number": "12-34/<b>", "date": "2026-09-01"}
    path, shown = "/en/rounds/autumn/workbooks", "/en/rounds/autumn"
    wrong = upload(client, path, shown, "files", [("a.xlsx", filled(book, "ready"))], **letter)
    assert wrong.status_code == 422
    assert "a.xlsx: Birge!E5" in wrong.text
    assert 'value="12-34/&lt;b&gt;"' in wrong.text
    half = upload(client, path, shown, "files", [("a.xlsx", filled(book)), ("b.xlsx", filled(book, "=1+1"))], **letter)
    assert half.status_code == 422
    with registry.view("secretariat-geo") as desk:
        assert listing(desk, "progress") == []
    assert post(client, "/en/rounds/autumn/remind", shown).status_code == 303
    assert "Reminded on 2026-09-01." in client.get(shown).text
    assert upload(client, path, shown, "files", [("a.xlsx", filled(book))], **letter).status_code == 303
    page = client.get(shown).text
    assert "letter 12-34/&lt;b&gt; of 2026-09-01" in page
    assert "0 organisations are silent." in page
    assert "Trade desk: 1 of 2 answered, 1 left." in page
    assert "Trade desk (1 of 2)" in client.get("/en/tasks").text
    assert "Draft sent out" in page
    table = load_workbook(io.BytesIO(client.get("/en/rounds/autumn/answers.xlsx").content)).worksheets[0]
    assert "Draft sent out" in [c.value for row in table.rows for c in row]
    assert post(client, "/en/rounds/autumn/close", shown).status_code == 303
    late = upload(client, path, "/en/tasks", "files", [("a.xlsx", filled(book))], **letter)
    assert late.status_code == 403
    with registry.view("secretariat-geo") as desk:
        assert rounds.round_of(desk, "autumn").payload.closed is not None
    assert enter("secretariat-arm").get(shown).status_code == 404


@pytest.mark.parametrize("role", ROLES)
def test_only_a_secretariat_keeps_rounds(enter: Enter, registry: Registry, role: str) -> None:
    with registry.desk("secretariat-geo") as desk:
        rounds.open_round(desk, "one", desk.now.date())
    client = enter(f"{role}-geo" if role else "")
    page = "/en/tasks" if role else "/en/sign-in"
    codes = [
        post(client, "/en/rounds", page, id="two", closes="2026-10-01").status_code,
        post(client, "/en/rounds/one/remind", page).status_code,
        upload(
            client, "/en/rounds/one/workbooks", page, "files", [("a.xlsx", b"x")], number="1", date="2026-08-30"
        ).status_code,
        post(client, "/en/rounds/one/close", page).status_code,
    ]
    if role == "secretariat":
        assert codes == [303, 303, 422, 303]
    else:
        assert set(codes) <= {403, 404}, codes
        with registry.view("secretariat-geo") as desk:
            assert [r.key for r in listing(desk, "round")] == ["one"]
            assert listing(desk, "round")[0].payload.closed is None


def test_a_session_goes_from_its_dates_to_decisions_in_the_browser(enter: Enter, registry: Registry) -> None:
    geo, arm = enter("secretariat-geo"), enter("secretariat-arm")
    igc = {"id": "igc", "title.en": "Council", "body": "intergovernmental council", "languages": "en"}
    session = {"id": "igc-1", "council": "igc", "title.en": "First session", "date": "2026-12-01", "place": "Tbilisi"}
    assert post(geo, "/en/councils", "/en/councils", **igc).status_code == 303
    wrong = post(geo, "/en/sessions", "/en/councils", **{**session, "id": "Not an id", "title.en": "Kept <b>"})
    assert wrong.status_code == 422
    assert 'value="Kept &lt;b&gt;"' in wrong.text
    assert post(geo, "/en/sessions", "/en/councils", **session).status_code == 303
    page = "/en/sessions/igc-1"
    assert "Request to the owners: 2026-11-01" in geo.get(page).text
    steps = {"step.closed": "2026-11-27", "step.request": "2026-11-01", "date": "2026-12-08"}
    assert post(geo, f"{page}/dates", page, **steps).status_code == 303
    told = geo.get(page).text
    assert "Text closed: 2026-11-27" in told
    assert "Request to the owners: 2026-11-08" in told

    with registry.desk("secretariat-geo") as desk:
        meeting = listing(desk, "meeting", key="igc-1")[0]
        share(desk, meeting.id, meeting.newest)
    with registry.desk("secretariat-arm") as desk:
        mill = create(desk, "organisation", Organisation(id="mill", name={"en": "Mill"}, party="ARM"))  # type: ignore[arg-type]
        share(desk, submit(desk, mill.id, 1).id, 1)
    point = {"number": "1", "seen": "0", "text.en": "Open the window", "owners": ["desk", "mill"], "due": "2027-03-01"}
    assert post(geo, f"{page}/points", page, verdict="release", **point).status_code == 303
    other = {**point, "text.en": "Open the window soon"}
    assert post(arm, f"{page}/points", page, verdict="release", **other).status_code == 303
    assert "contested: English" in geo.get(page).text
    assert "Open the window soon" in geo.get(page).text
    for number, verdict in (("2", "keep"), ("3", "release")):
        more = {**point, "number": number, "text.en": f"Secret {number}"}
        assert post(geo, f"{page}/points", page, verdict=verdict, **more).status_code == 303
    assert "kept on our side" in geo.get(page).text
    paper = Document(io.BytesIO(arm.get(f"{page}/draft-GEO.docx").content))
    assert "Secret 3" in (text := "".join(p.text for p in paper.paragraphs))
    assert "Secret 2" not in text
    assert geo.get(f"{page}/draft-XXX.docx").status_code == 404
    assert "Take back point 3" in geo.get(f"{page}?number=3").text
    assert post(arm, f"{page}/points/back", page, number="3", seen="1").status_code == 404
    assert post(geo, f"{page}/points/back", page, number="3", seen="1").status_code == 303
    assert "Secret 3" not in arm.get(page).text
    signing = {"date": "2026-09-01", "place": "Tbilisi", "by.GEO": "A. One", "by.ARM": "B. Two"}
    early = post(geo, f"{page}/signing", page, **signing)
    assert early.status_code == 422
    assert "is contested" in early.text
    stale = post(arm, f"{page}/points", page, verdict="release", **{**point, "text.en": "Typed over an old version"})
    assert stale.status_code == 422
    assert "our side has a wording of point 1 already" in stale.text
    assert "Somebody else" not in stale.text
    assert "Typed over an old version" in stale.text
    assert "Open the window soon" in stale.text
    assert 'name="seen" value="1"' in stale.text
    assert post(arm, f"{page}/points", page, verdict="release", **{**point, "seen": "1"}).status_code == 303
    assert "agreed" in geo.get(page).text
    assert post(geo, f"{page}/dates", page, date="2026-09-01").status_code == 303
    scan = upload(geo, f"{page}/signing", page, "scan", [("scan.pdf", b"%PDF-1.7 signed")], **signing)
    assert scan.status_code == 303, scan.text
    told = geo.get(page).text
    assert "Signed on 2026-09-01 in Tbilisi: Georgia: A. One; Armenia: B. Two." in told
    assert geo.get(f"{page}/scan").content == b"%PDF-1.7 signed"
    sheet = load_workbook(io.BytesIO(geo.get(f"{page}/extract-desk.xlsx").content)).worksheets[0]
    assert sheet["B2"].value == "Open the window"
    assert geo.get("/en/report/igc-1-1").status_code == 200
    told = arm.get(page).text
    assert f'action="{page}/points"' not in told
    assert "Points become decisions" not in told
    assert arm.get(f"{page}/extract-mill.xlsx").status_code == 200
    assert arm.get(f"{page}/extract-desk.xlsx").status_code == 404
    assert geo.get(f"{page}/draft-GEO.docx").status_code == 404
    closed = post(arm, f"{page}/points", "/en/councils", verdict="release", **{**point, "seen": "2"})
    assert closed.status_code == 403
    again = {**signing, "place": "Batumi"}
    assert post(geo, f"{page}/signing", page, **again).status_code == 422
    assert post(geo, f"{page}/signing", page, **again, correction="wrong town").status_code == 303
    told = arm.get(page).text
    assert "Signed on 2026-09-01 in Batumi" in told
    assert "The entry was corrected: wrong town" in told
    assert arm.get(f"{page}/scan").content == b"%PDF-1.7 signed"
    assert geo.get(f"{page}/extract-nobody.xlsx").status_code == 404
    assert "signing/back" not in told, "the entry is the other side's"
    seen = re.search(r'signing/back".*?name="seen" value="(\d+)"', geo.get(page).text, re.S)[1]  # type: ignore[index]
    assert post(geo, f"{page}/signing/back", page, seen=seen).status_code == 422
    assert post(geo, f"{page}/signing/back", page, seen=seen, withdrawn="never signed").status_code == 303
    assert "The entry of the signing was withdrawn: never signed" in arm.get(page).text
    assert geo.get(f"{page}/extract-desk.xlsx").status_code == 404


@pytest.mark.parametrize("role", ROLES)
def test_only_a_secretariat_writes_for_the_council(enter: Enter, registry: Registry, role: str) -> None:
    client = enter(f"{role}-geo" if role else "")
    page = "/en/tasks" if role else "/en/sign-in"
    words = {"id": "igc", "title.en": "Council", "body": "other"}
    codes = [
        post(client, "/en/councils", page, **words).status_code,
        post(client, "/en/sessions", page, id="s", council="igc", date="2026-12-01", **{"title.en": "S"}).status_code,
        post(client, "/en/sessions/s/dates", page, date="2026-12-02").status_code,
        post(client, "/en/sessions/s/points", page, number="1", **{"text.en": "One"}).status_code,
        post(client, "/en/sessions/s/signing", page, date="2026-09-01", place="X").status_code,
    ]
    if role == "secretariat":
        assert codes == [303, 303, 303, 303, 422]
    else:
        assert set(codes) <= {403, 404}, codes
    with registry.view("secretariat-geo") as desk:
        assert len(listing(desk, "point")) == (role == "secretariat")


@pytest.fixture
def two_sides(tmp_path: Path) -> Iterator[tuple[TestClient, TestClient, Registry, Registry]]:
    """Return a secretariat of each side at its own installation, the plan being known to the first only."""
    opened: list[tuple[TestClient, Registry]] = []
    for side in ("GEO", "ARM"):
        made = Registry.create(f"sqlite:///{tmp_path}/{side}.sqlite", ("GEO", "ARM"), side, clock=lambda: NOW)
        with made.desk(OPERATOR) as desk:
            for role in ("secretariat", "approver"):
                accounts.add_user(desk, f"{role}-{side.lower()}", role, side)
                accounts.grant(desk, f"{role}-{side.lower()}", role)
        app = application(made, Settings(behind_proxy=True, names=("plan.example",), draws=0))
        client = TestClient(app, base_url=HOST, raise_server_exceptions=False, follow_redirects=False)
        sign_in(client, made, f"secretariat-{side.lower()}")
        opened.append((client, made))
    with opened[0][1].desk("secretariat-geo") as desk:
        plans.propose(desk, load(SMALL)[0], NOW.date())
    yield opened[0][0], opened[1][0], opened[0][1], opened[1][1]
    for client, made in opened:
        client.close()
        made.close()


def barrier(title: str) -> Barrier:
    """Return a barrier with a title."""
    return Barrier.model_validate({"id": "scales", "title": {"en": title}, "source": {"title": "letter"}})


def test_a_package_goes_from_one_installation_to_the_other_in_the_browser(
    two_sides: tuple[TestClient, TestClient, Registry, Registry],
) -> None:
    geo, arm, ours, theirs = two_sides
    with ours.desk("secretariat-geo") as desk:
        made = records.create(desk, "barrier", barrier("Scales are closed"))
        hidden = records.create(desk, "comment", Comment(id="c", on=made.id, text="between us"))
        records.submit(desk, hidden.id, 1)
        assert "Scales are closed" not in geo.get("/en/exchange").text
        records.submit(desk, made.id, 1)
    page = geo.get("/en/exchange").text
    assert f'value="{made.id} 1"' in page
    assert post(geo, "/en/exchange/share", "/en/exchange").status_code == 422
    refused = post(geo, "/en/exchange/share", "/en/exchange", records=f"{hidden.id} 1")
    assert refused.status_code == 403
    assert post(geo, "/en/exchange/share", "/en/exchange", records=f"{made.id} 1").status_code == 303
    out = post(geo, "/en/exchange/release", "/en/exchange").headers["location"]
    shown = geo.get(out).text
    content = geo.get(f"{out}/package.zip").content
    stated = re.search(r"SHA-256\): ([0-9a-f]{64})", shown)
    assert stated
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert not any(b"between us" in archive.read(n) for n in archive.namelist())
    broken = upload(arm, "/en/exchange/packages", "/en/exchange", "package", [("p.zip", content[:-300])])
    assert broken.status_code == 422
    assert "/tmp/" not in broken.text
    assert upload(geo, "/en/exchange/packages", "/en/exchange", "package", [("p.zip", content)]).status_code == 422
    came = upload(arm, "/en/exchange/packages", "/en/exchange", "package", [("p.zip", content)])
    assert came.status_code == 303, came.text
    look = came.headers["location"]
    told = arm.get(look).text
    assert stated[1] in told
    assert "new: 2; updated: 0; contested: 0; refused: 0" in told
    assert "Scales are closed" in told
    with theirs.view("secretariat-arm") as desk:
        assert listing(desk, "barrier") == []
    assert post(arm, look, look).status_code == 303
    with theirs.view("secretariat-arm") as desk:
        assert [r.payload.title.en for r in listing(desk, "barrier")] == ["Scales are closed"]
    assert "equal: 2" in arm.get(look).text
    assert arm.get(out).status_code == 404
    approver = TestClient(arm.app, base_url=HOST, raise_server_exceptions=False, follow_redirects=False)
    sign_in(approver, theirs, "approver-arm")
    assert approver.get("/en/exchange").status_code == 200


@pytest.mark.parametrize("role", ROLES)
def test_only_who_may_release_and_publish_does(enter: Enter, registry: Registry, role: str) -> None:
    with registry.desk("secretariat-geo") as desk:
        one = records.submit(desk, records.create(desk, "barrier", barrier("Closed")).id, 1)
    client = enter(f"{role}-geo" if role else "")
    page = "/en/tasks" if role else "/en/sign-in"
    chosen = f"{one.id} 1"
    codes = {
        "share": post(client, "/en/exchange/share", page, records=chosen).status_code,
        "publish": post(client, "/en/exchange/publish", page, records=chosen).status_code,
        "release": post(client, "/en/exchange/release", page).status_code,
        "packages": upload(client, "/en/exchange/packages", page, "package", [("p.zip", b"x")]).status_code,
        "apply": post(client, f"/en/exchange/in/{'0' * 64}", page).status_code,
    }
    may = {"secretariat": {"share": 303, "release": 303, "packages": 422}}
    may["approver"] = may["secretariat"] | {"publish": 303}
    for what, code in codes.items():
        assert code == may.get(role, {}).get(what, code if code in (403, 404) else 403), (role, what, code)
    with registry.view("secretariat-geo") as desk:
        held = records.read(desk, one.id)
    assert (held.shared, held.published) == ((role in may) * 1, (role == "approver") * 1)


FORMS = {
    "barrier": {"id": "scales", "title.en": "Scales <b>", "source.title": "letter 7", "answers": "desk"},
    "event": {
        "event.id": "days",
        "event.title.en": "Days of culture",
        "event.kind": "culture",
        "event.year": "2026",
        "event.attendance": "1 200",
        "event.source.title": "programme",
        "organisers": "desk",
        "follow_up.0.text.ru": "Снова через год",
        "follow_up.0.owner": "desk",
    },
    "initiative": {"id": "water", "title.en": "Water", "forum": "UN", "supported": "yes", "source.title": "letter"},
    "instrument": {
        "id": "road",
        "title.en": "Road agreement",
        "kind": "agreement",
        "signed": "2026-05-01",
        "ratified.GEO": "2026-06-01",
        "source.title": "gazette",
        "source.url": "https://example.org/1",
    },
    "organisation": {"id": "bank", "name.en": "Bank", "party": "GEO", "level": "agency"},
    "region-pair": {"id": "two", "title.en": "Two towns", "regions.GEO": "Telavi", "regions.ARM": "Ijevan"},
    "decision": {"id": "d-1", "meeting": "igc-1", "title.en": "Open", "owners": "desk", "due": "2027-01-01"},
}
FIGURE = {
    "flow": "GEO-ARM",
    "year": "2026",
    "months.0": "1",
    "months.1": "6",
    "reporter": "GEO",
    "value": "123,5",
    "unit": "mn USD",
    "published": "2026-08-01",
    "vintage": "preliminary",
    "valuation": "f.o.b.",
    "source": "statistics office",
}


@pytest.mark.parametrize("kind", sorted(FORMS))
def test_a_record_of_each_kind_is_kept_by_one_form(enter: Enter, registry: Registry, kind: str) -> None:
    client = enter("secretariat-geo")
    page = f"/kk/records/{kind}"
    missing = {k: v for k, v in FORMS[kind].items() if not k.endswith("id")}
    wrong = post(client, page, page, **missing)
    assert wrong.status_code == 422
    typed = next(v for k, v in missing.items() if k.endswith(("title.en", "name.en")))
    assert typed.replace("<b>", "&lt;b&gt;") in wrong.text
    made = post(client, page, page, verdict="submit", **FORMS[kind])
    assert made.status_code == 303, made.text
    with registry.view("secretariat-geo") as desk:
        held = listing(desk, kind)[0]
    assert held.submitted == 1
    shown = client.get(made.headers["location"])
    assert shown.status_code == 200
    assert "<b>" not in re.sub(r"secretariat <b>", "", shown.text)
    # the form as it is shown, sent again, changes nothing but the version
    sent = fields(shown.text, f"{made.headers['location']}/edit")
    again = client.post(f"{made.headers['location']}/edit", data={**sent, "verdict": "draft"}, headers=OWN)
    assert again.status_code == 303, again.text
    with registry.view("secretariat-geo") as desk:
        now = listing(desk, kind)[0]
    assert (now.version, now.submitted, now.payload) == (2, 1, held.payload)


def fields(text: str, action: str) -> dict[str, object]:
    """Return the fields of the form with an action as a browser would send them."""
    form = text.split(f'action="{action}"', 1)[1].split("</form>", 1)[0]
    found: dict[str, object] = {}
    for tag in re.findall(r"<input [^>]*>", form):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        kind = re.search(r'type="([^"]*)"', tag)
        assert name
        if kind and kind[1] == "checkbox":
            if " checked" in tag and value:
                found.setdefault(name[1], []).append(value[1])  # type: ignore[attr-defined]
        else:
            found[name[1]] = html.unescape(value[1]) if value else ""
    for name, text_ in re.findall(r'<textarea name="([^"]*)"[^>]*>([^<]*)</textarea>', form):
        found[name] = html.unescape(text_)
    for name, options in re.findall(r'<select name="([^"]*)">(.*?)</select>', form, re.S):
        chosen = re.search(r'value="([^"]*)" selected', options) or re.search(r'value="([^"]*)"', options)
        found[name] = chosen[1] if chosen else ""
    return found


def test_a_statistics_desk_enters_its_own_figures_only(enter: Enter, registry: Registry) -> None:
    client = enter("statistics-geo")
    page = "/en/records/observation"
    assert post(client, page, page, **FIGURE).status_code == 303
    assert post(client, page, page, **{**FIGURE, "published": "2026-08-02", "reporter": "ARM"}).status_code == 403
    wrong = post(client, page, page, **{**FIGURE, "value": "many"})
    assert wrong.status_code == 422
    assert 'value="many"' in wrong.text
    with registry.view("statistics-geo") as desk:
        assert [r.payload.value for r in listing(desk, "observation")] == [123.5]


def test_two_people_editing_lose_nothing(enter: Enter, registry: Registry) -> None:
    with registry.desk("secretariat-geo") as desk:
        made = records.create(desk, "barrier", barrier("First"))
        records.edit(desk, made.id, 1, barrier("Second, by a colleague"))
    client, page = enter("secretariat-geo"), f"/en/record/{made.id}"
    mine = {"seen": "1", "id": "scales", "title.en": "Third, mine", "source.title": "letter"}
    late = post(client, f"{page}/edit", page, **mine)
    assert late.status_code == 409
    assert "Third, mine" in late.text
    assert "Second, by a colleague" in late.text
    alert = html.unescape(late.text.split('role="alert">')[1].split("</div>")[0])
    assert ": Second, by a colleague</p>" in alert
    assert not re.search(r'[{}]|"\w+":|[0-9a-f]{40}', alert), alert
    sent = fields(late.text, f"{page}/edit")
    assert (sent["title.en"], sent["seen"]) == ("Third, mine", "2")
    assert client.post(f"{page}/edit", data=sent, headers=OWN).status_code == 303
    with registry.view("secretariat-geo") as desk:
        assert [v.payload.title.en for v in records.versions(desk, made.id)] == [
            "First",
            "Second, by a colleague",
            "Third, mine",
        ]


def test_a_shared_record_is_confirmed_or_sent_back_and_remarks_stay(enter: Enter, registry: Registry) -> None:
    with registry.desk("secretariat-geo") as desk:
        made = records.submit(desk, records.create(desk, "barrier", barrier("Closed")).id, 1)
        records.share(desk, made.id, 1)
    page = f"/en/record/{made.id}"
    geo, arm = enter("secretariat-geo"), enter("approver-arm")
    assert post(geo, f"{page}/comments", page, text="Only for us").status_code == 303
    assert "Only for us" in geo.get(page).text
    assert "Only for us" not in arm.get(page).text
    assert post(geo, f"{page}/confirm", page, verdict="confirmed", hash=made.hash).status_code == 403
    assert post(arm, f"{page}/confirm", page, verdict="confirmed", hash="0" * 64).status_code == 422
    back = {"verdict": "sent back", "hash": made.hash, "note": "The place is wrong"}
    assert post(arm, f"{page}/confirm", page, **back).status_code == 303
    assert "The place is wrong" in geo.get(page).text
    assert post(arm, f"{page}/mark", page, verdict="retire", seen="1").status_code == 403
    assert post(geo, f"{page}/mark", page, verdict="retire", seen="1").status_code == 303
    assert "This was taken back." in geo.get(page).text


@pytest.mark.parametrize("role", ROLES)
def test_each_role_keeps_its_own_kinds_of_records(enter: Enter, registry: Registry, role: str) -> None:
    with registry.desk("secretariat-geo") as desk:
        one = records.submit(desk, records.create(desk, "barrier", barrier("Closed")).id, 1)
    client = enter(f"{role}-geo" if role else "")
    page, base = "/en/tasks" if role else "/en/sign-in", f"/en/record/{one.id}"
    figure = post(client, "/en/records/observation", page, **FIGURE).status_code
    kept = post(client, "/en/records/initiative", page, **FORMS["initiative"]).status_code
    edited = post(client, f"{base}/edit", page, seen="1", **{**FORMS["barrier"], "title.en": "Mine"}).status_code
    marked = post(client, f"{base}/mark", page, seen=str(2 if edited == 303 else 1), verdict="share").status_code
    said = post(client, f"{base}/comments", page, text="A word").status_code
    judged = post(client, f"{base}/confirm", page, verdict="confirmed", hash=one.hash).status_code
    got = {"figure": figure, "kept": kept, "edited": edited, "marked": marked, "said": said, "judged": judged}
    may = {
        "secretariat": {"kept", "edited", "marked", "said"},
        "approver": {"marked", "said", "judged"},
        "reporter": {"said"},
        "statistics": {"figure", "said"},
    }.get(role, set())
    for what, code in got.items():
        assert (code == 303) == (what in may), (role, what, code)
        assert code in (303, 403, 404), (role, what, code)


@pytest.mark.parametrize("lang", ["en", "ru", "kk", "ky"])
@pytest.mark.parametrize("desk", ["tasks", "rounds", "councils", "exchange", "records", "records/event"])
def test_every_desk_opens_in_every_language(enter: Enter, lang: str, desk: str) -> None:
    assert enter("secretariat-geo").get(f"/{lang}/{desk}").status_code == 200


def test_a_round_works_the_plan_out_once_for_all_organisations(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    worked = []

    def counted(desk: Desk, on: date) -> Plan:
        worked.append(on)
        return plans.effective(desk, on)

    monkeypatch.setattr(rounds, "effective", counted)
    with registry.desk("secretariat-geo") as desk:
        rounds.open_round(desk, "all", desk.now.date())
        assert len(worked) == 1
        quiet = rounds.silent(desk, "all")
        assert len(worked) == 2
        rows = rounds.consolidate(desk, "all")
        assert len(worked) == 3
        each = {s.organisation: rounds.items_of(desk, s.organisation, desk.now.date()) for s in quiet}
        assert each == {o: found for o, found in rounds.asked(desk, desk.now.date()).items() if o in each}
        assert sum(s.items for s in quiet) == len(rows) == sum(map(len, each.values())) > 0


def test_a_form_folds_the_other_languages_and_tells_errors_beside_the_field(enter: Enter) -> None:
    client = enter("secretariat-geo")
    page = client.get("/ru/records/event").text
    part = page[page.index("<legend>Событие</legend>") : page.index("<legend>Источник</legend>")]
    own, folded = part.index('name="event.title.ru"'), part.index("<details")
    # a plan's text needs English; Kazakh and Kyrgyz are folded away
    assert own < part.index('name="event.title.en"') < folded < part.index('name="event.title.kk"')
    assert 'name="event.kind"' in part
    wrong = post(client, "/ru/records/event", "/ru/records/event", **{"event.id": "Not an id", "event.title.ru": "Имя"})
    assert wrong.status_code == 422
    assert '<details class="form">' not in wrong.text
    for name in ("event.id", "event.title.en", "event.year"):
        assert f'aria-describedby="wrong-{name}"' in wrong.text, name
        assert f'id="wrong-{name}"' in wrong.text, name
    assert 'name="event.title.ru" type="text" value="Имя"' in wrong.text
    assert "wrong-event.place" not in wrong.text


def barred(registry: Registry, side: str, ident: str, shared: bool) -> str:
    """Write a barrier of a side: a draft, or submitted and released."""
    text = {"en": f"Barrier {ident} <xmp>"}
    with registry.desk(f"secretariat-{side}") as desk:
        made = records.create(
            desk, "barrier", Barrier.model_validate({"id": ident, "title": text, "source": {"title": "s"}})
        )
        if shared:
            records.share(desk, records.submit(desk, made.id, made.version).id, made.version)
    return made.id


@pytest.mark.parametrize("role", ROLES[1:])
def test_tasks_show_what_waits_by_role(enter: Enter, registry: Registry, role: str) -> None:
    with registry.desk("secretariat-geo") as desk:
        rounds.open_round(desk, "autumn", desk.now.date())
    draft, back = barred(registry, "geo", "a-draft", False), barred(registry, "geo", "sent-back", True)
    theirs = barred(registry, "arm", "theirs", True)
    with registry.desk("approver-arm") as desk:
        plans.confirm(desk, back, True, {"en": "Not <i>our</i> figure"})
    page = enter(f"{role}-geo").get("/en/tasks").text
    links = set(re.findall(r'href="(/en/(?:record|rounds)/[^"]+)"', page))
    writes = {f"/en/record/{back}", "/en/rounds/autumn", f"/en/record/{draft}"}
    wanted = {"secretariat": writes, "approver": {f"/en/record/{theirs}"}}.get(role, set())
    assert links == wanted
    assert ("Not &lt;i&gt;our&lt;/i&gt; figure" in page) is (role == "secretariat")
    assert "<xmp>" not in page
    with registry.desk("approver-geo") as desk:
        plans.confirm(desk, theirs)
    assert theirs not in enter(f"{role}-geo").get("/en/tasks").text


def test_a_side_without_a_plan_is_told_how_to_come_by_one(tmp_path: Path) -> None:
    made = Registry.create(f"sqlite:///{tmp_path}/arm.sqlite", ("GEO", "ARM"), side="ARM", files=tmp_path / "files")
    with made.desk(OPERATOR) as desk:
        accounts.add_user(desk, "nare", "Nare", "ARM")
        accounts.grant(desk, "nare", "secretariat")
    app = application(made, Settings(behind_proxy=True, names=("plan.example",), draws=0))
    with TestClient(app, base_url=HOST, follow_redirects=False) as client:
        sign_in(client, made, "nare")
        page = client.get("/en/tasks")
    made.close()
    assert page.status_code == 200
    assert "There is no plan here yet." in page.text
    assert 'href="/en/exchange"' in page.text
