"""Odds that outcomes teach: the policy's odds weigh as much as some contacts, measured ones as many as there were."""

from __future__ import annotations

import polars as pl

from segment.policy import Policy
from segment.upgrade.offers import Odds


def learn_odds(measured: pl.DataFrame, policy: Policy) -> Odds:
    """Update the policy's odds by measured moves.

    Everyone drawn to be contacted counts, reached or not, since that is what the next list will do as well. Odds
    without contact come from the control arm. A bundle and channel has those odds and an uplift: the policy's for the
    channel, which weighs as much as ``outcomes.prior_contacts``, and the measured difference of the arms, which weighs
    as much as its contacts. So a small control arm, near its prior, cannot make the uplift look larger.

    Parameters
    ----------
    measured : polars.DataFrame
        `programme`, `bundle`, `channel`, `arm`, `moved` (null: not measurable yet).
    policy : Policy
        The odds to start from and their weight.

    Returns
    -------
    Odds
        Only of programmes with both arms; the policy's stand for all others.

    Examples
    --------
    >>> from segment import load_policy
    >>> policy = load_policy("models/retail.toml")
    >>> rows = [("main_account", "salary_account", "phone", "contact", n < 120) for n in range(1000)]
    >>> rows += [("main_account", "salary_account", "phone", "control", n < 2) for n in range(100)]
    >>> names = ["programme", "bundle", "channel", "arm", "moved"]
    >>> odds = learn_odds(pl.DataFrame(rows, schema=names, orient="row"), policy)
    >>> round(odds.without["main_account"], 4)
    0.0175
    >>> round(odds.contacted["main_account", "salary_account", "phone"], 4)
    0.11
    """
    weight, rules = policy.outcomes.prior_contacts, policy.upgrade
    known = measured.drop_nulls("moved")
    contacted: dict[tuple[str, str, str], float] = {}
    without: dict[str, float] = {}
    for (programme,), rows in known.group_by("programme", maintain_order=True):
        asked, control = (rows.filter(pl.col("arm") == arm) for arm in ("contact", "control"))
        if asked.is_empty() or control.is_empty():
            continue
        share = float(control["moved"].cast(pl.Float64).mean() or 0.0)  # type: ignore[arg-type]
        alone = (weight * rules.spontaneous_probability + asked.height * share) / (weight + asked.height)
        without[str(programme)] = alone
        for (bundle, channel), cell in asked.group_by("bundle", "channel", maintain_order=True):
            expected = rules.channels[str(channel)].conversion_probability - rules.spontaneous_probability  # type: ignore[index]
            found = int(cell["moved"].sum()) - cell.height * share
            uplift = (weight * expected + found) / (weight + cell.height)
            contacted[str(programme), str(bundle), str(channel)] = min(1.0, max(0.0, alone + uplift))
    return Odds(contacted, without)
