"""The hidden truth, written beside the ledger and never read by the package (DOMAIN.md 6.2, 6.3, 6.6)."""

from __future__ import annotations

import numpy as np
import polars as pl

from segment.banks.simulator.act_chances import offer_chance
from segment.banks.simulator.act_parameters import AIMS
from segment.banks.simulator.calendar import dates
from segment.banks.simulator.draws import NEVER, BoolArray, FloatArray
from segment.banks.simulator.parameters import DORMANT, ELSEWHERE, MAIN_HERE, STATES, WORKER
from segment.banks.simulator.state import Bank
from segment.banks.simulator.wallets_elsewhere import spend_elsewhere_12m, wallet_elsewhere_12m

LEAK_CANARY = "leak_canary"
"""A column that equals the answer: a feature table that holds it, or a perfect model, has read this file."""


def _present(bank: Bank) -> BoolArray:
    people, month = bank.people, bank.month
    present: BoolArray = (people.joined <= month.last) & (people.left > month.last) & (people.died > month.last)
    return present


def month_truth(bank: Bank, customer_ids: pl.Series) -> pl.DataFrame:
    """Write down the truth at the end of a month, one row per customer who is with the bank and alive."""
    who = np.flatnonzero(_present(bank))
    relation, people = bank.relation, bank.people
    state = bank.ties.state[who]
    here = bank.liquid_here()
    wallet = np.round(wallet_elsewhere_12m(bank)[who], 2)
    starts = np.array([month.first for month in bank.months])
    switched = relation.switched[who]
    switched_on = dates(np.where(switched < 0, NEVER, starts[np.maximum(switched, 0)]))
    return pl.DataFrame(
        {
            "month": dates(np.full(len(who), bank.month.first)),
            "customer_id": customer_ids.gather(who),
            "state": pl.Series(np.array(STATES)[state]),
            "main_bank_here": state == MAIN_HERE,
            "main_bank_elsewhere": state == ELSEWHERE,
            "switched_on": switched_on,
            "switch_progress": relation.progress(bank.month.index)[who],
            "income_here": bank.ties.income_here[who] & (state != DORMANT),
            "income_month": np.round(bank.monthly_income[who], 2),
            "wealth_total": np.round((here + relation.elsewhere)[who], 2),
            "deposits_elsewhere": np.round(relation.elsewhere[who], 2),
            "loans_elsewhere": np.round((relation.mortgage_elsewhere + relation.loan_elsewhere)[who], 2),
            "card_spend_elsewhere_12m": np.round(spend_elsewhere_12m(bank)[who], 2),
            "wallet_elsewhere_12m": wallet,
            "heaviness": people.heaviness[who],
            LEAK_CANARY: wallet,
        }
    )


def customer_truth(bank: Bank, customer_ids: pl.Series) -> pl.DataFrame:
    """Write down traits, ties at the end, and the true effect of an offer on each customer (6.3)."""
    people, ties, relation = bank.people, bank.ties, bank.relation
    traits = pl.DataFrame(
        {
            "customer_id": customer_ids,
            "hidden_group": people.group,
            "digital": people.digital,
            "price_sensitivity": people.price_sensitivity,
            "heaviness": people.heaviness,
            "risk": people.risk,
            "wealth_ratio": people.wealth_ratio,
            "demand_share": relation.demand_share,
            "wealth_share": relation.wealth_share,
            "same_name_relative": relation.relative,
            "landlord": relation.landlord,
            "cash_paid": relation.cash_paid,
            "mortgage_only": relation.mortgage_only,
            "employer": pl.Series(people.employer).set(pl.Series(people.occupation != WORKER), None),
        }
    )
    habits = ("feeder", "sweeps", "linked", "other_card", "fund_app", "other_savings", "other_loan")
    tied = pl.DataFrame({name: getattr(ties, name) for name in habits})
    return pl.concat([traits, tied, _offers(bank)], how="horizontal")


def _offers(bank: Bank) -> pl.DataFrame:
    """The true effect of an offer: only customers of other banks can be won, and some are put off by it."""
    p, wallet = bank.parameters.acts, wallet_elsewhere_12m(bank)
    manager = offer_chance(bank, AIMS[0], "adviser")
    return pl.DataFrame(
        {
            "conversion_untreated": np.where(bank.ties.state == ELSEWHERE, p.untreated, 0.0),
            "uplift_message": offer_chance(bank, AIMS[0], "mobile"),
            "uplift_manager": manager,
            "sleeping_dog": bank.traits.put_off,
            "gain_if_moved_12m": np.round(0.4 * wallet, 2),
            LEAK_CANARY: manager,
        }
    )


def life_truth(bank: Bank, customer_ids: pl.Series) -> pl.DataFrame:
    """List the life events: month, customer, event."""
    log = bank.life
    starts = np.array([month.first for month in bank.months])
    who = np.concatenate([np.empty(0, dtype=np.int64), *log.customer])
    month = np.concatenate([np.empty(0, dtype=np.int64), *log.month])
    events = [name for name, customers in zip(log.event, log.customer, strict=True) for _ in range(len(customers))]
    return pl.DataFrame(
        {
            "month": dates(starts[month]),
            "customer_id": customer_ids.gather(who),
            "event": pl.Series(events, dtype=pl.String),
        }
    )


def contribution_truth(bank: Bank, customer_ids: pl.Series, contribution: FloatArray) -> pl.DataFrame:
    """Write down what each customer brought in the month, by the bank's own books."""
    who = np.flatnonzero((bank.people.joined <= bank.month.last) & (bank.people.left >= bank.month.first))
    month = dates(np.full(len(who), bank.month.first))
    return pl.DataFrame(
        {"month": month, "customer_id": customer_ids.gather(who), "contribution": np.round(contribution[who], 2)}
    )
