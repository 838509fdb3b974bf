"""Access: the rules against a table written by hand, over every role, side, level, kind and action."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from birge.store.access import COMMON, ROLES, Actor, Grant, Thing, may, reach
from birge.store.kinds import KINDS

# what a role may do to a record of its own side, by the word of the design; all else is denied
OWN = {
    "viewer": "read",
    "reporter": "read comment report",
    "statistics": "read comment figure",
    "secretariat": "read comment report write run share receive",
    "approver": "read comment confirm judge share publish receive",
    "admin": "administer",
    "nonsense": "",
}
ACTIONS = (
    *("read", "comment", "report", "figure", "write", "run", "submit"),
    *("share", "publish", "confirm", "judge", "receive", "administer", "edit-audit"),
)
WRITES = {"report": "progress", "figure": "observation", "comment": "comment", "run": "run", "judge": "confirmation"}
LEVELS = {"own side": (False, False), "both sides": (True, False), "public": (True, True)}
KIND_NAMES = ("plan", "progress", "observation", "comment", "run", "confirmation", "decision", "answer")


def expected(role: str, own: bool, level: str, action: str, kind: str) -> bool:
    """The table in words: see `docs/how-to/registry.md`."""
    allowed = OWN[role].split()
    private, internal = kind in ("comment", "answer"), kind == "run"
    shared, published = LEVELS[level]
    if action == "administer":
        return role == "admin" and own
    if action == "read":
        if published and not private:
            return True
        return "read" in allowed and (own or (shared and not private))
    if action == "confirm":
        return role == "approver" and (own or (shared and not private))
    if not own:
        return False
    if action == "submit":
        return next((a for a, k in WRITES.items() if k == kind), "write") in allowed
    if action == "share" and internal:
        return role == "approver"
    if action in ("share", "publish") and private:
        return False
    return action in allowed


def test_every_role_side_level_action_and_kind_as_the_table_says() -> None:
    cases = list(itertools.product(OWN, (True, False), LEVELS, ACTIONS, KIND_NAMES))
    wrong = []
    for role, own, level, action, kind in cases:
        shared, published = LEVELS[level]
        thing = Thing(kind, "GEO", author="somebody", shared=shared, published=published)
        actor = Actor("a", "A", "GEO" if own else "ARM", (Grant(role),))
        if may(actor, action, thing) != expected(role, own, level, action, kind):
            wrong.append((role, own, level, action, kind))
    assert len(cases) > 4000
    assert wrong == []


names = st.sampled_from(["", "desk", "mill", "one", "two", "trade"])
grants = st.builds(Grant, st.sampled_from([*ROLES, "nonsense"]), names, names)
things = st.builds(
    Thing,
    st.sampled_from(sorted(KINDS)),
    st.sampled_from(["GEO", "ARM"]),
    st.frozensets(st.sampled_from(["one", "two", "trade"])),
    st.frozensets(st.sampled_from(["desk", "mill"])),
    st.sampled_from(["a", "b"]),
    st.booleans(),
    st.booleans(),
    st.frozensets(st.sampled_from(["desk", "mill"])),
)
actors = st.builds(
    Actor, st.sampled_from(["a", "b"]), st.just("A"), st.sampled_from(["GEO", "ARM", ""]), st.lists(grants).map(tuple)
)


@given(actors, st.sampled_from(ACTIONS), things)
def test_no_right_without_a_grant_that_covers_it(actor: Actor, action: str, thing: Thing) -> None:
    covering = [
        g
        for g in actor.grants
        if g.organisation in ("", *thing.organisations) and g.item in ("", *thing.items) and g.role in ROLES
    ]
    reading = [g for g in actor.grants if "read" in ROLES.get(g.role, ())]
    asked = [g for g in reading if g.organisation in thing.asked and not g.item]
    if may(actor, action, thing) and not (action == "read" and thing.published):
        assert covering or (action == "read" and (asked or (reading and thing.kind in COMMON)))


@given(actors, things)
def test_a_narrow_reader_meets_no_draft_of_what_is_for_all_who_read(actor: Actor, thing: Thing) -> None:
    elsewhere = all(g.organisation and g.organisation not in thing.organisations for g in actor.grants)
    if elsewhere:
        assert reach(actor, thing) != "own side"
        assert not any(may(actor, a, thing) for a in ACTIONS if a != "read")


@given(actors, st.sampled_from(ACTIONS), things)
def test_the_other_side_only_reads_and_confirms_what_is_shared(actor: Actor, action: str, thing: Thing) -> None:
    if actor.side != thing.side and may(actor, action, thing):
        assert action in ("read", "confirm") or (action == "administer" and actor.side == "")
        if action in ("read", "confirm"):
            assert thing.shared or thing.published
            assert not KINDS[thing.kind].private


@given(actors, things)
def test_nobody_confirms_what_they_wrote(actor: Actor, thing: Thing) -> None:
    if actor.login == thing.author:
        assert not may(actor, "confirm", thing)


@given(actors, st.sampled_from(ACTIONS), things, grants)
def test_one_more_grant_never_takes_a_right_away(actor: Actor, action: str, thing: Thing, more: Grant) -> None:
    if may(actor, action, thing):
        assert may(Actor(actor.login, actor.name, actor.side, (*actor.grants, more)), action, thing)


@given(actors, things)
def test_a_private_record_reaches_nobody_outside(actor: Actor, thing: Thing) -> None:
    if KINDS[thing.kind].private:
        assert reach(actor, thing) in (None, "own side")
        assert actor.side == thing.side or reach(actor, thing) is None
    assert not may(actor, "edit-audit", thing)


@given(things, st.sampled_from(ACTIONS))
def test_the_operator_sets_up_accounts_and_nothing_else(thing: Thing, action: str) -> None:
    operator = Actor("operator", "operator", "", operator=True)
    assert may(operator, action, thing) == (
        action == "administer" or (action == "read" and thing.published and not KINDS[thing.kind].private)
    )
