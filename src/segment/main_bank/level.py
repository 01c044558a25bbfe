"""Where the scorecard's zero lies at this bank.

An expert's weights say how signals compare. How high they run at a given bank depends on how it records things: where
everyone logs in daily, logins pull every customer towards "here" and a sleeping account, of which nothing is known,
ranks above customers whose main bank is plainly elsewhere. The base rate settles it: that share of customers should
come out above it.
"""

from __future__ import annotations

import numpy as np
from scipy.special import logit

from segment.main_bank.scorecard import Floats


def level_shift(log_odds: Floats, base_rate: float, bound: float, least_customers: int) -> float:
    """Find what to add to the intercept so that a share `base_rate` of customers lies above `base_rate`.

    The order of customers does not change; only where those of whom nothing is known stand among them.

    Parameters
    ----------
    log_odds : array of shape (n,)
        Of customers of whom enough is known.
    base_rate : float
        Share of customers whose main bank is elsewhere, before anything is known.
    bound : float
        Largest shift either way: the expert's intercept is trusted that far.
    least_customers : int
        Below so many the intercept stays.

    Returns
    -------
    float

    Examples
    --------
    >>> import numpy as np
    >>> level_shift(np.array([-3.0, -2.0, -0.5, -0.5, 1.0]), 0.5, bound=1.0, least_customers=5)
    0.5
    >>> level_shift(np.array([-3.0, -2.0]), 0.5, bound=1.0, least_customers=5)
    0.0
    """
    if len(log_odds) < least_customers or not 0.0 < base_rate < 1.0:
        return 0.0
    shift = float(logit(base_rate)) - float(np.quantile(log_odds, 1.0 - base_rate))
    return float(np.clip(shift, -bound, bound))
