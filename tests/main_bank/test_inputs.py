"""Cases of `inputs` computed by hand."""

from __future__ import annotations

import polars as pl

from segment.main_bank.inputs import MORE, labels_of, more_of, signals_of


def test_more_of_of_a_case_computed_by_hand() -> None:
    assert float(more_of(pl.DataFrame({"signal_wallet_months": [0.5]}))[0, MORE.index("wallet_months")]) == 0.5


def test_signals_of_of_a_case_computed_by_hand() -> None:
    assert signals_of(pl.DataFrame({"signal_bills": [0.25], "branch_id": ["b1"]})).shape == (1, 16)


def test_labels_of_of_a_case_computed_by_hand() -> None:
    assert repr(labels_of([True, None, -1, 0])) == "array([ 1., nan, nan,  0.])"
