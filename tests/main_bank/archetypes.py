"""People as a bank sees them, in signals: each with the answer that a sensible banker would give.

Unknown is where no event allows a figure: no loan, nothing matured, too little money arriving for a share of it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import polars as pl

from segment.main_bank.scorecard import COLUMNS, SIGNALS


class Archetype(NamedTuple):
    """One kind of person.

    Attributes
    ----------
    rank : int
        0: surely here, 1: probably here, 2: nobody can say, 3: elsewhere without proof, 4: elsewhere, proven.
    """

    name: str
    rank: int
    state: str
    signals: dict[str, float]


SLEEPING = {
    "salary_months": 0.0,
    "inflow_share": 0.0,
    "bills": 0.0,
    "spend_weeks": 0.0,
    "logins": 0.0,
    "benefits": 0.0,
    "other_bank_card": 0.0,
    "other_bank_loan": 0.0,
    "single_product": 1.0,
}
PRESENT = SLEEPING | {"own_in_share": 0.0, "sweep_share": 0.0, "single_product": 0.0}


def _present(**signals: float) -> dict[str, float]:
    return PRESENT | signals


ARCHETYPES: tuple[Archetype, ...] = (
    Archetype(
        "salaried, all here",
        0,
        "main_here",
        _present(
            salary_months=1,
            inflow_share=1,
            bills=1,
            spend_weeks=1,
            retained_after_10_days=0.5,
            logins=0.8,
            sweep_share=0.05,
        ),
    ),
    Archetype(
        "salaried, with another bank's card",
        0,
        "main_here",
        _present(
            salary_months=1,
            inflow_share=1,
            bills=0.5,
            spend_weeks=0.7,
            retained_after_10_days=0.4,
            logins=0.6,
            other_bank_card=1,
        ),
    ),
    Archetype(
        "salaried, saves a third of each salary at another bank",
        0,
        "main_here",
        _present(
            salary_months=1,
            inflow_share=1,
            bills=0.75,
            spend_weeks=0.9,
            retained_after_10_days=0.4,
            logins=0.6,
            sweep_share=0.35,
        ),
    ),
    Archetype(
        "pensioner who draws cash at the counter",
        0,
        "main_here",
        _present(salary_months=1, inflow_share=0.6, bills=0.25, spend_weeks=0.1, retained_after_10_days=0.5),
    ),
    Archetype(
        "pensioner whose pension counts as a benefit only",
        0,
        "main_here",
        _present(benefits=1, inflow_share=0.6, bills=0.5, spend_weeks=0.4, retained_after_10_days=0.6),
    ),
    Archetype(
        "self-employed, busy account, no salary",
        0,
        "main_here",
        _present(inflow_share=1, bills=0.75, spend_weeks=1, retained_after_10_days=0.5, logins=0.8),
    ),
    Archetype(
        "self-employed, with a business account and a card elsewhere",
        0,
        "main_here",
        _present(
            inflow_share=0.8,
            bills=0.75,
            spend_weeks=0.9,
            retained_after_10_days=0.5,
            logins=0.5,
            own_in_share=0.3,
            other_bank_card=1,
        ),
    ),
    Archetype(
        "cash worker, deposits some of it",
        1,
        "unknown",
        _present(inflow_share=0.3, bills=0.5, spend_weeks=0.5, retained_after_10_days=0.5, logins=0.2),
    ),
    Archetype(
        "student on money from home",
        1,
        "unknown",
        _present(inflow_share=0.3, spend_weeks=0.9, retained_after_10_days=0.3, logins=1, single_product=1),
    ),
    Archetype("sleeping account", 2, "unknown", SLEEPING),
    Archetype("sleeping account, two logins in six months", 2, "unknown", SLEEPING | {"logins": 0.04}),
    Archetype(
        "elsewhere, no trace of the other bank",
        3,
        "unknown",
        _present(inflow_share=0.05, spend_weeks=0.2, logins=0.1, retained_after_10_days=0.4, single_product=1),
    ),
    Archetype(
        "feeder account for daily spending",
        4,
        "main_elsewhere",
        _present(
            inflow_share=0.05, spend_weeks=0.5, bills=0.25, logins=0.3, retained_after_10_days=0.3, own_in_share=0.9
        ),
    ),
    Archetype(
        "salary paid here by the employer's choice, forwarded at once",
        4,
        "main_elsewhere",
        _present(
            salary_months=1, inflow_share=1, spend_weeks=0.1, logins=0.1, retained_after_10_days=0.05, sweep_share=0.93
        ),
    ),
    Archetype(
        "mortgage only, fed just in time",
        4,
        "main_elsewhere",
        _present(own_in_share=1, just_in_time_loan=1, single_product=1, retained_after_10_days=0.02),
    ),
    Archetype(
        "second account that pays the other bank's card",
        4,
        "main_elsewhere",
        _present(inflow_share=0.1, own_in_share=0.7, other_bank_card=1, spend_weeks=0.3, retained_after_10_days=0.2),
    ),
    Archetype(
        "term deposits that leave when they mature",
        4,
        "main_elsewhere",
        _present(own_in_share=1, drain=1, single_product=1, retained_after_10_days=1),
    ),
)


def frame(*people: dict[str, float]) -> pl.DataFrame:
    """A snapshot with the given signals; what is not named is unknown."""
    return pl.DataFrame(
        {
            column: [float(person.get(name, np.nan)) for person in people]
            for name, column in zip(SIGNALS, COLUMNS, strict=True)
        }
    )
