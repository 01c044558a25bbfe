"""Flows by kind, counts by channel, and what one booking alone says about the main bank."""

from __future__ import annotations

from functools import reduce
from operator import or_

import narwhals as nw

from segment.contribution.lines import Frame
from segment.features.frames import SumWhere, any_where, one_of, summing_in
from segment.ledger.vocabulary import CHANNELS, KINDS

MIRRORED = ("loan_payment", "loan_disbursement")
"""Kinds that some ledgers book twice, on the debt's account and on the account that pays or is paid."""

TRADES = {"investment_buy": -1.0, "investment_sell": 1.0}
"""Trades that some ledgers book on both accounts, and the sign each has on the account that pays or is paid."""

NOT_INITIATED = (
    "salary",
    "pension",
    "benefit",
    "transfer_in",
    "standing_order",
    "direct_debit",
    "loan_disbursement",
    "interest_credit",
    "interest_charge",
    "fee",
    "fee_refund",
    "insurance_premium",
    "tax",
)
"""Kinds that happen to a customer, whatever the channel."""

BILLS = ("direct_debit", "standing_order", "insurance_premium", "tax")

FLOW_MEASURES: tuple[str, ...] = (
    *(f"flow_{kind}" for kind in KINDS),
    *(f"count_{channel}" for channel in CHANNELS),
    "initiated_bookings",
    "counter_transfers",
    "external_inflow",
    "own_in_other_bank",
    "own_out_other_bank",
    "other_bank_inflow",
    "other_bank_outflow",
    "other_bank_loan_payments",
    "other_bank_card_payments",
    "salary_months",
    "benefit_months",
    "other_bank_card_months",
    "bill_types",
    "largest_transfer_here",
    "largest_transfer_elsewhere",
    "external_outflow",
    "securities_out",
    "wallet_months",
)


def flows(owned: Frame) -> Frame:
    """Sum the month's bookings of each customer."""
    # Loan payments and disbursements count on the account that pays or is paid and not again on the debt's own account,
    # where a ledger books both. A trade in investments may be booked on either account or on both: the larger of what
    # came in and what went out counts, so that the two sides neither cancel nor count twice. The repayment of another
    # bank's card has no kind of its own in the contract: a direct debit drawn by another bank may be one, so the
    # month's largest is kept; `signals` reads over the months whether it is. Bills are counted, since the contract does
    # not name the biller. A salary on a joint account is one owner's, and nothing says whose: it counts by share, so
    # that a couple with two salaries there is paid twice a month.
    of_month = owned.filter(nw.col("day") >= 0)
    sums, sum_where = (_by_kind, _by_channel, _of_other_banks, _regular, _of_securities), summing_in(of_month)
    summed = of_month.group_by("customer_id").agg(**reduce(or_, (some(sum_where) for some in sums)))
    return summed.with_columns(salary_months=nw.min_horizontal("salary_months", nw.lit(1.0)))


def _by_kind(sum_where: SumWhere) -> dict[str, nw.Expr]:
    mirror = nw.col("loan") | nw.col("card")
    sums = {}
    for kind in KINDS:
        counted = nw.col("kind") == kind
        if kind in TRADES:
            sums[f"flow_{kind}"] = _one_side(sum_where, counted) * TRADES[kind]
            continue
        if kind in MIRRORED:
            counted = counted & ~mirror
        sums[f"flow_{kind}"] = sum_where(counted, nw.col("value"))
    return sums


def _one_side(sum_where: SumWhere, counted: nw.Expr) -> nw.Expr:
    value = nw.col("value")
    return nw.max_horizontal(sum_where(counted & (value > 0.0), value), sum_where(counted & (value < 0.0), -value))


def _by_channel(sum_where: SumWhere) -> dict[str, nw.Expr]:
    counts = {f"count_{name}": sum_where(nw.col("channel") == name, nw.col("share")) for name in CHANNELS}
    initiated = (nw.col("channel") != "automatic") & ~one_of("kind", NOT_INITIATED)
    transfer = one_of("kind", ("transfer_out", "own_transfer_out")) & (nw.col("channel") == "counter")
    return counts | {
        "initiated_bookings": sum_where(initiated, nw.col("share")),
        "counter_transfers": sum_where(transfer, nw.col("share")),
    }


def _of_other_banks(sum_where: SumWhere) -> dict[str, nw.Expr]:
    value, everyday, other = nw.col("value"), nw.col("everyday"), nw.col("other_bank")
    leaves = everyday & other & (nw.col("amount") < 0.0)
    return {
        "external_inflow": sum_where(nw.col("external_in"), value),
        "own_in_other_bank": sum_where(nw.col("own_in"), value),
        "own_out_other_bank": sum_where(nw.col("own_out"), -value),
        "other_bank_inflow": sum_where(everyday & other & (nw.col("amount") > 0.0), value),
        "other_bank_outflow": sum_where(leaves, -value),
        "other_bank_loan_payments": sum_where(leaves & (nw.col("kind") == "loan_payment"), -value),
        "other_bank_card_payments": (
            nw.when(leaves & (nw.col("kind") == "direct_debit")).then(-value).otherwise(nw.lit(0.0)).max()
        ),
    }


def _regular(sum_where: SumWhere) -> dict[str, nw.Expr]:
    arrives, leaves = nw.col("amount") > 0.0, nw.col("amount") < 0.0
    kind, other = nw.col("kind"), nw.col("other_bank")
    transfer = nw.col("everyday") & arrives & (kind == "transfer_in")
    value, none = nw.col("value"), nw.lit(0.0)
    return {
        "salary_months": sum_where(arrives & one_of("kind", ("salary", "pension")), nw.col("share")),
        "benefit_months": any_where(arrives & one_of("kind", ("benefit", "tax"))),
        "other_bank_card_months": any_where(nw.col("everyday") & leaves & other & (kind == "direct_debit")),
        "bill_types": sum_where(leaves & one_of("kind", BILLS), nw.col("share")),
        "largest_transfer_here": nw.when(transfer & ~other).then(value).otherwise(none).max(),
        "largest_transfer_elsewhere": nw.when(transfer & other).then(value).otherwise(none).max(),
    }


def _of_securities(sum_where: SumWhere) -> dict[str, nw.Expr]:
    everyday, other, kind = nw.col("everyday"), nw.col("other_bank"), nw.col("kind")
    leaves = nw.col("amount") < 0.0
    traded_elsewhere = everyday & other & one_of("kind", ("investment_buy", "investment_sell"))
    by_phone = (kind == "card_payment") & leaves & one_of("channel", ("mobile", "online"))
    return {
        "external_outflow": sum_where(everyday & leaves & ~nw.col("within"), -nw.col("value")),
        "securities_out": sum_where(traded_elsewhere, -nw.col("value")),
        "wallet_months": any_where(by_phone),
    }
