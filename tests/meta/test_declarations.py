"""Conventions that are tests: public names, Variables, words that must not be used."""

from __future__ import annotations

import importlib
import pkgutil
import re
import subprocess
import sys
from pathlib import Path

import pytest

import birge
from birge.variables import variables

ROOT = Path(__file__).parents[2]
MODULES = sorted(m.name for m in pkgutil.walk_packages(birge.__path__, "birge."))


@pytest.mark.parametrize("name", MODULES)
def test_all_is_true(name: str) -> None:
    module = importlib.import_module(name)
    listed = getattr(module, "__all__", None)
    if listed is None:
        pytest.fail(f"{name} has no __all__")
    assert len(set(listed)) == len(listed)
    assert [n for n in listed if not hasattr(module, n)] == []


def test_variables_a_plan_acts_on_have_defaults_inside_their_bounds() -> None:
    for v in variables().values():
        assert v.bounds[0] < v.bounds[1], v.name
        if v.plan_may_act:
            assert v.default is not None, v.name
            assert v.bounds[0] <= v.default <= v.bounds[1], v.name


def test_help_and_import_stay_light() -> None:
    code = (
        "import sys, birge, birge.cli\n"
        "heavy = {'xarray', 'pandas', 'numba', 'pypsa', 'matplotlib', 'scipy'} & set(sys.modules)\n"
        "sys.exit(','.join(sorted(heavy)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_no_lock_file_names_a_host() -> None:
    for lock in (ROOT / "requirements").glob("*.lock"):
        assert not re.search(r"https?://", lock.read_text()), lock.name
