"""A condition of an action, and what a set of them says of rows.

A condition that cannot be known does not hold: missing knowledge never lets a fee through.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

import polars as pl

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
    """Something that must hold.

    Attributes
    ----------
    code : str
        By which a funnel and a page name it.
    says : str
        In plain words.
    source : str
        The rule that it follows from.
    holds : polars.Expr
        Reads the facts of `segment.law.facts` and a review's own columns; null counts as no.
    stage : Stage
        From which on it is asked.
    """

    code: str
    says: str
    source: str
    holds: pl.Expr
    stage: Stage = Stage.PROPOSAL


def cite(law: Jurisdiction, *rules: str) -> str:
    """Cite the guardrail of any country, and the rules of one's own that stand behind it.

    Parameters
    ----------
    law : Jurisdiction
        In force.
    *rules : str
        Codes; those that the jurisdiction does not have are left out.

    Returns
    -------
    str

    Examples
    --------
    >>> from segment.policy.jurisdiction import load_jurisdiction
    >>> cite(load_jurisdiction("cn"), "sole_account", "basic_account")
    'Fee guardrail (DOMAIN.md 5); NDRC-CBRC 2014/268'
    """
    return "; ".join((GUARDRAIL, *(rule.source for rule in law.rules if rule.code in rules)))


def blank(column: str) -> pl.Expr:
    """Say where a text is missing or holds nothing but spaces.

    Parameters
    ----------
    column : str
        Of text.

    Returns
    -------
    polars.Expr

    Examples
    --------
    >>> pl.DataFrame({"text": ["a", " ", None]}).select(blank("text")).to_series().to_list()
    [False, True, True]
    """
    return pl.col(column).str.strip_chars().fill_null("") == ""


def asked(facts: pl.DataFrame, held_to: Sequence[Condition], stage: Stage) -> pl.DataFrame:
    """Say of each row which conditions hold.

    Parameters
    ----------
    facts : polars.DataFrame
        One row per customer or review.
    held_to : sequence of Condition
        What is asked.
    stage : Stage
        How far the action has come.

    Returns
    -------
    polars.DataFrame
        A column of booleans, without nulls, per condition of the stage and those before it; rows as in `facts`.
    """
    chosen = [one for one in held_to if one.stage <= stage]
    # a condition of the day alone, such as the item's, is one value for all rows
    return facts.with_columns(one.holds.fill_null(False).alias(f"holds_{one.code}") for one in chosen).select(
        pl.col(f"holds_{one.code}").alias(one.code) for one in chosen
    )


def passing(held: pl.DataFrame) -> pl.Series:
    """Say which rows pass every condition.

    Parameters
    ----------
    held : polars.DataFrame
        From `asked`.

    Returns
    -------
    polars.Series of bool

    Examples
    --------
    >>> passing(pl.DataFrame({"a": [True, True], "b": [True, False]})).to_list()
    [True, False]
    """
    return held.select(pl.all_horizontal(pl.all()).alias("passes")).to_series()


def first_broken(held: pl.DataFrame) -> pl.Series:
    """Name the first condition that does not hold; null where all do.

    Parameters
    ----------
    held : polars.DataFrame
        From `asked`.

    Returns
    -------
    polars.Series of str

    Examples
    --------
    >>> first_broken(pl.DataFrame({"a": [True, True, False], "b": [True, False, False]})).to_list()
    [None, 'b', 'a']
    """
    broken = pl.coalesce(*(pl.when(~pl.col(name)).then(pl.lit(name)) for name in held.columns))
    return held.select(broken.alias("condition")).to_series()


def funnel(held: pl.DataFrame, held_to: Sequence[Condition]) -> pl.DataFrame:
    """Count whom each condition keeps out.

    Parameters
    ----------
    held : polars.DataFrame
        From `asked`.
    held_to : sequence of Condition
        In the order of the funnel.

    Returns
    -------
    polars.DataFrame
        `condition`, `says`, `source`, `kept_out` (by this condition, whatever the others say), `left` (after this and
        all before it).
    """
    rows, left = [], pl.repeat(True, held.height, eager=True)
    for one in held_to:
        if one.code in held.columns:
            left = left & held[one.code]
            rows.append((one.code, one.says, one.source, int((~held[one.code]).sum()), int(left.sum())))
    schema = {"condition": pl.String, "says": pl.String, "source": pl.String, "kept_out": pl.Int64, "left": pl.Int64}
    return pl.DataFrame(rows, schema=schema, orient="row")
