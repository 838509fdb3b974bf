"""A reader with a grant for one organisation or item sees the plan, what is theirs to do, the rounds that ask them."""

from __future__ import annotations

import re

from birge.store import accounts, rounds
from birge.store.registry import OPERATOR, Registry
from tests.web.conftest import NOW, Enter


def hired(registry: Registry, login: str, organisation: str = "", item: str = "") -> str:
    """Make a reporter of an organisation or an item, as docs/how-to/registry.md does."""
    with registry.desk(OPERATOR) as desk:
        accounts.add_user(desk, login, login, "GEO")
        accounts.grant(desk, login, "reporter", organisation, item)
    return login


def due_of(text: str) -> set[str]:
    """Return the items that a page asks to report on."""
    return set(re.findall(r'href="/en/report/([a-z0-9-]+)"', text))


def test_a_reporter_of_an_organisation_sees_what_it_has_to_do(registry: Registry, enter: Enter) -> None:
    damir = enter(hired(registry, "damir", "desk"))
    assert due_of(damir.get("/en/tasks").text) == {"draft", "open"}
    answer = damir.get("/kk/answer")
    assert answer.status_code == 200, answer.text[:300]
    assert enter("").get("/kk/answer").status_code == 404


def test_what_is_due_is_narrowed_to_what_the_grants_cover(registry: Registry, enter: Enter) -> None:
    assert due_of(enter(hired(registry, "of-an-item", item="open")).get("/en/tasks").text) == {"open"}
    assert due_of(enter(hired(registry, "of-a-pillar", item="trade")).get("/en/tasks").text) == {"draft", "open"}
    other = enter(hired(registry, "of-another", "mill"))
    assert due_of(other.get("/en/tasks").text) == set()
    assert other.get("/en/answer").status_code == 200
    assert due_of(enter("viewer-geo").get("/en/tasks").text) == {"draft", "open"}
    assert due_of(enter("admin-geo").get("/en/tasks").text) == set()


def test_a_round_is_read_by_those_whom_it_asks(registry: Registry, enter: Enter) -> None:
    with registry.desk("secretariat-geo") as desk:
        rounds.open_round(desk, "autumn", NOW.date(), ("desk",))
    damir, other = enter(hired(registry, "damir", "desk")), enter(hired(registry, "of-another", "mill"))
    assert 'href="/en/rounds/autumn"' in damir.get("/en/rounds").text
    page = damir.get("/en/rounds/autumn")
    assert page.status_code == 200
    assert "Trade desk" in page.text
    assert "Close the round" not in page.text
    assert damir.get("/en/rounds/autumn/workbook-desk.xlsx").status_code == 200
    assert 'href="/en/rounds/autumn"' not in other.get("/en/rounds").text
    assert other.get("/en/rounds/autumn").status_code == 404
