"""What is held of one customer, small enough to know by heart."""

from __future__ import annotations

from typing import Any


def explained(**changes: Any) -> dict[str, Any]:
    """The facts of a break-even customer on whom people have decided."""
    facts: dict[str, Any] = {
        "as_of": "2025-12-31",
        "tier": "break_even",
        "tier_since": "2025-06-30",
        "reasons": ["INCOME_ABOUT_COST", "FEES_HIGH", "OWN_FIGURES_OVER_CLUSTER"],
        "other_side": ["COUNTER_USE_HIGH"],
        "decides": {"value": 143, "year_share": 60, "low": -220, "break_even": 275, "high": 4321,
                    "own_tier": "break_even", "by": "borders"},
        "service": {
            "counter_wait_minutes": 12.5, "decision_days": 3.0, "complaint_days": 10.0, "fast_lane": True,
            "contact_every_days": 90,
            "contact_chosen": False, "tracked_by": "客户经理", "waivers": {"转账<b>": [10, 20], "挂失": [0, 0]},
            "offers": ["存款", "理财"],
        },
        "generic": False,
        "figures": {
            "months_observed": 36, "income_12m": 1234.5, "cost_12m": 1100.4, "contribution_12m": 134.1,
            "lines": {"net_interest": 1200.0, "fee_income": 34.5, "transaction_cost": -0.2, "account_cost": 1100.4},
        },
        "forecast": {"mean": 157, "p10": -1200, "p90": 2300},
        "estimates": {"main_bank_elsewhere": 83, "wallet_elsewhere_12m": 12000, "evidence": ["NO_SALARY_HERE"]},
        "levers": [{"name": "工资<b>", "gain_12m": 1120, "lifts": True}],
        "age_unknown": False,
        "data": [
            {"table": "accounts", "rows": 2, "months": None},
            {"table": "transactions", "rows": 1420, "months": ["2023-01-01", "2025-12-01"]},
        ],
        "features": 321,
        "not_used": ["sex", "region", "exact_age", "ethnicity_religion_health", "single_transactions", "others"],
        "lists": [
            {"list_on": "2025-11-03", "purpose": "提升", "arm": "control"},
            {"list_on": "2025-12-03", "purpose": "提升", "arm": "contact"},
        ],
        "released": [{"released_on": "2025-12-04", "purpose": "邮寄"}],
        "overrides": [
            {"tier": "loss_making", "role": "branch_manager", "why": "已售企业。", "starts_on": "2025-12-31",
             "expires_on": "2026-03-31"},
        ],
        "objections": [{"against": "marketing", "made_on": "2025-12-20"}],
        "reviews": [
            {"action": "收费<b>", "proposed_on": "2025-10-31", "decision": None, "decided_on": None, "why": None},
            {"action": "收费", "proposed_on": "2025-09-30", "decision": "approved", "decided_on": "2025-10-02",
             "why": "已核对。"},
        ],
        "jurisdiction": "cn",
        "currency": "CNY",
        "contact": "privacy@bank.example",
        "review": "任一网点",
        "kept_months": 60,
        "policy_version": "2026.1",
        "model_version": "3",
    }  # fmt: skip
    return facts | changes
