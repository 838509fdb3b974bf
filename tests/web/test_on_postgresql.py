"""Working pages, the answer, rights and jobs once more, on a real PostgreSQL server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from birge.store.registry import Registry
from tests.web.conftest import peopled
from tests.web.test_levels import (
    READERS,
    kept,
    test_a_confirmed_plan_is_not_public_before_it_is_published,
    test_a_job_is_its_sides_alone_and_says_why_it_failed,
    test_a_run_is_read_on_its_side_then_on_both_and_by_nobody_else,
    test_many_readers_at_once_get_whole_pages,
)
from tests.web.test_pages import test_a_cancelled_and_a_lost_job_are_told
from tests.web.test_working import (
    test_a_proposal_is_confirmed_by_others_than_its_author,
    test_a_session_starts_changes_at_the_second_factor_and_ends,
    test_each_role_may_do_its_own_and_nothing_else,
    test_evidence_is_told_by_its_bytes,
    test_what_a_side_writes_is_text_and_its_own,
)

__all__ = [
    "READERS",
    "kept",
    "test_a_cancelled_and_a_lost_job_are_told",
    "test_a_confirmed_plan_is_not_public_before_it_is_published",
    "test_a_job_is_its_sides_alone_and_says_why_it_failed",
    "test_a_proposal_is_confirmed_by_others_than_its_author",
    "test_a_run_is_read_on_its_side_then_on_both_and_by_nobody_else",
    "test_a_session_starts_changes_at_the_second_factor_and_ends",
    "test_each_role_may_do_its_own_and_nothing_else",
    "test_evidence_is_told_by_its_bytes",
    "test_many_readers_at_once_get_whole_pages",
    "test_what_a_side_writes_is_text_and_its_own",
]


@pytest.fixture
def registry(postgresql: Callable[[], str], tmp_path: Path) -> Iterator[Registry]:
    """Return the registry of the other tests, on PostgreSQL."""
    made = peopled(postgresql(), tmp_path / "files")
    assert made.engine.dialect.name == "postgresql"
    yield made
    made.close()
