"""Cost to serve: time-driven, by event, account and complaint."""

# Source: DOMAIN.md 1.3. Unit costs by channel are the policy's; the overhead is what one customer more or less would
# not change.

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import narwhals as nw

from segment.contribution.lines import Frame, where
from segment.contribution.net_interest import by_product
from segment.ledger.vocabulary import CHANNELS, SERVICE_CHANNELS
from segment.policy import Policy
from segment.policy.money import Costs

MANUAL_TRANSACTIONS = ("counter", "phone")
MANUAL_EVENTS = (*MANUAL_TRANSACTIONS, "adviser")


def transaction_cost(costs: Costs) -> nw.Expr:
    """Cost of one transaction."""
    unit = _by_channel({name: nw.lit(getattr(costs.transaction, name)) for name in CHANNELS})
    elsewhere = (
        (nw.col("channel") == "atm") & (nw.col("kind") == "cash_withdrawal") & ~nw.col("counterparty_bank").is_null()
    )
    return nw.when(elsewhere).then(nw.lit(costs.transaction.atm_other_bank)).otherwise(unit)


def service_event_cost(costs: Costs) -> nw.Expr:
    """Cost of one service event."""
    units = {name: nw.lit(getattr(costs.service_event, name)) for name in SERVICE_CHANNELS}
    minutes = nw.coalesce(nw.col("minutes"), nw.lit(costs.service_event.adviser_minutes_if_unknown))
    units["adviser"] = nw.lit(costs.service_event.adviser) + minutes * costs.service_event.adviser_minute
    return _by_channel(units)


def is_manual(channels: Sequence[str]) -> nw.Expr:
    """Whether a person of the bank did the work."""
    return where(nw.col("channel").is_in(list(channels)), nw.lit(1.0))


def counter_minutes(costs: Costs, minutes: nw.Expr | None = None) -> nw.Expr:
    """Minutes of the branch's counter that an event uses: those recorded, else the policy's."""
    usual = nw.lit(costs.overhead.minutes_per_counter_event)
    used = usual if minutes is None else nw.coalesce(minutes, usual)
    return where(nw.col("channel") == "counter", used)


def account_cost(policy: Policy) -> nw.Expr:
    """Fixed cost of an open account in a month."""
    return by_product(policy, lambda product: nw.lit(product.fixed_cost_month))


def complaints_of_month(contact_rules: Frame, month: dt.date, next_month: dt.date) -> Frame:
    """Keep the complaints that began in a month."""
    began = (nw.col("starts_on") >= nw.lit(month)) & (nw.col("starts_on") < nw.lit(next_month))
    return contact_rules.filter((nw.col("rule") == "complaint") & began)


def _by_channel(units: dict[str, nw.Expr]) -> nw.Expr:
    chosen = nw.lit(0.0)
    for channel, unit in units.items():
        chosen = nw.when(nw.col("channel") == channel).then(unit).otherwise(chosen)
    return chosen
