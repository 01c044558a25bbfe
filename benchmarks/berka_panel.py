"""A small real panel from the Berka (PKDD'99) transactions: half a year of behaviour, and the half year after it.

The target is a plain contribution: 4% a year on the average balance, plus fees, less 20 CZK for every cash operation
and 2 CZK for every other one. Margin and costs are assumptions; what customers do is real.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

BASELINE = "contribution_6m"
HALF_YEAR = 6
QUARTER = 3
FILES = ("trans_first5pct_1993_94.parquet", "trans_loan354_to_loan_date.parquet")
CASH = ("VKLAD", "VYBER")


def account_months(folder: Path) -> pd.DataFrame:
    """Sum each account's months that lie wholly inside its recorded history."""
    parts = [pd.read_parquet(folder / name).assign(source=name) for name in FILES]
    rows = pd.concat(parts, ignore_index=True)
    rows["account"] = rows["source"] + rows["account_id"].astype(int).astype(str)
    rows["month"] = rows["date"].dt.year * 12 + rows["date"].dt.month
    signed = rows["amount"].where(rows["type"] == "PRIJEM", -rows["amount"])
    rows["inflow"], rows["outflow"] = signed.clip(lower=0), -signed.clip(upper=0)
    rows["cash_operations"] = rows["operation"].isin(CASH).astype(float)
    rows["other_operations"] = 1.0 - rows["cash_operations"]
    rows["fees"] = rows["amount"].where(rows["k_symbol"] == "SLUZBY", 0.0)
    rows["household"] = rows["amount"].where(rows["k_symbol"] == "SIPO", 0.0)
    rows["interest"] = rows["amount"].where(rows["k_symbol"] == "UROK", 0.0)
    sums = ["inflow", "outflow", "cash_operations", "other_operations", "fees", "household", "interest"]
    months = rows.sort_values(["account", "date", "trans_id"]).groupby(["account", "month"])
    table = months[sums].sum().join(months["balance"].agg(balance="mean", low="min", closing="last"))
    return table.reset_index()


def berka_panel(folder: Path) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    """Build features, target and account of every half-yearly snapshot with a full half year on both sides.

    Parameters
    ----------
    folder : Path
        Folder of the Berka Parquet files.

    Returns
    -------
    tuple of (DataFrame, array, array)
        Numeric features with missing values, contribution of the next six months in CZK, account.
    """
    features, targets, groups = [], [], []
    for account, history in account_months(folder).groupby("account"):
        first, last = history["month"].iloc[0] + 1, history["month"].iloc[-1] - 1
        every = history.set_index("month").reindex(range(first, last + 1))
        levels = ["balance", "low", "closing"]
        every[levels] = every[levels].ffill()
        every = every.drop(columns="account").fillna({name: 0.0 for name in every if name not in levels})
        every["contribution"] = _contribution(every)
        for as_of in range(first + HALF_YEAR - 1, last - HALF_YEAR + 1, QUARTER):
            features.append(_features(every, as_of))
            ahead = every.loc[as_of + 1 : as_of + HALF_YEAR, "contribution"]
            targets.append(float(ahead.sum()))
            groups.append(account)
    return pd.DataFrame(features), np.array(targets), np.array(groups)


def _contribution(months: pd.DataFrame) -> pd.Series:
    work = 20.0 * months["cash_operations"] + 2.0 * months["other_operations"]
    return months["balance"].fillna(0.0) * 0.04 / 12 + months["fees"] - work


def _features(months: pd.DataFrame, as_of: int) -> dict[str, float]:
    row: dict[str, float] = {}
    for width in (1, 3, HALF_YEAR):
        window = months.loc[as_of - width + 1 : as_of]
        row |= {f"{name}_{width}m": float(value) for name, value in window.sum().items()}
        row[f"balance_spread_{width}m"] = float(window["balance"].std()) if width > 1 else np.nan
    row["closing"] = float(months["closing"].loc[[as_of]].to_numpy()[0])
    return row
