"""What can go wrong, as values that faces translate.

```
BirgeError            exit 1   something Birge raises on purpose
├── InputError        exit 2   the user's input is wrong: all problems at once
├── SolveError        exit 3   a solver did not converge
└── StoreError        exit 4   the registry refuses: `birge.store.errors` has the reasons
```
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

__all__ = ["BirgeError", "InputError", "Problem", "SolveError", "StoreError"]


@dataclass(frozen=True, order=True)
class Problem:
    """One thing that is wrong in the user's input: where, which kind, and how to mend it."""

    where: str
    code: str
    message: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.where}: {self.code}: {self.message} → {self.remedy}"


class BirgeError(Exception):
    """Base of every error that Birge raises on purpose; carries facts, not sentences."""

    exit_code = 1

    def __init__(self, message: str, **facts: Any) -> None:
        super().__init__(message)
        self.message = message
        self.facts = facts

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), self.__dict__.copy())

    def __str__(self) -> str:
        return self.message


class InputError(BirgeError):
    """The input is wrong; `problems` lists everything found, in order of place."""

    exit_code = 2

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(p) for p in self.problems))

    @classmethod
    def at(cls, where: str, code: str, message: str, remedy: str) -> InputError:
        """Make an error with a single problem."""
        return cls([Problem(where, code, message, remedy)])


class SolveError(BirgeError):
    """A solver stopped without an answer, after `iterations` with `residual` left."""

    exit_code = 3

    def __init__(self, message: str, iterations: int, residual: float) -> None:
        super().__init__(message, iterations=iterations, residual=residual)


class StoreError(BirgeError):
    """The registry refuses; its subclasses say why."""

    exit_code = 4


def _rebuild(cls: type[BirgeError], state: dict[str, Any]) -> BirgeError:
    error = cls.__new__(cls)
    Exception.__init__(error, state["message"])
    error.__dict__.update(state)
    return error
