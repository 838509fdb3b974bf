"""The whole interface for programs against its own description, as nobody and as people: no answer breaks it."""

from __future__ import annotations

from contextlib import nullcontext, suppress
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from birge.store.registry import OPERATOR
from birge.store.signing_in import _start
from birge.web.visitor import COOKIE
from tests.web.canaries import Garden

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
EXAMPLES = 8


@pytest.mark.parametrize(
    ("login", "mode"),
    [
        ("", GenerationMode.POSITIVE),
        ("", GenerationMode.NEGATIVE),
        ("viewer-arm", GenerationMode.POSITIVE),
        ("secretariat-geo", GenerationMode.POSITIVE),
    ],
)
def test_every_answer_is_as_described(app: Any, garden: Garden, login: str, mode: GenerationMode) -> None:
    cookies = {}
    if login:
        with garden.registry.desk(OPERATOR) as desk:
            cookies[COOKIE] = _start(desk, login, True)
    described = schemathesis.openapi.from_asgi("/api/v1/openapi.json", app, headers={"host": "plan.example"})
    operations = [o.ok() for o in described.get_all_operations()]
    assert {o.path for o in operations} == set(app.openapi()["paths"])
    for operation in operations:
        if mode.is_negative and not list(operation.iter_parameters()):
            continue

        @seed(20261125)
        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(generation_mode=mode))
        def one(case: schemathesis.Case) -> None:
            case.call_and_validate(checks=CHECKS, headers={"host": "plan.example"}, cookies=cookies)

        with suppress(Unsatisfiable) if mode.is_negative else nullcontext():  # any text fits a free parameter
            one()
