"""A condition of an action, and what a set of them says of rows."""

# A condition that cannot be known does not hold: missing knowledge never lets a fee through.

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

import polars as pl

from segment.messages import Message
from segment.policy.jurisdiction import Jurisdiction

GUARDRAIL = "Fee guardrail (DOMAIN.md 5)"


class Stage(IntEnum):
    """How far an action has come; each stage asks all that the stages before it ask."""

    PROPOSAL = 0
    DECISION = 1
    NOTICE = 2
    CHARGE = 3


@dataclass(frozen=True)
class Condition:
    """Something that must hold."""

    code: str  # By which a funnel and a page name it
    source: str  # The rule that it follows from
    holds: pl.Expr  # Reads the facts of `segment.law.facts` and a review's own columns; null counts as no
    stage: Stage = Stage.PROPOSAL  # From which on it is asked
    figures: Mapping[str, Any] = field(default_factory=dict)  # That its sentence names

    @property
    def message(self) -> Message:
        """What must hold."""
        return Message(f"law.condition.{self.code}", self.figures)


def cite(law: Jurisdiction, *rules: str) -> str:
    """Cite the guardrail of any country, and the rules of one's own that stand behind it."""
    return "; ".join((GUARDRAIL, *(rule.source for rule in law.rules if rule.code in rules)))


def blank(column: str) -> pl.Expr:
    """Say where a text is missing or holds nothing but spaces."""
    return pl.col(column).str.strip_chars().fill_null("") == ""


def check_conditions(facts: pl.DataFrame, conditions: Sequence[Condition], stage: Stage) -> pl.DataFrame:
    """Say of each row which conditions hold."""
    chosen = [condition for condition in conditions if condition.stage <= stage]
    # a condition of the day alone, such as the item's, is one value for all rows
    return facts.with_columns(
        condition.holds.fill_null(False).alias(f"holds_{condition.code}") for condition in chosen
    ).select(pl.col(f"holds_{condition.code}").alias(condition.code) for condition in chosen)


def passing(checks: pl.DataFrame) -> pl.Series:
    """Say which rows pass every condition."""
    return checks.select(pl.all_horizontal(pl.all()).alias("passes")).to_series()


def first_broken(checks: pl.DataFrame) -> pl.Series:
    """Name the first condition that does not hold; null where all do."""
    broken = pl.coalesce(*(pl.when(~pl.col(name)).then(pl.lit(name)) for name in checks.columns))
    return checks.select(broken.alias("condition")).to_series()


def funnel(checks: pl.DataFrame, conditions: Sequence[Condition], says: Callable[[Message], str]) -> pl.DataFrame:
    """Count whom each condition keeps out; `says` puts a condition into words."""
    rows, left = [], pl.repeat(True, checks.height, eager=True)
    for condition in conditions:
        if condition.code in checks.columns:
            left = left & checks[condition.code]
            kept_out = int((~checks[condition.code]).sum())
            rows.append((condition.code, says(condition.message), condition.source, kept_out, int(left.sum())))
    schema = {"condition": pl.String, "says": pl.String, "source": pl.String, "kept_out": pl.Int64, "left": pl.Int64}
    return pl.DataFrame(rows, schema=schema, orient="row")
