"""Outcomes refute what a policy says of a chance as soon as they can, and seldom where it is right."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl
import pytest
from scipy.stats import norm

from segment.policy import Policy
from segment.upgrade.chances import PolicyAsked
from segment.upgrade.refutation import lists_until_refutable
from tests.upgrade.test_chances import arms, learned

FIRST = dt.date(2025, 12, 31)


def asked(policy: Policy, *parts: pl.DataFrame) -> tuple[PolicyAsked, ...]:
    return learned(pl.concat(parts), policy).asked


def dated(rows: pl.DataFrame, number: int) -> pl.DataFrame:
    """Of the list so many months after the first, other people each time."""
    day, mark = pl.lit(FIRST).dt.offset_by(f"{number}mo"), pl.lit(f"-{number}")
    return rows.with_columns(list_on=day, household=pl.col("household") + mark)


@pytest.mark.parametrize(("moved", "refuted"), [(2, True), (20, False), (60, True)])
def test_a_chance_that_the_arms_leave_out_is_refuted(retail: Policy, moved: int, refuted: bool) -> None:
    (answer,) = asked(retail, arms(1000, moved, 1000, 1))
    assert (answer.programmes, answer.lists, answer.refuted) == (("main_account",), 1, refuted)
    assert refuted != (answer.low <= answer.promised <= answer.high)


def test_programmes_of_the_same_word_answer_together(retail: Policy) -> None:
    """.02 where nothing is added: neither programme shows it alone."""
    small = [arms(350, 3, 140, 1, programme=name) for name in ("main_account", "main_account_unproven")]
    assert [asked(retail, rows)[0].refuted for rows in small] == [False, False]
    (both,) = asked(retail, *small)
    assert both.programmes == ("main_account", "main_account_unproven")
    assert both.refuted


def test_programmes_of_another_word_are_asked_apart(retail: Policy) -> None:
    answers = asked(retail, arms(1000, 2, 1000, 1), arms(1000, 20, 1000, 1, programme="to_high_value"))
    assert {answer.programmes: answer.refuted for answer in answers} == {
        ("main_account",): True,
        ("to_high_value",): False,
    }


def test_lists_pool_and_each_further_one_asks_for_more(retail: Policy) -> None:
    small = arms(350, 3, 140, 1)
    (one,) = asked(retail, dated(small, 0))
    (three,) = asked(retail, *(dated(small, number) for number in range(3)))
    assert (one.lists, one.refuted) == (1, False)
    assert (three.lists, three.refuted) == (3, True)
    # the same people in one list are asked once, which may be answered more easily
    at_once, in_three = (
        asked(retail, *(dated(small, number).with_columns(list_on=day) for number, day in enumerate(days)))[0]
        for days in ([FIRST] * 3, [FIRST, FIRST + dt.timedelta(days=31), FIRST + dt.timedelta(days=62)])
    )
    assert (at_once.low, at_once.high) == (in_three.low, in_three.high)


def test_what_was_refuted_once_stays_so(retail: Policy) -> None:
    against, neutral = dated(arms(1200, 2, 1200, 12), 0), dated(arms(300, 9, 300, 3), 1)
    assert [each.refuted for each in asked(retail, against)] == [True]
    assert [each.refuted for each in asked(retail, against, neutral)] == [True]


@pytest.mark.slow
def test_a_right_chance_is_ever_called_refuted_as_seldom_as_promised(retail: Policy) -> None:
    rng = np.random.default_rng(8)
    programmes, lists, named = ("main_account", "to_high_value", "grow_income"), 4, 0
    for _ in range(60):
        parts = []
        for number in range(lists):
            for programme in programmes:
                moved, alone = int(rng.binomial(750, 0.05)), int(rng.binomial(250, 0.03))
                parts.append(dated(arms(750, moved, 250, alone, programme=programme), number))
        named += any(each.refuted for each in asked(retail, *(part.drop("tier") for part in parts)))
    assert named <= 6


def test_the_lists_until_nothing_could_be_seen_of_a_case_computed_by_hand() -> None:
    # the second list may err by .05 / 6, two-sided, and shows it in four cases of five
    needed = float(norm.isf(0.05 / 12.0) + norm.ppf(0.8))
    assert lists_until_refutable(needed * 0.01 / np.sqrt(2.0) + 1e-9, 0.01, 1) == 2
    assert lists_until_refutable(needed * 0.01 / np.sqrt(2.0) - 1e-9, 0.01, 1) == 3
    assert lists_until_refutable(0.01, 0.2, 1) is None


def test_more_lists_are_needed_where_a_list_is_smaller(retail: Policy) -> None:
    many, few = (asked(retail, arms(size, size // 50, size // 9, size // 450))[0].after for size in (1800, 450))
    assert many is not None
    assert few is None or few > many > 1
