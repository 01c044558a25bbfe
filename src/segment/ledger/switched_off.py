"""The one list of what a missing optional table or column switches off, and of the commands that it limits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

import polars as pl

from segment.ledger.check_report import TableReport


class OptionalPart(NamedTuple):
    """Something that a ledger may leave out; `limits.off.CODE` of the catalogues says what is off without it."""

    table: str
    column: str | None  # None: the whole table
    commands: tuple[str, ...]  # Those that do less without it

    @property
    def code(self) -> str:
        """Its name, such as `customers.birth_date`."""
        return self.table if self.column is None else f"{self.table}.{self.column}"


OPTIONAL: Final = (
    OptionalPart("branches", "kind", ("refresh",)),
    OptionalPart("branches", "region", ("refresh",)),
    OptionalPart("branches", "monthly_overhead", ("refresh",)),
    OptionalPart("branches", "counters", ("service-plan",)),
    OptionalPart("branches", "opening_hours_week", ("service-plan",)),
    OptionalPart("accounts", "matures_on", ("upgrade-list",)),
    OptionalPart(
        "customers", "birth_date", ("levers", "explain", "upgrade-list", "propose-fee", "propose-self-service", "audit")
    ),
    OptionalPart("customers", "left_on", ("train", "refresh")),
    OptionalPart("customers", "sex", ("audit",)),
    OptionalPart("customers", "region", ("audit",)),
    OptionalPart("customers", "household_id", ("upgrade-list", "audit")),
    OptionalPart("customers", "life_stage", ("train", "audit")),
    OptionalPart("customers", "occupation", ("train",)),
    OptionalPart("customers", "is_staff", ("refresh", "upgrade-list")),
    OptionalPart("balances", "days_past_due", ("refresh", "upgrade-list")),
    OptionalPart("service_events", None, ("train", "refresh", "levers", "service-plan")),
    OptionalPart("main_bank_labels", None, ("train", "refresh")),
    OptionalPart("contact_rules", None, ("upgrade-list", "propose-fee")),
    OptionalPart("campaign_outcomes", None, ("upgrade-list",)),
    OptionalPart("ledger_totals", None, ("refresh",)),
    OptionalPart("relationship_managers", None, ("refresh", "upgrade-list", "service-plan")),
    OptionalPart("tariff_items", None, ("propose-fee", "service-plan")),
    OptionalPart("suppression_sources", None, ("upgrade-list",)),
)


def switched_off(reports: Iterable[TableReport], tables: Mapping[str, pl.DataFrame]) -> tuple[str, ...]:
    """Name what a ledger leaves out: codes of `OPTIONAL`, in its order."""
    # `tables`: Clean rows of those tables that are at hand; a column that is empty throughout is as good as none.
    of = {report.table: report for report in reports}
    return tuple(each.code for each in OPTIONAL if _is_missing(each, of[each.table], tables.get(each.table)))


def _is_missing(optional: OptionalPart, report: TableReport, rows: pl.DataFrame | None) -> bool:
    if optional.column is None:
        return report.kept == 0
    if optional.column in report.absent_columns:
        return True
    # nobody who left, and nobody past due, is an answer and no gap
    asks = rows is not None and optional.column not in ("left_on", "days_past_due")
    return asks and rows is not None and rows.height > 0 and rows[optional.column].null_count() == rows.height


def limited(command: str, codes: Iterable[str]) -> list[str]:
    """Choose of what is missing that which limits a command."""
    missing = set(codes)
    return [each.code for each in OPTIONAL if each.code in missing and command in each.commands]
