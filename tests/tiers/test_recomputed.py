"""The code's tiers against those recomputed from docs/reference/tiers.md, on random banks and by random policies."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import polars as pl
import pytest

from segment.dates import month_end, next_month
from segment.policy import Policy
from segment.tiers import assign_tiers, learn_references, with_blended, with_borders
from segment.tiers.odds import ODDS
from segment.tiers.stability.stabilise import stabilise
from tests.tiers.as_the_page_says import assert_as_the_page_says
from tests.tiers.people import POLICY, people
from tests.tiers.plain import TIERS, Row, tiered

FIRST = dt.date(2025, 6, 30)
MANAGERS = {"b0": 3, "b3": 1}


def random_policy(random: np.random.Generator) -> Policy:
    """Every switch of the tiers in some state."""
    tiers = {
        "own_weight": float(random.choice([0.3, 0.5, 1.0])),
        "decide_by": str(random.choice(["borders", "expected_cost", "clusters", "clusters"])),
        "guard_margin_of_mean_cost": float(random.choice([0.0, 0.25, 1.0])),
        "high_value_per_manager": random.choice([None, 4]),
        "leave_out_staff": bool(random.random() < 0.5),
        "household_floor": bool(random.random() < 0.5),
        "pooled_below_customers": int(random.choice([2, 30])),
        "growth_probability": 0.75,
        "stability": {
            "rise_refreshes": int(random.choice([1, 2, 3])),
            "high_jump_refreshes": int(random.choice([1, 2, 3])),
            "fall_refreshes": int(random.choice([1, 2, 3])),
        },
    }
    content = POLICY.model_dump(mode="json")
    stability = content["tiers"]["stability"] | tiers.pop("stability")
    return Policy.model_validate(content | {"tiers": content["tiers"] | tiers | {"stability": stability}})


def random_people(random: np.random.Generator, as_of: dt.date, count: int = 240) -> pl.DataFrame:
    """A scored snapshot in which every standing, null and tie occurs."""
    joined = [as_of - dt.timedelta(days=int(days)) for days in random.choice([50, 200, 364, 366, 900, 4000], count)]
    branch = random.integers(0, 6, count)
    chances = random.dirichlet([0.7] * 4, count)
    known = random.random(count) < 0.9
    months = np.minimum(random.integers(0, 40, count), [(as_of - day).days // 30 for day in joined])
    worth = random.choice([20.0, 100.0, 1500.0], count) * random.standard_t(3, count)
    columns: dict[str, Any] = {
        "customer_id": [f"c{place:04}" for place in random.permutation(count)],
        "branch_id": [f"b{place}" for place in branch],
        "peer_group": ["city|east" if place < 4 else "all" for place in branch],
        "joined_on": joined,
        "household_id": [f"h{home}" if home < 60 else None for home in random.integers(0, 120, count)],
        "months_observed": months.tolist(),
        "months_since_activity": np.minimum(random.integers(0, 20, count), months).tolist(),
        "is_staff": (random.random(count) < 0.05).tolist(),
        "deceased": (random.random(count) < 0.03).tolist(),
        "arrears_level": random.choice([None, 0.0, 1.0, 2.0, 3.0], count, p=[0.1, 0.6, 0.1, 0.1, 0.1]).tolist(),
        "contribution_winsorised_12m": worth.tolist(),
        "cost_12m": random.gamma(1.0, 200.0, count).tolist(),
        "future_value_12m": (worth + 200.0 * random.standard_t(3, count)).tolist(),
        "future_value_p10": random.normal(100.0, 200.0, count).tolist(),
        "growth_probability": random.random(count).tolist(),
        "cluster_tier": [str(random.choice(TIERS)) if one else None for one in known],
        "guard_margin": random.choice([0.0, 0.5, 2.0], count).tolist(),
        **{name: chances[:, place].tolist() for place, name in enumerate(ODDS)},
    }
    return people(count, **columns)


def scored(frame: pl.DataFrame, policy: Policy, as_of: dt.date) -> pl.DataFrame:
    blended = with_blended(frame, policy.tiers)
    placed = with_borders(blended, learn_references(blended, policy.tiers), policy)
    tiers = assign_tiers(placed, policy, MANAGERS)
    return tiers.with_columns(
        as_of=pl.lit(as_of), reasons=pl.lit(["INCOME_COVERS_COST"]), previous_tier=pl.lit(None, pl.String)
    )


def plainly(frame: pl.DataFrame, policy: Policy, as_of: dt.date, before: dict[str, Row]) -> list[Row]:
    rows = [
        {
            **row,
            "as_of": as_of,
            "months": row["months_observed"],
            "months_since_begun": row["months_since_activity"],
            "clipped": row["contribution_winsorised_12m"],
            "cost": row["cost_12m"],
            "V": row["future_value_12m"],
            "p10": row["future_value_p10"],
            "growth": row["growth_probability"],
            "chances": dict(zip(TIERS, (row[name] for name in ODDS), strict=True)),
        }
        for row in frame.to_dicts()
    ]
    return tiered(rows, policy.model_dump(mode="json"), MANAGERS, before.get)


def published_state(rows: list[Row]) -> dict[str, Row]:
    kept = ("stable", "candidate", "count", "standing", "branch_id")
    return {row["customer_id"]: {name: row[name] for name in kept} for row in rows}


@pytest.mark.parametrize("seed", range(8))
def test_every_figure_and_tier_of_five_months_is_the_page_s(seed: int) -> None:
    random = np.random.default_rng(seed)
    policy, published, before = random_policy(random), None, dict[str, Row]()
    frame = random_people(random, FIRST)
    for number in range(5):
        as_of = month_end(next_month(FIRST, number))
        # whatever moves from month to month does; some move to another branch
        moved = random_people(random, as_of).select(
            "cluster_tier", "future_value_12m", *ODDS, "branch_id", "peer_group", "arrears_level"
        )
        some = pl.Series(random.random(frame.height) < 0.4)
        frame = frame.with_columns(
            pl.when(some).then(moved[name]).otherwise(pl.col(name)).alias(name) for name in moved.columns
        )
        days = (pl.lit(as_of) - pl.col("joined_on")).dt.total_days()
        frame = frame.with_columns(tenure_months=(days / (365.25 / 12)).round(3))
        published = stabilise(scored(frame, policy, as_of), published, as_of, policy)
        expected = plainly(frame, policy, as_of, before)
        assert_as_the_page_says(published, expected)
        before = published_state(expected)
