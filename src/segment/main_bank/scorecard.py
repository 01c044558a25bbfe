"""The expert scorecard: signals become terms, terms times weights are log-odds of a main bank elsewhere.

`logit p = intercept + sum(weight * term)`. A term is its signal, or 0 where the signal is not known, but for the ones
listed under `terms`, which say how and why they part from the plain sum.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from segment.policy.decisions import MainBankWeights

Floats = NDArray[np.float64]

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


class Reading(NamedTuple):
    """How signals are read before they are weighted: expert figures, [K] as DOMAIN.md marks them.

    Attributes
    ----------
    alive_from : float
        Sum of the signals that need an act from which absence of others means something. A regular customer of any
        kind reaches several times this.
    saving_up_to : float
        Share of large inflows moved to an own account elsewhere up to which that is saving: the income stays here.
    forwarded_from : float
        Share from which the income merely passes through.
    """

    alive_from: float = 0.25
    saving_up_to: float = 0.30
    forwarded_from: float = 0.60


def known_share(signals: Floats) -> Floats:
    """Share of the signals that are known for each customer.

    Parameters
    ----------
    signals : array of shape (n, len(SIGNALS))
        NaN where unknown.

    Returns
    -------
    array of shape (n,)

    Examples
    --------
    >>> import numpy as np
    >>> float(known_share(np.full((1, len(SIGNALS)), np.nan))[0])
    0.0
    """
    return np.asarray(np.mean(~np.isnan(signals), axis=1), dtype=np.float64)


def signs_of_life(signals: Floats, alive_from: float) -> Floats:
    """How much a customer does here at all: 0 for a sleeping account, 1 from `alive_from` on.

    Parameters
    ----------
    signals : array of shape (n, len(SIGNALS))
        NaN where unknown.
    alive_from : float
        Sum of the signals that need an act from which absence of others means something. A regular customer of any
        kind reaches several times this.

    Returns
    -------
    array of shape (n,)

    Examples
    --------
    >>> import numpy as np
    >>> one_login_a_month = np.zeros((1, len(SIGNALS)))
    >>> one_login_a_month[0, SIGNALS.index("logins")] = 0.125
    >>> float(signs_of_life(one_login_a_month, alive_from=0.25)[0])
    0.5
    """
    acts = np.nan_to_num(signals[:, [SIGNALS.index(name) for name in _ACTS]], nan=0.0)
    return np.asarray(np.clip(acts.sum(axis=1) / alive_from, 0.0, 1.0), dtype=np.float64)


def terms(signals: Floats, reading: Reading) -> Floats:
    """Turn signals into the scorecard's terms.

    Parameters
    ----------
    signals : array of shape (n, len(SIGNALS))
        In [0, 1]; NaN where unknown.
    reading : Reading

    Returns
    -------
    array of shape (n, len(TERMS))
        Never NaN.

    Notes
    -----
    Where this parts from the plain sum of DOMAIN.md 2.3:

    - `salary_months` and `inflow_share` count only for the part that stays: all of it up to `saving_up_to` of
      `sweep_share`, nothing from `forwarded_from` on, linear between. A salary paid here by the employer's choice and
      forwarded at once would otherwise speak for this bank with its full weight (-2.2 - 1.5) against +1.8 for the
      sweep, while a customer who saves a third of the salary elsewhere is paid here all the same.
    - `other_bank_card` and `other_bank_loan` count only as far as no income stays here, `signal * (1 - max(salary,
      inflow))` of what stays: a card or a loan that is paid out of an income kept here is a bill like others, and a
      common habit of people whose main bank this is. It remains a proven link.
    - `no_salary` asks for working age; age is never a feature here. It holds instead for who receives no benefit and
      whose salary that stays is below two months in six, falling linearly from none to two: one odd credit, or a
      salary of which next to nothing stays, is not a main bank.

    Examples
    --------
    >>> import numpy as np
    >>> forwarded = np.full((1, len(SIGNALS)), np.nan)
    >>> forwarded[0, [SIGNALS.index("salary_months"), SIGNALS.index("sweep_share")]] = 1.0, 0.45
    >>> round(float(terms(forwarded, Reading())[0, TERMS.index("salary_months")]), 3)
    0.5
    """
    known = np.nan_to_num(signals, nan=0.0)
    column = {name: known[:, position] for position, name in enumerate(SIGNALS)}
    passing = (column["sweep_share"] - reading.saving_up_to) / (reading.forwarded_from - reading.saving_up_to)
    kept = 1.0 - np.clip(passing, 0.0, 1.0)
    column["salary_months"] = column["salary_months"] * kept
    column["inflow_share"] = column["inflow_share"] * kept
    no_income = 1.0 - np.maximum(column["salary_months"], column["inflow_share"])
    column["other_bank_card"] = column["other_bank_card"] * no_income
    column["other_bank_loan"] = column["other_bank_loan"] * no_income
    column["no_salary"] = _no_salary(signals, column["salary_months"], column["benefits"])
    return np.column_stack([column[name] for name in TERMS])


def _no_salary(signals: Floats, salary_kept: Floats, benefits: Floats) -> Floats:
    """1 where no salary, pension or benefit stays here, 0 from two months in six on or where it is not known."""
    absent = np.clip(1.0 - 3.0 * salary_kept, 0.0, 1.0) * (1.0 - benefits)
    return np.where(np.isnan(signals[:, SIGNALS.index("salary_months")]), 0.0, absent)


def trust(signals: Floats, least_known: float, alive_from: float) -> Floats:
    """How far the answer may be trusted: 1 where enough signals are known of a customer who shows signs of life.

    Parameters
    ----------
    signals : array of shape (n, len(SIGNALS))
        NaN where unknown.
    least_known : float
        Share of signals known from which the answer stands as it is.
    alive_from : float
        See `signs_of_life`.

    Returns
    -------
    array of shape (n,)

    Notes
    -----
    That nothing happens on a sleeping account tells nothing about where the main bank is, so that the signals which
    are known to be 0 there are not taken for evidence. This goes beyond DOMAIN.md 2.3, which shrinks for unknown
    signals only.

    Examples
    --------
    >>> import numpy as np
    >>> half_asleep = np.zeros((1, len(SIGNALS)))
    >>> half_asleep[0, SIGNALS.index("logins")] = 0.125
    >>> float(trust(half_asleep, least_known=0.5, alive_from=0.25)[0])
    0.5
    """
    known = known_share(signals)
    enough = np.ones_like(known) if least_known == 0 else np.minimum(1.0, known / least_known)
    return enough * signs_of_life(signals, alive_from)


def shrink(probability: Floats, trusted: Floats, base_rate: float) -> Floats:
    """Pull the answer towards the base rate as far as it is not trusted.

    Parameters
    ----------
    probability, trusted : array of shape (n,)
    base_rate : float
        Answer when nothing is known.

    Returns
    -------
    array of shape (n,)

    Examples
    --------
    >>> import numpy as np
    >>> shrink(np.array([0.9]), np.array([0.5]), base_rate=0.35).round(3)
    array([0.625])
    """
    return base_rate + trusted * (probability - base_rate)
