"""The secretariat's desks: rounds, councils, exchange, records; each form by role, errors with what was typed kept."""

from __future__ import annotations

import io
import zipfile

import pytest
from conftest import HOST, Enter, post, token
from fastapi.testclient import TestClient
from httpx2 import Response
from openpyxl import load_workbook

from birge.store import rounds
from birge.store.records import listing
from birge.store.registry import Registry

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
    letter = {"number": "12-34/<b>", "dated": "2026-08-30"}
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
    assert "letter 12-34/&lt;b&gt; of 2026-08-30" in page
    assert "0 organisations are silent." in page
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
            client, "/en/rounds/one/workbooks", page, "files", [("a.xlsx", b"x")], number="1", dated="2026-08-30"
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
