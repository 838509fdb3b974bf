"""Random plans within the schema, made from its declarations."""

from __future__ import annotations

import types
import typing
from datetime import date
from enum import StrEnum
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from pydantic.fields import FieldInfo

from birge.plan.schema import Plan, Record

__all__ = ["plans"]

TEXTS = st.one_of(
    st.text(max_size=12),
    st.text(alphabet="=+-@;:\\\n\t \u00a0_x0041\rаәқңөүһі'\"#{}[]<>&,", max_size=16),
    st.sampled_from(["en: x", "Russian: y", "соисполнитель: z", "=1+1", "12", "2026-01-01", "2) a", "(desk)", "yes"]),
)
CODES = st.from_regex(r"[A-Z]{3}", fullmatch=True)
IDS = st.from_regex(r"[a-z0-9][a-z0-9-]{0,8}", fullmatch=True)


def bounds(metadata: list[Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for note in metadata:
        for inner in (note, *getattr(note, "metadata", ())):
            for name in ("gt", "ge", "le", "lt", "min_length", "max_length", "pattern"):
                if (value := getattr(inner, name, None)) is not None:
                    found[name] = value
    return found


def values(annotation: Any, limits: dict[str, Any]) -> SearchStrategy[Any]:
    origin = typing.get_origin(annotation)
    if origin is typing.Annotated:
        inner, *notes = typing.get_args(annotation)
        return values(inner, {**limits, **bounds(notes)})
    if origin in (typing.Union, types.UnionType):
        return st.one_of([values(a, limits) for a in typing.get_args(annotation)])
    if annotation is types.NoneType:
        return st.none()
    if origin is typing.Literal:
        return st.sampled_from(typing.get_args(annotation))
    if origin is tuple:
        low, high = limits.get("min_length", 0), limits.get("max_length", 2)
        return st.lists(values(typing.get_args(annotation)[0], {}), min_size=low, max_size=high).map(tuple)
    if origin is dict:
        key, value = typing.get_args(annotation)
        low, high = limits.get("min_length", 0), limits.get("max_length", 2)
        return st.dictionaries(values(key, {}), values(value, {}), min_size=low, max_size=high)
    if isinstance(annotation, type) and issubclass(annotation, Record):
        return records(annotation)
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        return st.sampled_from(list(annotation))
    return plain(annotation, limits)


def plain(annotation: Any, limits: dict[str, Any]) -> SearchStrategy[Any]:
    low, high = limits.get("ge", limits.get("gt")), limits.get("le", limits.get("lt"))
    if annotation is bool:
        return st.booleans()
    if annotation is date:
        return st.dates()
    if annotation is int:
        return st.integers(low if low is not None else -(2**40), high if high is not None else 2**40)
    if annotation is float:
        return st.floats(low, high, exclude_min="gt" in limits, allow_nan=False, allow_infinity=False)
    assert annotation is str, annotation
    if "pattern" in limits:
        return CODES if "A-Z" in limits["pattern"] else IDS
    return TEXTS.filter(lambda s: len(s) >= limits.get("min_length", 0))


def records(model: type[Record]) -> SearchStrategy[dict[str, Any]]:
    def field(info: FieldInfo) -> SearchStrategy[Any]:
        return values(info.annotation, bounds(info.metadata))

    return st.fixed_dictionaries({f.alias or n: field(f) for n, f in model.model_fields.items()})


def _unlike(items: Any, key: str = "id") -> tuple[dict[str, Any], ...]:
    """Give records that share an id their own."""
    return tuple({**item, key: f"{item[key]}-{k}"[:64]} for k, item in enumerate(items))


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """Return a plan that the schema accepts: ids are unlike, measures name organisations and pillars that exist."""
    data = dict(draw(records(Plan)))
    a, b = data["parties"]
    data["parties"] = ({**a, "code": "AAA"}, {**b, "code": "BBB"})
    parties = st.sampled_from(["AAA", "BBB", None, "CCC"])
    data["organisations"] = tuple({**o, "party": draw(parties)} for o in _unlike(data["organisations"]))
    data["pillars"] = _unlike(data["pillars"]) or ({"id": "only", "title": {"en": "Only"}},)
    for name in (
        "indicators",
        "risks",
        "instruments",
        "meetings",
        "events",
        "barriers",
        "initiatives",
        "measures",
        "region_pairs",
    ):
        data[name] = _unlike(data[name])
    bodies = st.lists(st.sampled_from([o["id"] for o in data["organisations"]] or [""]), max_size=3)
    pillars = st.sampled_from([p["id"] for p in data["pillars"]])
    for measure in data["measures"]:
        measure["pillar"] = draw(pillars)
        for key in ("responsible", "co_responsible"):
            measure[key] = tuple(draw(bodies)) if data["organisations"] else ()
        measure["milestones"] = _unlike(measure["milestones"])
    for indicator in data["indicators"]:
        indicator["targets"] = _unlike(indicator["targets"])
    for meeting in data["meetings"]:
        meeting["decisions"] = _unlike(meeting["decisions"])
    return Plan.model_validate(data)
