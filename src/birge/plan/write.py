"""Write a plan as YAML that reads back to the same plan."""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

from birge.plan.schema import Plan, Record

__all__ = ["as_yaml"]

WIDE = 1_000_000


def as_yaml(plan: Plan) -> str:
    """Return the plan as YAML; fields with their default value are left out, records and dates keep their order."""
    yaml = YAML(typ="rt")
    yaml.width = WIDE
    yaml.allow_unicode = True
    yaml.indent(mapping=2, sequence=4, offset=2)
    data = _plain(plan)
    data.insert(0, "schema_version", plan.schema_version)
    packed = io.StringIO()
    yaml.dump(data, packed)
    return packed.getvalue()


def _plain(value: Any) -> Any:
    """Turn records into the writer's containers; small ones stand on one line."""
    if isinstance(value, Record):
        made = CommentedMap()
        for name, info in type(value).model_fields.items():
            inner = getattr(value, name)
            default = info.get_default(call_default_factory=True)
            if info.is_required() or repr(inner) != repr(default):
                made[info.alias or name] = _plain(inner)
        if all(not isinstance(v, CommentedMap | CommentedSeq) or v.fa.flow_style() for v in made.values()):
            made.fa.set_flow_style()
        return made
    if isinstance(value, tuple):
        several = CommentedSeq(_plain(v) for v in value)
        if not any(isinstance(v, Record) for v in value):
            several.fa.set_flow_style()
        return several
    if isinstance(value, Mapping):
        pairs = CommentedMap((_text(str(k)), _plain(v)) for k, v in value.items())
        pairs.fa.set_flow_style()
        return pairs
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, date) and value.year < 1000:
        return value.isoformat()
    return value


def _text(text: str) -> str:
    """Quote what YAML might fold, strip or read as something else."""
    plain = text.isprintable() and text == text.strip() and bool(text)
    safe = plain and not any(sign in text for sign in "\\\"'#&*!|>%@`{}[],:?") and text[0].isalpha()
    words = text.casefold() in ("true", "false", "yes", "no", "on", "off", "null", "none", "nan", "y", "n")
    return text if safe and not words else DoubleQuotedScalarString(text)
