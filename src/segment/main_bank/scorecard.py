"""The expert scorecard: signals become terms, terms times weights are log-odds of a main bank elsewhere."""

# `logit p = intercept + sum(weight * term)`. A term is its signal, or 0 where the signal is not known, but for the ones
# listed under `terms`, which say how and why they part from the plain sum.

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from segment.arrays import Floats
from segment.policy.decisions import MainBankWeights

SIGNALS: Final[tuple[str, ...]] = tuple(
    name for name in MainBankWeights.model_fields if name not in {"intercept", "no_salary"}
)
COLUMNS: Final[tuple[str, ...]] = tuple(f"signal_{name}" for name in SIGNALS)
TERMS: Final[tuple[str, ...]] = (*SIGNALS, "no_salary")

# What a customer without any relation to speak of does not show. Money that stays, a single product, and spending
# that is missing need no act.
_ACTS: Final[tuple[str, ...]] = tuple(
    name for name in SIGNALS if name not in {"retained_after_10_days", "single_product", "spend_gap"}
)


class SignalReading(NamedTuple):
    """How signals are read before they are weighted: expert figures, [K] as DOMAIN.md marks them."""

    # Sum of the signals that need an act from which absence of others means something. A regular customer of any kind
    # reaches several times this.
    alive_from: float = 0.25
    # Share of large inflows moved to an own account elsewhere up to which that is saving: the income stays here
    saving_up_to: float = 0.30
    forwarded_from: float = 0.60  # Share from which the income merely passes through
    no_salary_below: float = 1 / 3  # Share of the months with a salary that stays, from which there is one


def known_share(signals: Floats) -> Floats:
    """Share of the signals that are known for each customer."""
    # `signals` (n, len(SIGNALS): NaN where unknown.
    # Returns array of shape (n,).
    return np.asarray(np.mean(~np.isnan(signals), axis=1), dtype=np.float64)


def signs_of_life(signals: Floats, alive_from: float) -> Floats:
    """How much a customer does here at all: 0 for a sleeping account, 1 from `alive_from` on."""
    # `signals` (n, len(SIGNALS): NaN where unknown.
    # Returns array of shape (n,).
    acts = np.nan_to_num(signals[:, [SIGNALS.index(name) for name in _ACTS]], nan=0.0)
    return np.asarray(np.clip(acts.sum(axis=1) / alive_from, 0.0, 1.0), dtype=np.float64)


def terms(signals: Floats, reading: SignalReading) -> Floats:
    """Turn signals into the scorecard's terms."""
    # `signals` (n, len(SIGNALS): In [0, 1]; NaN where unknown.
    # Returns array of shape (n, len(TERMS)): Never NaN.
    # Where this parts from the plain sum of DOMAIN.md 2.3:
    # - `salary_months` and `inflow_share` count only for the part that stays: all of it up to `saving_up_to` of
    # `sweep_share`, nothing from `forwarded_from` on, linear between. A salary paid here by the employer's choice and
    # forwarded at once would otherwise speak for this bank with its full weight (-2.2 - 1.5) against +1.8 for the
    # sweep, while a customer who saves a third of the salary elsewhere is paid here all the same. - `other_bank_card`
    # and `other_bank_loan` count only as far as no income stays here, `signal * (1 - max(salary, inflow))` of what
    # stays: a card or a loan that is paid out of an income kept here is a bill like others, and a common habit of
    # people whose main bank this is. It remains a proven link. - `no_salary` asks for working age; age is never a
    # feature here. It holds instead for who receives no benefit and whose salary that stays is below two months in six,
    # falling linearly from none to two (`no_salary_below`): one odd credit, or a salary of which next to nothing stays,
    # is not a main bank.
    filled = np.nan_to_num(signals, nan=0.0)
    column = {name: filled[:, position] for position, name in enumerate(SIGNALS)}
    passing = (column["sweep_share"] - reading.saving_up_to) / (reading.forwarded_from - reading.saving_up_to)
    staying = 1.0 - np.clip(passing, 0.0, 1.0)
    column["salary_months"] = column["salary_months"] * staying
    column["inflow_share"] = column["inflow_share"] * staying
    no_income = 1.0 - np.maximum(column["salary_months"], column["inflow_share"])
    column["other_bank_card"] = column["other_bank_card"] * no_income
    column["other_bank_loan"] = column["other_bank_loan"] * no_income
    column["no_salary"] = _no_salary(
        signals, column["salary_months"] * (1.0 / reading.no_salary_below), column["benefits"]
    )
    return np.column_stack([column[name] for name in TERMS])


def _no_salary(signals: Floats, salary_kept: Floats, benefits: Floats) -> Floats:
    """1 where no salary, pension or benefit stays here, 0 where enough of one does or it is not known."""
    # `salary_kept` (n,): 1 where enough does.
    absent = np.clip(1.0 - salary_kept, 0.0, 1.0) * (1.0 - benefits)
    return np.where(np.isnan(signals[:, SIGNALS.index("salary_months")]), 0.0, absent)


def trust(signals: Floats, least_known: float, alive_from: float) -> Floats:
    """How far the answer may be trusted: 1 where enough signals are known of a customer who shows signs of life."""
    # `signals` (n, len(SIGNALS): NaN where unknown.
    # Returns array of shape (n,).
    # That nothing happens on a sleeping account tells nothing about where the main bank is, so that the signals which
    # are known to be 0 there are not taken for evidence. This goes beyond DOMAIN.md 2.3, which shrinks for unknown
    # signals only.
    share = known_share(signals)
    enough = np.ones_like(share) if least_known == 0 else np.minimum(1.0, share / least_known)
    return enough * signs_of_life(signals, alive_from)


def shrink(probability: Floats, trusted: Floats, base_rate: float) -> Floats:
    """Pull the answer towards the base rate as far as it is not trusted."""
    # `probability`, `trusted` (n,). Returns array of shape (n,).
    return base_rate + trusted * (probability - base_rate)
