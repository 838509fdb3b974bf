"""Benchmarks run apart from the tests: what they take from Birge has at least to be there."""

from __future__ import annotations

import ast
import importlib
from importlib.util import find_spec
from pathlib import Path

import pytest

ALL = sorted((Path(__file__).parents[2] / "benchmarks").glob("*.py"))


@pytest.mark.parametrize("path", ALL, ids=lambda p: p.stem)
def test_what_a_benchmark_takes_is_there(path: Path) -> None:
    taken = [
        (node.module, name.name)
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "birge"
        for name in node.names
    ]
    missing = [
        f"{module}.{name}"
        for module, name in taken
        if not hasattr(importlib.import_module(module), name) and find_spec(f"{module}.{name}") is None
    ]
    assert not missing
