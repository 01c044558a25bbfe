"""Kinds of records are stored as they always were."""

from __future__ import annotations

import pytest

from segment.exceptions import RecordError
from segment.store.record_kinds import RecordKind

# every value that a release ever stored; the hashes of old chains are made of them
STORED = """
approval|model rollback|policy replay|policy approval|gate_accepted|publication_proof|tiers_rolled_back|tier_override
tier_override_withdrawn|list_released|list_release_failed|service_released|service_release_failed|outcomes_taken
review_proposed|review_decided|review_withdrawn|reviews_handed_over|reviews_hand_over_failed|review_notices|objection
objection_withdrawn|customer_erasure_begun|customer_erasure_refused|customer_erased|records_emptied|retention
fairness_audit|backup_made|backup_restored|access_changed|customer_opened|table_opened|table_exported|list_approved
outcome_withdrawn
"""
VALUES = [value for line in STORED.split("\n") for value in line.split("|") if value]


@pytest.mark.parametrize("stored", VALUES)
def test_every_stored_value_parses_to_a_kind_of_that_value(stored: str) -> None:
    assert RecordKind.parse(stored).value == stored


def test_every_kind_is_among_the_stored_values() -> None:
    assert sorted(RecordKind) == sorted(VALUES)


@pytest.mark.parametrize("unknown", ["", "Approval", "list released"])
def test_an_unknown_value_is_one_clear_error(unknown: str) -> None:
    with pytest.raises(RecordError, match="kind must be one of the 36 that this version knows"):
        RecordKind.parse(unknown)


def test_a_stored_kind_is_read() -> None:
    assert repr(RecordKind.parse("objection")) == "<RecordKind.OBJECTION_MADE: 'objection'>"
