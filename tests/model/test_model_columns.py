"""Cases of `model_columns` computed by hand."""

from __future__ import annotations

from segment.model.model_columns import baseline_name


def test_baseline_name_of_a_case_computed_by_hand() -> None:
    assert baseline_name(12) == "contribution_12m"
