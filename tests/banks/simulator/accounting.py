"""A small accounting of its own: unit costs and margins of DOMAIN.md 1.1-1.4 in plain Polars.

It shares no code with the package's contribution, so that the simulator is calibrated against a second opinion.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import polars as pl

MARGIN = {
    "current": 0.015,
    "savings": 0.0128,
    "term_deposit": 0.003,
    "wealth": 0.004,
    "mortgage": 0.010,
    "consumer_loan": 0.030,
    "credit_card": 0.11,
    "insurance": 0.0,
}
RISK_AND_CAPITAL = {  # PD·LGD + RW·k·(CoE − r_f), of the debt
    "mortgage": 0.005 * 0.20 + 0.50 * 0.115 * 0.09,
    "consumer_loan": 0.020 * 0.60 + 0.75 * 0.115 * 0.09,
    "credit_card": 0.025 * 0.70 + 0.75 * 0.115 * 0.09,
}
ACCOUNT_MONTH = {"current": 3.0, "credit_card": 1.0, "mortgage": 10.0, "consumer_loan": 10.0}
OTHER_ACCOUNT_MONTH = 0.5
EVENT = {"counter": 10.0, "atm": 1.5, "pos": 0.1, "mobile": 0.1, "online": 0.3, "phone": 6.0, "automatic": 0.02}
SERVICE = {**EVENT, "mobile": 0.02, "online": 0.05, "adviser": 0.0}
ADVISER_MINUTE, COMPLAINT, FOREIGN_ATM, OVERHEAD_ACCOUNT, OVERHEAD_MANUAL = 2.0, 120.0, 3.5, 1.0, 1.0


def read(ledger: Path, table: str) -> pl.DataFrame:
    """Read a table of a simulated ledger."""
    return pl.read_parquet(ledger / f"{table}.parquet")


def _by_product(values: dict[str, float], other: float = 0.0) -> pl.Expr:
    return pl.col("product").replace_strict(values, default=other, return_dtype=pl.Float64)


def _shares(ledger: Path) -> pl.DataFrame:
    return read(ledger, "holdings").filter(pl.col("share") > 0).select("account_id", "customer_id", "share")


def account_year(ledger: Path, first: date, last: date) -> pl.DataFrame:
    """Income, cost and risk of each account in the months from `first` to `last`."""
    accounts = read(ledger, "accounts").select("account_id", "product")
    balance = pl.col("average_balance")
    # a card that is paid in full earns no margin: it costs its funding
    margin = pl.when((pl.col("product") == "credit_card") & (pl.col("interest_rate_annual") == 0)).then(-0.019)
    months = read(ledger, "balances").filter(pl.col("month").is_between(first, last)).join(accounts, on="account_id")
    held = months.group_by("account_id").agg(
        net_interest=(balance.abs() * margin.otherwise(_by_product(MARGIN)) / 12).sum(),
        risk=((-balance).clip(0.0) * _by_product(RISK_AND_CAPITAL) / 12).sum(),
        fixed=(_by_product(ACCOUNT_MONTH, OTHER_ACCOUNT_MONTH) + OVERHEAD_ACCOUNT).sum(),
    )
    booked = read(ledger, "transactions").filter(pl.col("booked_on").is_between(first, last.replace(day=31)))
    booked = booked.join(accounts, on="account_id")
    amount, kind = pl.col("amount"), pl.col("kind")
    credit = pl.col("product") == "credit_card"
    paid = pl.when(kind == "card_payment").then(
        pl.when(credit).then(-amount * 0.0045).otherwise((-amount * 0.0035).clip(None, 13.0))
    )
    foreign = (pl.col("channel") == "atm") & pl.col("counterparty_bank").is_not_null()
    each = pl.col("channel").replace_strict(EVENT, return_dtype=pl.Float64)
    manual = (pl.col("channel") == "counter").cast(pl.Float64) * OVERHEAD_MANUAL
    moved = booked.group_by("account_id").agg(
        fees=-(amount.filter(kind.is_in(["fee", "fee_refund"])).sum()) / 1.06,
        interchange=paid.sum() * 0.70 / 1.06,
        commission=-(amount.filter((kind == "insurance_premium") & (amount < 0)).sum()) * 0.10 / 1.06
        - amount.filter((kind == "investment_buy") & (amount < 0)).sum() * 0.002 / 1.06,
        events=(pl.when(foreign).then(FOREIGN_ATM).otherwise(each) + manual).sum(),
    )
    return held.join(moved, on="account_id", how="full", coalesce=True).fill_null(0.0)


def customer_year(ledger: Path, last: date) -> pl.DataFrame:
    """Income, cost and contribution of the twelve months up to `last`, for customers who were there throughout."""
    first = date(last.year, 1, 1)
    lines = account_year(ledger, first, last).join(_shares(ledger), on="account_id")
    own = lines.group_by("customer_id").agg(
        income=(pl.sum_horizontal("net_interest", "fees", "interchange", "commission") * pl.col("share")).sum(),
        account_cost=(pl.sum_horizontal("fixed", "events") * pl.col("share")).sum(),
        risk=(pl.col("risk") * pl.col("share")).sum(),
    )
    served = read(ledger, "service_events").filter(pl.col("occurred_on").is_between(first, last.replace(day=31)))
    manual = pl.col("channel").is_in(["counter", "phone", "adviser"]).cast(pl.Float64) * OVERHEAD_MANUAL
    minutes = (pl.col("minutes").fill_null(30.0) * ADVISER_MINUTE) * (pl.col("channel") == "adviser").cast(pl.Float64)
    each = pl.col("channel").replace_strict(SERVICE, return_dtype=pl.Float64)
    service = served.group_by("customer_id").agg(service=(each + minutes.fill_null(0.0) + manual).sum())
    rules = read(ledger, "contact_rules").filter(pl.col("rule") == "complaint")
    rules = rules.filter(pl.col("starts_on").is_between(first, last.replace(day=31)))
    complaints = rules.group_by("customer_id").agg(complaint=pl.len() * COMPLAINT)
    there = pl.col("left_on").is_null() & (pl.col("joined_on") < first)
    customers = read(ledger, "customers").filter(there).select("customer_id", "branch_id")
    whole = customers
    for frame in (own, service, complaints):
        whole = whole.join(frame, on="customer_id", how="left")
    cost = pl.sum_horizontal("account_cost", "service", "complaint")
    whole = whole.fill_null(0.0).with_columns(operating_cost=cost, cost=cost + pl.col("risk"))
    return whole.with_columns(contribution=pl.col("income") - pl.col("cost")).sort("customer_id")


def tiers(year: pl.DataFrame) -> pl.DataFrame:
    """The policy of DOMAIN.md 1.7 on a year's own figures, with 200 customers of shrinkage."""
    b, cost = pl.col("contribution"), pl.col("cost")
    mean_cost, overall = year["cost"].mean(), year["contribution"].mean()
    branch = year.group_by("branch_id").agg(m=(b.sum() + 200 * overall) / (pl.len() + 200))
    year = year.join(branch, on="branch_id").with_columns(ref=pl.col("m").clip(0.25 * mean_cost))
    coverage = 1 + b / cost
    even = (b.abs() <= 0.25 * mean_cost) | (coverage.is_between(0.80, 1.25) & (b.abs() <= mean_cost))
    tier = pl.when(even).then(pl.lit("break_even"))
    tier = tier.when((b >= 4 * pl.col("ref")) & (coverage >= 1.2)).then(pl.lit("high_value"))
    tier = tier.when(b > 0).then(pl.lit("valuable")).otherwise(pl.lit("loss_making"))
    return year.with_columns(tier=tier)


def concentration(year: pl.DataFrame) -> dict[str, float]:
    """The figures of DOMAIN.md 6.5."""
    c = np.sort(year["contribution"].to_numpy())[::-1]
    n, total = len(c), c.sum()
    shares = tiers(year)["tier"].value_counts(normalize=True)
    result = {
        "income": float(year["income"].mean()),
        "operating": float(year["operating_cost"].mean()),
        "risk": float(year["risk"].mean()),
        "cost_income": float(year["operating_cost"].sum() / year["income"].sum()),
        "mean": float(c.mean()),
        "median": float(np.median(c)),
        "top5": float(c[: n // 20].sum() / total),
        "top20": float(c[: n // 5].sum() / total),
        "any_loss": float((c < 0).mean()),
        "bottom30": float(c[-int(0.3 * n) :].sum() / total),
    }
    return result | {row["tier"]: row["proportion"] for row in shares.iter_rows(named=True)}


def gini(values: np.ndarray) -> float:
    """Gini coefficient."""
    x = np.sort(values)
    n = len(x)
    return float((2 * np.arange(1, n + 1) - n - 1) @ x / (n * x.sum()))
