"""What service and fees truly bring where they follow tiers decided by clusters, by the odds alone, or by borders.

    python -m benchmarks.money_of_tiers [--banks 4] [--customers 1500] [--first-seed 301] [--work FOLDER]

Each bank is simulated, learned from and published once; its customers then get the tier of each way to decide, before
hysteresis, and with it the service and the fee that the policy gives that tier. The intervention twin says what that
is truly worth over 12 and 36 months, discounted by 8 % a year (`benchmarks/regret.py`). Banks are paired: the interval
is that of the mean difference to borders over banks drawn anew (90 %). The matrix of costs is not asked.
A contact with a customer of the plan costs more than it brings at these banks, and a fee brings more than it loses: the
more customers a way calls valuable, and the fewer loss-making, the less it is worth here.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import numpy as np
import polars as pl

from benchmarks.regret import (
    AS_OF,
    COUNTER_TRANSFER,
    HISTORY,
    HORIZONS,
    REGULAR,
    ROOT,
    Floats,
    Truth,
    fees_a_month,
    numbers,
    publish,
)
from segment.banks.simulator.twin import Twin
from segment.policy import Policy, load_policy
from segment.service.plan import group_customers
from segment.tiers.describe import describe_customers
from segment.tiers.ways_to_decide import Way, tiers_by
from segment.warehouse.published_tiers import published_tiers

COMPARED: tuple[Way, ...] = ("clusters", "odds", "own_figures", "borders")
ACTS = ("service", "fee", "both", "service, as many contacts")
"""The last: had each way as many contacts a year as borders have, to tell whom it chooses from how many."""
DRAWS = 4_000


def planned_contacts(tiers: pl.DataFrame, policy: Policy, customers: int) -> Floats:
    """Contacts a year of each customer by the service plan of the tier."""
    plans = policy.service.plans  # type: ignore[union-attr]
    contacts = np.zeros(customers)
    for tier, state, customer in (
        group_customers(tiers, policy).select("tier", "service_state", "customer_id").iter_rows()
    ):
        every = plans[tier].of(state).contact_every_days if tier in REGULAR else None
        contacts[int(customer[1:]) - 1] = 365 / every if every else 0.0
    return contacts


def fee_a_month(tiers: pl.DataFrame, monthly: Floats) -> Floats:
    """The fee of those whose tier and direct cost point at them."""
    pointed_at = tiers.filter((pl.col("tier") == "loss_making") & (pl.col("direct_contribution_12m") < 0))
    asked = np.zeros(len(monthly))
    at = numbers(pointed_at["customer_id"])
    asked[at] = monthly[at]
    return asked


def measure(folder: Path, customers: int, seed: int, policy: Policy) -> dict[Way, Floats]:
    """By way: worth by act and horizon, and behind it contacts a year and customers with a fee."""
    workspace = publish(folder, customers, seed, policy)
    published = published_tiers(workspace, AS_OF, None)
    twin = Twin.of(customers, HISTORY, seed, run_on=max(HORIZONS), end=AS_OF)
    truth = Truth.of(twin)
    monthly = fees_a_month(folder / "bank" / "ledger", COUNTER_TRANSFER, twin.bank.count)
    found: dict[Way, Floats] = {}
    usual = planned_contacts(_with_tiers(published, "borders", policy), policy, twin.bank.count).sum()
    for way in COMPARED:
        tiers = _with_tiers(published, way, policy)
        contacts, fee = planned_contacts(tiers, policy, twin.bank.count), fee_a_month(tiers, monthly)
        service = [float(effect.service("personal", contacts)[contacts > 0].sum()) for effect in truth.effects]
        fees = [float(effect.fee(fee).sum()) for effect in truth.effects]
        alike = np.multiply(service, usual / contacts.sum())
        worth = np.array([service, fees, np.add(service, fees), alike])
        found[way] = np.column_stack([worth, [contacts.sum(), (fee > 0).sum(), np.nan, usual]])
    return found


def _with_tiers(published: pl.DataFrame, way: Way, policy: Policy) -> pl.DataFrame:
    """Give customers the tiers of one way, and what follows from them."""
    return describe_customers(published.with_columns(tier=tiers_by(way, published, policy)), policy)


def report(banks: list[dict[Way, Floats]]) -> None:
    """Print the mean worth of a bank by way, and the difference to borders with its interval."""
    drawn = np.random.default_rng(0).integers(0, len(banks), (DRAWS, len(banks)))
    for place, act in enumerate(ACTS):
        for at, months in enumerate(HORIZONS):
            for way in COMPARED:
                own, other = (np.array([bank[which][place, at] for bank in banks]) for which in (way, "borders"))
                apart = own - other
                low, high = np.quantile(apart[drawn].mean(axis=1), [0.05, 0.95])
                acts = np.mean([bank[way][place, -1] for bank in banks])
                print(
                    f"{act:26} {months:3} months {way:12} worth {own.mean():10,.0f} a bank, "
                    f"to borders {apart.mean():+9,.0f} ({low:+,.0f} to {high:+,.0f})"
                    + ("" if np.isnan(acts) else f", acts {acts:,.0f}")
                )


def main() -> None:
    """Measure several banks, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--banks", type=int, default=4)
    parser.add_argument("--customers", type=int, default=1_500)
    parser.add_argument("--first-seed", type=int, default=301)
    parser.add_argument("--policy", type=Path, default=ROOT / "models" / "retail.toml")
    parser.add_argument("--work", type=Path, help="keep the banks here, and take them from here")
    given = parser.parse_args()
    policy = load_policy(given.policy)
    banks = []
    with tempfile.TemporaryDirectory() as temporary:
        work = given.work or Path(temporary)
        for seed in range(given.first_seed, given.first_seed + given.banks):
            banks.append(measure(work / str(seed), given.customers, seed, policy))
            both = ", ".join(f"{way} {banks[-1][way][2, 1]:,.0f}" for way in COMPARED)
            print(f"bank {seed}, 36 months, service and fee: {both}", flush=True)
    report(banks)


if __name__ == "__main__":
    main()
