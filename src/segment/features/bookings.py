"""The month's bookings as their owners see them: each with the owner's share, its day, and what it counts as."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import narwhals as nw

from segment.contribution.lines import Frame
from segment.dates import day_of_month
from segment.features.frames import one_of
from segment.policy import Policy

INCOMING = ("salary", "pension", "benefit", "transfer_in", "cash_deposit", "standing_order", "tax", "other")
"""Kinds that bring in money from outside; reversals, disbursements and sales of investments do not."""

WITHIN = ("own_transfer_in", "own_transfer_out", "investment_buy", "investment_sell")
"""Kinds that, without another bank at the other end, move money within this bank."""


def everyday_products(policy: Policy) -> tuple[str, ...]:
    """Deposits without a term, such as current and savings accounts."""
    return _deposits(policy, "month")


def term_products(policy: Policy) -> tuple[str, ...]:
    """Deposits whose rate is fixed when they are opened."""
    return _deposits(policy, "origination")


def _deposits(policy: Policy, fixed_at: str) -> tuple[str, ...]:
    sides = {name: policy.products[name].deposit for name in policy.products_of("deposit")}
    return tuple(name for name, side in sides.items() if side is not None and side.fixed_at == fixed_at)


def accounts_by_owner(visible: Mapping[str, Frame], policy: Policy) -> Frame:
    """Give each owner's accounts the family that signals ask for."""
    families = {
        "everyday": everyday_products(policy),
        "term": term_products(policy),
        "loan": policy.products_of("loan"),
        "card": policy.products_of("card"),
        "wealth": policy.products_of("wealth"),
        "insurance": policy.products_of("insurance"),
    }
    accounts = visible["accounts"].select(
        "account_id",
        "product",
        "opened_on",
        "closed_on",
        **{name: one_of("product", products) for name, products in families.items()},
    )
    return visible["holdings"].join(accounts, on="account_id", how="inner")


def bookings(visible: Mapping[str, Frame], month: dt.date) -> Frame:
    """What signals ask of each booking, its `day` counted from the month's first."""
    return visible["transactions"].select(
        "account_id",
        "amount",
        "kind",
        "channel",
        day_of_month("booked_on", month).alias("day"),
        "other_bank",
    )


def owned_bookings(
    visible: Mapping[str, Frame],
    owned_accounts: Frame,
    month: dt.date,
) -> Frame:
    """Join transactions with the owners of their accounts."""
    # Returns A row per booking and owner: `customer_id`, `day` (0 is the month's first; the margin is negative),
    # `kind`, `channel`, `amount`, `share`, `value` (amount times share), `other_bank` (the other end is a bank
    # elsewhere; see `own_transfers.with_other_bank`), the account's families, and true or false for `external_in`
    # (money from outside to an everyday account), `own_in`, `own_out` (from and to the customer's own account
    # elsewhere) and `within` (moved inside this bank).
    booked = bookings(visible, month)
    families = ("everyday", "term", "loan", "card")
    owners = owned_accounts.select("account_id", "customer_id", "share", *families)
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
