"""What the scorecard's terms say of a customer, as codes; the catalogues (`reasons.po`) have their sentences."""

# A reason is only given where its sentence is true of the customer: each has a value of its signal from which it may be
# said. Sentences speak of kinds of events, never of amounts, days or the name of the other bank.

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from segment.arrays import Flags, Floats
from segment.main_bank.scorecard import SIGNALS, TERMS

Side = Literal["elsewhere", "here"]


class TermReason(NamedTuple):
    """One thing that can be said of a customer."""

    code: str  # Stable name, for published tiers
    side: Side  # What it speaks for
    said_from: float  # Value of the signal from which the sentence is true


REASONS: Final[dict[str, TermReason]] = {
    "salary_months": TermReason("SALARY_HERE", "here", 0.67),
    "inflow_share": TermReason("INCOME_HERE", "here", 0.5),
    "bills": TermReason("BILLS_HERE", "here", 0.5),
    "spend_weeks": TermReason("SPENDS_HERE", "here", 0.5),
    "retained_after_10_days": TermReason("MONEY_STAYS", "here", 0.5),
    "logins": TermReason("LOGS_IN_OFTEN", "here", 0.5),
    "benefits": TermReason("BENEFITS_HERE", "here", 0.5),
    "own_in_share": TermReason("FED_FROM_OTHER_BANK", "elsewhere", 0.2),
    "sweep_share": TermReason("SWEPT_AWAY", "elsewhere", 0.5),
    "just_in_time_loan": TermReason("LOAN_FED_JUST_IN_TIME", "elsewhere", 0.5),
    "other_bank_card": TermReason("OTHER_BANK_CARD", "elsewhere", 0.3),
    "other_bank_loan": TermReason("OTHER_BANK_LOAN", "elsewhere", 0.5),
    "drain": TermReason("MATURED_MONEY_LEAVES", "elsewhere", 0.3),
    "single_product": TermReason("SINGLE_PRODUCT", "elsewhere", 1.0),
    "spend_gap": TermReason("SPENDS_LITTLE", "elsewhere", 0.5),
    "securities_out": TermReason("INVESTS_ELSEWHERE", "elsewhere", 0.1),
    "no_salary": TermReason("NO_SALARY_HERE", "elsewhere", 0.0),
}
# `no_salary` where one does arrive: it is forwarded, or came once.
FORWARDED: Final = TermReason("SALARY_MOVES_ON", "elsewhere", 0.5)
SELDOM: Final = TermReason("SALARY_SELDOM", "elsewhere", 0.0)


@dataclass(frozen=True)
class Explanation:
    """Why customers got their probability.

    Attributes
    ----------
    names : tuple of str
        The terms, one per column of `contributions`.
    contributions : array of shape (n, len(names))
        Log-odds that each term adds; with the intercept they sum to the logit before shrinking.
    codes : list of tuple of str
        Per customer, most important first.
    """

    names: tuple[str, ...]
    contributions: Floats
    codes: list[tuple[str, ...]]


def explain(
    signals: Floats,
    contributions: Floats,
    trusted: Floats,
    *,
    most: int,
    least: float,
    side: Side | None,
) -> Explanation:
    """Rank what may be said of each customer by how much it moved the log-odds."""
    # `signals` (n, len(SIGNALS).
    # `contributions` (n, len(TERMS): Weights times the scorecard's terms.
    # `trusted` (n,): How far the answer is trusted; reasons weigh as much less.
    weight = contributions * trusted[:, None]
    sayable = _sayable(signals, weight, least, side)
    strength = np.where(sayable, np.abs(weight), 0.0)
    order = np.argsort(-strength, axis=1, kind="stable")[:, :most]
    codes = _codes(signals)
    chosen = np.take_along_axis(codes, order, axis=1)
    counts = np.minimum(sayable.sum(axis=1), most)
    listed = [tuple(row[:count]) for row, count in zip(chosen.tolist(), counts.tolist(), strict=True)]
    return Explanation(TERMS, contributions, listed)


def _sayable(signals: Floats, weight: Floats, least: float, side: Side | None) -> Flags:
    """Where a reason is true, weighs enough, and speaks for the side that its sentence speaks for."""
    reasons = [REASONS[name] for name in TERMS]
    # `no_salary` is no signal: whatever of it weighs is true
    seen = np.column_stack([np.nan_to_num(signals, nan=0.0), np.ones(len(signals))])
    true = seen >= np.array([reason.said_from for reason in reasons])
    sign = np.array([1.0 if reason.side == "elsewhere" else -1.0 for reason in reasons])
    wanted = np.array([side is None or reason.side == side for reason in reasons])
    return np.asarray(true & (weight * sign >= max(least, 1e-9)) & wanted, dtype=np.bool_)


def _codes(signals: Floats) -> NDArray[np.object_]:
    """Code of each term for each customer: `no_salary` reads differently where a salary does arrive."""
    codes = np.empty((len(signals), len(TERMS)), dtype=object)
    codes[:] = [REASONS[name].code for name in TERMS]
    salary, sweep = (signals[:, SIGNALS.index(name)] for name in ("salary_months", "sweep_share"))
    codes[salary > 0.0, TERMS.index("no_salary")] = SELDOM.code
    codes[(salary > 0.0) & (sweep >= FORWARDED.said_from), TERMS.index("no_salary")] = FORWARDED.code
    return codes
