"""Examples of rows that break a rule of the ledger's contract, for whoever mends them where they come from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import polars as pl

from segment.exceptions import UsageError
from segment.files import write_parquet
from segment.ledger import ROW_RULES, TooManyBadRowsError, check_ledger, open_source
from segment.ledger.quarantine import RULE
from segment.ledger.trial_ledger import trial_day
from segment.messages import Message
from segment.pages.message_result import MessageResult
from segment.policy import Policy
from segment.store.tombstones import Erased
from segment.warehouse.workspace_clock import admit_ledger
from segment.workspace import Workspace

MOST_EXAMPLES = 20


@dataclass(frozen=True)
class RowExamples(MessageResult):
    """Where examples lie."""

    rule: str  # The rule that they break first
    rows: dict[str, int]  # By table, rows that break it
    files: tuple[Path, ...]  # One for each table, with some of them

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return {**asdict(self), "files": [str(file) for file in self.files]}

    def messages(self) -> list[Message]:
        """Say where to look."""
        if not self.files:
            return [Message("results.examples.none", {"rule": self.rule})]
        return [
            Message("results.examples.written", {"rule": self.rule, "table": table, "rows": rows, "file": str(file)})
            for (table, rows), file in zip(self.rows.items(), self.files, strict=True)
        ]


def write_examples(location: str, rule: str, workspace: Workspace, policy: Policy) -> RowExamples:
    """Check a ledger and write some of the rows that break a rule to the quarantine's folder.

    Parameters
    ----------
    location : str
        A folder of tables or a database URL.
    rule : str
        A row-level rule, as `segment check` names it.
    workspace : Workspace
        Keeps them, as it keeps bad rows of an extract; `segment retain` deletes them in time.
    policy : Policy
        Names products, own codes and the limit.

    Returns
    -------
    RowExamples

    Raises
    ------
    UsageError
        Where there is no such rule.
    LedgerError
        Where the ledger cannot be read at all.
    """
    rules = {known.name for of_table in ROW_RULES.values() for known in of_table}
    if rule not in rules:
        raise UsageError.of("errors.no_rule_of_rows")
    with open_source(location, reading=policy.reading) as source:
        admit_ledger(workspace, trial_day(source))
    erased = Erased.of(workspace)
    bad = _bad_rows(location, policy)
    chosen = {table: erased.leave_out(rows.filter(pl.col(RULE) == rule)) for table, rows in bad.items()}
    found = {table: rows for table, rows in chosen.items() if rows.height}
    files = []
    for table, rows in found.items():
        file = workspace.quarantine / "examples" / f"{table}-{rule}.parquet"
        write_parquet(rows.head(MOST_EXAMPLES), file)
        files.append(file)
    return RowExamples(rule, {table: rows.height for table, rows in found.items()}, tuple(files))


def _bad_rows(location: str, policy: Policy) -> Mapping[str, pl.DataFrame]:
    tolerated = policy.ledger.tolerated_bad_row_share
    try:
        return check_ledger(location, tuple(policy.products), tolerated, reading=policy.reading).quarantine
    except TooManyBadRowsError as error:
        return error.quarantine
