"""The facts of an audit, small enough to know by heart."""

from __future__ import annotations

from typing import Any

_RATE = {"attribute": "sex", "decision": "high_value", "kind": "benefit", "customers": 1200}
_WITHIN = {"attribute": "sex", "decision": "high_value", "kind": "benefit", "reference": "<b>m</b>", "odds_ratio": 0.4}


def audit_facts(**changes: Any) -> dict[str, Any]:
    """An audit of two groups by sex and two by age, one of them small."""
    small = {"rate": None, "low": None, "high": None, "reference": None, "impact_ratio": None, "p": None}
    facts: dict[str, Any] = {
        "moment": "2025-12-31",
        "basis": "published",
        "model_version": "3",
        "policy": "retail 2026.1",
        "customers": 2440,
        "unknown": {"sex": 40, "age_band": 0},
        "missing": ["region"],
        "off": ["life_stage"],
        "decisions": {"high_value": {"said": "high-value tier", "kind": "benefit", "customers": 305}},
        "rates": [
            {**_RATE, "group": "f", "decided": 60, "rate": 0.05, "low": 0.04, "high": 0.06, "reference": "<b>m</b>",
             "impact_ratio": 0.25, "harm_ratio": None, "gap": None, "p": 0.0, "p_adjusted": 0.0001,
             "verdict": "outside and significant"},
            {**_RATE, "group": "<b>m</b>", "decided": 240, "rate": 0.2, "low": 0.18, "high": 0.22,
             "reference": "<b>m</b>", "impact_ratio": 1.0, "harm_ratio": None, "gap": None, "p": None,
             "p_adjusted": None, "verdict": "best off"},
            {**_RATE, **small, "attribute": "age_band", "group": "under 30", "customers": 20, "decided": None,
             "harm_ratio": None, "gap": None, "p_adjusted": None, "verdict": "too few"},
        ],
        "within_income": [
            {**_WITHIN, "group": "f", "customers": 900, "decided": 50, "bands": 5, "rate": 0.05, "impact_ratio": 0.5,
             "harm_ratio": None, "p": 0.01, "p_adjusted": 0.02, "verdict": "outside but not significant"}
        ],
        "errors": [
            {**_RATE, "decision": "missed_high_value", "kind": "error", "group": "f", "customers": 90, "decided": 30,
             "rate": 0.333, "low": 0.2, "high": 0.4, "reference": "<b>m</b>", "impact_ratio": None,
             "harm_ratio": None, "gap": 0.213, "p": 0.001, "p_adjusted": 0.004, "verdict": "outside and significant"}
        ],
        "calibration": [
            {"attribute": "age_band", "group": "60 and over", "customers": 700, "ratio": 1.41, "low": 1.2, "high": 1.7,
             "verdict": "outside and significant", "coverage": 0.612, "coverage_low": 0.6, "coverage_high": 0.62,
             "coverage_verdict": "outside and significant"},
            {"attribute": "age_band", "group": "30 to 59", "customers": 700, "ratio": None, "low": None, "high": None,
             "verdict": "too few", "coverage": 0.8, "coverage_low": 0.7, "coverage_high": 0.9,
             "coverage_verdict": "within"},
        ],
        "trained": "2024-12-31",
        "proxies": [
            {"attribute": "sex", "group": "f", "customers": 1200, "auc": 0.71, "p": 0.0, "p_adjusted": 0.0005,
             "features": ["visits_12m"], "verdict": "stands for it"}
        ],
        "outcomes": [
            {"tier": "break_even", "vulnerability": "vulnerable", "customers": 11, "fast_lane": 0.25},
            {"tier": "break_even", "vulnerability": "others", "customers": None, "fast_lane": None},
        ],
        "notes": ["Nobody paid a fee."],
        "note_codes": [{"code": "audit.note.nobody_pays", "figures": {}}],
        "limits": {"adverse_impact": 0.8, "harm_ratio": 1.25, "significance": 0.05, "income_bands": 5,
                   "proxy_auc": 0.65, "calibration": [0.9, 1.1], "error_gap": 0.05, "least_group": 50},
        "document": {"business_need": "the bank's <b>need</b>", "alternatives": "", "documented_by": ""},
    }  # fmt: skip
    return facts | changes
