"""Cases of `forecast_start` computed by hand."""

from __future__ import annotations

from segment.model.forecasts import default_forecast


def test_default_forecast_of_a_case_computed_by_hand() -> None:
    assert default_forecast(["contribution_12m", "run_rate_interest_1m", "closing_current"], 12).rates == [1]
