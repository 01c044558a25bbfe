"""Contacts that were made: how many, on which channel, with which bundle."""

from __future__ import annotations

import datetime as dt

import polars as pl

from segment.policy.contacts import Upgrade

_KEY = ("list_id", "customer_id", "contacted_on")


def contacts_made(
    outcomes: pl.DataFrame, kept_outcomes: pl.DataFrame | None = None, past_lists: pl.DataFrame | None = None
) -> pl.DataFrame:
    """List each contact once, whichever table tells of it."""
    # Returns `list_id`, `customer_id`, `contacted_on`, `channel`, `bundle`; the last two null where the list is not
    # known.
    tables = [outcomes] if kept_outcomes is None else [outcomes, kept_outcomes]
    rows = pl.concat([table.select(*_KEY, pl.col("response").cast(pl.String)) for table in tables])
    made = rows.filter(pl.col("contacted_on").is_not_null() & (pl.col("response") != "not_contacted"))
    each = made.select(_KEY).unique(maintain_order=True)
    if past_lists is None:
        return each.with_columns(channel=pl.lit(None, pl.String), bundle=pl.lit(None, pl.String))
    listed = past_lists.select(
        "list_id", "customer_id", pl.col("channel").cast(pl.String), pl.col("bundle").cast(pl.String)
    ).unique(["list_id", "customer_id"], maintain_order=True)
    return each.join(listed, on=["list_id", "customer_id"], how="left", maintain_order="left")


def by_contacts(made: pl.DataFrame, policy: Upgrade, on: dt.date) -> pl.DataFrame:
    """Find who was contacted too lately or too often."""
    caps = policy.contact_rules
    past = made.filter(pl.col("contacted_on") <= on)
    lately = _within(past, policy.contact_rest_days, on).select("customer_id").unique()
    often = _often(_within(past, caps.contact_days, on), caps.most_contacts)
    calls = past.filter(pl.col("channel").is_null() | pl.col("channel").is_in(caps.call_channels))
    called = _often(_within(calls, caps.call_days, on), caps.most_calls)
    channels = pl.DataFrame({"channel": caps.call_channels}, schema={"channel": pl.String})
    nowhere = pl.lit(None, pl.String)
    return pl.concat(
        [
            lately.select("customer_id", channel=nowhere, code=pl.lit("recently_contacted")),
            often.select("customer_id", channel=nowhere, code=pl.lit("contact_cap")),
            called.join(channels, how="cross").select("customer_id", "channel", code=pl.lit("call_cap")),
        ]
    )


def recently_offered(made: pl.DataFrame, policy: Upgrade, on: dt.date) -> pl.DataFrame:
    """Find which bundle was offered to whom too lately to be offered again."""
    past = made.filter((pl.col("contacted_on") <= on) & pl.col("bundle").is_not_null())
    return _within(past, policy.contact_rules.same_bundle_rest_days, on).select("customer_id", "bundle").unique()


def _within(made: pl.DataFrame, days: int, on: dt.date) -> pl.DataFrame:
    return made.filter(pl.col("contacted_on") > on - dt.timedelta(days=days))


def _often(made: pl.DataFrame, most: int) -> pl.DataFrame:
    return made.group_by("customer_id", maintain_order=True).len().filter(pl.col("len") >= most).select("customer_id")
