"""The best offer for each customer: bundle and channel with the largest expected net gain.

``gain = P(elsewhere) * (P(moves | contact) - P(moves | none)) * moved share * potential
- P(moves | contact) * incentive`` and ``net gain = gain - cost of the contact`` (DOMAIN.md 3.1, over twelve months).
P(elsewhere) counts only where the potential is the wallet at another bank.
"""

from __future__ import annotations

import polars as pl

from segment.policy.contacts import Bundle, Upgrade

NEXT_TIER = {"loss_making": "break_even", "break_even": "valuable", "valuable": "high_value"}


def best_offers(candidates: pl.DataFrame, suppressed: pl.DataFrame, policy: Upgrade) -> pl.DataFrame:
    """Choose bundle and channel for each candidate.

    Parameters
    ----------
    candidates : polars.DataFrame
        `customer_id`, `tier`, `main_bank_elsewhere`, `main_bank_elsewhere_probability`, `upgrade_potential_12m`,
        `families` (list of product families held).
    suppressed : polars.DataFrame
        From `segment.upgrade.suppression.suppressed`.
    policy : Upgrade
        Bundles, channels, odds and costs.

    Returns
    -------
    polars.DataFrame
        The candidates who may be contacted and to whom an offer is expected to bring more than
        ``policy.least_net_gain``, with `bundle`, `channel`, `target_tier`, `conversion_probability`,
        `expected_gain_12m`, `contact_cost`, `expected_net_gain_12m`.
    """
    everywhere = suppressed.filter(pl.col("channel").is_null())
    reachable = candidates.join(everywhere, on="customer_id", how="anti")
    options = [
        _option(reachable, code, bundle, channel, policy)
        for code, bundle in policy.bundles.items()
        for channel in policy.channels
    ]
    barred = suppressed.filter(pl.col("channel").is_not_null()).select("customer_id", "channel").unique()
    return (
        pl.concat(options)
        .join(barred, on=["customer_id", "channel"], how="anti")
        .filter(pl.col("expected_net_gain_12m") > policy.least_net_gain)
        .sort(
            ["expected_net_gain_12m", "customer_id", "bundle", "channel"],
            descending=[True, False, False, False],
        )
        .unique("customer_id", keep="first", maintain_order=True)
    )


def _option(candidates: pl.DataFrame, code: str, bundle: Bundle, channel: str, policy: Upgrade) -> pl.DataFrame:
    contact = policy.channels[channel]  # type: ignore[index]
    uplift = max(0.0, contact.conversion_probability - policy.spontaneous_probability)
    elsewhere = pl.when("main_bank_elsewhere").then("main_bank_elsewhere_probability").otherwise(1.0)
    gain = (
        elsewhere * uplift * bundle.moved_share * pl.col("upgrade_potential_12m")
        - contact.conversion_probability * bundle.incentive
    )
    return candidates.filter(_eligible(bundle)).with_columns(
        target_tier=pl.col("tier").replace_strict(NEXT_TIER, default="high_value"),
        bundle=pl.lit(code),
        channel=pl.lit(channel),
        conversion_probability=pl.lit(contact.conversion_probability),
        expected_gain_12m=gain,
        contact_cost=pl.lit(contact.cost),
        expected_net_gain_12m=gain - contact.cost,
    )


def _eligible(bundle: Bundle) -> pl.Expr:
    held = pl.col("families")
    conditions = [pl.col("tier").is_in(bundle.for_tiers)]
    conditions += [held.list.contains(family) for family in bundle.needs_products]
    conditions += [~held.list.contains(family) for family in bundle.lacks_products]
    if bundle.for_main_bank_elsewhere is not None:
        conditions.append(pl.col("main_bank_elsewhere") == bundle.for_main_bank_elsewhere)
    return pl.all_horizontal(conditions)
