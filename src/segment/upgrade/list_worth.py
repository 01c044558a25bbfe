"""What a list is worth: its value and range, what its hours buy, what was left out, and what an adviser more brings."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import polars as pl

from segment.policy import Policy
from segment.upgrade.places import MINUTES_AN_HOUR, Limits, ListChoice, choose_within
from segment.upgrade.power import detectable_difference

RANGE = (0.1, 0.9)
"""Eight in ten outcomes lie between."""

DRAWS, SEED = 4_000, 0
MOST_MONTHS = 120


@dataclass(frozen=True)
class ListWorth:
    """Figures of a list's contact arm, in book currency over the policy's horizon; no customer."""

    value: float  # Expected net value: what the contacts bring, less what they cost
    low: float  # Of `RANGE`
    high: float
    contacts: int
    cost: float  # Of the contacts
    work: float  # Of the list itself, beside its contacts
    hours: float  # Advisers' hours that the contacts take
    hours_there: float
    value_of_hours: float  # Net value of the contacts that take an adviser's time
    adviser_more: float  # Most that one adviser more would bring, in a branch
    adviser_more_branch: str | None
    left_out: dict[str, tuple[int, float]] = field(default_factory=dict)  # By cause: customers, and their net value

    @property
    def pays(self) -> bool:
        """Whether it is worth its own work."""
        return self.value >= self.work

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        causes = {name: {"customers": count, "value": value} for name, (count, value) in self.left_out.items()}
        return asdict(self) | {"left_out": causes, "pays": self.pays}


def worth_of_list(
    listed: pl.DataFrame,
    options: pl.DataFrame,
    chosen: ListChoice,
    limits: Limits,
    managers: pl.DataFrame,
    policy: Policy,
) -> ListWorth:
    """Add up a list: both arms of it, the options that it was chosen from, and the choice."""
    rules, rows = policy.upgrade, listed.filter(pl.col("arm") == "contact")
    taken = rows["channel"].replace_strict(rules.adviser_minutes, return_dtype=pl.Float64)
    low, high = value_range(rows)
    more, branch = _adviser_more(options, chosen, limits, managers, policy)
    minute = policy.costs.service_event.adviser_minute
    return ListWorth(
        value=float(rows["expected_net_value"].sum()),
        low=low,
        high=high,
        contacts=rows.height,
        cost=float(rows["contact_cost"].sum()),
        work=rules.list_minutes_per_branch * minute * rows["branch_id"].n_unique(),
        hours=float(taken.sum()) / MINUTES_AN_HOUR,
        hours_there=chosen.adviser_hours(),
        value_of_hours=float(rows.filter(taken > 0.0)["expected_net_value"].sum()),
        adviser_more=more,
        adviser_more_branch=branch,
        left_out=_left_out(listed, options, chosen),
    )


def value_range(rows: pl.DataFrame) -> tuple[float, float]:
    """Net value that eight in ten outcomes lie between: chances and wallets are estimates, and few move."""
    # net value = chance * what a move is worth - what is paid whoever moves. The chances of a programme by a channel
    # are too high or low together, by a gamma of mean 1 and their variation; who moves, and what is found there, is
    # each customer's own, by its first two moments.
    rng = np.random.default_rng(SEED)
    total = np.full(DRAWS, float((rows["expected_net_value"] - rows["uplift"] * rows["value_of_a_move"]).sum()))
    for (_, _, varies), cell in rows.group_by("programme", "channel", "chance_variation", maintain_order=True):
        variation = float(varies)
        factor = rng.gamma(1.0 / variation, variation, DRAWS) if variation > 0.0 else np.ones(DRAWS)
        chance, worth, spread = (cell[name].to_numpy() for name in ("uplift", "value_of_a_move", "value_variation"))
        mean, square = float(chance @ worth), float(chance @ (worth**2 * (1.0 + spread)))
        lost = float(chance**2 @ worth**2)
        own = np.sqrt(np.maximum(factor * square - factor**2 * lost, 0.0))
        total += factor * mean + own * rng.standard_normal(DRAWS)
    low, high = np.quantile(total, RANGE)
    return float(low), float(high)


def _left_out(listed: pl.DataFrame, options: pl.DataFrame, chosen: ListChoice) -> dict[str, tuple[int, float]]:
    """Customers worth an offer who are not contacted: as control, or by the limit that their best offer needs most."""
    best = options.sort(["expected_net_value", "customer_id"], descending=[True, False]).unique(
        "customer_id", keep="first"
    )
    contacted = listed.filter(pl.col("arm") == "contact")
    rest = best.join(contacted, on="customer_id", how="anti")
    causes = rest.join(chosen.scarce, on=["customer_id", "programme", "channel"], how="left").with_columns(
        cause=pl.when("control").then(pl.lit("control")).otherwise(pl.col("limit").fill_null("whole contacts"))
    )
    sums = causes.group_by("cause", maintain_order=True).agg(pl.len(), pl.col("expected_net_value").sum()).sort("cause")
    return {cause: (count, value) for cause, count, value in sums.iter_rows()}


def _adviser_more(
    options: pl.DataFrame, chosen: ListChoice, limits: Limits, managers: pl.DataFrame, policy: Policy
) -> tuple[float, str | None]:
    """What the branch would gain most that had one adviser more, chosen anew."""

    def by_branch(choice: ListChoice) -> pl.DataFrame:
        rows = choice.offers.filter(~pl.col("control"))
        return rows.group_by("branch_id", maintain_order=True).agg(pl.col("expected_net_value").sum())

    scarce = chosen.limits.filter(
        pl.col("limit").is_in(["adviser minutes", "manager contacts"]) & (pl.col("price") > 0)
    )
    if scarce.is_empty():
        return 0.0, None
    after = by_branch(choose_within(options, limits, managers, policy, advisers_more=1))
    both = after.join(by_branch(chosen), on="branch_id", how="left", suffix="_before")
    gains = both.with_columns(gain=pl.col("expected_net_value") - pl.col("expected_net_value_before").fill_null(0.0))
    top = gains.sort(["gain", "branch_id"], descending=[True, False]).row(0, named=True)
    return (float(top["gain"]), str(top["branch_id"])) if top["gain"] > 0 else (0.0, None)


def months_until_shown(
    rate: float, effect: float, arms: tuple[int, int], before: tuple[int, int] = (0, 0)
) -> int | None:
    """Lists like this one, a month apart, after which an effect of this size can be shown; None: not in ten years."""
    # `arms`: households of this list to contact and in the control group; `before`: of the lists that were made
    for month in range(1, MOST_MONTHS + 1):
        contacted, control = (own * month + past for own, past in zip(arms, before, strict=True))
        if 0.0 < detectable_difference(rate, contacted, control) <= effect:
            return month
    return None
