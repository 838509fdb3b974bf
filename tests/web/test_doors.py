"""Every form for every role: who has the right is let in, by the very request that all others are refused with."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.web.canaries import posts
from tests.web.conftest import ROLES
from tests.web.doors import DOORS, ELSEWHERE, WHO, Door, World, may, stocked

OTHERS = tuple(f"{r}-arm" for r in ROLES)
NAMES = [f"{d.path.removeprefix('/{lang}/')}-{d.right}-{n}" for n, d in enumerate(DOORS)]


@pytest.fixture(scope="module")
def joint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Return a joint server of both sides."""
    world = stocked(tmp_path_factory.mktemp("joint"))
    yield world
    world.client.close()
    world.registry.close()


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Return an installation of one side, and the other side's beside it."""
    other = stocked(tmp_path_factory.mktemp("other"), "ARM")
    world = stocked(tmp_path_factory.mktemp("alone"), "GEO")
    world.other = other.registry
    yield world
    for w in (world, other):
        w.client.close()
        w.registry.close()


def test_every_form_has_a_request_that_succeeds_or_is_tested_elsewhere(joint: World) -> None:
    assert {d.path for d in DOORS} | set(ELSEWHERE) == set(posts(joint.client.app))
    assert not {d.path for d in DOORS} & set(ELSEWHERE)
    for path, module in ELSEWHERE.items():
        text = (Path(__file__).parent / module).read_text("utf-8")
        assert path.replace("{lang}", "en").partition("{")[0] in text, (path, module)


def test_every_role_is_let_in_somewhere_and_refused_somewhere() -> None:
    for role in ROLES:
        found = [may(d, role) for d in DOORS]
        assert not all(found)
        assert any(found)


@pytest.mark.parametrize("door", DOORS, ids=NAMES)
def test_a_form_is_taken_from_those_with_the_right_and_changes_nothing_for_others(
    door: Door, joint: World, alone: World
) -> None:
    world = alone if door.alone else joint
    ask = door.ask(world)
    before = world.standing()
    refused = [f"{r}-geo" if r else "" for r in WHO if not may(door, r)]
    for login in (*refused, *(OTHERS if door.ours else ())):
        answer = world.send(login, ask)
        assert answer.status_code in (403, 404), (login, answer.status_code)
        assert world.standing() == before, login
    let_in = [r for r in WHO if may(door, r)]
    assert let_in, "a form that nobody may send"
    for n, role in enumerate(let_in):
        if n:
            ask = door.ask(world)
            before = world.standing()
        answer = world.send(f"{role}-geo" if role else "", ask)
        assert answer.status_code in (200, 303), (role, answer.status_code, answer.text[-1500:])
        assert world.standing() != before or door.path == "/{lang}/sign-out", role
