"""What an attacker sends: forms from elsewhere, scripts in every text, bombs, odd bytes; and what is logged."""

from __future__ import annotations

import io
import logging
import re
import zipfile
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from birge.store import accounts
from birge.store.registry import OPERATOR, Registry
from birge.texts import LANGUAGES
from birge.web import Settings, application
from birge.web.app import PAGES
from birge.web.blocks import Cell
from birge.web.visitor import COOKIE, FORM
from tests.web.canaries import Garden, client_of, filled_form, founded, posts
from tests.web.conftest import HOST, Enter, post, token

OWN = {"origin": HOST, "sec-fetch-site": "same-origin"}
EVIL = "=\"'><img src=x onerror=alert(1)><script>alert(1)</script>{{tag}} javascript:alert(1) {tag}"
FORMULA = ("=", "+", "-", "@", "\t", "\r")


@pytest.fixture(scope="module")
def evil(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Garden]:
    """Return a registry whose every free text, name and address is an attack."""
    made = founded(f"sqlite:///{tmp_path_factory.mktemp('evil')}/joint.sqlite", EVIL.replace("{{tag}}", ""))
    yield made
    made.registry.close()


@pytest.fixture(scope="module")
def hostile(evil: Garden) -> Any:
    """Return the application over it."""
    return application(evil.registry, Settings(behind_proxy=True, names=("plan.example",), draws=0))


class Parsed(HTMLParser):
    """What a browser would make of a page: elements, and the attributes that can run something."""

    def __init__(self) -> None:
        super().__init__()
        self.wrong: list[str] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what our own templates never write."""
        given = dict(attrs)
        if tag == "script" and not (given.get("src") or "").startswith("/static/"):
            self.wrong.append(f"script {given}")
        if tag in ("img", "iframe", "object", "embed", "base"):
            self.wrong.append(f"{tag} {given}")
        for name, value in given.items():
            if name.startswith("on") or name in ("srcdoc", "xlink:href"):
                self.wrong.append(f"{tag} {name}={value}")
            if name in ("href", "src", "action", "formaction") and not re.match(
                r"(https?://|/(?![/\\])|#|\?|[a-z]+[?/]|$)", value or "", re.I
            ):
                self.wrong.append(f"{tag} {name}={value}")

    def handle_data(self, data: str) -> None:
        """Keep the text."""
        self.texts.append(data)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_people_write_is_text_on_every_page(hostile: Any, evil: Garden, lang: str) -> None:
    seen = 0
    with client_of(hostile, evil, "secretariat-geo") as client:
        items = ["draft", "open", *sorted(t for t, p in evil.planted.items() if p.kind == "decision")]
        stands = [r for r in evil.records if client.get(f"/{lang}/confirm/{r}").status_code == 200]
        paths = [*PAGES, "tasks", *(f"report/{i}" for i in items), *(f"confirm/{r}" for r in stands[:3])]
        for path in paths:
            answer = client.get(f"/{lang}/{path}")
            if answer.status_code == 404 and path.startswith("report/"):
                continue
            assert answer.status_code == 200, (path, answer.text[:300])
            page = Parsed()
            page.feed(answer.text)
            assert page.wrong == [], path
            seen += "onerror=alert(1)" in " ".join(page.texts)
    assert seen >= 4, "the attacks are on too few pages for this test to mean much"


def test_an_export_holds_no_formula(hostile: Any, evil: Garden) -> None:
    import csv

    from openpyxl import load_workbook

    seen = 0
    with client_of(hostile, evil, "secretariat-geo") as client:
        for name in PAGES:
            page = client.get(f"/en/{name}").text
            for link in sorted(set(re.findall(r'href="(/en/[^"]+\.(?:csv|xlsx))"', page))):
                body = client.get(link).content
                if link.endswith("csv"):
                    for cell in (c for row in csv.reader(io.StringIO(body.decode("utf-8-sig"))) for c in row):
                        number = re.fullmatch(r"[+-]?[\d,. \u00a0]+( %)?|-", cell)
                        assert not cell.startswith(FORMULA) or number, (link, cell)
                        seen += cell.startswith("'=")
                else:
                    cells = [c for row in load_workbook(io.BytesIO(body)).active.iter_rows() for c in row]
                    assert all(c.data_type != "f" and c.hyperlink is None for c in cells), link
    assert seen


@pytest.mark.parametrize(
    "href",
    ["javascript:alert(1)", " javascript:alert(1)", "java\tscript:alert(1)", "\x01javascript:x", "JaVaScRiPt:x",
     "data:text/html,x", "vbscript:x", "//evil.example", "/\\evil.example", "\\\\evil", "file:///etc/passwd", "x:y"],
)  # fmt: skip
def test_an_address_that_is_none_is_no_link(href: str) -> None:
    assert Cell("source", href).href is None


@pytest.mark.parametrize("href", ["https://a.example/b?c=d#e", "http://a.example", "/en/answer", "measures?item=x"])
def test_an_address_that_is_one_is_a_link(href: str) -> None:
    assert Cell("source", href).href == href


def test_every_form_of_the_application_is_refused_from_elsewhere(enter: Enter) -> None:
    client = enter("secretariat-geo")
    found = posts(client.app)
    assert len(found) >= 9
    good = token(client.get("/en/tasks").text)
    for path in found:
        address = filled_form(path)
        for headers, data in (
            (OWN, {}),
            (OWN, {"token": "0" * 64}),
            ({}, {"token": good}),
            ({"origin": "https://evil.example"}, {"token": good}),
            ({"origin": HOST, "sec-fetch-site": "cross-site"}, {"token": good}),
            ({"origin": HOST, "sec-fetch-site": "same-site"}, {"token": good}),
            ({"origin": "null"}, {"token": good}),
            ({"referer": "https://plan.example.evil.example/"}, {"token": good}),
        ):
            answer = client.post(address, data=data, headers=headers)
            assert answer.status_code == 403, (path, headers, data, answer.status_code)
        for method in ("PUT", "PATCH", "DELETE"):
            assert client.request(method, address, headers=OWN).status_code in (404, 405), (method, path)


def test_every_cookie_is_kept_from_scripts_and_from_other_hosts(enter: Enter, registry: Registry) -> None:
    client = enter("")
    answers = [client.get("/en/sign-in")]
    enter("reporter-geo")
    answers.append(post(client, "/en/sign-in", "/en/sign-in", login="reporter-geo", password="a long enough password"))
    with registry.desk(OPERATOR) as desk:
        code = accounts.new_codes(desk, "reporter-geo")[0]
    answers.append(post(client, "/en/second-factor", "/en/second-factor", code=code))
    given = [c for a in answers for c in a.headers.get_list("set-cookie")]
    assert {c.partition("=")[0] for c in given} == {COOKIE, FORM}
    for cookie in given:
        flags = {f.strip().lower() for f in cookie.split(";")[1:]}
        assert {"secure", "httponly", "path=/", "samesite=lax"} <= flags
        assert not any(f.startswith("domain") for f in flags)


def bomb(size: int, name: str = "xl/workbook.xml") -> bytes:
    """Return a small archive that unpacks to a large one."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive, archive.open(name, "w") as part:
        for _ in range(size // 1_000_000):
            part.write(b"0" * 1_000_000)
    return out.getvalue()


def many(count: int) -> bytes:
    """Return an archive of many empty parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        for n in range(count):
            archive.writestr(f"{n}", "")
    return out.getvalue()


BOMBS = {
    "200 MB in 199 KB": lambda: bomb(200_000_000),
    "many parts": lambda: many(20_000),
    "outside": lambda: bomb(1_000_000, "../../word/document.xml"),
    "nested": lambda: bomb(1_000_000, "inner.zip"),
    "cut": lambda: bomb(1_000_000)[:600],
    "page": lambda: b"\xef\xbb\xbf <!doctype html><script>alert(1)</script>",
    "picture": lambda: b"GIF89a" + b"\0" * 20,
    "program": lambda: b"\x7fELF" + b"\0" * 20,
    "svg": lambda: b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
    "zero": lambda: b"a\0b",
    "empty": lambda: b"",
}


@pytest.mark.parametrize("what", BOMBS)
def test_a_bomb_is_refused_as_evidence_and_nothing_of_it_is_kept(
    enter: Enter, registry: Registry, what: str, caplog: pytest.LogCaptureFixture
) -> None:
    client = enter("reporter-geo")
    data = {"token": token(client.get("/en/report/draft").text), "state": "in progress", "reported": "2026-09-01"}
    caplog.clear()
    sent = client.post(
        "/en/report/draft/evidence", data=data, files={"evidence": ("a.xlsx", BOMBS[what]())}, headers=OWN
    )
    assert sent.status_code == 422, sent.text[:300]
    assert not [p for p in Path(registry.files.root).rglob("*") if p.is_file()]
    assert [r for r in caplog.records if r.name == "birge.web" and "422" in r.getMessage()]


@pytest.mark.parametrize(
    "name",
    ["../../a.txt", "..\\a.txt", "a\r\nSet-Cookie: x=y.txt", "invoice\u202efdp.exe", "a\u200bb.txt", "a\x1b[31m.txt"],
)
def test_the_name_of_a_file_is_a_name(registry: Registry, name: str) -> None:
    from birge.store.progress import attach

    with registry.desk("reporter-geo") as desk:
        kept = attach(desk, io.BytesIO(b"minutes"), name)
    assert not re.search(r"[/\\\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069]", kept.name)
    assert kept.name


ODD = ("\0", "' OR 1=1 --", '"; DROP TABLE records; --', "%00", "\ud7ff\uffff", "\u202e", "a\r\nX-Evil: 1", "-1",
       "%ff%fe", "{{7*7}}", "../../../../etc/passwd", "1e309", "9999-12-31", "0001-01-01", "x" * 60_000)  # fmt: skip


def test_no_question_breaks_a_page_or_a_header(app: Any, garden: Garden) -> None:
    asked = ("as_of", "run", "pillar", "organisation", "side", "state", "item", "year", "lang")
    with client_of(app, garden, "viewer-arm") as client:
        tables = garden.planted and len(garden.records)
        for path in ("/en/answer", "/en/measures", "/en/due", "/en/sources", "/calendar.ics", "/api/v1/due"):
            for n, value in enumerate(ODD):
                for name in asked[n % 3 :: 3] if len(value) < 1000 else asked[:1]:
                    answer = client.get(path, params={name: value})
                    assert answer.status_code < 500, (path, name, value[:40])
                    assert "x-evil" not in answer.headers
        for path in (
            "/static/../app.py", "/static/%2e%2e/app.py", "/static/..%2fapp.py", "/en/..%2f..%2fetc%2fpasswd",
            "/static/%00", "/en/report/%00", "/en/confirm/%00", "/api/v1/runs/%00", "/api/v1/jobs/%00", "/%00/answer",
            "/en/report/%ff%fe", "/en/a%0d%0aSet-Cookie:%20x=y", "//evil.example/en", "/en//evil.example",
        ):  # fmt: skip
            answer = client.get(path)
            assert answer.status_code in (303, 307, 400, 404), (path, answer.status_code)
            assert not answer.headers.get("location", "/").startswith(("//", "http://evil", "https://evil", "/\\")), (
                path
            )
        assert tables == len(garden.records)


@pytest.mark.parametrize("host", ["evil.example", "plan.example.evil.example", "plan.example@evil.example", ""])
def test_another_host_is_refused_and_logged(enter: Enter, host: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING, "birge")
    assert enter("").get("/en/sign-in", headers={"host": host}).status_code == 421
    assert "421" in caplog.text


@pytest.mark.parametrize("kind", ["utf-7", "idna", "unicode_escape", "utf-16", "no-such", "base64"])
@pytest.mark.parametrize("text", ["+2AA-", "\\ud800", "a\0b", "\u202e"])
def test_no_charset_of_a_form_breaks_the_door(enter: Enter, kind: str, text: str) -> None:
    client = enter("")
    good = token(client.get("/en/sign-in").text)
    parts = "".join(
        f'--x\r\nContent-Disposition: form-data; name="{n}"\r\n\r\n{v}\r\n'
        for n, v in (("token", good), ("login", text), ("password", text))
    )
    media = f"multipart/form-data; boundary=x; charset={kind}"
    sent = client.post("/en/sign-in", content=f"{parts}--x--\r\n".encode(), headers={**OWN, "content-type": media})
    assert sent.status_code in (400, 403, 422), sent.text[:300]


def test_a_login_is_locked_after_failures_and_for_nobody_else(enter: Enter, registry: Registry) -> None:
    client = enter("reporter-geo")
    for _ in range(5):
        assert post(client, "/en/sign-in", "/en/sign-in", login="reporter-geo", password="wrong").status_code == 403
    right = {"login": "reporter-geo", "password": "a long enough password"}
    assert post(client, "/en/sign-in", "/en/sign-in", **right).status_code == 403
    other = enter("reporter-arm")
    assert other.get("/en/tasks").status_code == 200


def test_refusals_are_logged_and_no_secret_is(
    enter: Enter, registry: Registry, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    client = enter("viewer-geo")
    with registry.desk(OPERATOR) as desk:
        accounts.set_password(desk, "reporter-geo", "another long password")
        printed = accounts.new_codes(desk, "reporter-geo")
        secret = re.search(r"secret=(\w+)", accounts.new_totp(desk, "reporter-geo"))
    assert secret
    session, good = client.cookies[COOKIE], token(client.get("/en/tasks").text)
    fresh = enter("")
    post(fresh, "/en/sign-in", "/en/sign-in", login="my-password-by-mistake", password="wrong-secret-password")
    post(fresh, "/en/sign-in", "/en/sign-in", login="reporter-geo", password="another long password")
    post(fresh, "/en/second-factor", "/en/second-factor", code="123456")
    post(client, "/en/propose/draft", "/en/tasks", planned="2027-01-01")
    client.post("/en/runs", data={"token": "0" * 64}, headers=OWN)
    client.post("/en/runs", data={"token": good}, headers={"origin": "https://evil.example"})
    client.post("/en/runs", content=b"x", headers={**OWN, "content-length": "1000000000"})
    client.get("/en/accounts")
    client.get("/en/x%0d%0aforged line")
    ours = [r for r in caplog.records if r.name.startswith("birge")]
    told = [r.getMessage() for r in ours]
    for path, code in (("/en/sign-in", 403), ("/en/second-factor", 403), ("/en/propose/draft", 403), ("/en/runs", 403),
                       ("/en/runs", 413), ("/en/accounts", 403)):  # fmt: skip
        assert any(path in m and str(code) in m for m in told), (path, code, told)
    assert not any("\n" in m or "\r" in m for m in told)
    whole = caplog.text + repr([r.__dict__ for r in caplog.records])
    for hidden in (session, good, fresh.cookies[COOKIE], "wrong-secret-password", "another long password", "123456",
                   "a long enough password", "my-password-by-mistake", secret[1], *printed):  # fmt: skip
        assert hidden not in whole
