"""How much each learner counts: weights found on customers whom none of them had seen."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, minimize

from segment.value.scale import from_scale

Array = NDArray[np.float64]

NEGLIGIBLE = 0.02


def blend_weights(z: Array, target: Array, scale: float, mostly_nothing: bool = False) -> Array:
    """Find the weights, at least 0 and adding up to 1, whose blend errs least in money and on the asinh scale.

    Absolute errors on both, each relative to that of equal weights: money alone listens to the few largest
    customers, the asinh scale alone to the many small ones. Where most amounts are zero, absolute errors would
    reward whoever says zero of everyone; squared errors on the asinh scale, which hardly bends there, do not.

    Parameters
    ----------
    z : ndarray of shape (n, learners)
        Out-of-fold predictions on the asinh scale.
    target : ndarray of shape (n,)
        True values on the asinh scale.
    scale : float
        Of `money_scale`.
    mostly_nothing : bool, default False
        Whether most amounts are zero.

    Returns
    -------
    ndarray of shape (learners,)

    Examples
    --------
    >>> import numpy as np
    >>> truth = np.linspace(-1, 1, 50)
    >>> blend_weights(np.column_stack([truth, -truth]), truth, scale=1.0).round(3).tolist()
    [1.0, 0.0]
    """
    money = from_scale(target, scale)
    start = np.full(z.shape[1], 1.0 / z.shape[1])

    def errors(weights: Array) -> Array:
        blended = z @ weights
        if mostly_nothing:
            return np.array([np.square(blended - target).mean()])
        in_money = np.abs(from_scale(blended, scale) - money).mean()
        return np.array([in_money, np.abs(blended - target).mean()])

    reference = errors(start)
    if not reference.all():
        return start

    def regret(weights: Array) -> float:
        return float((errors(weights) / reference).sum())

    on_simplex = LinearConstraint(np.ones(len(start)), 1.0, 1.0)
    found = minimize(regret, start, bounds=Bounds(0.0, 1.0), constraints=[on_simplex], method="SLSQP")
    weights = np.clip(found.x, 0.0, None)
    return np.asarray(weights / weights.sum(), dtype=np.float64)
