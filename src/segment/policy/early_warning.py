"""Of whom a bank is warned: those likely to fall to a lower tier, to leave, or to move their main bank away."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from segment.policy.decisions import Tiers

LOWER_TIER = "chance_of_lower_tier"
LEAVES = "chance_of_leaving_6m"
MAIN_BANK_LEAVES = "chance_main_bank_leaves_6m"
"""Published columns; tiers of before they were published lack them, and nobody is warned of by what is not known."""


def early_warning(columns: Iterable[str], tiers: Tiers) -> pl.Expr:
    """Whether a customer is warned of for any reason.

    Parameters
    ----------
    columns : iterable of str
        Of the published tiers; what they lack is taken to be zero.
    tiers : Tiers
        The policy's lines.

    Returns
    -------
    polars.Expr
    """
    known = list(columns)
    falls = chance(LOWER_TIER, known) >= tiers.early_warning_from
    return falls | may_leave(known, tiers) | main_bank_may_leave(known, tiers)


def may_leave(columns: Iterable[str], tiers: Tiers) -> pl.Expr:
    """Whether the relation is likely to end within six months.

    Parameters
    ----------
    columns : iterable of str
        Of the published tiers; what they lack is taken to be zero.
    tiers : Tiers
        The policy's lines.

    Returns
    -------
    polars.Expr
    """
    return chance(LEAVES, columns) >= tiers.departure_warning_from


def main_bank_may_leave(columns: Iterable[str], tiers: Tiers) -> pl.Expr:
    """Whether the main bank is likely to move away within six months.

    Parameters
    ----------
    columns : iterable of str
        Of the published tiers; what they lack is taken to be zero.
    tiers : Tiers
        The policy's lines.

    Returns
    -------
    polars.Expr
    """
    return chance(MAIN_BANK_LEAVES, columns) >= tiers.departure_warning_from


def chance_of_loss(columns: Iterable[str]) -> pl.Expr:
    """Chance to lose what a customer brings within twelve months: of a lower tier or a departure, whichever is more.

    Parameters
    ----------
    columns : iterable of str
        Of the published tiers; what they lack is taken to be zero.

    Returns
    -------
    polars.Expr
    """
    known = list(columns)
    stays = (1.0 - chance("chance_of_leaving_12m", known)) * (1.0 - chance("chance_main_bank_leaves_12m", known))
    return pl.max_horizontal(chance(LOWER_TIER, known), 1.0 - stays)


def chance(column: str, columns: Iterable[str]) -> pl.Expr:
    """Read a published chance; zero where it is not known.

    Parameters
    ----------
    column : str
        Its name.
    columns : iterable of str
        Of the published tiers; what they lack is taken to be zero.

    Returns
    -------
    polars.Expr
    """
    return pl.col(column).fill_null(0.0) if column in columns else pl.lit(0.0)
