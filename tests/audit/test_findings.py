from __future__ import annotations

from segment.audit.findings import group_name
from segment.messages import Message


def test_an_age_band_is_a_message_and_a_word_of_the_ledger_stays() -> None:
    assert (group_name("under 30"), group_name("R01")) == (
        Message(code="audit.group.under", figures={"age": "30"}),
        "R01",
    )
