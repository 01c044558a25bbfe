"""Does better service pay? Effects of the trial by tier, with what they cost and what they cannot show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl

from segment.effects.checks import LARGEST_IMBALANCE, LEAST_RATIO_P, balance, sample_ratio
from segment.effects.intention import Effect, effect, finite, raised, share_effect
from segment.jobs.service.trial_findings import TierEffect, trial_findings
from segment.jobs.service.trial_measure import TrialHistory, measure_trial
from segment.jobs.service.trial_served import trial_of
from segment.messages import Message
from segment.policy import Policy
from segment.policy.trial import WAYS
from segment.sentences import Language, Sentences
from segment.service.service_trial import AS_IS
from segment.statistics import winsorised
from segment.upgrade.power import detectable_after

BEFORE = ("contribution_before", "events_before", "on_list")
SIGNIFICANCE = 0.05


@dataclass(frozen=True)
class TrialReport:
    """What the trial of service has shown by a date."""

    name: str  # Of the trial
    tiers: Sequence[TierEffect]  # That are tried
    waiting: int  # People whose months have not passed
    objected: int  # People who were drawn and have objected to profiling since; they are in no arm

    @property
    def effects(self) -> pl.DataFrame:
        """A row per tier that is tried."""
        return pl.DataFrame([tier.columns() for tier in self.tiers], infer_schema_length=None)

    def __str__(self) -> str:
        """Say whether better service pays, tier by tier, and what cannot be said."""
        return self.in_words("en")

    def in_words(self, language: Language) -> str:
        """Say it in a language."""
        t = Sentences(language)
        lines = ["\n  ".join(t.each(trial_findings(self.name, tier))) for tier in self.tiers]
        notes = [] if lines else [Message("service_trial.nothing", {"name": self.name})]
        for code, people in (("service_trial.waiting", self.waiting), ("service_trial.objected", self.objected)):
            notes += [Message(code, {"name": self.name, "people": people})] if people else []
        notes += [Message("service_trial.cost")] if lines else []
        return "\n".join([*lines, *t.each(notes)])

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "trial": self.name,
            "effects": self.effects.to_dicts(),
            "waiting": self.waiting,
            "objected": self.objected,
        }


def evaluate_trial(history: TrialHistory, policy: Policy) -> TrialReport:
    """Measure the trial: every tier and arm against those who are served as their tier says."""
    # Source: DOMAIN.md 3.3: intention to treat, winsorised, CUPED, Holm, sample ratio, balance.
    trial, _ = trial_of(policy)
    measured = measure_trial(history)
    passed = measured.drop_nulls("lost").with_columns(treated=pl.col("arm") != AS_IS)
    rows = [
        tier_effect(tier, step, part, policy.outcomes.winsorise)
        for way in WAYS
        for tier, step in trial.steps[way].items()
        if (part := passed.filter((pl.col("way") == way) & (pl.col("tier") == tier))).height
    ]
    return TrialReport(trial.name, _answered(rows), measured.height - passed.height, history.drawn - measured.height)


def tier_effect(tier: str, served_as: str, rows: pl.DataFrame, cut: float) -> TierEffect:
    """Measure one tier: the draw first, then the effects if it holds."""
    treated, household = rows["treated"].to_numpy(), rows["household"].to_numpy()
    sizes = dict(rows.group_by("treated", maintain_order=True).agg(pl.col("household").n_unique()).iter_rows())
    ours, others = sizes.get(True, 0), sizes.get(False, 0)
    ratio = sample_ratio(ours, others, 1.0 - float(rows.unique("household")["share"].to_numpy().mean()))
    uneven = balance(rows, "treated", BEFORE).filter(pl.col("standardised_difference").abs() >= LARGEST_IMBALANCE)
    before, after, lost, cost = (
        rows[name].cast(pl.Float64).to_numpy()
        for name in ("contribution_before", "contribution_after", "lost", "cost_of_months")
    )
    # cut first, so that a cost is never cut with it
    after = winsorised(after, cut)
    effects = {
        "contribution": effect(after, treated, group=household, before=before),
        "net": effect(after - np.where(treated, cost, 0.0), treated, group=household, before=before),
        "lost": share_effect(lost, treated, group=household),
    }
    valid = ratio >= LEAST_RATIO_P and bool(np.isfinite(effects["lost"].standard_error))
    lost_served, on_list_served = _means(rows.filter("treated"))
    lost_as_is, on_list_as_is = _means(rows.filter(~pl.col("treated")))
    return TierEffect(
        tier=tier,
        served_as=served_as,
        way=rows["way"][0],
        months=rows["months"][0],
        served=int(treated.sum()),
        as_is=int((~treated).sum()),
        served_households=ours,
        as_is_households=others,
        ratio_p=ratio,
        valid=valid,
        uneven=uneven["column"].to_list(),
        lost_served=lost_served,
        on_list_served=on_list_served,
        lost_as_is=lost_as_is,
        on_list_as_is=on_list_as_is,
        cost=finite(float(cost[treated].mean())) if treated.any() else None,
        detectable_contribution=_detectable(effects["contribution"]),
        detectable_lost=_detectable(effects["lost"]),
        contribution=effects["contribution"].reported(valid=valid),
        net=effects["net"].reported(valid=valid),
        lost=effects["lost"].reported(valid=valid),
    )


def _means(rows: pl.DataFrame) -> tuple[float | None, float | None]:
    """Shares of an arm that were lost, and that a list had contacted in those months."""
    lost, listed = rows.select(pl.col("lost", "on_list").cast(pl.Float64).mean()).row(0)
    return lost, listed


def _detectable(made: Effect) -> float | None:
    return finite(detectable_after(made.low, made.high, made.standard_error))


def _answered(tiers: Sequence[TierEffect]) -> list[TierEffect]:
    """Raise the p-values of all tiers and all their tests together, and answer the question where they allow it."""
    tests = iter(raised([test for tier in tiers for test in (tier.contribution, tier.net, tier.lost)]))
    return [_answer(replace(tier, contribution=next(tests), net=next(tests), lost=next(tests))) for tier in tiers]


def _answer(tier: TierEffect) -> TierEffect:
    net = tier.net
    if net.effect is None or net.p_holm is None or net.p_holm >= SIGNIFICANCE:
        return tier
    # where the arm is served less well, its loss is what the better service earns
    return replace(tier, pays=(net.effect > 0.0) == (tier.way == "up"))
