"""Take out of an edited plan what the registry had only laid over it.

`GET /plan.docx` and the like give the plan as known today: the plan that holds, and over it reports, records and
reviewed texts, some of them a side's own. An edited copy that comes back must not carry these into a plan version,
which the other side reads. So each value is compared with both: what the reader was `shown` and did not touch is as it
`holds`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from birge.plan.schema import Plan

__all__ = ["lifted"]

NOTHING = object()


def lifted(edited: Plan, shown: Plan, holds: Plan) -> Plan:
    """Return the `edited` plan without what was only laid over the plan that `holds` to make the one `shown`."""
    return Plan.model_validate(_lifted(edited.canonical(), shown.canonical(), holds.canonical()))


def _lifted(edited: Any, shown: Any, holds: Any) -> Any:
    if edited == shown:
        return holds
    if isinstance(edited, Mapping):
        return _mapping(edited, _map(shown), _map(holds))
    if isinstance(edited, list):
        if all(isinstance(r, Mapping) and ("id" in r or "code" in r) for r in edited) and edited:
            found = _mapping(_by_id(edited), _by_id(shown), _by_id(holds))
            return list(found.values())
        over = [x for x in _list(shown) if x not in _list(holds)]
        gone = [x for x in _list(holds) if x not in _list(shown) and x not in edited]
        return [*(x for x in edited if x not in over), *gone]
    return edited


def _mapping(edited: Mapping[Any, Any], shown: Mapping[Any, Any], holds: Mapping[Any, Any]) -> dict[Any, Any]:
    """Return the edited fields in their order, without the untouched ones that do not hold."""
    found = {k: _lifted(v, shown.get(k, NOTHING), holds.get(k, NOTHING)) for k, v in edited.items()}
    found |= {k: v for k, v in holds.items() if k not in edited and k not in shown}
    return {k: v for k, v in found.items() if v is not NOTHING}


def _map(value: Any) -> Mapping[Any, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _by_id(value: Any) -> dict[Any, Any]:
    return {r.get("id") or r.get("code"): r for r in _list(value)}
