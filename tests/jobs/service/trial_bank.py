"""A workspace with published tiers, small tables and customer months, and a policy that tries its service."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl

from segment.dates import next_month
from segment.files import write_parquet
from segment.policy import Policy
from segment.policy.trial import Trial
from segment.warehouse.reference_tables import COLUMNS
from segment.warehouse.tiers_table import publish_tiers
from segment.workspace import Workspace
from tests.jobs.lists.campaign import months_of
from tests.jobs.lists.made_lists import CUSTOMERS, RULES, SOME_RULE, SOURCES, retail
from tests.service.people import ADULT, AS_OF, published

UNTIL = dt.date(2026, 6, 30)
MANAGERS = {"rm_id": pl.String, "branch_id": pl.String, "weekly_contacts": pl.Int64, "portfolio_limit": pl.Int64}
HOLDINGS = {"account_id": pl.String, "customer_id": pl.String, "share": pl.Float64}


def policy(**changes: Any) -> Policy:
    """The retail policy with a trial of it; six months from the year's end."""
    given = {
        "name": "t",
        "owner": "Ann",
        "up": ["valuable", "break_even"],
        "down": ["high_value"],
        "up_share": 0.05,
        "down_share": 0.05,
        "starts_on": AS_OF,
        "ends_on": dt.date(2027, 12, 31),
    }
    return retail().model_copy(update={"trial": Trial.model_validate({**given, **changes})})


def crowd(count: int = 400, first: int = 0) -> pl.DataFrame:
    """Customers of four tiers in four branches."""
    tiers = ("high_value", "valuable", "break_even", "break_even", "loss_making")
    return published(
        **{
            f"c{n:04}": {"tier": tiers[n % 5], "branch_id": f"b{n % 4}", "contribution_12m": float(n % 97)}
            for n in range(first, first + count)
        }
    )


def workspace_of(
    root: Path,
    tiers: pl.DataFrame,
    *,
    rules: Sequence[tuple[object, ...]] = (),
    left: dict[str, dt.date] | None = None,
    born: dict[str, dt.date | None] | None = None,
    together: Sequence[tuple[str, str]] = (),
    managers: Sequence[tuple[str, str]] | None = None,
) -> Workspace:
    """Publish the tiers; `together` own an account with one another."""
    workspace = Workspace(root)
    people = [
        (name, (born or {}).get(name, ADULT), False, (left or {}).get(name)) for name in tiers["customer_id"].to_list()
    ]
    staff = [(f"m{n}", branch, 10, 100) for n, branch in enumerate(f"b{n % 4}" for n in range(40))]
    given = staff if managers is None else [(name, branch, 10, 100) for name, branch in managers]
    owned = [(f"a{n}", name, 0.5) for n, pair in enumerate(together) for name in pair]
    filled = {
        "contact_rules": pl.DataFrame([SOME_RULE, *rules], schema=RULES, orient="row"),
        "customers": pl.DataFrame(people, schema=CUSTOMERS, orient="row").with_columns(
            household_id=pl.lit(None, pl.String)
        ),
        "relationship_managers": pl.DataFrame(given, schema=MANAGERS, orient="row"),
        "holdings": pl.DataFrame(owned, schema=HOLDINGS, orient="row"),
        "suppression_sources": pl.DataFrame([("deaths", AS_OF)], schema=SOURCES, orient="row"),
    }
    for name, columns in COLUMNS.items():
        empty = pl.DataFrame(schema=dict.fromkeys(columns, pl.String))
        write_parquet(filled.get(name, empty), workspace.reference / f"{name}.parquet")
    publish_tiers(tiers, workspace.tiers)
    return workspace


def write_months(
    workspace: Workspace,
    rules: Policy,
    before: dict[str, dict[str, object]],
    after: dict[str, dict[str, object]],
    *,
    last: dt.date = UNTIL,
) -> None:
    """Twelve months to the draw, then those after it; whoever is not said to do anything acts once a month."""
    month = dt.date(2025, 1, 1)
    while month <= last:
        given = before if month <= AS_OF else after
        acting = {name: {"initiated_events": 1.0, **figures} for name, figures in given.items()}
        rows = months_of(acting, rules).with_columns(month=pl.lit(month))
        write_parquet(rows, workspace.customer_months / f"{month:%Y-%m}.parquet")
        month = next_month(month)
