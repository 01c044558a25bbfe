"""Which protections were looked at before customers are named to anybody, and which must be there."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import polars as pl

from segment.exceptions import SuppressionError
from segment.ledger.protection import IN_DOUBT, objection_stands
from segment.messages import Message
from segment.policy import Policy
from segment.policy.jurisdiction import Protection
from segment.upgrade.suppression import require_fresh_sources

# An empty table says no more than a missing one: an export that failed leaves such a file.
_GIVEN: Mapping[Protection, tuple[str, str | None]] = {
    "contact_rules": ("contact_rules", None),
    "birth_dates": ("customers", "birth_date"),
    "suppression_sources": ("suppression_sources", None),
}
"""The table, and the column of which values count; none: rows count."""


@dataclass(frozen=True)
class Protections:
    """What was looked at, in counts; a release records it."""

    contact_rules: int  # Rows that break no rule of the contract
    rows_in_doubt: int  # Rows that protect somebody and break one; whom they name is kept out until they are mended
    customers_in_doubt: int
    rows_naming_nobody: int  # Those of them that name no customer of the ledger, so that nobody is kept out for them
    birth_dates: int
    birth_dates_missing: int
    suppression_sources: int
    oldest_source_on: str | None
    objections: int  # That stand on the day
    outcomes: int  # Handed in
    kept_elsewhere: Mapping[Protection, str]  # Protections that the bank keeps elsewhere, with the policy's reason

    @classmethod
    def of(
        cls,
        tables: Mapping[str, pl.DataFrame],
        policy: Policy,
        on: dt.date,
        objections: pl.DataFrame,
        outcomes: pl.DataFrame | None = None,
    ) -> Protections:
        """Count what a ledger and people gave by a day."""
        rules, born = tables["contact_rules"], tables["customers"]["birth_date"]
        doubts = rules.filter(pl.col("rule").cast(pl.String) == IN_DOUBT)["customer_id"]
        refreshed = tables["suppression_sources"]["refreshed_on"]
        return cls(
            contact_rules=rules.height - len(doubts),
            rows_in_doubt=len(doubts),
            customers_in_doubt=doubts.drop_nulls().n_unique(),
            rows_naming_nobody=doubts.null_count(),
            birth_dates=born.count(),
            birth_dates_missing=born.null_count(),
            suppression_sources=len(refreshed),
            oldest_source_on=None if refreshed.is_empty() else str(refreshed.min()),
            objections=objections.filter(objection_stands(on)).height,
            outcomes=0 if outcomes is None else outcomes.height,
            kept_elsewhere=policy.law.protections_elsewhere.reasons,
        )

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)

    def messages(self) -> list[Message]:
        """Say who is kept out for a row that nobody can read, and what lies elsewhere; nothing where neither is."""
        doubts = {"rows": self.rows_in_doubt, "customers": self.customers_in_doubt, "nobody": self.rows_naming_nobody}
        messages = [Message("results.in_doubt", doubts)] if self.rows_in_doubt else []
        if self.kept_elsewhere:
            messages.append(Message("results.kept_elsewhere", {"names": sorted(self.kept_elsewhere)}))
        return messages


def require_protections(tables: Mapping[str, pl.DataFrame], policy: Policy, on: dt.date) -> None:
    """Refuse to name customers to anybody where a protection is missing or stale."""
    require_given(given_by(tables), tables["suppression_sources"], policy, on)


def given_by(tables: Mapping[str, pl.DataFrame]) -> dict[Protection, int]:
    """Count what a ledger gives of each protection."""
    return {
        name: tables[table].height if column is None else tables[table][column].count()
        for name, (table, column) in _GIVEN.items()
    }


def given_of_counts(counts: Mapping[str, int]) -> dict[Protection, int]:
    """Take it from the counts of whole tables' rows, and of the values of each `table.column`."""
    return {name: counts[table if column is None else f"{table}.{column}"] for name, (table, column) in _GIVEN.items()}


def require_given(given: Mapping[Protection, int], sources: pl.DataFrame, policy: Policy, on: dt.date) -> None:
    """Refuse as `require_protections`, by counts of the whole ledger; `sources`: `suppression_sources`."""
    law = policy.law_in_force
    asked = [name for name in law.protections if name not in policy.law.protections_elsewhere.reasons]
    lacking = [name for name in asked if not given[name]]
    if lacking:
        raise SuppressionError.of(
            "errors.protections_missing", name=law.told, protections=law.protections, lacking=lacking
        )
    require_fresh_sources(sources, policy.upgrade, on)
