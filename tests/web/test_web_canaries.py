"""Every route for every reader: nobody meets a word of a level or side that is not theirs; nor does any package."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from birge.jobs import Jobs
from birge.store.kinds import KINDS
from birge.store.release import release
from birge.web import guard
from birge.web.app import PAGES
from birge.web.pages_passport import PASSPORTS
from birge.web.visitor import COOKIE, FORM
from tests.web.canaries import LIMITED, PEOPLE, SIDES, Garden, client_of, found, posts, routes
from tests.web.conftest import HOST, ROLES

# what a route answers whom; a new route stands here before it is let in
EVERYONE, SIGNED_IN, ADMINS, OWN = "everyone", "signed in", "admins", "own side"
GET = {
    "/": EVERYONE,
    "/style.css": EVERYONE,
    "/calendar.ics": EVERYONE,
    "/{lang}": EVERYONE,
    "/{lang}/{name}": EVERYONE,
    "/{lang}/{name}/{block}.{kind}": EVERYONE,
    "/{lang}/sign-in": EVERYONE,
    "/{lang}/second-factor": EVERYONE,
    "/{lang}/tasks": SIGNED_IN,
    "/{lang}/report/{item}": SIGNED_IN,
    "/{lang}/confirm/{ident}": SIGNED_IN,
    "/{lang}/confirm/{ident}/{name}": SIGNED_IN,
    "/{lang}/change": SIGNED_IN,
    "/{lang}/change/{item}": SIGNED_IN,
    "/{lang}/texts": SIGNED_IN,
    "/{lang}/texts/{item}/{field}": SIGNED_IN,
    "/{lang}/accounts": ADMINS,
    "/{lang}/accounts/{login}": SIGNED_IN,
    "/{lang}/account": SIGNED_IN,
    "/{lang}/account/keys": SIGNED_IN,
    "/{lang}/security-key": EVERYONE,
    "/{lang}/security-key/answer": EVERYONE,
    "/{lang}/invited/{invitation}": EVERYONE,
    "/{lang}/provider": EVERYONE,
    "/provider/back": EVERYONE,
    "/{lang}/rounds": SIGNED_IN,
    "/{lang}/rounds/{ident}": SIGNED_IN,
    "/{lang}/rounds/{ident}/{name}": SIGNED_IN,
    "/{lang}/councils": SIGNED_IN,
    "/{lang}/sessions/{ident}": SIGNED_IN,
    "/{lang}/sessions/{ident}/{name}": SIGNED_IN,
    "/{lang}/exchange": SIGNED_IN,
    "/{lang}/exchange/in/{name}": SIGNED_IN,
    "/{lang}/exchange/out/{name}": SIGNED_IN,
    "/{lang}/exchange/out/{name}/package.zip": SIGNED_IN,
    "/{lang}/records": SIGNED_IN,
    "/{lang}/records/{kind}": SIGNED_IN,
    "/{lang}/record/{ident}": SIGNED_IN,
    "/{lang}/record/{ident}/files/{proof}": EVERYONE,
    "/{lang}/passport/{subject}/{ident}": EVERYONE,
    "/{lang}/passport/{subject}/{ident}/{block}.{kind}": EVERYONE,
    "/static/fonts/{name}": EVERYONE,
    "/plan.docx": EVERYONE,
    "/plan.xlsx": EVERYONE,
    "/plan.yaml": EVERYONE,
    "/api/v1/barriers": EVERYONE,
    "/api/v1/border": EVERYONE,
    "/api/v1/corridors": EVERYONE,
    "/api/v1/decisions": EVERYONE,
    "/api/v1/events": EVERYONE,
    "/api/v1/initiatives": EVERYONE,
    "/api/v1/instruments": EVERYONE,
    "/api/v1/meetings": EVERYONE,
    "/api/v1/organisations": EVERYONE,
    "/api/v1/power": EVERYONE,
    "/api/v1/power/exchange": EVERYONE,
    "/api/v1/region-pairs": EVERYONE,
    "/api/v1/sources": EVERYONE,
    "/api/v1/tables": EVERYONE,
    "/api/v1/openapi.json": EVERYONE,
    "/api/v1/plan": EVERYONE,
    "/api/v1/targets": EVERYONE,
    "/api/v1/measures": EVERYONE,
    "/api/v1/milestones": EVERYONE,
    "/api/v1/due": EVERYONE,
    "/api/v1/observations": EVERYONE,
    "/api/v1/runs": EVERYONE,
    "/api/v1/runs/{ident}": EVERYONE,
    "/api/v1/scenarios": EVERYONE,
    "/api/v1/jobs/{ident}": OWN,
    "/api/v1/jobs/{ident}/events": OWN,
}

FIELDS = {
    "state": "in progress",
    "reported": "2026-09-01",
    "planned": "2027-03-01",
    "verdict": "confirmed",
    "draws": "100",
    "role": "viewer",
    "name": "Somebody",
    "password": "no password at all",
    "code": "1",
}


# the records that a route is about, where it is not about all of them
ABOUT = {"/confirm/": ("plan",), "/runs/": ("run",), "/proposals/": ("plan",)}
# routes named by the key of a record rather than by its id
KEYED = {"/rounds/": ("round",), "/sessions/": ("meeting",)}


def part(values: Sequence[str], login: str, every: int = len(PEOPLE)) -> list[str]:
    """Return a part of the values, for each reader another: all readers together meet every one.

    What is listed (`/records/KIND`, tasks, the exchange, the interface for programs) every reader meets whole.
    """
    return list(values)[PEOPLE.index(login) % every :: every]


def filled(path: str, garden: Garden, login: str) -> list[str]:
    """Return the addresses of a route with what its parameters can name here, of many names a part for each reader."""
    jobs = [j.id for j in Jobs(garden.registry).listing()]
    every = sorted(garden.planted)
    about = {r for kinds in ABOUT.values() for r in kinds}
    assert about <= set(KINDS)
    idents = part(garden.records, login)
    for where, kinds in ABOUT.items():
        if where in path:
            idents = part(sorted({p.record for p in garden.planted.values() if p.kind in kinds}), login, 3)
    for where, kinds in KEYED.items():
        if where in path:
            idents = part([t for t in every if garden.planted[t].kind in kinds], login, 3)
    if "{proof}" in path:
        proofs = {t: hashlib.sha256(f"evidence {t}".encode()).hexdigest() for t in every}
        return [f"/en/record/{p.record}/files/{proofs[t]}" for t, p in garden.planted.items() if p.kind == "progress"]
    values = {
        "lang": ["en"],
        "name": list(PAGES) if path.startswith("/{lang}/{name}") else ["plan.yaml" if "/confirm/" in path else "x"],
        "login": ["viewer-geo", "viewer-arm"],
        "invitation": ["x"],
        "subject": sorted(PASSPORTS),
        "item": ["draft", "t-2031", *part(every, login)],
        "field": ["title"],
        "ident": [*jobs, *idents],
        "block": ["x"],
        "kind": sorted(KINDS) if "/records/" in path else ["csv"],
    }
    if "{subject}" in path:
        # fifteen kinds of passports: what each is of stands in the plan or in the registry
        values["ident"] = ["draft", *part(every, login, 9 * len(PEOPLE)), *part(garden.records, login, 5 * len(PEOPLE))]
    if "{block}" in path:
        values = {name: found_[:3] for name, found_ in values.items()}
    found_ = [path]
    for name in re.findall(r"\{(\w+)\}", path):
        assert name in values, f"say in `filled` what {name} of {path} can be"
        found_ = [p.replace(f"{{{name}}}", v) for p in found_ for v in values[name]]
    return found_


def test_every_route_that_shows_something_is_known_here(app: Any) -> None:
    assert {path for method, path in routes(app) if method == "GET"} == set(GET)


def test_the_garden_is_whole(garden: Garden) -> None:
    assert {(p.kind, p.side) for p in garden.planted.values()} == {(k, s) for k in KINDS for s in SIDES}
    for kind, facts in KINDS.items():
        levels = {p.level for p in garden.planted.values() if p.kind == kind}
        assert levels == ({"draft", "submitted"} if facts.private else {"draft", "submitted", "both sides", "public"})


@pytest.mark.parametrize("login", PEOPLE)
def test_nobody_meets_what_is_not_theirs(app: Any, garden: Garden, login: str) -> None:
    side = login.rpartition("-")[2].upper()
    role = login.rpartition("-")[0]
    kinds = None if role in ROLES[:-1] else frozenset(LIMITED.get(role, ("", "", "", set()))[3])
    may = garden.open_to(side, kinds) if login else garden.open_to("")
    met: set[str] = set()
    with client_of(app, garden, login) as client:
        addresses = [a for path in GET for a in filled(path, garden, login)]
        whole = role in ("", "viewer")
        for address in addresses:
            answer = client.get(address)
            assert answer.status_code < 500, (address, answer.text[:300])
            got = found(answer.content, answer.headers.get("content-type", ""))
            assert got - _asked(address) <= may, (address, [garden.planted[t] for t in got - may])
            met |= got - _asked(address)
            if whole and address.startswith("/en/") and answer.status_code == 200:
                links = sorted(set(re.findall(r'href="(/en/[^"]+\.(?:csv|xlsx|json|svg))"', answer.text)))
                for link in part(links, login, 3):
                    file = client.get(link)
                    assert file.status_code == 200, link
                    assert found(file.content, file.headers["content-type"]) <= may, link
    levels = {garden.planted[t].level for t in met}
    assert "public" in levels
    if role in ROLES[:-1]:
        assert {"submitted", "both sides", "public"} <= levels, "the pages show too little for this test to mean much"
        assert {garden.planted[t].side for t in met} == set(SIDES)
    else:
        assert kinds or levels == {"public"}


@pytest.mark.parametrize("login", PEOPLE)
def test_a_search_finds_nothing_that_is_not_theirs(app: Any, garden: Garden, login: str) -> None:
    """Every canary begins alike, so one word finds all that a reader may find."""
    side, role = login.rpartition("-")[2].upper(), login.rpartition("-")[0]
    kinds = None if role in ROLES[:-1] else frozenset(LIMITED.get(role, ("", "", "", set()))[3])
    may = garden.open_to(side, kinds) if login else garden.open_to("")
    with client_of(app, garden, login) as client:
        for address in ("/en/search?q=cnry", "/kk/search?q=CNRY", "/en/search/found.json?q=cnry"):
            answer = client.get(address)
            assert answer.status_code == 200
            got = found(answer.content, answer.headers["content-type"])
            assert got <= may, (address, [garden.planted[t] for t in got - may])
            assert got, "a search that finds nothing proves nothing"


def _asked(address: str) -> set[str]:
    """Return the words that stand in the address itself: an answer may repeat them."""
    return found(address.encode())


@pytest.mark.parametrize("login", PEOPLE)
def test_a_route_answers_only_those_it_is_for(app: Any, garden: Garden, login: str) -> None:
    role, side = login.rpartition("-")[0], login.rpartition("-")[2]
    with client_of(app, garden, login) as client:
        for path, whom in GET.items():
            for address in filled(path, garden, login)[:2]:
                code = client.get(address).status_code
                if whom == SIGNED_IN and not login:
                    assert code == 303, (address, code)
                elif whom == ADMINS:
                    assert code == (200 if role == "admin" else 403 if login else 303), (address, code)
                elif whom == OWN and not address.split("/")[4].startswith("cnry"):
                    own = side == "geo" and address.split("/")[4] in {j.id for j in Jobs(garden.registry).listing()}
                    assert code == (200 if own else 404), (address, code)


@pytest.mark.parametrize("side", SIDES)
def test_a_package_holds_what_its_side_has_shared_and_nothing_else(garden: Garden, side: str, tmp_path: Path) -> None:
    with garden.registry.desk(f"secretariat-{side.lower()}") as desk:
        release(desk, tmp_path / "out.zip")
    got = found((tmp_path / "out.zip").read_bytes())
    shared = {t for t, p in garden.planted.items() if p.side == side and p.level in ("both sides", "public")}
    # of a record that grew, the newest shared version goes out and the public one stays; ids keep the first words
    last = {p.record: t for t, p in sorted(garden.planted.items()) if t in shared}
    assert got <= shared
    assert set(last.values()) <= got


@pytest.mark.parametrize("login", PEOPLE)
def test_a_form_tells_nobody_what_is_not_theirs(app: Any, garden: Garden, login: str) -> None:
    """Send every form at the other side's things; who is let in where stands in test_doors.py."""
    role, side = login.rpartition("-")[0], login.rpartition("-")[2].upper()
    kinds = None if role in ROLES[:-1] else frozenset(LIMITED.get(role, ("", "", "", set()))[3])
    may = garden.open_to(side if login else "", kinds)
    mine = {t for t, p in garden.planted.items() if p.side == side}
    with client_of(app, garden, login) as client:
        cookie = client.cookies.get(COOKIE, "nobody")
        client.cookies.set(FORM, "nobody")
        data = {**FIELDS, "login": f"x-{login}", "token": guard.token(app.state.house.secret, cookie)}
        headers = {"origin": HOST, "sec-fetch-site": "same-origin"}
        for path in (p for p in posts(app) if p not in ("/{lang}/sign-out", "/{lang}/account")):
            for address in filled(path, garden, login):
                if any(t in mine for t in found(address.encode())):
                    continue
                answer = client.post(address, data=data, headers=headers)
                assert answer.status_code < 500, (address, answer.text[:300])
                assert "out of date" not in answer.text, address
                got = found(answer.content) - _asked(address)
                assert got <= may, (address, [garden.planted[t] for t in got - may])
