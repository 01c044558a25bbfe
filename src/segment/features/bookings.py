"""The month's bookings as their owners see them: each with the owner's share, its day, and what it counts as."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import narwhals as nw

from segment.features.frames import Frame, one_of
from segment.features.known import day_of_month
from segment.features.own_transfers import with_other_bank
from segment.policy import Policy

INCOMING = ("salary", "pension", "benefit", "transfer_in", "cash_deposit", "standing_order", "tax", "other")
"""Kinds that bring in money from outside; reversals, disbursements and sales of investments do not."""

WITHIN = ("own_transfer_in", "own_transfer_out", "investment_buy", "investment_sell")
"""Kinds that, without another bank at the other end, move money within this bank."""


def everyday_products(policy: Policy) -> tuple[str, ...]:
    """Deposits without a term, such as current and savings accounts.

    Parameters
    ----------
    policy : Policy
        Holds the products.

    Returns
    -------
    tuple of str
        Those that are repriced every month.
    """
    return _deposits(policy, "month")


def term_products(policy: Policy) -> tuple[str, ...]:
    """Deposits whose rate is fixed when they are opened.

    Parameters
    ----------
    policy : Policy
        Holds the products.

    Returns
    -------
    tuple of str
    """
    return _deposits(policy, "origination")


def _deposits(policy: Policy, fixed_at: str) -> tuple[str, ...]:
    sides = {name: policy.products[name].deposit for name in policy.products_of("deposit")}
    return tuple(name for name, side in sides.items() if side is not None and side.fixed_at == fixed_at)


def held_accounts(known: Mapping[str, Frame], policy: Policy) -> Frame:
    """Give each owner's accounts the family that signals ask for.

    Parameters
    ----------
    known : mapping of str to narwhals.LazyFrame
        What `as_known` returns.
    policy : Policy
        Holds the products.

    Returns
    -------
    narwhals.LazyFrame
        `account_id`, `customer_id`, `share`, `product`, `opened_on`, `closed_on`, and true or false for `everyday`,
        `term`, `loan`, `card`, `wealth`, `insurance`.
    """
    families = {
        "everyday": everyday_products(policy),
        "term": term_products(policy),
        "loan": policy.products_of("loan"),
        "card": policy.products_of("card"),
        "wealth": policy.products_of("wealth"),
        "insurance": policy.products_of("insurance"),
    }
    accounts = known["accounts"].select(
        "account_id",
        "product",
        "opened_on",
        "closed_on",
        **{name: one_of("product", products) for name, products in families.items()},
    )
    return known["holdings"].join(accounts, on="account_id", how="inner")


def owned_bookings(known: Mapping[str, Frame], held: Frame, month: dt.date) -> Frame:
    """Join transactions with the owners of their accounts.

    Parameters
    ----------
    known : mapping of str to narwhals.LazyFrame
        What `as_known` returns.
    held : narwhals.LazyFrame
        What `held_accounts` returns.
    month : datetime.date
        First day of the month.

    Returns
    -------
    narwhals.LazyFrame
        A row per booking and owner: `customer_id`, `day` (0 is the month's first; the margin is negative), `kind`,
        `channel`, `amount`, `share`, `value` (amount times share), `other_bank` (the other end is a bank elsewhere;
        see `own_transfers.with_other_bank`), the account's families, and true or false for `external_in` (money from
        outside to an everyday account), `own_in`, `own_out` (from and to the customer's own account elsewhere) and
        `within` (moved inside this bank).
    """
    booked = known["transactions"].select(
        "transaction_id",
        "account_id",
        "amount",
        "kind",
        "channel",
        day_of_month("booked_on", month).alias("day"),
        named=~nw.col("counterparty_bank").is_null(),
    )
    booked = with_other_bank(booked, held)
    families = ("everyday", "term", "loan", "card")
    owners = held.select("account_id", "customer_id", "share", "product", "closed_on", *families)
    owned = booked.join(owners, on="account_id", how="inner").with_columns(value=nw.col("amount") * nw.col("share"))
    own_in = nw.col("everyday") & (nw.col("kind") == "own_transfer_in") & nw.col("other_bank")
    own_out = nw.col("everyday") & (nw.col("kind") == "own_transfer_out") & nw.col("other_bank")
    from_outside = nw.col("everyday") & (nw.col("amount") > 0.0) & one_of("kind", INCOMING)
    return owned.with_columns(
        own_in=own_in & (nw.col("amount") > 0.0),
        own_out=own_out & (nw.col("amount") < 0.0),
        external_in=from_outside | (own_in & (nw.col("amount") > 0.0)),
        within=one_of("kind", WITHIN) & ~nw.col("other_bank"),
    )
