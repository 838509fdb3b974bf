"""Read a plan from YAML; every problem is reported at once with its file and line."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedBase
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from birge.errors import InputError, Problem
from birge.plan.schema import Plan

__all__ = [
    "EMBEDDED",
    "Lines",
    "embedded",
    "embedded_path",
    "load",
    "misfit",
    "parse",
    "parsed",
    "plan_hash",
    "text_of",
]

EMBEDDED = "kz-kg-2025-2027"
REMEDY = "compare with the schema in docs/reference/python.md, or start from `birge plan new`"
MOST_PARTS, DEEPEST = 1_000_000, 50
Path_ = tuple[str | int, ...]


class Lines:
    """Where each part of a plan stands in its file."""

    def __init__(self, name: str, root: Any) -> None:
        self.name = name
        self._root = root

    def at(self, path: Path_) -> str:
        """Return `file:line` of the deepest known part of `path`."""
        node, line = self._root, 1
        for key in path:
            if not isinstance(node, CommentedBase):
                break
            try:
                line = node.lc.data[key][0] + 1
                node = node[key]  # type: ignore[index]
            except (KeyError, IndexError, TypeError):
                break
        return f"{self.name}:{line}"


def embedded_path() -> Path:
    """Return where the embedded plan lies."""
    return Path(__file__).parent / "plans" / f"{EMBEDDED}.yaml"


def embedded() -> Plan:
    """Return the embedded plan, a reconstruction from public sources."""
    return load(embedded_path())[0]


def load(path: str | Path) -> tuple[Plan, Lines]:
    """Read the plan in the file `path`.

    Raises InputError with every problem: no such file, not UTF-8, broken YAML, wrong or unknown fields.
    """
    return parse(text_of(path), str(path))


def text_of(path: str | Path) -> str:
    """Return the text of the file `path`; raises InputError where there is none or it is not UTF-8."""
    try:
        return Path(path).read_text("utf-8")
    except OSError as error:
        raise InputError.at(
            str(path), "file-unreadable", error.strerror or str(error), "name a file that exists"
        ) from error
    except UnicodeDecodeError as error:
        raise InputError.at(str(path), "not-utf-8", f"byte {error.start} is not UTF-8", "save it as UTF-8") from error


@lru_cache(maxsize=8)
def parse(text: str, name: str) -> tuple[Plan, Lines]:
    """Read a plan from `text`; `name` is shown in problems. A text that was read is kept: plans are frozen."""
    data, lines = parsed(text, name)
    try:
        return Plan.model_validate(data), lines
    except ValidationError as error:
        raise misfit(error, lines, "plan", REMEDY) from error


def misfit(error: ValidationError, lines: Lines, what: str, remedy: str) -> InputError:
    """Return what a schema refuses as problems in order of lines; `what` begins their codes.

    A list that is short only since its parts are refused is not named beside them.
    """
    errors = error.errors()
    inside = {e["loc"][:k] for e in errors for k in range(len(e["loc"]))}
    said = [e for e in errors if not (e["type"] == "too_short" and e["loc"] in inside)]
    problems = [Problem(lines.at(e["loc"]), f"{what}-{e['type']}", _message(e), remedy) for e in said]
    return InputError(sorted(problems, key=lambda p: (int(p.where.rsplit(":", 1)[1]), p.message)))


def parsed(text: str, name: str, what: str = "plan", remedy: str = REMEDY) -> tuple[Any, Lines]:
    """Read YAML into plain data with the lines of its parts; raises InputError where it is broken or no mapping.

    `what` the file should hold is named, with `remedy`, where it holds nothing.
    """
    try:
        root = YAML(typ="rt").load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        what = (error.problem or "broken YAML").splitlines()[0]
        raise InputError.at(f"{name}:{line}", "yaml-broken", what, "mend the YAML at this line") from error
    except YAMLError as error:
        raise InputError.at(f"{name}:1", "yaml-broken", str(error).splitlines()[0], "save the file as text") from error
    except (RecursionError, ValueError, OverflowError) as error:
        reason = "nested too deep" if isinstance(error, RecursionError) else str(error).splitlines()[0]
        raise InputError.at(f"{name}:1", "yaml-broken", reason, "mend the YAML") from error
    if not isinstance(root, Mapping):
        raise InputError.at(f"{name}:1", f"{what}-empty", f"the file holds no {what}", remedy)
    try:
        return _plain(root, [MOST_PARTS], DEEPEST), Lines(name, root)
    except OverflowError as error:
        raise InputError.at(f"{name}:1", "yaml-too-large", str(error), "write out what the aliases repeat") from error


def plan_hash(plan: Plan) -> str:
    """Return the SHA-256 of the plan's canonical JSON; the same plan has the same hash on every machine."""
    text = json.dumps(plan.canonical(), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _message(error: Any) -> str:
    return f"{'.'.join(str(k) for k in error['loc'])}: {error['msg']}"


def _plain(node: Any, left: list[int], deeper: int) -> Any:
    """Turn the reader's containers into plain ones; a few aliases of aliases would unfold to more than memory holds."""
    left[0] -= 1
    if left[0] < 0 or deeper < 0:
        what = f"nested deeper than {DEEPEST}" if deeper < 0 else f"unfolds to more than {MOST_PARTS:,} parts"
        raise OverflowError(what)
    if isinstance(node, Mapping):
        return {k: _plain(v, left, deeper - 1) for k, v in node.items()}
    if isinstance(node, list):
        return tuple(_plain(v, left, deeper - 1) for v in node)
    return node
