"""What a campaign or a trial changed: intention-to-treat effects, checks of the draw, and uplift."""

from segment.effects.checks import (
    LARGEST_IMBALANCE,
    LEAST_RATIO_P,
    balance,
    holm,
    sample_ratio,
)
from segment.effects.intention import Effect, bootstrap_interval, effect, share_effect
from segment.effects.uplift import UpliftModel, enough_for_uplift, qini, qini_curve

__all__ = [
    "LARGEST_IMBALANCE",
    "LEAST_RATIO_P",
    "Effect",
    "UpliftModel",
    "balance",
    "bootstrap_interval",
    "effect",
    "enough_for_uplift",
    "holm",
    "qini",
    "qini_curve",
    "sample_ratio",
    "share_effect",
]
