"""A workspace with lists and customer months of a campaign whose effect is known."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import polars as pl

from segment.contribution import line_names
from segment.dates import next_month
from segment.files import write_parquet
from segment.jobs.lists.moves import BY_HAND, Answers, CampaignWindow, read_campaigns
from segment.jobs.lists.suppressions import ContactSources
from segment.policy import Policy
from segment.store.record_kinds import RecordKind
from segment.store.records import append_record, read_records
from segment.store.row_store import read_rows
from segment.store.stored_tables import LIST_ROWS
from segment.workspace import Workspace
from tests.jobs.lists.made_lists import LIST_ID, LIST_ON, bank
from tests.stored import store_list

LATER = dt.date(2026, 3, 31)
FLOWS = ("flow_salary", "flow_pension", "flow_benefit", "own_in_other_bank")
MONTH = dt.date(2025, 1, 1)


def months_of(rows: dict[str, dict[str, object]], policy: Policy) -> pl.DataFrame:
    """A month's table; whatever is not said is 0, and one account is open."""
    names = (*FLOWS, *BY_HAND, *line_names(), *(f"balance_{name}" for name in policy.products), "product_families")
    empty = dict.fromkeys(names, 0.0) | {"accounts_open": 1}
    return pl.DataFrame([{"customer_id": name, **empty, **given} for name, given in rows.items()])


def write_months(
    workspace: Workspace,
    policy: Policy,
    before: dict[str, dict[str, object]],
    after: dict[str, dict[str, object]],
    *,
    last: dt.date = LATER,
) -> None:
    """Twelve months as before the list, then three as after it."""
    month = MONTH
    while month <= last:
        given = before if month <= LIST_ON else after
        write_parquet(months_of(given, policy), workspace.customer_months / f"{month:%Y-%m}.parquet")
        month = next_month(month)


def write_list(workspace: Workspace, rows: pl.DataFrame, list_id: str = LIST_ID, *, released: bool = True) -> None:
    """A list's analytics copy, and the record that it left."""
    filled = {
        "list_id": list_id,
        "list_on": LIST_ON,
        "branch_id": "b1",
        "programme": "main_account",
        "bundle": "salary_account",
        "channel": "phone",
        "stratum": "b1|break_even|1",
        "expected_gain_12m": 10.0,
        "upgrade_potential_12m": 1000.0,
        "movable_probability": 1.0,
    }
    whole = rows.with_columns(pl.lit(value).alias(name) for name, value in filled.items() if name not in rows.columns)
    if "household" not in whole.columns:
        whole = whole.with_columns(household=pl.col("customer_id"))
    store_list(workspace, whole, list_id)
    if released:
        append_record(
            workspace, RecordKind.LIST_RELEASED, by="test", why="contact by marketing", content={"list_id": list_id}
        )


def campaign(
    root: Path, policy: Policy, *, contacted: int = 1800, control: int = 200, uplift: float = 0.10
) -> Workspace:
    """A list whose contacts bring the salary here more often, by `uplift`, and 50 a month where they do."""
    rng = np.random.default_rng(17)
    names = [f"c{number:05}" for number in range(contacted + control)]
    arm = np.where(np.arange(len(names)) < contacted, "contact", "control")
    moves = rng.random(len(names)) < np.where(arm == "contact", 0.03 + uplift, 0.03)
    usual = rng.normal(100.0, 30.0, len(names))
    workspace = bank(root, customers=[(name, dt.date(1980, 1, 1), False, None) for name in names])
    write_list(workspace, pl.DataFrame({"customer_id": names, "arm": arm}))
    before = {name: {"fee_income": float(value)} for name, value in zip(names, usual, strict=True)}
    after = {
        name: {"fee_income": float(value) + 50.0 * moved, "flow_salary": 3000.0 * moved}
        for name, value, moved in zip(names, usual, moves, strict=True)
    }
    write_months(workspace, policy, before, after)
    return workspace


def campaigns_of(as_of: dt.date, workspace: Workspace, policy: Policy) -> tuple[CampaignWindow, ...]:
    """The lists that left a workspace, as a job reads them."""
    releases, sources = read_records(workspace, RecordKind.LIST_RELEASED), ContactSources.read(workspace)
    answers = Answers(sources.outcomes, sources.tables["campaign_outcomes"])
    return read_campaigns(as_of, read_rows(workspace, LIST_ROWS), workspace.customer_months, releases, answers, policy)
