"""What customers of a shop will spend, learned from its log of purchases."""

from __future__ import annotations

from segment.value.purchases.purchase_forecast import PurchaseForecast
from segment.value.purchases.spending_level import TotalForecast

__all__ = ["PurchaseForecast", "TotalForecast"]
