"""Odds of an offer by the policy alone, before any outcome is known, and the least value that pays for a contact."""

from __future__ import annotations

import numpy as np

from segment.policy.policy import Policy
from segment.policy.tenure_hazards import FIRST_YEAR, value_months


def expected_uplift(policy: Policy, programme: str, channel: str) -> float:
    """Odds that a contact adds: the programme's own, or what the channel's leave over those without any contact.

    Parameters
    ----------
    policy : Policy
        Programmes and channels.
    programme, channel : str
        Codes; a programme that the policy no longer has goes by the channel's odds.

    Returns
    -------
    float
    """
    rules = policy.upgrade
    gross = rules.channels[channel].conversion_probability - rules.spontaneous_probability  # type: ignore[index]
    asked = policy.programmes.get(programme)
    return asked.incremental_probability.get(channel, gross) if asked else gross


def least_wallet_worth_a_contact(policy: Policy, tier: str) -> float:
    """Smallest wallet elsewhere, of a year, with which the best offer to a tier by the best channel has a net value.

    Parameters
    ----------
    policy : Policy
        Programmes that move wallets, their bundles and channels, horizon and discount.
    tier : str
        Of the customer.

    Returns
    -------
    float
        Infinite where no programme moves a wallet of the tier.
    """
    rules = policy.upgrade
    settled, yes = np.array([FIRST_YEAR]), np.array([True])
    lasting = rules.value_horizon_months, rules.discount_annual, policy.departures.hazards, rules.ramp_months
    years = float(value_months(settled, yes, yes, *lasting)[0]) / 12.0
    least = [
        (rules.channels[channel].cost + (rules.spontaneous_probability + uplift) * bundle.incentive)  # type: ignore[index]
        / (uplift * bundle.moved_share * years)
        for code, programme in policy.programmes.items()
        if programme.value == "wallet_elsewhere" and tier in programme.population.tiers
        for bundle in (rules.bundles[name] for name in programme.bundles)
        for channel in programme.channels
        if (uplift := expected_uplift(policy, code, channel)) > 0 and tier in bundle.for_tiers and bundle.moved_share
    ]
    return min(least, default=float("inf"))
