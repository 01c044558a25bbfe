"""Loan instalments, and whether money from elsewhere arrives just in time for them."""

# Source: DOMAIN.md 2.2, `jit_loan`.

from __future__ import annotations

import narwhals as nw

from segment.contribution.lines import Frame
from segment.exact_money import ROUNDING
from segment.features.frames import any_where, sum_where
from segment.policy.ledger_signals import LedgerSignals


def instalments(owned: Frame, rules: LedgerSignals) -> Frame:
    """Count the days with an instalment on the customer's loans here, and those funded from elsewhere."""
    # Returns `customer_id`, `loan_instalments` (days with an instalment), `jit_instalments` (of them, those for which
    # the customer's own account elsewhere sent about as much in the days before, or paid it directly) and
    # `instalment_amount`.
    # An instalment is what a loan's account receives; where the ledger books loan payments only on the account that
    # pays, it is that, less what goes to cards here.
    paid = _paid(owned)
    sent = owned.filter(nw.col("own_in")).select("customer_id", sent_day=nw.col("day"), sent=nw.col("value"))
    before = nw.col("day") - nw.col("sent_day")
    ratio = nw.col("sent") / nw.col("instalment")
    least, most = rules.funded_share
    in_time = (
        (before >= 0) & (before <= rules.funded_within_days) & (ratio >= least - ROUNDING) & (ratio <= most + ROUNDING)
    )
    paired = paid.join(sent, on="customer_id", how="left")
    by_day = paired.group_by("customer_id", "day").agg(
        nw.col("instalment").max(), nw.col("direct").max(), funded=any_where(in_time)
    )
    counted = by_day.select(
        "customer_id",
        loan_instalments=nw.lit(1.0),
        jit_instalments=nw.max_horizontal("funded", "direct"),
        instalment_amount=nw.col("instalment"),
    )
    return counted.group_by("customer_id").agg(nw.col("loan_instalments", "jit_instalments", "instalment_amount").sum())


def _paid(owned: Frame) -> Frame:
    of_month = owned.filter((nw.col("day") >= 0) & (nw.col("kind") == "loan_payment"))
    value, arrives = nw.col("value"), nw.col("amount") > 0.0
    here = ~nw.col("other_bank") & nw.col("everyday")
    by_day = of_month.group_by("customer_id", "day").agg(
        to_loan=sum_where(nw.col("loan") & arrives, value),
        to_card=sum_where(nw.col("card") & arrives, value),
        debited=sum_where(here & ~arrives, -value),
        direct=any_where(nw.col("loan") & arrives & nw.col("other_bank")),
    )
    from_account = nw.max_horizontal(nw.lit(0.0), nw.col("debited") - nw.col("to_card"))
    instalment = nw.when(nw.col("to_loan") > 0.0).then(nw.col("to_loan")).otherwise(from_account)
    # below a cent is the rounding of shares, no instalment
    return by_day.select("customer_id", "day", "direct", instalment=instalment).filter(
        nw.col("instalment") >= 0.01 - ROUNDING
    )
