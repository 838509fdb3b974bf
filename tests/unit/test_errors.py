"""Errors carry facts and survive pickling."""

from __future__ import annotations

import pickle

import pytest

from birge.errors import BirgeError, InputError, Problem, SolveError


@pytest.mark.parametrize(
    "error",
    [
        BirgeError("no", a=1),
        InputError([Problem("f:1", "code", "message", "remedy"), Problem("f:2", "code", "m", "r")]),
        SolveError("stuck", 12, 0.5),
    ],
)
def test_errors_survive_pickling(error: BirgeError) -> None:
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is type(error)
    assert str(copy) == str(error)
    assert copy.__dict__ == error.__dict__
    assert copy.exit_code == error.exit_code
