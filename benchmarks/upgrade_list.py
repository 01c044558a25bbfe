"""How long the choice of offers takes, beside the greedy fallback, and how far each is from the bound.

    python benchmarks/upgrade_list.py [CANDIDATES] [BRANCHES]

100,000 candidates of 60 branches by default: programme, options, control draw, choice within the limits and managers.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import numpy as np
import polars as pl

from segment.policy import load_policy
from segment.upgrade.control import draw_control
from segment.upgrade.offers import best_offers, offer_options, with_programmes
from segment.upgrade.optimise import MOST_OPTIONS
from segment.upgrade.places import Limits, choose_within

POLICY = Path(__file__).parents[1] / "models" / "retail.toml"
SEED = 11


def bank(candidates: int, branches: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Draw candidates, with branches of very different size, and their managers."""
    rng = np.random.default_rng(SEED)
    weights = rng.pareto(1.5, branches) + 0.2
    tier = rng.choice(["break_even", "valuable", "high_value"], candidates, p=[0.70, 0.27, 0.03])
    families = [["deposit"], ["deposit", "loan"], ["deposit", "card"], ["deposit", "wealth"]]
    held = rng.integers(0, len(families), candidates)
    customers = pl.DataFrame(
        {
            "customer_id": [f"c{number:07}" for number in range(candidates)],
            "branch_id": [f"b{number:03}" for number in rng.choice(branches, candidates, p=weights / weights.sum())],
            "tier": tier,
            "standing": "active",
            "main_bank_elsewhere": (tier == "break_even") & (rng.random(candidates) < 0.4),
            "main_bank_elsewhere_probability": rng.uniform(0.5, 0.95, candidates),
            "upgrade_potential_12m": rng.lognormal(8.3, 0.9, candidates),
            "growth_potential": rng.uniform(0.1, 0.6, candidates),
            "chance_of_lower_tier": rng.uniform(0.5, 0.9, candidates),
            "contribution_12m": rng.lognormal(8.5, 0.6, candidates),
            "families": [families[at] for at in held],
        }
    )
    sizes = customers["branch_id"].value_counts().sort("branch_id")
    managers = pl.DataFrame(
        [
            {"rm_id": f"{branch}-{number}", "branch_id": branch, "weekly_contacts": 25}
            for branch, size in sizes.iter_rows()
            for number in range(max(1, size // 2000))
        ]
    )
    return customers, managers


def main(candidates: int = 100_000, branches: int = 60) -> None:
    """Time the choice and print it."""
    policy = load_policy(POLICY)
    customers, managers = bank(candidates, branches)
    start = time.perf_counter()
    nobody = pl.DataFrame(schema={"customer_id": pl.String, "channel": pl.String})
    chosen = with_programmes(customers, policy).with_columns(value_months=pl.lit(24.5))
    options = offer_options(chosen, nobody, policy)
    best = best_offers(options)
    asked = best.select(household="customer_id", stratum=pl.concat_str("branch_id", "tier"))
    arms = best.select("customer_id", control=draw_control(asked, 0.1, "salt", "main"))
    options = options.join(arms, on="customer_id")
    prepared = time.perf_counter() - start
    took = {}
    for method, most in (("milp", MOST_OPTIONS), ("greedy", 0)):
        start = time.perf_counter()
        made = choose_within(options, Limits(), managers, policy, most_options=most)
        took[method] = time.perf_counter() - start
        choice = made.choice
        print(
            f"{method:7} {took[method]:6.1f} s  gain {choice.gain:,.0f}  bound {choice.bound:,.0f}"
            f"  gap {choice.gap:.2e}  contacts {made.offers.filter(~pl.col('control')).height:,}  by {choice.method}"
        )
        prices = made.adviser_hour_prices()["adviser_hour_price"].to_numpy()
        print(f"        an adviser hour brings {np.median(prices):,.0f} (median branch), {prices.max():,.0f} at most")
    print(f"{candidates:,} candidates, {branches} branches, {options.height:,} options; prepared in {prepared:.1f} s")
    print(f"the choice takes {took['milp'] / took['greedy']:.2f} times as long as the greedy fallback")


if __name__ == "__main__":
    main(*(int(given) for given in sys.argv[1:]))
