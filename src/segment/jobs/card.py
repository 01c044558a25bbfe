"""The model card: what a model is for, what it learned from, and how good it was found."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from segment.model import SegmentationModel
from segment.policy import Policy

_TEXT = """# Model card: {policy}, as of {as_of}

Owner: {owner}. Policy hash `{policy_hash}`, features hash `{features_hash}`, ledger hash `{ledger_hash}`.

## Purpose
Places the customers of a bank into four tiers of value to their branch, flags break-even customers whose main bank is
elsewhere, and ranks who to contact.

**Not for**: credit decisions; fees or closures without a person's review; prices of one customer.

## Data
{rows} rows of {customers} customers at the moments {moments}; outcomes of {horizon_months} months. Nothing dated after
{as_of} was seen. Excluded from clusters: customers of fewer than {new_below} months, staff and deceased.
Protected columns (birth date, sex, region) are no features.

## Method
- Future value: boosted trees learn the change from `contribution` of the last months; quantiles are calibrated out of
  fold. {columns} columns.
- Main bank: {main_bank}.
- Wallet elsewhere: {wallet}.
- Clusters: k-means in coordinates that know the policy's borders; {clusters} clusters.

## Performance
{how}

{performance}

## Clusters and tiers as of {as_of}
{quality}

## Limits
Predictions assume that costs and margins of the policy stay. Where no link to another bank is seen, "main bank
elsewhere" is not claimed: the answer is `unknown`. The wallet elsewhere is an estimate of little precision: use it to
rank, not to quote.

## Review
Developer and approver must be different persons. Next review: a year after {as_of}, or when a gate fails.
Fallback: `segment rollback` brings the last champion back.
"""

QUALITY = ("cluster", "break_even_recall", "guard", "share_", "main_bank_elsewhere_share")


def model_card(
    policy: Policy, params: Mapping[str, Any], metrics: Mapping[str, float], model: SegmentationModel
) -> str:
    """Write the card of a trained model.

    Parameters
    ----------
    policy : Policy
        That it was trained by.
    params, metrics : mapping
        Of its run.
    model : SegmentationModel
        Fitted.

    Returns
    -------
    str
        Markdown.
    """
    scorecard = "an expert's scorecard, not yet checked against labels"
    learned = f"the scorecard, corrected by {model.main_bank_.n_labels_} labels"
    quality = {name: value for name, value in metrics.items() if name.startswith(QUALITY)}
    performance = {name: value for name, value in metrics.items() if name not in quality and name != "out_of_time"}
    return _TEXT.format(
        **params,
        owner=policy.owner,
        new_below=policy.tiers.new_below_months,
        columns=len(model.features_),
        main_bank=learned if model.main_bank_.learned_ else scorecard,
        wallet=(
            "quantile regression learned from customers whose main bank is here; never below what links prove"
            if model.wallets_
            else "what links prove alone; too few customers are known to have their main bank here"
        ),
        clusters=len(model.clustering_.cluster_numbers_),
        how=_how(metrics),
        performance=_table(performance),
        quality=_table(quality),
    )


def _how(metrics: Mapping[str, float]) -> str:
    if "out_of_time" not in metrics:
        return "Too few customers had an outcome to judge by."
    if metrics["out_of_time"]:
        return "On the newest outcomes, by a model that had seen only outcomes from before that moment."
    return "On customers held out; the history is too short to judge out of time, so expect less."


def _table(figures: Mapping[str, float]) -> str:
    lines = ["| figure | value |", "| --- | ---: |"]
    return "\n".join([*lines, *(f"| {name} | {value:,.3f} |" for name, value in figures.items())])
