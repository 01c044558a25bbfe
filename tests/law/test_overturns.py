"""How often reviewers overturn what is proposed, by hand."""

from __future__ import annotations

import polars as pl
import pytest

from segment.law.overturns import overturns


def reviews(*told: tuple[str | None, str | None, int]) -> pl.DataFrame:
    rows = [(reviewer, decision) for reviewer, decision, count in told for _ in range(count)]
    return pl.DataFrame(rows, schema={"reviewer": pl.String, "decision": pl.String}, orient="row")


def test_the_overturn_rate_by_hand() -> None:
    """GDPR art. 22; SCHUFA C-634/21 and UK GDPR art. 22: meaningful review, its overturn rate logged."""
    told = reviews(("ann", "approved", 6), ("ann", "refused", 2), ("bob", "alternative", 2), (None, None, 7))
    rows = overturns(told, 20).select("reviewer", "decided", "overturned", "overturn_rate", "alarm").rows()
    assert rows == [("all", 10, 4, 0.4, False), ("ann", 8, 2, 0.25, False), ("bob", 2, 2, 1.0, False)]


@pytest.mark.parametrize(("decided", "refused", "alarms"), [(19, 0, False), (20, 0, True), (40, 1, False)])
def test_no_overturned_proposal_among_enough_is_an_alarm(decided: int, refused: int, alarms: bool) -> None:
    """GDPR art. 22; SCHUFA C-634/21: 0 % overturns = alarm (DOMAIN.md 5)."""
    told = reviews(("ann", "approved", decided - refused), ("ann", "refused", refused))
    assert overturns(told, 20)["alarm"].to_list() == [alarms, alarms]


def test_before_any_decision_there_is_no_rate_and_no_alarm() -> None:
    found = overturns(reviews((None, None, 30)), 20)
    assert found.select("decided", "overturn_rate", "alarm").rows() == [(0, None, False)]


def test_overturns_of_a_case_computed_by_hand() -> None:
    told = pl.DataFrame({"reviewer": ["bo", "bo", None], "decision": ["approved", "refused", None]})
    assert overturns(told, 20).select("reviewer", "decided", "overturn_rate", "alarm").rows() == [
        ("all", 2, 0.5, False),
        ("bo", 2, 0.5, False),
    ]
