"""What the law keeps from being erased, and until when."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import polars as pl

from segment.exceptions import ErasureError
from segment.ledger.protection import IN_DOUBT
from segment.messages import Message
from segment.policy import Policy

REVIEW, FEE, REFUND = "open review", "fee that can be taken back", "refund of a fee"


def rules_in_force(contact_rules: pl.DataFrame, policy: Policy, on: dt.date) -> pl.DataFrame:
    """Find the rules that keep data for a claim or an authority on a day: `customer_id`, `rule`, `ends_on`.

    References
    ----------
    GDPR art. 17(3)(b) and (e): legal obligations, legal claims. PIPL art. 47(2): while a law's period of keeping runs,
    the data are only stored.
    """
    rule = pl.col("rule").cast(pl.String)
    begun = pl.col("starts_on").is_null() | (pl.col("starts_on") <= on)
    running = pl.col("ends_on").is_null() | (pl.col("ends_on") >= on)
    rules = contact_rules.filter(rule.is_in([*policy.retention.erasure_held_by, IN_DOUBT]) & begun & running)
    return rules.select("customer_id", rule, "ends_on")


def holds(rules: pl.DataFrame, reviews: pl.DataFrame, customer_id: str, on: dt.date) -> dict[str, dt.date | None]:
    """Say what stops the erasure of a customer on a day, by `rules_in_force` and by reviews.

    References
    ----------
    PIPL art. 24, GDPR art. 22(3): a review that was asked for is brought to its end.
    """
    own = pl.col("customer_id") == customer_id
    until: dict[str, dt.date | None] = {}
    for name, ends_on in rules.filter(own).select("rule", "ends_on").iter_rows():
        last = until.get(name, ends_on)
        until[name] = None if ends_on is None or last is None else max(ends_on, last)
    return until | _by_reviews(reviews.filter(own), on)


def holds_on_any(
    days: Iterable[dt.date], contact_rules: pl.DataFrame, policy: Policy, reviews: pl.DataFrame, customer_id: str
) -> dict[str, dt.date | None]:
    """Say what stops the erasure of a customer on any of some days."""
    until: dict[str, dt.date | None] = {}
    for day in days:
        until |= holds(rules_in_force(contact_rules, policy, day), reviews, customer_id, day)
    return until


def _by_reviews(mine: pl.DataFrame, on: dt.date) -> dict[str, dt.date | None]:
    standing = mine.filter(pl.col("withdrawn_on").is_null())
    charged = pl.col("item_code").is_not_null() & pl.col("handed_over_on").is_not_null()
    until: dict[str, dt.date | None] = {}
    if standing.filter(pl.col("decision").is_null()).height:
        until[REVIEW] = None
    running = standing.filter(charged & (pl.col("reversible_until") >= on))
    if running.height:
        until[FEE] = max(running["reversible_until"].to_list())
    if mine.filter(charged & pl.col("withdrawn_on").is_not_null() & pl.col("refunded_on").is_null()).height:
        until[REFUND] = None
    return until


def require_free(on_hold: dict[str, dt.date | None]) -> None:
    """Refuse an erasure that something stops."""
    if on_hold:
        listed = [
            Message("errors.hold" if day else "errors.hold_open", {"name": name} | ({"day": day} if day else {}))
            for name, day in sorted(on_hold.items())
        ]
        raise ErasureError.of("errors.legal_hold", listed=listed)
