"""What the scorecard's terms mean in plain words.

A reason is only given where its sentence is true of the customer: each has a value of its signal from which it may be
said. Sentences speak of kinds of events, never of amounts, days or the name of the other bank.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from segment.main_bank.scorecard import SIGNALS, TERMS, Floats

Side = Literal["elsewhere", "here"]


class Reason(NamedTuple):
    """One thing that can be said of a customer.

    Attributes
    ----------
    code : str
        Stable name, for published tiers.
    side : {"elsewhere", "here"}
        What it speaks for.
    said_from : float
        Value of the signal from which the sentence is true.
    sentence : str
        Plain words.
    """

    code: str
    side: Side
    said_from: float
    sentence: str


REASONS: Final[dict[str, Reason]] = {
    "salary_months": Reason("SALARY_HERE", "here", 0.67, "A salary or pension arrives here in most months"),
    "inflow_share": Reason("INCOME_HERE", "here", 0.5, "Half or more of the expected income arrives here"),
    "bills": Reason("BILLS_HERE", "here", 0.5, "Pays several kinds of bills from here"),
    "spend_weeks": Reason("SPENDS_HERE", "here", 0.5, "Pays from here in most weeks"),
    "retained_after_10_days": Reason("MONEY_STAYS", "here", 0.5, "Most incoming money is still here ten days later"),
    "logins": Reason("LOGS_IN_OFTEN", "here", 0.5, "Uses the bank's app or website every week"),
    "benefits": Reason("BENEFITS_HERE", "here", 0.5, "Benefits or tax refunds arrive here"),
    "own_in_share": Reason("FED_FROM_OTHER_BANK", "elsewhere", 0.2, "Tops up from an own account at another bank"),
    "sweep_share": Reason("SWEPT_AWAY", "elsewhere", 0.5, "Most incoming money moves out within 3 days"),
    "just_in_time_loan": Reason("LOAN_FED_JUST_IN_TIME", "elsewhere", 0.5, "Tops up just before the loan instalment"),
    "other_bank_card": Reason("OTHER_BANK_CARD", "elsewhere", 0.3, "Pays a credit card at another bank"),
    "other_bank_loan": Reason("OTHER_BANK_LOAN", "elsewhere", 0.5, "Pays a loan at another bank each month"),
    "drain": Reason("MATURED_MONEY_LEAVES", "elsewhere", 0.3, "Matured deposits leave for another bank"),
    "single_product": Reason("SINGLE_PRODUCT", "elsewhere", 1.0, "Holds a single kind of product here"),
    "spend_gap": Reason("SPENDS_LITTLE", "elsewhere", 0.5, "Less than half of the usual spending is paid from here"),
    "securities_out": Reason("INVESTS_ELSEWHERE", "elsewhere", 0.1, "Buys investments at other houses"),
    "no_salary": Reason("NO_SALARY_HERE", "elsewhere", 0.0, "No salary or pension arrives here"),
}
# `no_salary` where one does arrive: it is forwarded, or came once.
FORWARDED: Final = Reason("SALARY_MOVES_ON", "elsewhere", 0.5, "The salary arrives here but moves on to another bank")
SELDOM: Final = Reason("SALARY_SELDOM", "elsewhere", 0.0, "A salary or pension seldom arrives here")

SENTENCES: Final[dict[str, str]] = {reason.code: reason.sentence for reason in (*REASONS.values(), FORWARDED, SELDOM)}


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
        Per customer, most important first; `SENTENCES` has the words.
    """

    names: tuple[str, ...]
    contributions: Floats
    codes: list[tuple[str, ...]]

    @property
    def sentences(self) -> list[tuple[str, ...]]:
        """The codes in plain words."""
        return [tuple(SENTENCES[code] for code in codes) for codes in self.codes]


def explain(
    signals: Floats,
    contributions: Floats,
    trusted: Floats,
    *,
    most: int,
    least: float,
    side: Side | None,
) -> Explanation:
    """Rank what may be said of each customer by how much it moved the log-odds.

    Parameters
    ----------
    signals : array of shape (n, len(SIGNALS))
    contributions : array of shape (n, len(TERMS))
        Weights times the scorecard's terms.
    trusted : array of shape (n,)
        How far the answer is trusted; reasons weigh as much less.
    most : int
        Reasons a customer, at most.
    least : float
        Smallest absolute contribution, as far as it is trusted, that counts as a reason.
    side : {"elsewhere", "here"} or None
        Only reasons that speak for this side; None gives both.

    Returns
    -------
    Explanation

    Examples
    --------
    >>> import numpy as np
    >>> signals = np.full((1, len(SIGNALS)), np.nan)
    >>> signals[0, SIGNALS.index("sweep_share")] = 0.9
    >>> contributions = np.nan_to_num(np.column_stack([signals, [0.0]]))
    >>> why = explain(signals, contributions, np.ones(1), most=3, least=0.2, side=None)
    >>> why.sentences
    [('Most incoming money moves out within 3 days',)]
    """
    weight = contributions * trusted[:, None]
    sayable = _sayable(signals, weight, least, side)
    strength = np.where(sayable, np.abs(weight), 0.0)
    order = np.argsort(-strength, axis=1, kind="stable")[:, :most]
    codes = _codes(signals)
    chosen = np.take_along_axis(codes, order, axis=1)
    counts = np.minimum(sayable.sum(axis=1), most)
    listed = [tuple(row[:count]) for row, count in zip(chosen.tolist(), counts.tolist(), strict=True)]
    return Explanation(TERMS, contributions, listed)


def _sayable(signals: Floats, weight: Floats, least: float, side: Side | None) -> NDArray[np.bool_]:
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
