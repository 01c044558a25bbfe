"""A workspace with nothing but a list and the tables that say whom it may reach."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl

from segment.files import write_parquet
from segment.policy import Policy, load_policy
from segment.warehouse.reference_tables import COLUMNS
from segment.workspace import Workspace
from tests.stored import store_list
from tests.upgrade.conftest import LIST_ON, OUTCOMES, RULES

EXPIRES_ON = LIST_ON + dt.timedelta(days=30)
LIST_ID = "2025-12-31-0123456789"
# somebody else's rule: of a ledger without any no list leaves
SOME_RULE = ("x", "opt_out", None, dt.date(2020, 1, 1), None)
CUSTOMERS = {"customer_id": pl.String, "birth_date": pl.Date, "is_staff": pl.Boolean, "left_on": pl.Date}
SOURCES = {"source": pl.String, "refreshed_on": pl.Date}
ADULT = dt.date(1980, 5, 5)


def retail(**changes: Any) -> Policy:
    """The retail policy with other contact rules or other keys of `upgrade`."""
    policy = load_policy(Path(__file__).parents[3] / "models" / "retail.toml")
    rules = policy.upgrade.contact_rules
    inner = {name: value for name, value in changes.items() if name in type(rules).model_fields}
    outer = {name: value for name, value in changes.items() if name not in inner}
    changed = policy.upgrade.model_copy(update={**outer, "contact_rules": rules.model_copy(update=inner)})
    return policy.model_copy(update={"upgrade": changed})


def bank(
    root: Path,
    *,
    rules: Sequence[tuple[object, ...]] = (),
    outcomes: Sequence[tuple[object, ...]] = (),
    customers: Sequence[tuple[object, ...]] | None = None,
    sources: Sequence[tuple[object, ...]] = (("deaths", LIST_ON),),
) -> Workspace:
    """Customers c0 to c9, adults all of them, unless told otherwise."""
    given = customers or [(f"c{number}", ADULT, False, None) for number in range(10)]
    workspace = Workspace(root)
    filled = {
        "contact_rules": pl.DataFrame([SOME_RULE, *rules], schema=RULES, orient="row"),
        "campaign_outcomes": pl.DataFrame(list(outcomes), schema=OUTCOMES, orient="row"),
        "customers": pl.DataFrame(list(given), schema=CUSTOMERS, orient="row"),
        "suppression_sources": pl.DataFrame(list(sources), schema=SOURCES, orient="row"),
    }
    for name, columns in COLUMNS.items():
        table = filled.get(name, pl.DataFrame(schema=dict.fromkeys(columns, pl.String)))
        write_parquet(table, workspace.reference / f"{name}.parquet")
    return workspace


def listed(workspace: Workspace, rows: Sequence[dict[str, Any]] | int = 10, list_id: str = LIST_ID) -> pl.DataFrame:
    """Make a list, keep its analytics copy, and return the rows to contact."""
    given = [{} for _ in range(rows)] if isinstance(rows, int) else rows
    frame = pl.DataFrame(
        [{**_row(number), "list_id": list_id, **changes} for number, changes in enumerate(given)],
        schema_overrides={"reason_3": pl.String},
    )
    store_list(workspace, frame, list_id)
    return frame.filter(pl.col("arm") == "contact")


def _row(number: int) -> dict[str, Any]:
    return {
        "rank": number + 1,
        "customer_id": f"c{number}",
        "branch_id": "007",
        "tier": "break_even",
        "target_tier": "valuable",
        "main_bank_elsewhere": number % 2 == 0,
        "upgrade_potential_12m": 4000.25 + number,
        "conversion_probability": 0.06,
        "expected_gain_12m": 90.5,
        "contact_cost": 12.0,
        "expected_net_gain_12m": 78.5 - 20 * number,
        "bundle": "salary_account",
        "channel": "phone",
        "reason_1": "Most incoming money moves out again within days",
        "reason_2": "No salary or pension arrives here",
        "reason_3": None,
        "arm": "contact",
        "expires_on": EXPIRES_ON,
        "model_version": "1",
        "policy_version": "2025-12",
        "lever": "salary",
        "lever_gain_12m": 40.0,
        "programme": "upgrade",
        "bundle_name": "Salary account with fee waiver",
        "rm_id": "rm1",
        "say": "Ask whether a salary account without fees would be of use.",
        "do_not_say": "Do not speak of accounts elsewhere.",
        "household": f"h{number}",
        "stratum": "007|break_even|1",
        "list_on": LIST_ON,
        "expected_net_value": 190.25 - 40 * number,
        "value_horizon_months": 36,
    }
