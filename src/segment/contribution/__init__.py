"""Contribution accounting: what each account and person brings and costs, month by month."""

from segment.contribution.attribution import attribute
from segment.contribution.branch_time import priced_branches
from segment.contribution.debts import debts_of_month
from segment.contribution.lines import ACCOUNT_LINES, LINE_NAMES, LINES, cost, full_contribution, line_names
from segment.contribution.month import account_lines, person_lines
from segment.contribution.reconciliation import ReconciliationReport, by_ledger_line, reconcile
from segment.contribution.remainder import remainder_of_month

__all__ = [
    "ACCOUNT_LINES",
    "LINES",
    "LINE_NAMES",
    "ReconciliationReport",
    "account_lines",
    "attribute",
    "by_ledger_line",
    "cost",
    "debts_of_month",
    "full_contribution",
    "line_names",
    "person_lines",
    "priced_branches",
    "reconcile",
    "remainder_of_month",
]
