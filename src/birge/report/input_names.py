"""What the odds hang on, in the reader's language: a drawn input by its id, with the plan's own titles in it.

An id is a path: `outlook/drift`, `trade/kappa/MEASURE`, `trade/effect/MEASURE/0`, `schedule/MILESTONE`. The catalogues
hold a sentence per kind under `input`, with {what} for the title and {year} for the year that the model's own words
name. An input without a sentence keeps the model's words.
"""

from __future__ import annotations

import re

from birge.pages.border import named
from birge.plan.schema import Plan
from birge.texts import Translator, translator

__all__ = ["KINDS", "input_name"]

KINDS = (
    "outlook/level",
    "outlook/growth",
    "outlook/gap",
    "outlook/drift",
    "outlook/damping",
    "outlook/sigma",
    "outlook/noise",
    "outlook/drift_sigma",
    "outlook/gap_mean",
    "outlook/gap_damping",
    "outlook/gap_sigma",
    "outlook/elasticity",
    "trade/sigma",
    "trade/kept",
    "trade/hour",
    "trade/crossing",
    "trade/kappa",
    "trade/effect",
    "schedule",
    "power/inflow",
    "power/growth",
    "power/price",
    "power/cap",
    "power/recorded",
)
YEAR = re.compile(r"\b(19|20)\d\d\b")


def input_name(ident: str, meaning: str, plan: Plan, lang: str) -> str | None:
    """Return an input in words; None where the language has none for it.

    Parameters
    ----------
    ident
        The input's id in the assessment's document.
    meaning
        The model's own words for it, in English; the year in them is taken over.
    plan
        The plan whose measures, milestones and sides are named.
    lang
        The reader's language.

    Returns
    -------
    str or None
        What the input is, with titles of the plan.
    """
    t = translator(lang)
    kind = next((k for k in KINDS if ident == k or ident.startswith(f"{k}/")), None)
    if kind is None:
        return None
    said = t.named("input", kind)
    if said == kind:
        return None
    year = YEAR.search(meaning)
    first = plan.parties[0].statistics.get(t.lang)
    rest = ident[len(kind) + 1 :].split("/", maxsplit=1)[0]
    return said.format(what=_title(rest, plan, t), year=year[0] if year else "", first=first)


def _title(name: str, plan: Plan, t: Translator) -> str:
    """Return the title of what an id names: a measure, a milestone, a side, a direction, a crossing."""
    titles = {m.id: m.title.get(t.lang) for m in plan.milestones()}
    titles |= {m.id: m.title.get(t.lang) for m in plan.measures}
    sides = {p.code: p.short.get(t.lang) for p in plan.parties}
    if name in titles:
        return f"«{titles[name]}»"
    if name in sides:
        return sides[name]
    if all(part in sides for part in name.split("-")) and name:
        return " → ".join(sides[part] for part in name.split("-"))
    first, second = (p.code for p in plan.parties)
    return named((first, second), t.lang).get(name, name)
