"""The contract of a ledger as a page: every table and column, and every rule that rows are held to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from segment.ledger.contract import TABLES
from segment.ledger.faults import TABLE_RULES
from segment.ledger.rules import ROW_RULES
from segment.ledger.schema import Column
from segment.sentences import Sentences


def tables_page() -> str:
    """Describe every table of a ledger and every rule that it is held to, in Markdown."""
    t = Sentences("en")
    parts = [
        "# Tables of a ledger\n",
        "One file per table, `<table>` with `.csv`, `.parquet` or `.xlsx` (`.csv.gz` and `.csv.zst` as well), or one "
        "folder of such files; or a database with tables of these names. Columns and codes may have the bank's own "
        "names where `[mapping]` of the policy says what they are. Money is in the policy's currency and signed from "
        "the customer's side: what comes in and what is deposited is positive, what goes out and what is owed is "
        "negative. Other columns are ignored and listed by `segment check`.\n",
    ]
    for spec in TABLES.values():
        meaning = spec.meaning[:1].upper() + spec.meaning[1:]
        parts.append(f"## `{spec.name}`{' (optional)' if spec.optional else ''}\n\n{meaning}.\n")
        rows = [(f"`{one.name}`", one.kind, _marks(one), _meaning(one)) for one in spec.columns]
        parts.append(_table(("column", "type", "", "meaning"), rows))
        parts.append("A row that breaks a rule goes to quarantine under the rule's name:\n")
        parts.append(
            _table(("rule", "what must hold"), ((f"`{r.name}`", t.of(r.meaning)) for r in ROW_RULES[spec.name]))
        )
    parts.append("## Faults of a whole table\n\nThey stop the run and are listed together, in one message.\n")
    parts.append(_table(("rule", "what must hold"), ((f"`{name}`", t.of(rule)) for name, rule in TABLE_RULES.items())))
    return "\n".join(parts)


def _table(headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    lines = [headings, ["---"] * len(headings), *rows]
    cells = [[str(cell).replace("|", "\\|") for cell in line] for line in lines]
    return "\n".join(f"| {' | '.join(line)} |" for line in cells) + "\n"


def _marks(column: Column) -> str:
    marks = (("key", column.key), ("optional", column.optional), ("may be empty", column.nullable))
    return ", ".join(name for name, holds in marks if holds)


def _meaning(column: Column) -> str:
    parent = f" (→ [`{column.references}`](#{column.references}))" if column.references else ""
    words = ", ".join(f"`{word}`" for word in column.values or ())
    return f"{column.meaning}{parent}{f': {words}' if words else ''}"
