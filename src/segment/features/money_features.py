"""Features of contribution, balances and volumes."""

from __future__ import annotations

from segment.contribution import LINES
from segment.features.feature import MONEY, MONEY_A_MONTH, Feature, Uses, means, portion, sums, trends, variability
from segment.features.recipes import Mean, Portion, Sum
from segment.features.run_rates import run_rate_features
from segment.policy import Policy

_VALUE: Uses = ("future_value",)
_TIERS: Uses = ("future_value", "clustering", "tiers", "audit")
_VOLUME: Uses = ("future_value", "clustering", "wallet")


def money_features(policy: Policy) -> list[Feature]:
    """List the features of money."""
    return [*_contribution(), *_lines(), *run_rate_features(), *_products(policy), *_volumes()]


def _contribution() -> list[Feature]:
    shared = "commissions spread over the policy's months"
    return [
        *sums("income", (3, 12), MONEY, f"Income, {shared}", _TIERS),
        *sums("cost", (3, 12), MONEY, "Cost to serve, expected loss and capital, fixed and head-office cost", _TIERS),
        *sums("contribution", (1, 3, 6, 12), MONEY, f"Full contribution, {shared}", _TIERS),
        *sums("direct_contribution", (3, 12), MONEY, f"Contribution before fixed cost, {shared}", _TIERS),
        Feature(
            "contribution_winsorised_12m", MONEY, 12,
            "Full contribution, each month clipped at the quantiles of its peer group before spread commissions are "
            "added, sum of the last 12 months.", ("tiers", "clustering", "audit"),
            recipe=Sum("contribution_winsorised", 12),
        ),
        Feature(
            "contribution_previous_12m", MONEY, 24, "Full contribution of the 12 months before the last 12.", _VALUE,
            recipe=Sum("contribution", 12, before=12),
        ),
        Feature(
            "cost_coverage_12m", "ratio", 12, "Income over cost of the last 12 months.", ("future_value", "clustering"),
            recipe=Portion(("income",), "cost", 12),
        ),
        *trends("contribution", (3, 6), MONEY_A_MONTH, "Full contribution", _VALUE),
        *trends("income", (3,), MONEY_A_MONTH, "Income", _VALUE),
        *trends("cost", (3,), MONEY_A_MONTH, "Cost", _VALUE),
        variability("contribution", "Full contribution", _VALUE),
    ]  # fmt: skip


def _lines() -> list[Feature]:
    listed = []
    for line in LINES:
        listed += sums(line.name, (12,), MONEY, line.meaning.removesuffix("."), ("future_value", "audit"))
    return listed


def _products(policy: Policy) -> list[Feature]:
    listed = []
    for product in policy.products:
        words = f"Average balance of {product.replace('_', ' ')}"
        listed += means(f"balance_{product}", (3, 12), words, _VOLUME)
        listed += trends(f"balance_{product}", (3,), MONEY, words, _VALUE)
        listed.append(
            Feature(
                f"closing_{product}", MONEY, 1, f"Closing balance of {product.replace('_', ' ')}.", _VOLUME,
                recipe=Mean(f"closing_{product}", 1),
            )
        )  # fmt: skip
    return listed


def _volumes() -> list[Feature]:
    listed = []
    for measure, words in (
        ("deposits", "Deposits of every kind"),
        ("wealth", "Assets under management"),
        ("debt", "Loans and cards, as a positive figure"),
    ):
        listed += means(measure, (1, 3, 6, 12), words, _VOLUME)
        listed += trends(measure, (3, 6), MONEY, words, _VALUE)
    volume = "the sizes of deposits, wealth and debt together"
    return [
        *listed,
        variability("deposits", "Deposits", _VALUE),
        portion("term_deposit_share_3m", ("term_deposits",), "deposits", "Term deposits over deposits.", _VOLUME, 3),
        portion("debt_share_3m", ("debt",), "volume", f"Debt over {volume}.", _VOLUME, 3),
        portion("wealth_share_3m", ("wealth",), "volume", f"Wealth over {volume}.", _VOLUME, 3),
    ]  # fmt: skip
