"""A plan goes out to a table and comes back equal: for both plans, in both formats, in four languages, at random."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from birge.plan import Plan, embedded, load, plan_hash
from birge.plan.load import parse
from birge.plan.schema import Target
from birge.plan.table import export_table, import_table
from birge.plan.table.cells import escaped, shown, understood, unescaped
from birge.plan.table.fields import table
from birge.plan.write import as_yaml
from birge.texts import LANGUAGES, translator
from tests.property.plans import plans

SMALL = Path(__file__).parents[1] / "plans" / "small.yaml"
PHASES = [Phase.explicit, Phase.generate]  # a smaller plan is not worth minutes of shrinking
SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]


def there_and_back(plan: Plan, ending: str, lang: str) -> Plan:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"plan.{ending}"
        export_table(plan, path, lang)
        return import_table(path)[0]


@pytest.mark.parametrize("ending", ["docx", "xlsx"])
@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("plan", [embedded(), load(SMALL)[0]], ids=lambda p: p.id)
def test_both_plans_come_back_equal(plan: Plan, lang: str, ending: str) -> None:
    back = there_and_back(plan, ending, lang)
    assert back == plan
    assert plan_hash(back) == plan_hash(plan)


@pytest.mark.parametrize("ending", ["docx", "xlsx"])
@settings(max_examples=10, deadline=None, suppress_health_check=SLOW, derandomize=True, phases=PHASES)
@given(plan=plans(), lang=st.sampled_from(LANGUAGES))
def test_a_random_plan_comes_back_equal(ending: str, plan: Plan, lang: str) -> None:
    back = there_and_back(plan, ending, lang)
    assert back == plan
    assert plan_hash(back) == plan_hash(plan)


@settings(max_examples=15, deadline=None, suppress_health_check=SLOW, derandomize=True, phases=PHASES)
@given(plan=plans())
def test_a_random_plan_written_as_yaml_reads_back_equal(plan: Plan) -> None:
    assert plan_hash(parse(as_yaml(plan), "f.yaml")[0]) == plan_hash(plan)


@given(st.text())
def test_any_text_survives_a_cell(text: str) -> None:
    cell = escaped(text)
    assert cell == cell.strip()
    assert cell
    assert unescaped(cell) == text


@given(st.floats(allow_nan=False, allow_infinity=False), st.sampled_from(LANGUAGES))
def test_any_number_survives_a_cell(value: float, lang: str) -> None:
    column = table("indicators.targets").column("value")
    assert column is not None
    assert Target.model_fields["value"].is_required()
    back = understood(column, shown(column, value, translator(lang)))
    assert repr(back) == repr(value)
