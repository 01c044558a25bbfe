"""The audit's section of the policy."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from segment.policy import load_policy
from segment.policy.fairness import Audit
from tests.conftest import RETAIL


@pytest.mark.parametrize("ages", [(), (45, 30), (30, 30), (0, 30)])
def test_ages_ascend(ages: tuple[int, ...]) -> None:
    with pytest.raises(ValidationError, match="ascending ages"):
        Audit(age_bands=ages)


def test_who_documents_a_business_need_is_named() -> None:
    with pytest.raises(ValidationError, match="documented_by must name"):
        Audit(business_need="Advice costs time.")
    assert Audit(business_need="Advice costs time.", documented_by="A. Officer").documented_by == "A. Officer"


def test_an_attribute_that_is_not_known_is_refused() -> None:
    with pytest.raises(ValidationError, match="attributes"):
        Audit.model_validate({"attributes": ["income"]})


def test_limits_of_the_audit_need_no_new_model() -> None:
    policy = load_policy(RETAIL)
    other = policy.model_copy(update={"audit": Audit(least_group=80)})
    assert other.model_hash == policy.model_hash
    assert other.hash != policy.hash
