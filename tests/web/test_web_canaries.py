"""Every route for every reader: nobody meets a word of a level or side that is not theirs; nor does any package."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from birge.jobs import Jobs
from birge.store.kinds import KINDS
from birge.store.release import release
from birge.web.app import PAGES
from birge.web.pages_passport import PASSPORTS
from tests.web.canaries import LIMITED, PEOPLE, SIDES, Garden, client_of, found, posts, routes
from tests.web.conftest import HOST, ROLES, token

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

# who may change something by a form; everybody else is refused, and a new form stands here before it is let in
COMMENTERS = ("secretariat", "approver", "reporter", "statistics", "limited-organisation", "limited-pillar")
POST: dict[str, tuple[str, ...]] = {
    "/{lang}/sign-in": (),
    "/{lang}/second-factor": (),
    "/{lang}/sign-out": ("", *ROLES, *LIMITED),
    "/{lang}/report/{item}/evidence": ("secretariat", "reporter", "limited-organisation", "limited-pillar"),
    "/{lang}/propose/{item}": ("secretariat",),
    "/{lang}/confirm/{ident}": ("approver",),
    "/{lang}/runs": ("secretariat",),
    "/{lang}/jobs/{ident}/cancel": ("secretariat",),
    "/{lang}/account": (),
    "/{lang}/account/keys": (),
    "/{lang}/accounts": ("admin",),
    "/{lang}/accounts/{login}": ("admin",),
    "/{lang}/invited/{invitation}": (),
    "/{lang}/security-key": (),
    "/{lang}/security-key/answer": (),
    "/{lang}/rounds": ("secretariat",),
    "/{lang}/rounds/{ident}/workbooks": (),  # who sends files is tested in test_desks.py
    "/{lang}/rounds/{ident}/remind": ("secretariat",),
    "/{lang}/rounds/{ident}/close": ("secretariat",),
    "/{lang}/councils": ("secretariat",),
    "/{lang}/sessions": ("secretariat",),
    "/{lang}/sessions/{ident}/dates": ("secretariat",),
    "/{lang}/sessions/{ident}/points": ("secretariat",),
    "/{lang}/sessions/{ident}/signing": ("secretariat",),
    "/{lang}/exchange/share": ("secretariat", "approver"),
    "/{lang}/exchange/publish": ("secretariat", "approver"),
    "/{lang}/exchange/release": ("secretariat", "approver"),
    "/{lang}/exchange/packages": ("secretariat",),
    "/{lang}/exchange/in/{name}": ("secretariat",),
    "/{lang}/records/{kind}": ("secretariat", "statistics"),
    "/{lang}/record/{ident}/edit": ("secretariat", "statistics"),
    "/{lang}/record/{ident}/mark": ("secretariat", "statistics", "approver", "reporter"),
    "/{lang}/record/{ident}/confirm": ("approver",),
    "/{lang}/record/{ident}/comments": COMMENTERS,
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


def filled(path: str, garden: Garden) -> list[str]:
    """Return the addresses of a route with everything its parameters can name here."""
    jobs = [j.id for j in Jobs(garden.registry).listing()]
    stones = ["draft", "open", "one", "two", *sorted(garden.planted)]
    values = {
        "lang": ["en"],
        "name": list(PAGES) if path.startswith("/{lang}/{name}") else ["x"],
        "login": ["viewer-geo", "viewer-arm"],
        "invitation": ["x"],
        "subject": sorted(PASSPORTS),
        "item": stones,
        "ident": [*jobs, *garden.records],
        "block": ["x"],
        "kind": sorted(KINDS) if "/records/" in path else ["csv"],
    }
    if "{subject}" in path:
        # fifteen kinds of passports: what each is of stands in the plan or in the registry
        values["ident"] = ["draft", "open", *sorted(garden.planted)[::9], *sorted(garden.records)[::9]]
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
        addresses = [a for path in GET for a in filled(path, garden)]
        whole = role in ("", "viewer", "admin")
        for address in addresses:
            answer = client.get(address)
            assert answer.status_code < 500, (address, answer.text[:300])
            got = found(answer.content, answer.headers.get("content-type", ""))
            assert got - _asked(address) <= may, (address, [garden.planted[t] for t in got - may])
            met |= got - _asked(address)
            if whole and address.startswith("/en/") and answer.status_code == 200:
                for link in sorted(set(re.findall(r'href="(/en/[^"]+\.(?:csv|xlsx|json|svg))"', answer.text))):
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


def _asked(address: str) -> set[str]:
    """Return the words that stand in the address itself: an answer may repeat them."""
    return found(address.encode())


@pytest.mark.parametrize("login", PEOPLE)
def test_a_route_answers_only_those_it_is_for(app: Any, garden: Garden, login: str) -> None:
    role, side = login.rpartition("-")[0], login.rpartition("-")[2]
    with client_of(app, garden, login) as client:
        for path, whom in GET.items():
            for address in filled(path, garden)[:3]:
                code = client.get(address).status_code
                if whom == SIGNED_IN and not login:
                    assert code == 403, (address, code)
                elif whom == ADMINS:
                    assert code == (200 if role == "admin" else 403), (address, code)
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


def test_every_form_is_known_here(app: Any) -> None:
    assert set(posts(app)) == set(POST)


@pytest.mark.parametrize("login", PEOPLE)
def test_a_form_is_taken_from_those_it_is_for_and_tells_nothing_else(app: Any, garden: Garden, login: str) -> None:
    role, side = login.rpartition("-")[0], login.rpartition("-")[2].upper()
    kinds = None if role in ROLES[:-1] else frozenset(LIMITED.get(role, ("", "", "", set()))[3])
    may = garden.open_to(side if login else "", kinds)
    mine = {t for t, p in garden.planted.items() if p.side == side}
    for path, roles in POST.items():
        changed = False
        for address in filled(path, garden):
            if any(t in mine for t in found(address.encode())) or _skipped(address, garden):
                continue
            with client_of(app, garden, login) as client:
                data = {**FIELDS, "login": f"x-{login}", "token": token(client.get("/en/sign-in").text)}
                answer = client.post(address, data=data, headers={"origin": HOST, "sec-fetch-site": "same-origin"})
            assert answer.status_code < 500, (address, answer.text[:300])
            got = found(answer.content) - _asked(address)
            assert got <= may, (address, [garden.planted[t] for t in got - may])
            # let in, though somebody was first or a field does not fit
            changed |= answer.status_code < 400 or answer.status_code in (409, 422)
            assert answer.status_code >= 400 or role in roles, (login, address, answer.status_code)
        own = "jobs" not in path or side == "GEO"
        # what a desk takes needs a round, a session or a package: that it is taken is tested in test_desks.py
        desk = path.startswith(("/{lang}/rounds", "/{lang}/sessions", "/{lang}/exchange", "/{lang}/record"))
        assert changed or desk or role not in roles or not own, (login, path)


def _skipped(address: str, garden: Garden) -> bool:
    """Leave out most records of the garden: one in five will do for each reader."""
    return any(r in address and r[-1] not in "05a" for r in garden.records)
