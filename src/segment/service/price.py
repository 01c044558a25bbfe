"""What the room for waivers of a published price costs, when it pays, and what competitors' answer takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from segment.policy.service import PlanChange, TariffItem


def price_figures(plan: PlanChange, items: Sequence[TariffItem], customers: int) -> Mapping[str, float | None]:
    """Say what the largest waiver does to twelve months' contribution of a whole group."""
    # `effect_…`: at a low, mid and high elasticity of demand. `room_cost`: what it costs where nobody asks for more.
    # `break_even_volume`: by which share demand must grow to make up for it; none where no growth does.
    # `competitor_cost`: what their answer takes of the effect at the mid elasticity.
    names = ("effect_low", "effect_mid", "effect_high", "room_cost", "break_even_volume", "competitor_cost")
    if not items or not customers:
        return dict.fromkeys(names)
    waived = plan.waiver_share[1]

    def effect(elasticity: float) -> float:
        return sum(waiver_effect(item, customers, waived, elasticity) for item in items)

    before = sum(item.charged_a_year * (item.price - item.unit_cost) for item in items)
    after = sum(item.charged_a_year * ((1.0 - waived) * item.price - item.unit_cost) for item in items)
    low, mid, high = (effect(elasticity) for elasticity in plan.elasticity)
    room = effect(0.0)
    volume = round(before / after - 1.0, 4) if after > 0 else None
    figures = (round(low, 2), round(mid, 2), round(high, 2), round(-room, 2), volume)
    return dict(zip(names, (*figures, round(plan.competitor_takes_back * max(0.0, mid - room), 2)), strict=True))


def waiver_effect(item: TariffItem, customers: int, waived_share: float, elasticity: float) -> float:
    """Change of twelve months' contribution when part of a published price is waived for a whole group."""
    # With price p, unit cost c, demand q, waived share w and elasticity e: `q (1 - e w) ((1 - w) p - c) - q (p - c)`.
    # Elasticity is taken as constant over the waiver, and demand answers within the year [K].
    # `waived_share`: Of the price, in [0, 1].
    demand = customers * item.charged_a_year
    margin_after = (1.0 - waived_share) * item.price - item.unit_cost
    effect = demand * ((1.0 - elasticity * waived_share) * margin_after - (item.price - item.unit_cost))
    return round(effect, 2)
