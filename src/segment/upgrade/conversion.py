"""Odds that outcomes teach: the policy's odds weigh as much as some contacts, measured ones as many as there were."""

from __future__ import annotations

import polars as pl

from segment.policy import Policy
from segment.policy.offer_odds import expected_uplift
from segment.upgrade.offers import Odds


def learn_odds(measured: pl.DataFrame, policy: Policy) -> Odds:
    """Update the policy's odds by measured moves."""
    # Everyone drawn to be contacted counts, reached or not, since that is what the next list will do as well. Odds
    # without contact come from the control arm. A bundle and channel has those odds and an uplift: the policy's for
    # programme and channel, which weighs as much as ``outcomes.prior_contacts``, and the measured difference of the
    # arms, which weighs as much as its contacts. So a small control arm, near its prior, cannot make the uplift look
    # larger.
    weight, rules = policy.outcomes.prior_contacts, policy.upgrade
    observed = measured.drop_nulls("moved")
    contacted: dict[tuple[str, str, str], float] = {}
    without: dict[str, float] = {}
    for (programme,), rows in observed.group_by("programme", maintain_order=True):
        asked, control = (rows.filter(pl.col("arm") == arm) for arm in ("contact", "control"))
        if asked.is_empty() or control.is_empty():
            continue
        share = float(control["moved"].cast(pl.Float64).mean() or 0.0)  # type: ignore[arg-type]
        alone = (weight * rules.spontaneous_probability + asked.height * share) / (weight + asked.height)
        without[str(programme)] = alone
        for (bundle, channel), cell in asked.group_by("bundle", "channel", maintain_order=True):
            expected = expected_uplift(policy, str(programme), str(channel))
            gained = int(cell["moved"].sum()) - cell.height * share
            uplift = (weight * expected + gained) / (weight + cell.height)
            contacted[str(programme), str(bundle), str(channel)] = min(1.0, max(0.0, alone + uplift))
    return Odds(contacted, without)
