"""A workspace of three refreshes in which customers c0 to c9 may be proposed a fee, and o1 is older."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl

from segment.contribution import LINE_NAMES
from segment.dates import next_month
from segment.features.store import month_file
from segment.files import write_parquet
from segment.jobs.reviews.review_evidence import list_reviews
from segment.policy import Policy, load_policy
from segment.warehouse.reference_tables import COLUMNS
from segment.warehouse.tiers_table import publish_tiers
from segment.workspace import Workspace
from tests.conftest import RETAIL

MOMENTS = [dt.date(2025, 10, 31), dt.date(2025, 11, 30), dt.date(2025, 12, 31)]
AS_OF, ON, ITEM = MOMENTS[-1], dt.date(2026, 1, 5), "counter_transfer"
NAMES = [*(f"c{number}" for number in range(10)), "o1"]
BORN = {"o1": dt.date(1950, 5, 5)}
DEPOSIT = {"product": "current", "family": "deposit", "opened_on": dt.date(2020, 1, 1), "closed_on": None}
TYPES: dict[str, Any] = {
    "birth_date": pl.Date,
    "joined_on": pl.Date,
    "left_on": pl.Date,
    "is_staff": pl.Boolean,
    "opened_on": pl.Date,
    "closed_on": pl.Date,
    "share": pl.Float64,
    "starts_on": pl.Date,
    "ends_on": pl.Date,
    "refreshed_on": pl.Date,
    "price": pl.Float64,
    "public_since": pl.Date,
    "contacted_on": pl.Date,
    "responded_on": pl.Date,
    "observed_on": pl.Date,
    "main_bank_here": pl.Boolean,
}
Told = tuple[str, dt.date | None, str | None, dt.date | None]
# somebody else's rule: a ledger without any says nothing of who is protected
SOME_RULE = {"customer_id": "x", "rule": "opt_out", "starts_on": dt.date(2020, 1, 1)}


def retail() -> Policy:
    return load_policy(RETAIL)


def bank(root: Path) -> Workspace:
    workspace = Workspace(root)
    for moment in MOMENTS:
        publish_tiers(tiers(moment), workspace.tiers)
    for number in range(12):
        month = next_month(AS_OF, -number)
        months = {"customer_id": NAMES, **{f"flow_{kind}": 0.0 for kind in ("salary", "pension", "benefit")}}
        lines = dict.fromkeys(LINE_NAMES, 10.0)
        staff = ("count_counter", "count_phone", "visits_counter", "visits_phone", "visits_adviser")
        use = dict.fromkeys(("counter_transfers", *staff), 1.0)
        write_parquet(pl.DataFrame({**months, **lines, **use}), month_file(workspace.customer_months, month))
    for name in COLUMNS:
        put(workspace, name, [])
    put(workspace, "customers", [person(name) for name in NAMES])
    accounts = [f"{name}-{place}" for name in NAMES for place in (1, 2)]
    put(workspace, "accounts", [{"account_id": account, **DEPOSIT} for account in accounts])
    held = [{"account_id": account, "customer_id": account.split("-")[0], "share": 1.0} for account in accounts]
    put(workspace, "holdings", held)
    put(workspace, "contact_rules", [SOME_RULE])
    put(workspace, "suppression_sources", [{"source": "deaths", "refreshed_on": ON}])
    item = {"item_code": ITEM, "price": 5.0, "public_since": dt.date(2022, 1, 1), "legal_basis": "head office"}
    put(workspace, "tariff_items", [item])
    return workspace


def person(name: str, **changes: Any) -> dict[str, Any]:
    born = BORN.get(name, dt.date(1980, 5, 5))
    return {"customer_id": name, "birth_date": born, "is_staff": False, "occupation": "worker", **changes}


def tiers(moment: dt.date, changes: dict[str, dict[str, Any]] | None = None) -> pl.DataFrame:
    told: dict[str, Any] = {"branch_id": "b1", "tier": "loss_making", "tier_source": "cluster", "standing": "active"}
    told |= {"sub_state": "loss_direct"}
    told |= {"direct_contribution_12m": -120.0, "contribution_12m": -150.0, "income_12m": 50.0, "cost_12m": 200.0}
    rows = [{"as_of": moment, "customer_id": name, **told, **(changes or {}).get(name, {})} for name in NAMES]
    return pl.DataFrame(rows)


def put(workspace: Workspace, table: str, rows: Sequence[dict[str, Any]]) -> None:
    """Write a small table of the ledger anew."""
    columns = COLUMNS[table] + (("family",) if table == "accounts" else ())
    schema = {name: TYPES.get(name, pl.String) for name in columns}
    full = [{**dict.fromkeys(columns), **row} for row in rows]
    write_parquet(pl.DataFrame(full, schema=schema), workspace.reference / f"{table}.parquet")


def protect(workspace: Workspace, customer: str, rule: str, starts_on: dt.date = ON) -> None:
    put(workspace, "contact_rules", [SOME_RULE, {"customer_id": customer, "rule": rule, "starts_on": starts_on}])


def review_ids(workspace: Workspace) -> dict[str, str]:
    """Reviews by customer."""
    return dict(list_reviews(workspace).select("customer_id", "review_id").iter_rows())


def notices(folder: Path, ids: dict[str, str], told: Sequence[Told]) -> Path:
    """A file of who was told of a fee on which day, with what evidence, and accepted it when."""
    path = folder / "told.csv"
    rows = [(ids.get(customer, customer), *rest) for customer, *rest in told]
    schema = {"review_id": pl.String, "notice_on": pl.Date, "notice_evidence": pl.String, "accepted_on": pl.Date}
    pl.DataFrame(rows, schema=schema, orient="row").write_csv(path)
    return path
