"""A registry for another plan: its sides come from the plan's file, and `init` says what was made and what is next."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from birge.cli.registry import app
from birge.errors import InputError
from birge.plan.load import load, plan_hash
from birge.plan.write import as_yaml
from birge.store.registry import Registry

SMALL = Path(__file__).parents[1] / "plans" / "small.yaml"


def test_a_registry_is_made_for_the_sides_of_another_plan_and_keeps_it(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/geo.sqlite"

    def run(*words: str) -> str:
        done = CliRunner().invoke(app, [*words, "--url", url])
        assert done.exit_code == 0, (done.output, done.exception)
        return done.output

    said = run("init", "--plan", str(SMALL))
    assert "Registry of GEO-ARM for both sides made, at revision" in said
    assert "with no user, no plan" in said
    assert f"Evidence is kept in {tmp_path}/geo.sqlite.files" in said
    assert f"birge registry import {SMALL} --user LOGIN" in said
    for login, side, role in (("desk", "GEO", "secretariat"), ("one", "GEO", "approver"), ("two", "ARM", "approver")):
        run("user", "add", login, "--name", login, "--side", side, "--role", role)
    assert "hash" in run("import", str(SMALL), "--user", "desk", "--effective", "2026-01-01")
    for login in ("one", "two"):
        run("confirm", "plan", "--user", login)
    assert "agreed plan since 2026-01-01" in run("status", "--user", "desk")


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--plan", str(SMALL), "--pair", "KAZ-KGZ"), "pair"),
        (("--plan", "none.yaml"), "file-unreadable"),
        (("--plan", str(SMALL), "--side", "KAZ"), "side"),
    ],
)
def test_a_plan_that_does_not_fit_makes_nothing(tmp_path: Path, words: tuple[str, ...], code: str) -> None:
    url = f"sqlite:///{tmp_path}/none.sqlite"
    done = CliRunner().invoke(app, ["init", *words, "--url", url])
    assert isinstance(done.exception, InputError)
    assert [p.code for p in done.exception.problems] == [code]
    with pytest.raises(Exception, match="no registry"):
        Registry.open(url)


def test_of_two_plan_versions_that_wait_the_one_is_named_by_the_hash_told_everywhere(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/two.sqlite"
    plans_ = [load(SMALL)[0].model_copy(update={"id": f"plan-{n}"}) for n in range(2)]

    def run(*words: str) -> Result:
        return CliRunner().invoke(app, [*words, "--url", url])

    run("init", "--plan", str(SMALL))
    for login, role in (("desk", "secretariat"), ("one", "approver")):
        run("user", "add", login, "--name", login, "--side", "GEO", "--role", role)
    digests = []
    for n, plan in enumerate(plans_):
        path = tmp_path / f"{n}.yaml"
        path.write_text(as_yaml(plan), "utf-8")
        digests.append(run("import", str(path), "--user", "desk").output.split("hash ")[1][:64])
    assert digests == [plan_hash(p) for p in plans_]
    asked = run("confirm", "plan", "--user", "one")
    assert isinstance(asked.exception, InputError)
    assert all(d[:12] in str(asked.exception) for d in digests)
    assert "name one by its hash" in str(asked.exception)
    said = run("confirm", digests[0][:12], "--user", "one").output
    assert f"confirmed by one for GEO: {digests[0]}" in said
    status = run("status", "--user", "one").output
    assert f"{digests[0]}, waits for ARM" in status
    assert f"{digests[1]}, waits for GEO, ARM" in status
    # the other one is now the only one without our word
    back = run("confirm", "plan", "--send-back", "--user", "one")
    assert "without a reason" in str(back.exception)
    assert digests[1] in run("confirm", "plan", "--send-back", "--note", "Too late", "--user", "one").output
