"""Labels that are all positive: what they say of those who have none."""

# C. Elkan and K. Noto, Learning Classifiers from Only Positive and Unlabeled Data, KDD 2008. If the labelled are a
# random part of the positives, the probability g(x) of having a label is c times that of being positive, with c the
# share of the positives that are labelled.

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.special import expit
from sklearn.model_selection import StratifiedKFold

from segment.arrays import Flags, Floats
from segment.main_bank.map_logistic import fit_generic, standardised

FOLDS = 5


class PositiveWeights(NamedTuple):
    """What positive-only labels say."""

    # c: share of the positives that are labelled; the mean of g over labelled rows that g was not fitted on
    label_share: float
    # (n,): weight of each row as a positive: 1 for the labelled, `(1 - c) / c * g / (1 - g)` for the others, at most
    # 1 (section 3 of the paper, eq. 2). One less it is its weight as a negative.
    positive: Floats


def elkan_noto(values: Floats, labelled: Flags, weight: Floats | None = None) -> PositiveWeights:
    """Weigh unlabelled rows by how probably they are positive."""
    # `values` (n, m): Without NaN.
    # `labelled` (n,): At least `FOLDS` of each kind.
    # `weight` (n,): Of the rows.
    # That the labelled are a random part of the positives cannot be seen in the data alone. Where it is wrong, such as
    # when advisers note the obvious cases, c comes out too high and too few are taken for positives.
    weight = np.ones(len(values)) if weight is None else weight
    chance = np.empty(len(values))
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=0)
    for rest, held_out in folds.split(values, labelled):
        scale, coefficients = fit_generic(values[rest], labelled[rest].astype(np.float64), weight[rest])
        chance[held_out] = expit(standardised(values[held_out], scale) @ coefficients[1:] + coefficients[0])
    share = float(np.average(chance[labelled], weights=weight[labelled]))
    chance = np.minimum(chance, 1.0 - 1e-9)
    odds = np.minimum((1.0 - share) / share * chance / (1.0 - chance), 1.0)
    return PositiveWeights(share, np.where(labelled, 1.0, odds))
