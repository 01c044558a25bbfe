"""Hold a year of monthly refreshes of healthy simulated banks, and planted faults, against the limits of drift.

A healthy bank must not be stopped; a fault must be. A champion is trained thirteen months before the end and never
again, which is longer than the quarter that a bank would wait. Seeds 301 to 303 were looked at while the limits were
built; others were not. Run from the repository's root:

    .venv/bin/python -m benchmarks.drift --seeds 411 412 413 --customers 3000

Each fault is planted in the ledger's newest months, where a source would break, and the moment is judged once.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import polars as pl

from segment.banks.simulator import simulate_bank
from segment.dates import last_months, month_end, next_month
from segment.exceptions import RefusedError
from segment.jobs.build.extract import extract
from segment.jobs.learn.train import train
from segment.jobs.publish.drift_summary import find_drift
from segment.jobs.publish.refresh import refresh
from segment.policy import Policy, load_policy
from segment.tracking.registry import Tracking
from segment.workspace import Workspace

REFRESHES, MONTHS = 12, 52
LAST = dt.date(2025, 12, 31)
Change = Callable[[pl.DataFrame, dt.date], pl.DataFrame]


def main() -> None:
    """Print what the gate said of each month, and of each fault."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, nargs="+", default=[411, 412, 413])
    parser.add_argument("--customers", type=int, default=3_000)
    asked = parser.parse_args()
    policy, healthy, planted = load_policy("models/retail.toml"), [], []
    for seed in asked.seeds:
        with tempfile.TemporaryDirectory() as folder:
            months, faults = judge_bank(Path(folder), seed, asked.customers, policy)
        healthy.append(months.with_columns(seed=pl.lit(seed)))
        planted.append(faults.with_columns(seed=pl.lit(seed)))
    _show(pl.concat(healthy), pl.concat(planted))


def judge_bank(folder: Path, seed: int, customers: int, policy: Policy) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Simulate a bank, train, refresh twelve months in a row, then plant faults in the last of them.

    Parameters
    ----------
    folder : Path
        Where to build.
    seed, customers : int
        Of the bank.
    policy : Policy
        Holds the limits.

    Returns
    -------
    (polars.DataFrame, polars.DataFrame)
        The refreshes, and the faults.
    """
    simulate_bank(folder / "bank", customers, MONTHS, seed, end=LAST)
    ledger, workspace = folder / "bank" / "ledger", Workspace(folder / "work")
    tracking, moments = Tracking(workspace.root), [month_end(month) for month in last_months(LAST, REFRESHES + 1)]
    train(str(ledger), moments[0], workspace, policy, tracking, n_jobs=1)
    refreshes = []
    for as_of in moments[1:]:
        if as_of == LAST:
            shutil.copytree(workspace.root, folder / "before", ignore=shutil.ignore_patterns("*.lock"))
        extract(str(ledger), as_of, workspace, policy, n_jobs=1)
        found = find_drift(as_of, workspace, policy, tracking, rejudge=True)
        refreshes.append({"as_of": as_of, **figures(found), "published": _published(ledger, as_of, workspace, policy)})
    faults = [_planted(name, folder, ledger, policy) for name in FAULTS]
    return pl.DataFrame(refreshes), pl.DataFrame(faults)


def figures(found: Mapping[str, Any]) -> dict[str, object]:
    """Take the gate's figures.

    Parameters
    ----------
    found : dict
        As in `drift.json`.

    Returns
    -------
    dict
    """
    gate = found["gate"]
    measured: dict[str, float] = gate["figures"]
    return {
        "holds": gate["holds"],
        "moved": measured["moved_share"],
        "moved_in_a_group": measured["largest_moved_share_of_a_group"],
        "missing_rise": measured["largest_missing_rise"],
        "zero_rise": measured["largest_zero_rise"],
        "largest_index": max(value for name, value in measured.items() if name.startswith("index ")),
        "said": gate["said"],
    }


def _published(ledger: Path, as_of: dt.date, workspace: Workspace, policy: Policy) -> bool:
    try:
        refresh(str(ledger), as_of, workspace, policy, Tracking(workspace.root), n_jobs=1)
    except RefusedError as refused:
        print(f"{as_of}: {str(refused).splitlines()[0]}")
        return False
    return True


def _planted(name: str, folder: Path, ledger: Path, policy: Policy) -> dict[str, object]:
    table, change, months = FAULTS[name]
    copy, workspace = folder / "fault" / "ledger", Workspace(folder / "fault" / "work")
    shutil.copytree(ledger, copy, copy_function=os.link)
    shutil.copytree(folder / "before", workspace.root)
    rows = pl.read_parquet(ledger / f"{table}.parquet")
    (copy / f"{table}.parquet").unlink()
    change(rows, month_end(next_month(LAST, -months))).write_parquet(copy / f"{table}.parquet")
    extract(str(copy), LAST, workspace, policy, n_jobs=1)
    found = find_drift(LAST, workspace, policy, Tracking(workspace.root), rejudge=True)
    shutil.rmtree(folder / "fault")
    return {"fault": name, "months": months, **figures(found)}


def _balances_times(factor: float) -> Change:
    def change(rows: pl.DataFrame, since: dt.date) -> pl.DataFrame:
        late = pl.col("month") > since
        return rows.with_columns(
            pl.when(late).then(pl.col(name) * factor).otherwise(pl.col(name)).alias(name)
            for name in ("average_balance", "closing_balance")
        )

    return change


def _without_kinds(kinds: str) -> Change:
    def change(rows: pl.DataFrame, since: dt.date) -> pl.DataFrame:
        return rows.filter(~((pl.col("booked_on") > since) & pl.col("kind").str.contains(kinds)))

    return change


def _without_share(share: float) -> Change:
    def change(rows: pl.DataFrame, since: dt.date) -> pl.DataFrame:
        lost = pl.col("account_id").hash(seed=1) % 1000 < 1000 * share
        return rows.filter(~((pl.col("booked_on") > since) & lost))

    return change


def _times(factor: float) -> Change:
    def change(rows: pl.DataFrame, since: dt.date) -> pl.DataFrame:
        return rows.with_columns(
            amount=pl.when(pl.col("booked_on") > since).then(pl.col("amount") * factor).otherwise("amount")
        )

    return change


FAULTS: dict[str, tuple[str, Change, int]] = {
    "balances in cents": ("balances", _balances_times(100.0), 1),
    "balances double": ("balances", _balances_times(2.0), 3),
    "bookings in cents": ("transactions", _times(100.0), 1),
    "no bookings": ("transactions", _without_kinds("."), 1),
    "bookings of 30% of accounts lost": ("transactions", _without_share(0.3), 3),
    "no salaries": ("transactions", _without_kinds("salary"), 3),
    "no card payments": ("transactions", _without_kinds("card_payment"), 3),
}


def _show(healthy: pl.DataFrame, planted: pl.DataFrame) -> None:
    stopped = healthy.filter(~pl.col("holds"))
    print(f"Healthy: {stopped.height} of {healthy.height} refreshes beyond the limits of drift.")
    by_seed = healthy.group_by("seed", maintain_order=True).agg(
        pl.len().alias("refreshes"), (~pl.col("holds")).sum().alias("stopped"), pl.col("published").sum(),
        pl.col("moved", "moved_in_a_group", "missing_rise", "zero_rise", "largest_index").max().round(3),
    )  # fmt: skip
    faults = planted.group_by("fault", maintain_order=True).agg(
        pl.col("months").first(), (~pl.col("holds")).sum().alias("stopped"), pl.len().alias("banks"),
        pl.col("moved", "moved_in_a_group", "missing_rise", "zero_rise", "largest_index").mean().round(3),
    )  # fmt: skip
    with pl.Config(tbl_rows=-1, tbl_cols=-1, tbl_width_chars=160, fmt_str_lengths=60):
        print(by_seed)
        print(faults)
    for row in stopped.iter_rows(named=True):
        print(row["seed"], row["as_of"], row["said"])


if __name__ == "__main__":
    main()
