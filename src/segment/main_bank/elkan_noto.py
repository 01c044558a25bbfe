"""Labels that are all positive: what they say of those who have none.

C. Elkan and K. Noto, Learning Classifiers from Only Positive and Unlabeled Data, KDD 2008. If the labelled are a random
part of the positives, the probability g(x) of having a label is c times that of being positive, with c the share of the
positives that are labelled.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit
from sklearn.model_selection import StratifiedKFold

from segment.main_bank.generic import fit_generic, standardised
from segment.main_bank.scorecard import Floats

FOLDS = 5


class Unlabelled(NamedTuple):
    """What positive-only labels say.

    Attributes
    ----------
    label_share : float
        c: share of the positives that are labelled; the mean of g over labelled rows that g was not fitted on.
    positive : array of shape (n,)
        Weight of each row as a positive: 1 for the labelled, `(1 - c) / c * g / (1 - g)` for the others, at most 1
        (section 3 of the paper, eq. 2). One less it is its weight as a negative.
    corrected : array of shape (n,)
        `min(1, g / c)`, the probability of being positive (Lemma 1).
    """

    label_share: float
    positive: Floats
    corrected: Floats


def elkan_noto(values: Floats, labelled: NDArray[np.bool_], weight: Floats | None = None) -> Unlabelled:
    """Weigh unlabelled rows by how probably they are positive.

    Parameters
    ----------
    values : array of shape (n, m)
        Without NaN.
    labelled : array of bool, shape (n,)
        At least `FOLDS` of each kind.
    weight : array of shape (n,), optional
        Of the rows.

    Returns
    -------
    Unlabelled

    Notes
    -----
    That the labelled are a random part of the positives cannot be seen in the data alone. Where it is wrong, such as
    when advisers note the obvious cases, c comes out too high and too few are taken for positives.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> positive = np.arange(4000) < 1000
    >>> values = np.where(positive, 2.0, -2.0)[:, None] + rng.normal(size=(4000, 1))
    >>> found = elkan_noto(values, positive & (rng.random(4000) < 0.4))
    >>> round(float(found.positive.mean()), 2)  # a quarter is positive, a tenth labelled
    0.24
    """
    weight = np.ones(len(values)) if weight is None else weight
    chance = np.empty(len(values))
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=0)
    for rest, held_out in folds.split(values, labelled):
        scale, found = fit_generic(values[rest], labelled[rest].astype(np.float64), weight[rest])
        chance[held_out] = expit(standardised(values[held_out], scale) @ found[1:] + found[0])
    share = float(np.average(chance[labelled], weights=weight[labelled]))
    chance = np.minimum(chance, 1.0 - 1e-9)
    odds = np.minimum((1.0 - share) / share * chance / (1.0 - chance), 1.0)
    return Unlabelled(share, np.where(labelled, 1.0, odds), np.minimum(chance / share, 1.0))
