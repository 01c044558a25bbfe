from __future__ import annotations

import polars as pl

from segment.evaluation.subgroups import subgroups


def test_customers_without_a_tenure_are_in_no_tenure_and_the_larger_branch_is_large() -> None:
    people = pl.DataFrame({"branch_id": ["a", "b", "b"], "tenure_months": [5, 40, None]})
    masks = subgroups(people)
    assert masks["tenure", "under 1 year"].tolist() == [True, False, False]
    assert masks["branch_size", "large"].tolist() == [False, True, True]
