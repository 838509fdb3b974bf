"""Canonical JSON and its SHA-256: the same content has the same bytes and the same hash on every machine."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from pydantic import BaseModel

__all__ = ["canonical", "digest", "plain"]


def plain(payload: BaseModel) -> dict[str, Any]:
    """Return a record as plain data, without empty fields."""
    return payload.model_dump(mode="json", by_alias=True, exclude_none=True)


def canonical(value: Any) -> str:
    """Return plain data as JSON with sorted keys and no spaces; refuses NaN and infinity."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def digest(text: str) -> str:
    """Return the SHA-256 of `text` in UTF-8."""
    return hashlib.sha256(text.encode()).hexdigest()
