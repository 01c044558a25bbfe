"""Every operation of the API keeps what its description says, whatever it is asked."""

from __future__ import annotations

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import load_all_checks
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from segment.dates import utc_in
from segment.jobs.publish.build_serving_copy import build_serving_copy
from segment.store.web_sessions import ApiToken, add_token
from segment.web.access_pages import SCOPES
from segment.web.application import build_app
from segment.web.passwords import key_of
from segment.web.site import Site
from tests.conftest import Bank
from tests.web.conftest import joined

load_all_checks()
HELD = [
    schemathesis.checks.not_a_server_error,
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
]
SECRET = "token of the description"  # noqa: S105  of a test


@pytest.fixture
def api(module_bank: Bank) -> schemathesis.BaseSchema:
    site = Site(module_bank.workspace, module_bank.policy, "http://testserver")
    build_serving_copy(site.workspace)
    joined(site, "describer", "marketing")
    scopes = tuple(scope.value for scope in SCOPES)
    add_token(site.workspace, ApiToken(key_of(SECRET), "describer", "test", scopes, utc_in(hours=1)))
    return schemathesis.openapi.from_asgi("/api/v1/openapi.json", build_app(site))


@pytest.mark.slow
def test_every_operation_answers_as_its_description_says(api: schemathesis.BaseSchema) -> None:
    operations = [found.ok() for found in api.get_all_operations()]
    assert len(operations) == 10
    for operation in operations:

        @given(case=operation.as_strategy())
        @settings(max_examples=25, suppress_health_check=list(HealthCheck))
        def answers(case: schemathesis.Case) -> None:
            case.call_and_validate(headers={"authorization": f"Bearer {SECRET}"}, checks=HELD)

        answers()
