"""What a start loads, and what it must not."""

from __future__ import annotations

import subprocess
import sys

HEAVY = ("pypsa", "matplotlib")
LIGHT = (*HEAVY, "xarray", "pandas", "numba", "fastapi", "uvicorn", "sqlalchemy", "altair")


def loaded(code: str) -> set[str]:
    """Return the top modules that a fresh interpreter holds after `code`."""
    told = f"{code}\nimport sys\nprint('\\n'.join(sorted({{m.split('.')[0] for m in sys.modules}})))"
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    return set(done.stdout.split("\n"))


def test_the_package_and_its_command_line_stay_light() -> None:
    assert "birge" in (found := loaded("import birge, birge.cli"))
    assert not found & set(LIGHT)


def test_the_application_loads_neither_pypsa_nor_matplotlib() -> None:
    found = loaded("import birge.web, birge.web.serve, birge.web.worker")
    assert "fastapi" in found
    assert not found & set(HEAVY)
