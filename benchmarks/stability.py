"""How often tiers change from month to month on steady simulated banks, with hysteresis and without.

A champion is trained a year before the end and publishes the months that follow in a row, once as the policy says and
once with what the model proposes. A customer who takes up again, within the policy's months, the tier left before
flips back. Run from the repository's root:

    .venv/bin/python -m benchmarks.stability --seeds 501 502 --customers 3000
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import tempfile
from pathlib import Path

import polars as pl

from segment.banks.simulator import simulate_bank
from segment.jobs.learn.train import train
from segment.jobs.publish.refresh import refresh
from segment.jobs.schedule.due import month_ends
from segment.policy import Policy, load_policy
from segment.tiers.table import migration_summary
from segment.tracking.registry import Tracking
from segment.warehouse.tiers_table import read_tiers
from segment.workspace import Workspace

MONTHS = 48
FIRST, LAST = dt.date(2024, 12, 31), dt.date(2025, 12, 31)


def main() -> None:
    """Print shares of customers by month and the mean of all."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, nargs="+", default=[501, 502])
    parser.add_argument("--customers", type=int, default=3_000)
    asked = parser.parse_args()
    found = pl.concat(judge_bank(seed, asked.customers) for seed in asked.seeds)
    shares = ("kept", "rose", "fell", "returned")
    with pl.Config(tbl_rows=-1, tbl_cols=-1, float_precision=4):
        print(found.filter(pl.col("hysteresis")).drop("hysteresis"))
        means = found.group_by("hysteresis").agg(
            *(pl.col(name).mean() for name in shares),
            kept_least=pl.col("kept").min(),
            returned_most=pl.col("returned").max(),
        )
        print(means.sort("hysteresis"))


def judge_bank(seed: int, customers: int) -> pl.DataFrame:
    """Publish a year of months, with hysteresis and without.

    Parameters
    ----------
    seed : int
        Of the simulation.
    customers : int
        Of the bank.

    Returns
    -------
    polars.DataFrame
        `seed`, `hysteresis`, `as_of`, and the shares of `segment.tiers.table.migration_summary`.
    """
    with tempfile.TemporaryDirectory() as folder:
        ledger, workspace = Path(folder) / "bank" / "ledger", Workspace(Path(folder) / "workspace")
        simulate_bank(ledger.parent, customers=customers, months=MONTHS, seed=seed)
        policy, tracking = load_policy("models/retail.toml"), Tracking(workspace.root)
        cores = os.cpu_count() or 1
        train(str(ledger), FIRST, workspace, policy, tracking, n_jobs=cores)
        rows = []
        for lasting in (True, False):
            held = policy if lasting else without_hysteresis(policy)
            for as_of in month_ends(FIRST, LAST):
                refresh(str(ledger), as_of, workspace, held, tracking, n_jobs=cores)
                if as_of > FIRST:
                    said = migration_summary(read_tiers(workspace.tiers, as_of))
                    rows.append({"seed": seed, "hysteresis": lasting, "as_of": as_of, **said})
        return pl.DataFrame(rows).select("seed", "hysteresis", "as_of", "customers", "kept", "rose", "fell", "returned")


def without_hysteresis(policy: Policy) -> Policy:
    """Publish what the model proposes.

    Parameters
    ----------
    policy : Policy
        With hysteresis.

    Returns
    -------
    Policy
    """
    stability = policy.tiers.stability.model_copy(update={"hysteresis": False})
    return policy.model_copy(update={"tiers": policy.tiers.model_copy(update={"stability": stability})})


if __name__ == "__main__":
    main()
