"""Published tiers recomputed from docs/reference/tiers.md: from the ledger's tables and the lines of each month."""

from __future__ import annotations

import calendar
import datetime as dt
from pathlib import Path
from typing import Any

import polars as pl

from segment.jobs.backtest.backtest_history import read_ledger
from segment.policy import Policy
from segment.warehouse.tiers_table import read_tiers
from tests.conftest import AS_OF, Bank
from tests.tiers.as_the_page_says import assert_as_the_page_says
from tests.tiers.plain import COST, INCOME, TIERS, Row, begun, is_customer, tiered, twelve_months

Tables = dict[str, list[Row]]


def months_of(tables: Tables, folder: Path, as_of: dt.date) -> list[list[Row]]:
    """The rows of each month by the page, with the lines that docs/reference/accounting.md makes."""
    groups = {row["branch_id"]: group_of(row) for row in tables["branches"]}
    months = []
    for path in sorted(folder.glob("????-??.parquet")):
        first = dt.date.fromisoformat(f"{path.stem}-01")
        last = first.replace(day=calendar.monthrange(first.year, first.month)[1])
        lines = {
            row["customer_id"]: row for row in pl.read_parquet(path).select("customer_id", *INCOME, *COST).to_dicts()
        }
        present = [
            {**lines[row["customer_id"]], "peer_group": groups[row["branch_id"]]}
            for row in tables["customers"]
            if row["joined_on"] <= last and (row["left_on"] is None or row["left_on"] >= first)
        ]
        assert len(present) == len(lines)
        months += [present] if last <= as_of else []
    return months


def group_of(branch: Row) -> str:
    known = branch.get("kind") is not None and branch.get("region") is not None
    return f"{branch['kind']}|{branch['region']}" if known else "all"


def months_since_begun(tables: Tables, as_of: dt.date) -> dict[str, int]:
    owners: dict[str, list[str]] = {}
    for row in tables["holdings"]:
        if row["share"] > 0:
            owners.setdefault(row["account_id"], []).append(row["customer_id"])
    days = [(owners.get(row["account_id"], []), row["booked_on"]) for row in tables["transactions"] if begun(row)]
    days += [([row["customer_id"]], row["occurred_on"]) for row in tables["service_events"]]
    newest: dict[str, dt.date] = {}
    for names, day in days:
        for name in names if day <= as_of else ():
            newest[name] = max(newest.get(name, day), day)
    return {name: (as_of.year - day.year) * 12 + as_of.month - day.month for name, day in newest.items()}


def people_of(tables: Tables, published: pl.DataFrame, folder: Path, policy: Policy, as_of: dt.date) -> list[Row]:
    sums = twelve_months(months_of(tables, folder, as_of), policy.model_dump(mode="json"))
    since, forecast = months_since_begun(tables, as_of), {row["customer_id"]: row for row in published.to_dicts()}
    groups = {row["branch_id"]: group_of(row) for row in tables["branches"]}
    dead = {r["customer_id"] for r in tables["contact_rules"] if r["rule"] == "deceased" and r["starts_on"] <= as_of}
    return [
        {
            **row,
            **sums[row["customer_id"]],
            "as_of": as_of,
            "peer_group": groups[row["branch_id"]],
            "months_since_begun": since.get(row["customer_id"]),
            "deceased": row["customer_id"] in dead,
            "arrears_level": forecast[row["customer_id"]]["arrears_level"],
            "V": forecast[row["customer_id"]]["future_value_12m"],
            "p10": forecast[row["customer_id"]]["future_value_p10"],
            "growth": forecast[row["customer_id"]]["growth_probability"],
            "cluster_tier": forecast[row["customer_id"]]["cluster_tier"],
            "guard_margin": forecast[row["customer_id"]]["guard_margin"],
            "chances": {tier: forecast[row["customer_id"]][f"chance_{tier}"] for tier in TIERS},
        }
        for row in tables["customers"]
        if is_customer(row, as_of)
    ]


def recomputed(
    ledger: Path, folder: Path, published: pl.DataFrame, before: pl.DataFrame | None, policy: Policy, as_of: dt.date
) -> list[Row]:
    """Tier everybody by the page alone; `before`: The tiers of the month before."""
    source, _ = read_ledger(str(ledger), policy, as_of)
    tables: dict[str, Any] = {name: frame.to_dicts() for name, frame in source.tables.items()}
    people = people_of(tables, published, folder, policy, as_of)
    managers: dict[str, int] = {}
    for row in tables["relationship_managers"]:
        managers[row["branch_id"]] = managers.get(row["branch_id"], 0) + 1
    columns = {"stable": "stable_tier", "candidate": "candidate_tier", "count": "candidate_refreshes"}
    rows = [] if before is None else before.to_dicts()
    last = {row["customer_id"]: {**row, **{name: row[column] for name, column in columns.items()}} for row in rows}
    return tiered(people, policy.model_dump(mode="json"), managers, last.get)


def test_b_every_border_and_the_tier_of_all_customers_are_the_page_s(trained_bank: Bank) -> None:
    workspace, policy = trained_bank.workspace, trained_bank.policy
    published = read_tiers(workspace.tiers, AS_OF)
    found = recomputed(trained_bank.ledger, workspace.customer_months, published, None, policy, AS_OF)
    assert published["standing"].n_unique() == 5
    # months are kept to six decimals, so twelve of a dozen lines differ by less than this
    assert_as_the_page_says(published, found, tolerance=1e-5)
    for column, name in (("income_12m", "income"), ("cost_12m", "cost"), ("months_observed", "months")):
        expected = {row["customer_id"]: row[name] for row in found}
        apart = [abs(value - expected[name]) for name, value in published.select("customer_id", column).iter_rows()]
        assert max(apart) < 1e-4, column
