from __future__ import annotations

import polars as pl
import pytest

from segment.contribution import LINE_NAMES, attribute
from segment.contribution.remainder import unallocated_lines
from tests.contribution.small_bank import collected, lazy, on_duckdb, on_polars

LINES_OF_TWO = pl.DataFrame({"account_id": ["A", "B"], "net_interest": [100.0, 10.0]})
HOLDINGS = lazy(
    "holdings",
    {"account_id": "A", "customer_id": "x", "share": 0.75},
    {"account_id": "A", "customer_id": "y", "share": 0.25, "role": "co_owner"},
    {"account_id": "A", "customer_id": "z", "share": 0.0, "role": "authorised"},
    {"account_id": "B", "customer_id": "x", "share": 1.0},
)


def test_owners_share_a_joint_account_and_authorised_users_get_nothing() -> None:
    shared = collected(attribute(on_polars(LINES_OF_TWO), HOLDINGS, ["net_interest"]), "customer_id")
    assert shared.rows() == [("x", 85.0), ("y", 25.0)]


def test_an_account_without_holders_is_shared_out_to_nobody() -> None:
    nobody = attribute(on_polars(LINES_OF_TWO), lazy("holdings"), ["net_interest"])
    assert collected(nobody, "customer_id").is_empty()


def test_attribution_is_the_same_on_duckdb() -> None:
    holdings = on_duckdb(HOLDINGS.collect().to_native())
    shared = collected(attribute(on_duckdb(LINES_OF_TWO), holdings, ["net_interest"]), "customer_id")
    assert shared.rows() == [("x", 85.0), ("y", 25.0)]


def test_what_nobody_present_holds_stays_at_its_branch() -> None:
    # y left: a quarter of A's 100 at north; C has no holder: 7 at south; a call of y's: 6 at y's home
    lines = dict.fromkeys(LINE_NAMES, 0.0)
    accounts = pl.DataFrame([{"account_id": name} | lines for name in "ABC"]).with_columns(
        net_interest=pl.Series([100.0, 10.0, 7.0])
    )
    persons = pl.DataFrame([{"customer_id": name} | lines | {"service_event_cost": 6.0} for name in "xy"])
    found = unallocated_lines(
        on_polars(accounts),
        on_polars(persons),
        lazy("accounts", {"account_id": "A"}, {"account_id": "B"}, {"account_id": "C", "branch_id": "south"}),
        lazy("customers", {"customer_id": "x"}, {"customer_id": "y", "branch_id": "east"}),
        HOLDINGS,
        lazy("customers", {"customer_id": "x"}),
    )
    rows = collected(found, "branch_id").select("branch_id", "net_interest", "service_event_cost").rows()
    assert rows == [("east", 0.0, 6.0), ("north", pytest.approx(25.0), 0.0), ("south", 7.0, 0.0)]
