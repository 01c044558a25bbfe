"""Contribution accounting: what each account and person brings and costs, month by month."""

from segment.contribution.attribution import attribute, unallocated_lines
from segment.contribution.branch_time import priced_branches
from segment.contribution.lines import (
    ACCOUNT_LINES,
    LINE_NAMES,
    LINES,
    PERSON_LINES,
    Line,
    cost,
    direct_contribution,
    full_contribution,
    income,
    line_names,
)
from segment.contribution.month import account_lines, person_lines
from segment.contribution.reconciliation import ReconciliationReport, by_ledger_line, reconcile
from segment.contribution.remainder import remainder_of_month

__all__ = [
    "by_ledger_line",
    "ACCOUNT_LINES",
    "LINES",
    "LINE_NAMES",
    "PERSON_LINES",
    "Line",
    "ReconciliationReport",
    "account_lines",
    "attribute",
    "cost",
    "direct_contribution",
    "full_contribution",
    "income",
    "line_names",
    "person_lines",
    "priced_branches",
    "reconcile",
    "remainder_of_month",
    "unallocated_lines",
]
