"""Answers of the policy that are shipped, so that nobody who reads a page waits for one to be solved.

`python -m birge.models.power.policy_table KAZ-KGZ` solves every case of `QUESTIONS` and writes `policy_KAZ-KGZ.json`
beside this file, with the hash of what went in; `shipped` reads a case, or None where tables have changed since.
"""

from __future__ import annotations

import hashlib
import json
import sys
from dataclasses import asdict
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from birge.models.power.answer import Question, answer
from birge.models.power.case import HYDROLOGY
from birge.models.power.reading import document
from birge.models.power.system import TABLES, power_system

__all__ = ["QUESTIONS", "inputs", "make", "shipped"]

QUESTIONS = {h: Question(2026, hydrology=h, together=False) for h in HYDROLOGY}
VERSION = 3
"""Counted up whenever the policy itself answers otherwise."""


def inputs() -> str:
    """Return the hash of the tables, the questions and the version of the policy."""
    told = hashlib.sha256(str(VERSION).encode())
    for table in TABLES:
        told.update((files("birge.factbook") / "tables" / f"power_{table}.csv").read_bytes())
    told.update(json.dumps({k: asdict(q) for k, q in QUESTIONS.items()}, sort_keys=True).encode())
    return told.hexdigest()


def make(pair: tuple[str, ...]) -> dict[str, Any]:
    """Return the shipped document of a pair: hash and answers by hydrology; raises ValueError without a system."""
    system = power_system(pair)
    if system is None:
        raise ValueError(f"no power system of {pair}")
    found = {name: _rounded(document(answer(system, q, pair))) for name, q in QUESTIONS.items()}
    return {"inputs": inputs(), "answers": found}


def shipped(pair: tuple[str, ...], hydrology: str) -> dict[str, Any] | None:
    """Return the shipped answer of a pair in either order, None where there is none or it is of other tables."""
    found = _read("-".join(pair)) or _read("-".join(reversed(pair)))
    if found is None or found["inputs"] != inputs():
        return None
    answers: dict[str, dict[str, Any]] = found["answers"]
    return answers.get(hydrology)


@cache
def _read(name: str) -> dict[str, Any] | None:
    path = files("birge.models.power") / f"policy_{name}.json"
    return dict(json.loads(path.read_text("utf-8"))) if path.is_file() else None


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _rounded(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_rounded(v) for v in value]
    return round(value, 5) if isinstance(value, float) else value


def main() -> None:
    """Write the table of the pair that is named."""
    pair = sys.argv[1]
    made = json.dumps(make(tuple(pair.split("-"))), ensure_ascii=False, separators=(",", ":"))
    Path(__file__).with_name(f"policy_{pair}.json").write_text(
        made.replace('},{"month"', '},\n{"month"') + "\n", "utf-8"
    )


if __name__ == "__main__":
    main()
