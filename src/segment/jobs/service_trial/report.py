"""Does better service pay? Effects of the trial by tier, with what they cost and what they cannot show."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from segment.effects import (
    LARGEST_IMBALANCE,
    LEAST_RATIO_P,
    Effect,
    balance,
    effect,
    holm,
    sample_ratio,
    share_effect,
)
from segment.jobs.service_trial.measure import measure_trial
from segment.jobs.service_trial.served import read_enrolled, trial_of
from segment.jobs.service_trial.words import sentence
from segment.policy import Policy
from segment.policy.trial import WAYS
from segment.service.trial import AS_IS
from segment.upgrade import detectable_after
from segment.warehouse import Workspace

BEFORE = ("contribution_before", "events_before", "on_list")
TESTS = ("contribution", "net", "lost")
SIGNIFICANCE = 0.05


@dataclass(frozen=True)
class TrialReport:
    """What the trial of service has shown by a moment.

    Attributes
    ----------
    name : str
        Of the trial.
    effects : polars.DataFrame
        A row per tier that is tried: sizes of the arms, the effect on contribution, that less the cost of the service,
        and on customers lost, each with its interval; checks of the draw; `pays` (null: not shown either way).
    waiting : int
        People whose months have not passed.
    objected : int
        People who were drawn and have objected to profiling since; they are in no arm.
    """

    name: str
    effects: pl.DataFrame
    waiting: int
    objected: int

    def __str__(self) -> str:
        """Say whether better service pays, tier by tier, and what cannot be said."""
        lines = [sentence(self.name, row) for row in self.effects.to_dicts()]
        if not lines:
            lines = [f"Trial {self.name}: nothing can be measured yet."]
        if self.waiting:
            lines.append(f"Trial {self.name}: {self.waiting:,} people are in it whose months have not passed.")
        if self.objected:
            lines.append(f"Trial {self.name}: {self.objected:,} people objected to profiling and are in no arm.")
        if self.effects.height:
            lines.append(
                "The cost is that of the plan's budgets. Adviser time that the ledger books already is in the "
                "contribution too, so better service is charged for it twice, and the answer is a cautious one."
            )
        return "\n".join(lines)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "trial": self.name,
            "effects": self.effects.to_dicts(),
            "waiting": self.waiting,
            "objected": self.objected,
        }


def report_trial(as_of: dt.date, workspace: Workspace, policy: Policy) -> TrialReport:
    """Measure the trial: every tier and arm against those who are served as their tier says.

    Parameters
    ----------
    as_of : datetime.date
        Nothing after it is read; people whose months have not passed wait.
    workspace : Workspace
        Who is enrolled, customer months and small tables.
    policy : Policy
        Its `[trial]`, and the quantile at which contributions are cut.

    Returns
    -------
    TrialReport

    Raises
    ------
    HistoryError
        Where a month that has passed is missing from the workspace.
    PublishError
        Where the policy has no trial.

    References
    ----------
    DOMAIN.md 3.3: intention to treat, winsorised, CUPED, Holm, sample ratio, balance.
    """
    trial, _ = trial_of(policy)
    measured = measure_trial(as_of, workspace, policy)
    known = measured.drop_nulls("lost").with_columns(treated=pl.col("arm") != AS_IS)
    drawn = read_enrolled(workspace, trial).filter(pl.col("drawn") & (pl.col("enrolled_on") <= as_of))
    rows = [
        {"tier": tier, "served_as": step, **tier_effects(part, policy.outcomes.winsorise)}
        for way in WAYS
        for tier, step in trial.steps[way].items()
        for part in [known.filter((pl.col("way") == way) & (pl.col("tier") == tier))]
        if part.height
    ]
    _raise(rows)
    effects = pl.DataFrame(rows, infer_schema_length=None)
    return TrialReport(trial.name, effects, measured.height - known.height, drawn.height - measured.height)


def tier_effects(rows: pl.DataFrame, cut: float) -> dict[str, Any]:
    """Measure one tier: the draw first, then the effects if it holds.

    Parameters
    ----------
    rows : polars.DataFrame
        Of `segment.jobs.service_trial.measure_trial`, of one way and tier, all months passed, with `treated`.
    cut : float
        Quantile at which contributions are cut.

    Returns
    -------
    dict
        As `TrialReport.effects` has them, before p-values are raised.
    """
    treated, household = rows["treated"].to_numpy(), rows["household"].to_numpy()
    sizes = dict(rows.group_by("treated").agg(pl.col("household").n_unique()).iter_rows())
    ours, others = sizes.get(True, 0), sizes.get(False, 0)
    ratio = sample_ratio(ours, others, 1.0 - float(rows.unique("household")["share"].to_numpy().mean()))
    uneven = balance(rows, "treated", BEFORE).filter(pl.col("standardised_difference").abs() >= LARGEST_IMBALANCE)
    before, after, lost, cost = (
        rows[name].cast(pl.Float64).to_numpy()
        for name in ("contribution_before", "contribution_after", "lost", "cost_of_months")
    )
    # cut first, so that a cost is never cut with it
    after = np.clip(after, *np.quantile(after, [1.0 - cut, cut]))
    found = {
        "contribution": effect(after, treated, group=household, before=before),
        "net": effect(after - np.where(treated, cost, 0.0), treated, group=household, before=before),
        "lost": share_effect(lost, treated, group=household),
    }
    valid = ratio >= LEAST_RATIO_P and bool(np.isfinite(found["lost"].standard_error))
    return {
        "way": rows["way"][0],
        "months": rows["months"][0],
        "served": int(treated.sum()),
        "as_is": int((~treated).sum()),
        "served_households": ours,
        "as_is_households": others,
        "ratio_p": ratio,
        "valid": valid,
        "uneven": uneven["column"].to_list(),
        **_means(rows.filter("treated"), "served"),
        **_means(rows.filter(~pl.col("treated")), "as_is"),
        "cost": _told(float(cost[treated].mean())) if treated.any() else None,
        **{f"detectable_{name}": _shown_from(found[name]) for name in ("contribution", "lost")},
        **{f"{name}_{key}": value if valid else None for name, one in found.items() for key, value in _told_of(one)},
    }


def _means(rows: pl.DataFrame, arm: str) -> dict[str, float | None]:
    """Shares of an arm that were lost, and that a list had contacted in those months."""
    shares = rows.select(pl.col("lost", "on_list").cast(pl.Float64).mean()).to_dicts()[0]
    return {f"{name}_{arm}": value for name, value in shares.items()}


def _shown_from(made: Effect) -> float | None:
    return _told(detectable_after(made.low, made.high, made.standard_error))


def _told_of(made: Effect) -> list[tuple[str, float | None]]:
    values = {"effect": made.estimate, "low": made.low, "high": made.high, "p": made.p_value}
    return [(key, _told(value)) for key, value in values.items()]


def _raise(rows: list[dict[str, Any]]) -> None:
    """Raise the p-values of all tiers and all their tests together, and answer the question where they allow it."""
    given = [row[f"{name}_p"] for row in rows for name in TESTS]
    raised = iter(holm([float("nan") if value is None else value for value in given]))
    for row in rows:
        for name in TESTS:
            row[f"{name}_p_holm"] = _told(next(raised))
        clear = row["net_p_holm"] is not None and row["net_p_holm"] < SIGNIFICANCE
        # where the arm is served less well, its loss is what the better service earns
        row["pays"] = (row["net_effect"] > 0.0) == (row["way"] == "up") if clear else None


def _told(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
