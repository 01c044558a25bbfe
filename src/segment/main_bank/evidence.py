"""What proves a bank elsewhere, and the four answers that may be given.

Absence of a salary alone proves nothing (a pensioner, a student, a cash worker, a sleeping account), so
`main_elsewhere` is only ever said where money was seen going to or coming from another bank.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from segment.main_bank.scorecard import SIGNALS, Floats

STATES: Final[tuple[str, ...]] = ("main_here", "main_elsewhere", "split", "unknown")


def links(signals: Floats, thresholds: Mapping[str, float], names: Sequence[str] = SIGNALS) -> NDArray[np.bool_]:
    """Which links to another bank are proven.

    Parameters
    ----------
    signals : array of shape (n, len(SIGNALS))
        NaN where unknown: not proven.
    thresholds : mapping of signal to float
        Smallest value that proves; a signal at 0 never does. Those of other signals are left alone.
    names : sequence of str
        The signals in the columns.

    Returns
    -------
    array of bool, shape (n, thresholds of these signals)

    Examples
    --------
    >>> import numpy as np
    >>> sweeps = np.full((2, len(SIGNALS)), np.nan)
    >>> sweeps[:, SIGNALS.index("sweep_share")] = 0.29, 0.30
    >>> links(sweeps, {"sweep_share": 0.3}).tolist()
    [[False], [True]]
    """
    asked = [name for name in thresholds if name in names]
    values = signals[:, [names.index(name) for name in asked]]
    least = np.array([thresholds[name] for name in asked], dtype=np.float64)
    return np.asarray((values >= least) & (values > 0.0), dtype=np.bool_)


def states(
    signals: Floats,
    probability: Floats,
    linked: NDArray[np.bool_],
    enough: NDArray[np.bool_],
    *,
    elsewhere_from: float,
    here_up_to: float,
    here_salary_months_from: float,
    here_inflow_share_from: float,
) -> NDArray[np.str_]:
    """Say `main_here`, `main_elsewhere`, `split` or `unknown` for each customer.

    Parameters
    ----------
    signals : array of shape (n, len(SIGNALS))
    probability : array of shape (n,)
        That the main bank is elsewhere.
    linked : array of bool, shape (n,)
        At least one proven link to another bank.
    enough : array of bool, shape (n,)
        Enough signals are known, and the customer shows signs of life.
    elsewhere_from, here_up_to, here_salary_months_from, here_inflow_share_from : float
        Borders, all inclusive.

    Returns
    -------
    array of str, shape (n,)
        `split`: a link is proven, but neither side has it all. `unknown`: nothing proves either side.

    References
    ----------
    DOMAIN.md 2.3, the four states.

    Examples
    --------
    >>> import numpy as np
    >>> borders = {"elsewhere_from": 0.6, "here_up_to": 0.25}
    >>> borders |= {"here_salary_months_from": 0.67, "here_inflow_share_from": 0.6}
    >>> nothing = np.full((2, len(SIGNALS)), np.nan)
    >>> yes, linked = np.array([True, True]), np.array([True, False])
    >>> states(nothing, np.array([0.6, 0.6]), linked, yes, **borders).tolist()
    ['main_elsewhere', 'unknown']
    """
    income_here = (signals[:, SIGNALS.index("salary_months")] >= here_salary_months_from) | (
        signals[:, SIGNALS.index("inflow_share")] >= here_inflow_share_from
    )
    here = enough & (probability <= here_up_to) & income_here
    elsewhere = enough & (probability >= elsewhere_from) & linked
    return np.select([here, elsewhere, enough & linked], STATES[:3], default=STATES[3])
