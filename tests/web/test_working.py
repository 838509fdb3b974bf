"""What only some may do: sign in, report, confirm, run; and everything that has to be refused."""

from __future__ import annotations

import re

import pytest
from fastapi.testclient import TestClient

from birge.store.kinds import Progress
from birge.store.progress import standing
from birge.store.records import listing
from birge.store.registry import Registry
from birge.web.visitor import COOKIE
from tests.web.conftest import HOST, NOW, Enter, post

OWN = {"origin": HOST, "sec-fetch-site": "same-origin"}
UNSAFE = (
    "/en/sign-in",
    "/en/second-factor",
    "/en/sign-out",
    "/en/report/draft/evidence",
    "/en/propose/draft",
    "/en/proposals/x",
    "/en/change/files",
    "/en/change/x",
    "/en/texts/x/x",
    "/en/confirm/x",
    "/en/runs",
    "/en/jobs/x/cancel",
    "/en/accounts",
    "/en/rounds",
    "/en/rounds/x/workbooks",
    "/en/rounds/x/remind",
    "/en/rounds/x/close",
    "/en/councils",
    "/en/councils/named",
    "/en/sessions",
    "/en/sessions/x/dates",
    "/en/sessions/x/points",
    "/en/sessions/x/points/back",
    "/en/sessions/x/signing",
    "/en/sessions/x/signing/back",
    "/en/exchange/share",
    "/en/exchange/publish",
    "/en/exchange/release",
    "/en/exchange/packages",
    "/en/exchange/in/x",
    "/en/records/x",
    "/en/record/x/edit",
    "/en/record/x/mark",
    "/en/record/x/confirm",
    "/en/record/x/comments",
    "/en/security-key",
    "/en/security-key/answer",
    "/en/invited/x",
    "/en/account",
    "/en/account/keys",
    "/en/accounts",
    "/en/accounts/x",
)


def test_a_session_starts_changes_at_the_second_factor_and_ends(enter: Enter) -> None:
    client = enter("reporter-geo")
    cookie = client.cookies[COOKIE]
    assert client.get("/en/tasks").status_code == 200
    assert post(client, "/en/sign-out", "/en/tasks").status_code == 303
    assert client.get("/en/tasks", headers={"cookie": f"{COOKIE}={cookie}"}).status_code == 303


def test_the_first_factor_alone_opens_nothing_and_a_planted_session_is_not_taken_over(enter: Enter) -> None:
    client = enter("")
    client.cookies.set(COOKIE, "planted")
    client.get("/en/sign-in")
    enter("reporter-geo")  # sets the password
    client.cookies.delete(COOKIE)
    first = post(client, "/en/sign-in", "/en/sign-in", login="reporter-geo", password="a long enough password")
    assert first.status_code == 303
    given = first.headers["set-cookie"]
    assert "planted" not in given
    for flag in ("Secure", "HttpOnly", "Path=/", "SameSite=lax"):
        assert flag in given
    assert client.get("/en/tasks").status_code == 303


def test_a_wrong_password_is_refused_without_saying_why(enter: Enter) -> None:
    client = enter("")
    known = post(client, "/en/sign-in", "/en/sign-in", login="reporter-geo", password="wrong")
    nobody = post(client, "/en/sign-in", "/en/sign-in", login="nobody", password="wrong")
    assert known.status_code == nobody.status_code == 403
    assert re.sub(r"[0-9a-f]{64}", "", known.text) == re.sub(r"[0-9a-f]{64}", "", nobody.text)


@pytest.mark.parametrize("path", UNSAFE)
def test_every_form_is_refused_without_token_or_from_elsewhere(enter: Enter, path: str) -> None:
    client = enter("secretariat-geo")
    assert client.post(path, data={}, headers=OWN).status_code == 403
    assert client.post(path, data={"token": "0" * 64}, headers=OWN).status_code == 403
    assert client.post(path, data={}).status_code == 403
    for bad in (
        {"origin": "https://evil.example"},
        {"origin": HOST, "sec-fetch-site": "cross-site"},
        {"origin": "null"},
    ):
        assert client.post(path, data={}, headers=bad).status_code == 403


def test_the_list_of_forms_is_whole(enter: Enter) -> None:
    app = enter("").app
    found = {r.path for r in _routes(app) if "POST" in (getattr(r, "methods", None) or ())}
    told = {p.replace("/en/", "/{lang}/") for p in UNSAFE}
    assert {re.sub(r"\{(item|ident|name|kind|invitation|login|field)\}", "*", p) for p in found} == {
        re.sub(r"/(draft|x)(?=/|$)", "/*", p) for p in told
    }


def _routes(app: object) -> list[object]:
    from birge.web import api, api_more, plan_files, working

    routers = (api.router, api_more.router, plan_files.router, working.router)
    return [*app.router.routes, *(route for router in routers for route in router.routes)]  # type: ignore[attr-defined]


@pytest.mark.parametrize("role", ["", "secretariat", "approver", "reporter", "viewer", "statistics", "admin"])
def test_each_role_may_do_its_own_and_nothing_else(enter: Enter, registry: Registry, role: str) -> None:
    client = enter(f"{role}-geo" if role else "")
    page = "/en/tasks" if role else "/en/sign-in"
    fields = {"state": "in progress", "reported": NOW.date().isoformat()}
    got = {
        "report": post(client, "/en/report/draft/evidence", page, **fields).status_code,
        "propose": post(client, "/en/propose/draft", page, planned="2027-01-01").status_code,
        "run": post(client, "/en/runs", page, draws="100").status_code,
        "admin": post(client, "/en/accounts", page, login=f"new-{role or 'x'}", name="New", role="viewer").status_code,
    }
    may = {
        "secretariat": {"report": 303, "propose": 303, "run": 303},
        "reporter": {"report": 303},
        "admin": {"admin": 200},
    }.get(role, {})
    for what, code in got.items():
        assert code == may.get(what, code if code in (403, 404) else 403), (role, what, code)
        assert code == may[what] if what in may else code in (403, 404), (role, what, code)
    with registry.view("secretariat-geo") as desk:
        assert len(listing(desk, "progress")) == ("report" in may)


def test_a_proposal_is_confirmed_by_others_than_its_author(enter: Enter, registry: Registry) -> None:
    author = enter("secretariat-geo")
    made = post(author, "/en/propose/draft", "/en/report/draft", planned="2027-03-31", note="<script>alert(1)</script>")
    assert made.status_code == 303
    path = made.headers["location"]
    shown = author.get(path).text
    assert "31" in shown or "2027-03-31" in shown
    assert "<script>alert" not in shown
    # a draft: nobody else reads it, and it waits for nobody's word until it is sent
    assert "A draft: only our side reads it" in shown
    assert path not in enter("approver-arm").get("/en/tasks").text
    assert enter("approver-arm").get(path).status_code == 404
    seen = re.findall(r'name="seen" value="(\d+)"', shown)[-1]
    to = path.replace("/confirm/", "/proposals/")
    assert post(author, to, path, verdict="send", seen=seen).status_code == 303
    assert post(author, path, "/en/tasks", verdict="confirmed").status_code == 403
    for who in ("approver-geo", "approver-arm"):
        client = enter(who)
        assert path in client.get("/en/tasks").text
        digest = client.get(path).text.split('name="hash" value="')[1][:64]
        assert post(client, path, path, verdict="maybe", hash=digest).status_code == 422
        assert post(client, path, path, verdict="confirmed").status_code == 422
        assert post(client, path, path, verdict="confirmed", hash=digest).status_code == 303
    assert "Confirmed by: Georgia, Armenia" in author.get(path).text


def test_a_report_is_corrected_on_the_same_day(enter: Enter, registry: Registry) -> None:
    client, page = enter("reporter-geo"), "/en/report/draft"
    fields = {"state": "in progress", "reported": NOW.date().isoformat()}
    assert post(client, f"{page}/evidence", page, **fields, seen="0", text="First").status_code == 303
    shown = client.get(page).text
    (seen,) = re.findall(r'name="seen" value="(\d+)"', shown)
    assert (seen, ">First</textarea>" in shown) == ("1", True)
    # somebody else was first: what was typed stays, and sent again it counts
    clash = post(client, f"{page}/evidence", page, **fields, seen="0", text="Second")
    assert clash.status_code == 409
    assert ">Second</textarea>" in clash.text
    again = re.findall(r'name="seen" value="(\d+)"', clash.text)[0]
    assert post(client, f"{page}/evidence", page, **fields, seen=again, text="Second").status_code == 303
    with registry.view("reporter-geo") as desk:
        (kept,) = listing(desk, "progress")
        assert (kept.payload.text, kept.version, kept.submitted) == ({"en": "Second"}, 2, 2)
    # a text that a reader of another language leaves as it is stays in its own
    fields["state"], russian = "stopped", "/ru/report/draft"
    assert post(client, f"{russian}/evidence", russian, **fields, seen="2", text="Second").status_code == 303
    with registry.view("reporter-geo") as desk:
        assert listing(desk, "progress")[0].payload.text == {"en": "Second"}
    done = client.get("/en/tasks")
    assert '<p class="done" role="status">Done.</p>' in done.text
    assert "Done." not in client.get("/en/tasks").text


def test_a_day_that_is_over_is_not_proposed(enter: Enter) -> None:
    client = enter("secretariat-geo")
    past = post(client, "/en/propose/draft", "/en/report/draft", planned="2020-01-01", note="Kept")
    assert past.status_code == 422
    assert "propose a day to come" in past.text
    assert ">Kept</textarea>" in past.text
    assert "Propose another date" not in enter("reporter-geo").get("/en/report/draft").text


def test_what_a_side_writes_is_text_and_its_own(enter: Enter, registry: Registry) -> None:
    client = enter("reporter-geo")
    evil = "<img src=x onerror=alert(1)>"
    fields = {"state": "in progress", "reported": NOW.date().isoformat(), "text": evil}
    assert post(client, "/kk/report/draft/evidence", "/kk/report/draft", **fields).status_code == 303
    for name in ("tasks", "answer", "measures", "due"):
        assert evil not in client.get(f"/en/{name}").text
    assert "<b>GEO</b>" not in client.get("/en/tasks").text
    with registry.view("secretariat-arm") as desk:
        assert listing(desk, "progress") == []
        assert standing(desk, NOW.date()) == []
    with registry.view("reporter-geo") as desk:
        said = listing(desk, "progress")[0].payload
        assert isinstance(said, Progress)
        assert said.text == {"kk": evil}


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("../../paper.pdf", b"%PDF-1.7 paper", 303),
        ("paper.pdf", b"<html><script>alert(1)</script></html>", 422),
        ("paper.pdf", b"MZ\x90\x00", 422),
        ("paper.docx", b"PK\x03\x04 broken", 422),
    ],
)
def test_evidence_is_told_by_its_bytes(enter: Enter, registry: Registry, name: str, content: bytes, code: int) -> None:
    client = enter("reporter-geo")
    from tests.web.conftest import token

    data = {"token": token(client.get("/en/report/draft").text), "state": "in progress", "reported": "2026-09-01"}
    sent = client.post("/en/report/draft/evidence", data=data, files={"evidence": (name, content)}, headers=OWN)
    assert sent.status_code == code, sent.text
    with registry.view("reporter-geo") as desk:
        kept = [e for r in listing(desk, "progress") for e in r.payload.evidence]
    assert [e.name for e in kept] == (["paper.pdf"] if code == 303 else [])


def test_a_body_over_the_cap_is_refused_while_it_comes(enter: Enter) -> None:
    client = enter("reporter-geo")
    answer = client.post("/en/runs", content=b"x", headers={**OWN, "content-length": "1000000000"})
    assert answer.status_code == 413

    def pour():  # type: ignore[no-untyped-def]
        for _ in range(40):
            yield b"token=" + b"x" * 100_000

    kind = {"content-type": "application/x-www-form-urlencoded"}
    assert client.post("/en/runs", content=pour(), headers={**OWN, **kind}).status_code == 413


def test_without_an_account_only_what_is_public_is_read(enter: Enter) -> None:
    nobody: TestClient = enter("")
    assert nobody.get("/api/v1/runs").json() == []
    assert nobody.get("/en/answer").status_code == 404
    assert enter("viewer-arm").get("/en/answer").status_code == 200
