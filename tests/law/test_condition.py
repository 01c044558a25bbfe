"""Cases of `condition` computed by hand."""

from __future__ import annotations

import polars as pl

from segment.law.condition import blank, cite, first_broken, passing
from segment.policy.jurisdiction import load_jurisdiction


def test_cite_of_a_case_computed_by_hand() -> None:
    assert (
        cite(load_jurisdiction("cn"), "sole_account", "basic_account")
        == "Fee guardrail (DOMAIN.md 5); NDRC-CBRC 2014/268"
    )


def test_blank_of_a_case_computed_by_hand() -> None:
    assert pl.DataFrame({"text": ["a", " ", None]}).select(blank("text")).to_series().to_list() == [False, True, True]


def test_passing_of_a_case_computed_by_hand() -> None:
    assert passing(pl.DataFrame({"a": [True, True], "b": [True, False]})).to_list() == [True, False]


def test_first_broken_of_a_case_computed_by_hand() -> None:
    assert first_broken(pl.DataFrame({"a": [True, True, False], "b": [True, False, False]})).to_list() == [
        None,
        "b",
        "a",
    ]
