"""The reference pages are made from the code and are current; every command and option stands in them."""

from __future__ import annotations

import json
from pathlib import Path

from birge.cli.reference import cli_page, commands
from birge.models.border import schema_page as border_design
from birge.models.border.design import Design
from birge.plan.schema import Plan
from birge.plan.schema_page import json_schema, plan_file_page

PAGES = Path(__file__).parents[2] / "docs" / "reference"


def section(name: str) -> str:
    page = (PAGES / "cli.md").read_text("utf-8")
    return page.partition(f"## `{name}`\n")[2].partition("\n## ")[0]


def test_every_command_and_option_is_in_the_page_of_the_command_line() -> None:
    names = [name for name, _ in commands()]
    assert {"birge assess", "birge plan export", "birge plan import", "birge plan due", "birge stats mirror"} <= {
        *names
    }
    for name, command in commands():
        text = section(name)
        assert text, f"{name}: run python -m birge.cli.reference docs/reference/cli.md"
        for parameter in command.params:
            for option in (o for o in parameter.opts if o.startswith("--") and "completion" not in o and o != "--help"):
                assert f"`{option}" in text, (name, option)
                assert parameter.help, (name, option)


def test_the_page_of_the_command_line_is_current() -> None:
    current = (PAGES / "cli.md").read_text("utf-8")
    assert current == cli_page(), "run python -m birge.cli.reference docs/reference/cli.md"


def test_the_schema_and_its_page_are_current() -> None:
    remedy = "run python -m birge.plan.schema_page docs/reference"
    assert (PAGES / "plan.schema.json").read_text("utf-8") == json_schema(), remedy
    assert (PAGES / "plan-file.md").read_text("utf-8") == plan_file_page(), remedy


def test_the_design_of_a_crossing_has_a_current_page_with_every_field() -> None:
    remedy = "run python -m birge.models.border.schema_page docs/reference"
    page = border_design.design_page()
    assert (PAGES / "border-design.schema.json").read_text("utf-8") == border_design.json_schema(), remedy
    assert (PAGES / "border-design.md").read_text("utf-8") == page, remedy
    schema = json.loads(border_design.json_schema())
    records = {"Design": schema, **schema["$defs"]}
    assert {*records} == {*border_design.MEANINGS}
    for name, record in records.items():
        assert all(record["properties"][field]["description"] for field in border_design.MEANINGS[name])
        text = page.partition(f"## {name}\n")[2].partition("\n## ")[0]
        assert all(f"| `{field}` |" in text for field in record["properties"]), name
    assert set(schema["properties"]) == set(Design.model_fields)


def test_every_field_of_the_schema_is_in_its_page() -> None:
    page = plan_file_page()
    schema = json.loads(json_schema())
    records = {"Plan": schema, **{n: r for n, r in schema["$defs"].items() if r.get("type") == "object"}}
    assert len(records) > 20
    for name, record in records.items():
        text = page.partition(f"## {name}\n")[2].partition("\n## ")[0]
        for field in record["properties"]:
            assert f"| `{field}` |" in text, (name, field)
    assert set(schema["properties"]) == set(Plan.model_fields)
