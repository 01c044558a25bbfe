"""Fairness by group: selection and harm, the same within bands of income, and features that stand for an attribute.

Pure functions over frames. The attributes come in as columns of words; nothing here reads a file, and only audits,
model cards and promotions import this package (`[tool.importlinter]`).
"""

from segment.audit.conditional import conditional_rates
from segment.audit.groups import age_bands, income_bands, large_groups
from segment.audit.proxies import Telling, proxy_strength
from segment.audit.rates import POOLED, group_rates, wilson
from segment.audit.significance import difference_p, holm
from segment.audit.verdict import FAR, NOBODY, REFERENCE, TOO_FEW, UNSURE, WITHIN, with_verdicts

__all__ = [
    "FAR",
    "NOBODY",
    "POOLED",
    "REFERENCE",
    "TOO_FEW",
    "UNSURE",
    "WITHIN",
    "Telling",
    "age_bands",
    "conditional_rates",
    "difference_p",
    "group_rates",
    "holm",
    "income_bands",
    "large_groups",
    "proxy_strength",
    "wilson",
    "with_verdicts",
]
