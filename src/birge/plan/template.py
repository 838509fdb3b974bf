"""A commented plan file for any pair of countries and any years, to be filled in."""

from __future__ import annotations

from birge.errors import InputError, Problem
from birge.texts import country

__all__ = ["template"]

TEMPLATE = """\
# A cooperation plan for Birge. Replace what stands here, check it with `birge plan check FILE`.
# Texts: {{en: …, ru: …, kk: …, ky: …, unreviewed: [ru]}}; only en has to be there, `unreviewed` names languages that
# no native speaker has reviewed. Ids: small Latin letters, digits and hyphens. Dates: 2026-11-30.
# Every field: docs/reference/plan-file.md.
schema_version: 1
id: {id}
title: {{en: "{a_name} - {b_name} cooperation plan {start}-{end}"}}
# published: the text of the plan is public; reconstructed: put together from other sources, and shown as such.
origin: reconstructed
origin_note: {{en: "Template: nothing here comes from a source yet."}}
# The two parties in the order of the plan's title; `statistics` is how a target on their figures is named.
parties:
  - {{code: {a}, name: {{en: "{a_name}"}}, short: {{en: "{a_name}"}}, statistics: {{en: "as {a_name} counts"}}}}
  - {{code: {b}, name: {{en: "{b_name}"}}, short: {{en: "{b_name}"}}, statistics: {{en: "as {b_name} counts"}}}}
# First and last year of the plan.
start: {start}
end: {end}
languages: [en]
currency: USD
# Whether the two are in one customs union.
customs_union: false
# Id of the target whose odds come first (under indicators, below).
headline: turnover-{end}
pillars:
  - {{id: trade, title: {{en: Trade}}}}
# Who answers for something. `party` is left out for a joint body; level: head of state, government, ministry, agency,
# region, parliament or other.
organisations:
  - {{id: {a_low}-trade, party: {a}, level: ministry, name: {{en: "Ministry of trade of {a_name} (replace)"}}}}
  - {{id: {b_low}-trade, party: {b}, level: ministry, name: {{en: "Ministry of trade of {b_name} (replace)"}}}}
# What is measured. kind: variable (a model's Variable), milestone (done by a date) or observed (shown without odds).
indicators:
  - id: turnover
    pillar: trade
    title: {{en: Trade turnover}}
    kind: variable
    variable: trade.flow
    unit: mn USD/year
    # A baseline needs a source: {{year: {before}, value: …, basis: {a}, source: {{title: …, url: …, date: …}}}}
    baseline: []
    # basis: whose statistics decide; value in the indicator's unit. The value here is a placeholder.
    targets:
      - {{id: turnover-{end}, year: {end}, value: 1000, basis: {a}, source: {{title: "placeholder, name the source"}}}}
# The items of the plan as agreed.
measures:
  - id: first-measure
    number: "1"
    pillar: trade
    title: {{en: "First measure (replace by the text as agreed)"}}
    # What its completion looks like: an agreement, a report, a building.
    form: {{en: agreement signed}}
    responsible: [{a_low}-trade, {b_low}-trade]
    co_responsible: []
    # The deadline as written; kind: date, quarter, year, annually, permanently, during or none; due if it has a date.
    deadline: {{text: {{en: "end of {end}"}}, kind: year, due: {end}-12-31}}
    # Cost in mn USD and its source of funds, where known: cost_musd, cost_note, funds.
    origin: reconstructed
    # Dated steps. `after` names steps that have to finish first; duration in months (low, mode, high) with the kind of
    # work: building, procurement, ratification, document, system or event. A report: status: [{{state: in progress,
    # reported: DATE}}]; state is not started, in progress, done (with finished: DATE) or stopped.
    milestones:
      - id: first-draft
        title: {{en: Draft agreed by both sides}}
        planned: {start}-03-31
        duration: {{low: 3, mode: 6, high: 12, work: document}}
      - id: first-signed
        title: {{en: Agreement signed}}
        planned: {end}-06-30
        after: [first-draft]
        duration: {{low: 2, mode: 4, high: 9, work: document}}
    # What the measure does to a driver Variable, from which milestone on; leave out what is not known. Example:
    # - {{driver: trade.cost, size: {{kind: triangular, low: -0.02, mode: -0.01, high: 0}}, from: first-signed,
    #   ramp_months: 12, assumed: true, evidence: the study it rests on}}
    effects: []
    sources: []
# Discrete risks: {{id, title, milestone, probability, delay_months: {{kind: triangular, low, mode, high}}, evidence}}
risks: []
# Treaties, agreements and the like: {{id, title, kind, signed, ratified: {{{a}: DATE}}, in_force, source}}
instruments: []
# Councils and visits: {{id, title, body, date, year, decisions: [{{id, title, owners, due}}], source}}
meetings: []
# The cultural and humanitarian programme: {{id, title, kind, start, end, year, place, source}}
events: []
# Barriers to trade and movement: {{id, title, since, crossing, product, answers, due, source}}
barriers: []
# Joint initiatives elsewhere: {{id, title, forum, proposer, supported, outcome, source}}
initiatives: []
"""


def template(parties: tuple[str, str], years: tuple[int, int]) -> str:
    """Return a plan file for two parties (ISO 3166 alpha-3 codes) and the first and last year.

    Raises InputError for codes that are none, for one party twice, and for years in the wrong order.
    """
    a, b = (code.upper() for code in parties)
    start, end = years
    problems = [
        Problem("--parties", "party", f"{code!r} is no country's code", "write ISO 3166 alpha-3 codes, such as KAZ UZB")
        for code in (a, b)
        if not (len(code) == 3 and code.isascii() and code.isalpha() and country(code, "en") != code)
    ]
    if a == b:
        problems.append(Problem("--parties", "party-twice", f"{a} stands twice", "name two parties"))
    if not 1900 <= start <= end <= 2200:
        problems.append(Problem("--years", "years", f"{start}-{end}", "write first and last year, such as 2026-2030"))
    if problems:
        raise InputError(problems)
    return TEMPLATE.format(
        id=f"{a.lower()}-{b.lower()}-{start}-{end}",
        a=a,
        b=b,
        a_low=a.lower(),
        b_low=b.lower(),
        a_name=country(a, "en"),
        b_name=country(b, "en"),
        start=start,
        end=end,
        before=start - 1,
    )
