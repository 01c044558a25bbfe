"""An audit as a page, a Markdown text, a table or JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl

from segment.jobs.audit.decisions import SAID
from segment.jobs.audit.run import Audited, headline
from segment.jobs.card.blocks import Block, Heading, Table, Text, as_html, as_markdown
from segment.jobs.card.fairness import summary, tables
from segment.warehouse import write_whole

ENDINGS = (".html", ".md", ".json", ".csv")


def write_audit(made: Audited, out: Path) -> None:
    """Write an audit in the form that the file's ending names.

    Parameters
    ----------
    made : Audited
        The audit.
    out : Path
        Ends in one of `ENDINGS`.
    """
    facts = made.facts
    title = f"Fairness audit as of {facts['moment']}"
    texts = {
        ".html": lambda: as_html(title, blocks(facts)),
        ".md": lambda: as_markdown(blocks(facts)),
        ".json": lambda: json.dumps(facts, indent=2, sort_keys=True, ensure_ascii=False) + "\n",
        ".csv": lambda: comparisons(facts).write_csv(),
    }
    text = texts[out.suffix]()
    write_whole(out, lambda beside: beside.write_text(text, encoding="utf-8"))


def blocks(facts: dict[str, Any]) -> list[Block]:
    """Lay the page out.

    Parameters
    ----------
    facts : dict
        Of an audit.

    Returns
    -------
    list of Block
    """
    head = Heading(f"Fairness audit as of {facts['moment']}", 1)
    if not facts["rates"]:
        return [head, Text(headline(facts)), *(Text(f"– {one}") for one in facts["cannot_say"])]
    told = [
        [one["said"], one["kind"], one["customers"], f"{one['customers'] / max(facts['customers'], 1):.1%}"]
        for one in facts["decisions"].values()
    ]
    return [
        head,
        *summary(facts),
        Heading("Decisions"),
        Text(f"Of {facts['policy']}, model version {facts['model_version']}."),
        Table(("decision", "is a", "customers", "share"), told),
        *tables(facts, 2),
        *_outcomes(facts),
    ]


def comparisons(facts: dict[str, Any]) -> pl.DataFrame:
    """Put every comparison into one table.

    Parameters
    ----------
    facts : dict
        Of an audit.

    Returns
    -------
    polars.DataFrame
        A row per comparison; `part` is `rates`, `within_income` or `errors`.
    """
    parts = [
        pl.DataFrame(facts[part], infer_schema_length=None).with_columns(part=pl.lit(part))
        for part in ("rates", "within_income", "errors")
        if facts[part]
    ]
    if not parts:
        return pl.DataFrame(schema=dict.fromkeys(COLUMNS, pl.String))
    return pl.concat(parts, how="diagonal_relaxed").select(name for name in COLUMNS)


COLUMNS = (
    "part", "attribute", "decision", "kind", "group", "customers", "decided", "rate", "low", "high", "reference",
    "impact_ratio", "harm_ratio", "odds_ratio", "gap", "p", "p_adjusted", "verdict",
)  # fmt: skip


def _outcomes(facts: dict[str, Any]) -> list[Block]:
    rows = facts["outcomes"]
    if not rows:
        return []
    shown = [name for name in rows[0] if name not in ("tier", "vulnerability", "customers")]
    cells = [
        [row["tier"].replace("_", " "), row["vulnerability"], row["customers"],
         *(None if row[name] is None else f"{row[name]:.1%}" for name in shown)]
        for row in rows
    ]  # fmt: skip
    return [
        Heading("Tiers and vulnerability"),
        Text("What vulnerable and other customers of each tier meet (UK Consumer Duty); – stands for groups of fewer "
             "than ten customers, and for decisions that a rule takes in place of the bank."),
        Table(("tier", "customers are", "customers", *(SAID[name] for name in shown)), cells),
    ]  # fmt: skip
