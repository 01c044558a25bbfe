"""What a waiver of a published price does to contribution."""

from __future__ import annotations

from segment.policy.service import TariffItem


def waiver_effect(item: TariffItem, customers: int, waived_share: float, elasticity: float) -> float:
    """Change of twelve months' contribution when part of a published price is waived for a whole group.

    With price p, unit cost c, demand q, waived share w and elasticity e: `q (1 - e w) ((1 - w) p - c) - q (p - c)`.
    Elasticity is taken as constant over the waiver, and demand answers within the year [K].

    Parameters
    ----------
    item : TariffItem
        Of the published tariff.
    customers : int
        Of the group.
    waived_share : float
        Of the price, in [0, 1].
    elasticity : float
        Of demand with the price, at most zero.

    Returns
    -------
    float
        In the policy's currency, of twelve months.

    Examples
    --------
    >>> import datetime as dt
    >>> item = TariffItem(name="Card", price=10, unit_cost=4, charged_a_year=1, public_since=dt.date(2020, 7, 15))
    >>> waiver_effect(item, customers=100, waived_share=0.2, elasticity=-0.5)
    -160.0
    """
    demand = customers * item.charged_a_year
    margin_after = (1.0 - waived_share) * item.price - item.unit_cost
    effect = demand * ((1.0 - elasticity * waived_share) * margin_after - (item.price - item.unit_cost))
    return round(effect, 2)
