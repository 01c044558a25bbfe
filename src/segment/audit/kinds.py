"""Decisions that an audit looks at, and the codes of what it finds."""

from __future__ import annotations

import polars as pl

from segment.audit.selection_rates import Kind

KINDS: dict[str, Kind] = {
    "high_value": "benefit",
    "on_list": "benefit",
    "fast_lane": "benefit",
    "loss_making": "harm",
    "fee_proposed": "harm",
    "to_machine": "harm",
    "high_fees": "harm",
    "missed_high_value": "error",
}
SAID = {
    "high_value": "high-value tier",
    "on_list": "on the list to be contacted",
    "fast_lane": "fast lane in the service plan",
    "loss_making": "loss-making tier",
    "fee_proposed": "fee proposed or approved",
    "to_machine": "to be asked to use a machine or the app",
    "high_fees": "fees in the bank's top fifth",
    "missed_high_value": "high-value, and not found by the forecast",
}

PROXY, DETECTABLE, NO_PROXY = "proxy", "detectable", "none"
"""Verdicts on features: they stand for an attribute, tell it beyond chance, or do not tell it."""

FORMER_VERDICTS = {"stands for it": PROXY, "can be told": DETECTABLE, "not to be told": NO_PROXY}
"""As cards and audits of earlier releases hold them."""

FORECAST, SCORED, PUBLISHED = "forecast", "scored", "published"
"""What tiers an audit is about: those that follow from a forecast of the past, those of a new model, or published."""


def tier_decisions(tiers: pl.Series) -> pl.DataFrame:
    """Say who is in the best tier and who in the worst."""
    return pl.DataFrame({"high_value": tiers == "high_value", "loss_making": tiers == "loss_making"})
