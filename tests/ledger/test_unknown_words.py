"""Codes that nobody knows are named with counts and the nearest known one; words that may name somebody are not."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from segment.ledger import TooManyBadRowsError, check_ledger
from segment.ledger.unknown_words import UnknownWord
from segment.pages.check_page import check_text
from tests.ledger.small_ledger import PRODUCTS, Tables, write_csv


def words(tables: Tables, folder: Path, tolerated: float = 0.99) -> list[tuple[str | None, int, str | None]]:
    report = check_ledger(write_csv(tables, folder), PRODUCTS, tolerated).report
    return [(word.word, word.rows, word.nearest) for word in report.unknown_words]


@pytest.mark.parametrize(
    ("table", "column", "given", "nearest"),
    [
        ("transactions", "kind", "Salary", "salary"),
        ("transactions", "kind", "card payment", "card_payment"),
        ("transactions", "channel", "MOBILE_APP", "mobile"),
        ("transactions", "channel", "柜台", None),
        ("contact_rules", "rule", "optout", "opt_out"),
        ("holdings", "role", "OWNERS", "owner"),
        ("accounts", "product", "SAVING", "savings"),
        ("accounts", "product", "CA01", None),
        ("campaign_outcomes", "response", "refused", None),
    ],
)
def test_a_code_is_named_with_its_rows_and_the_nearest_known(
    small_ledger: Tables, tmp_path: Path, table: str, column: str, given: str, nearest: str | None
) -> None:
    some = pl.int_range(pl.len()) < 3
    text = small_ledger[table].with_columns(pl.col(column).cast(pl.String))
    small_ledger[table] = text.with_columns(pl.when(some).then(pl.lit(given)).otherwise(pl.col(column)).alias(column))
    assert (given, 3, nearest) in words(small_ledger, tmp_path)


def test_words_that_may_name_somebody_are_counted_and_not_shown(small_ledger: Tables, tmp_path: Path) -> None:
    names = ["Ann Example", "6222021234567890", "ann@example.org"]
    kinds = [*names, *["fee_refund"] * 477]
    small_ledger["transactions"] = small_ledger["transactions"].with_columns(kind=pl.Series(kinds), amount=1.0)
    assert words(small_ledger, tmp_path) == [(None, 3, None)]


def test_a_column_of_many_words_holds_no_codes(small_ledger: Tables, tmp_path: Path) -> None:
    many = [f"code{number}" for number in range(240)] * 2
    small_ledger["transactions"] = small_ledger["transactions"].with_columns(
        channel=pl.Series(many[:400] + ["pos"] * 80)
    )
    assert words(small_ledger, tmp_path) == [(None, 400, None)]


def test_the_message_of_a_check_names_them_and_says_how_to_map_them(small_ledger: Tables, tmp_path: Path) -> None:
    small_ledger["accounts"] = small_ledger["accounts"].with_columns(product=pl.lit("CA01"))
    with pytest.raises(TooManyBadRowsError) as caught:
        check_ledger(write_csv(small_ledger, tmp_path), PRODUCTS, 0.01)
    message = str(caught.value)
    assert "`product` `CA01`: 40" in message
    assert "published" not in message
    hint = message.split("Hint: ")[1]
    assert hint.index("[mapping.codes.") < hint.index("show=unknown_product") < hint.index("tolerated_bad_row_share")
    assert UnknownWord("accounts", "product", "CA01", 40) in caught.value.report.unknown_words
    assert "Words that nobody knows" in check_text(caught.value.report)
