"""The plan file's JSON Schema, and its reference page made from the schema.

`python -m birge.plan.schema_page FOLDER` writes `plan.schema.json` and `plan-file.md` into FOLDER (docs/reference).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from birge.plan.schema import Plan

__all__ = ["json_schema", "plan_file_page", "record_section"]

HEAD = """\
# The plan file

A plan is one YAML file. This page is made from its JSON Schema, [plan.schema.json](plan.schema.json), which
`birge plan schema` prints; an editor that is given the schema completes and checks fields while you type.
Start from a commented template:

```console
$ birge plan schema
```

```text
birge plan new --parties KAZ UZB --years 2026-2030 --out plan.yaml
birge plan check plan.yaml
```

Fields marked *yes* have to be there. Ids are small Latin letters, digits and hyphens; dates are written 2026-11-30.
"""


def json_schema() -> str:
    """Return the JSON Schema of the plan file."""
    return json.dumps(Plan.model_json_schema(), indent=2, ensure_ascii=False) + "\n"


def plan_file_page() -> str:
    """Return the reference page: one section per record, one row per field."""
    schema = Plan.model_json_schema()
    parts = [HEAD, record_section("Plan", schema)]
    parts += [
        record_section(name, record) for name, record in schema["$defs"].items() if record.get("type") == "object"
    ]
    return "\n".join(parts)


def record_section(name: str, record: Mapping[str, Any]) -> str:
    """Return the section of one record of a JSON Schema: what it is, and a row per field."""
    needed = set(record.get("required", ()))
    rows = [
        f"| `{field}` | {_kind(info)} | {'yes' if field in needed else _default(info)} | {_meaning(info)} |"
        for field, info in record.get("properties", {}).items()
    ]
    head = ["| field | kind | needed, or its default | meaning |", "|---|---|---|---|"]
    what = " ".join(str(record.get("description", "")).split())
    return "\n".join([f"## {name}", "", what, "", *head, *rows, ""])


def _kind(info: Mapping[str, Any]) -> str:
    """Return what a field may hold, in a few words."""
    if "$ref" in info:
        name = info["$ref"].rpartition("/")[2]
        return "one of: not started, in progress, done, stopped" if name == "State" else f"[{name}](#{name.lower()})"
    if "anyOf" in info:
        return " or ".join(_kind(part) for part in info["anyOf"] if part.get("type") != "null")
    if "enum" in info:
        return "one of: " + ", ".join(map(str, info["enum"]))
    if "const" in info:
        return f"always {info['const']}"
    if "prefixItems" in info:
        return f"list of {len(info['prefixItems'])}: {_kind(info['prefixItems'][0])}"
    if info.get("type") == "array":
        return f"list of {_kind(info.get('items', {}))}"
    if info.get("type") == "object":
        return f"mapping to {_kind(info.get('additionalProperties', {}))}"
    return _plain(info)


def _plain(info: Mapping[str, Any]) -> str:
    words = {"string": "text", "number": "number", "integer": "whole number", "boolean": "true or false"}
    kind = "date" if info.get("format") == "date" else words.get(str(info.get("type")), "any")
    if "pattern" in info:
        pattern = info["pattern"]
        kind = "HH:MM" if r"\d" in pattern else "code of three capitals" if pattern == "^[A-Z]{3}$" else "id"
    signs = {"minimum": "≥", "exclusiveMinimum": ">", "maximum": "≤", "exclusiveMaximum": "<"}
    limits = [f"{sign} {info[key]:g}" for key, sign in signs.items() if key in info]
    return f"{kind} {', '.join(limits)}" if limits else kind


def _default(info: Mapping[str, Any]) -> str:
    default = info.get("default")
    if default is None or default in ([], {}, ""):
        return "no"
    if isinstance(default, Mapping):
        return "the record's defaults"
    if isinstance(default, list):
        if len(default) > 2 and len({*map(str, default)}) == 1:
            return f"{len(default)} × {default[0]}"
        return ", ".join(map(str, default))
    return str(default).lower() if isinstance(default, bool) else str(default)


def _meaning(info: Mapping[str, Any]) -> str:
    return " ".join(str(info.get("description", "")).split()).replace("|", "\\|")


def _write(folder: Path) -> None:
    (folder / "plan.schema.json").write_text(json_schema(), "utf-8")
    (folder / "plan-file.md").write_text(plan_file_page(), "utf-8")


if __name__ == "__main__":
    _write(Path(sys.argv[1]))
