"""Who is called first at a branch's counters: the old and the vulnerable, where the branch's ages are known."""

from __future__ import annotations

import datetime as dt

import polars as pl

from segment.jobs.service.branch_reading import called_first, means_of_branches

ON = dt.date(2025, 12, 31)
PEOPLE = pl.DataFrame(
    [
        ("c1", "b1", dt.date(1940, 5, 1)), ("c2", "b1", dt.date(1990, 5, 1)), ("c3", "b1", None),
        ("c4", "b2", None), ("c5", "b2", None),
    ],
    schema=["customer_id", "branch_id", "birth_date"], orient="row",
)  # fmt: skip
TABLES = {
    "customers": PEOPLE,
    "branches": pl.DataFrame({"branch_id": ["b1", "b2"]}),
    "relationship_managers": pl.DataFrame(schema={"rm_id": pl.String, "branch_id": pl.String}),
    "contact_rules": pl.DataFrame(
        [("c3", "vulnerable", dt.date(2020, 1, 1), None), ("c4", "vulnerable", dt.date(2020, 1, 1), None)],
        schema={"customer_id": pl.String, "rule": pl.String, "starts_on": pl.Date, "ends_on": pl.Date},
        orient="row",
    ),
}


def test_the_old_and_the_vulnerable_are_called_first_where_ages_are_known() -> None:
    customers = PEOPLE.select(
        "customer_id", "branch_id", tier=pl.lit("valuable"), service_state=pl.lit("active"), as_of=pl.lit(ON)
    )
    traffic = customers.with_columns(visits=52.0, meetings=0.0, adviser_minutes=0.0)
    hours = pl.DataFrame(schema={"branch_id": pl.String, "hour": pl.Int64, "visits": pl.Int64})
    found = means_of_branches(customers, traffic, 12, TABLES, hours, called_first(TABLES, 60, ON))
    group = ("valuable", "active")
    assert found["b1"].visits is not None
    assert found["b1"].first is not None
    assert found["b1"].first[group] / found["b1"].visits[group] == 2 / 3
    assert found["b2"].first is None, "a branch of which no age is known cannot say who is old"
