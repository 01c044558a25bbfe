"""What the customers of each group asked of a branch month by month, and whether contacts came as promised."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from math import ceil
from typing import Final

import polars as pl

from segment.policy.service import Service
from segment.service.promises import Promised

MONTHS: Final = 6
_DAYS_A_MONTH: Final = 30.44

FOLLOWED: dict[str, type[pl.DataType]] = {
    "branch_id": pl.String,
    "tier": pl.String,
    "sub_state": pl.String,
    "month": pl.Date,
    "target_customers": pl.Int64,
    "contacts_due": pl.Float64,
    "contacts_made": pl.Int64,
    "customers_reached": pl.Int64,
    "kept": pl.Boolean,
}
"""Of each month. `customers_reached`: of the group, whose last contact was as recent as promised, at most as many as
are targeted; `kept`: whether these are the share of the targets that the policy asks for."""


def follow(
    branch: str, groups: Sequence[Promised], contacts: pl.DataFrame, months: Sequence[dt.date], service: Service
) -> pl.DataFrame:
    """Follow the contacts of a branch's groups over the last months."""
    # `contacts`: `tier`, `service_state`, `customer_id`, `month` and `meetings` of the branch's customers.
    rows, met = [], _meetings(contacts)
    for group in groups:
        every = group.plan.contact_every_days
        if every is None:
            continue
        own = met.get((group.tier, group.sub_state), {})
        window = ceil(every / _DAYS_A_MONTH)
        for place in range(max(window - 1, len(months) - MONTHS), len(months)):
            recent = (own.get(month, {}) for month in months[place - window + 1 : place + 1])
            target = group.target_customers
            reached = min(len({customer for month in recent for customer in month}), target)
            made = int(sum(own.get(months[place], {}).values()))
            due = round(target * _DAYS_A_MONTH / every, 1)
            kept = reached >= service.waiting.kept_share * target
            rows.append((branch, group.tier, group.sub_state, months[place], target, due, made, reached, kept))
    return pl.DataFrame(rows, schema=FOLLOWED, orient="row")


def _meetings(contacts: pl.DataFrame) -> dict[tuple[str, str], dict[dt.date, dict[str, float]]]:
    """Meetings of each customer who had some, by group and month."""
    found: dict[tuple[str, str], dict[dt.date, dict[str, float]]] = defaultdict(lambda: defaultdict(dict))
    had = contacts.filter(pl.col("meetings") > 0)
    for tier, state, month, customer, number in had.select(
        "tier", "service_state", "month", "customer_id", "meetings"
    ).iter_rows():
        found[tier, state][month][customer] = number
    return found
