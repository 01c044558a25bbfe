"""Labels that are all positive: what they say of those who have none."""

# C. Elkan and K. Noto, Learning Classifiers from Only Positive and Unlabeled Data, KDD 2008. If the labelled are a
# random part of the positives, the probability g(x) of having a label is c times that of being positive, with c the
# share of the positives that are labelled.

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from scipy.special import expit

from segment.arrays import Flags, Floats
from segment.main_bank.held_out_rows import FOLDS, folds_of
from segment.main_bank.map_logistic import fit_generic, standardised


class PriorShare(NamedTuple):
    """The share of the positives that are labelled, before labels say."""

    share: float
    labels: float  # That it weighs as much as


NO_PRIOR: Final = PriorShare(0.0, 0.0)


class PositiveWeights(NamedTuple):
    """What positive-only labels say."""

    # c: share of the positives that are labelled; the mean of g over labelled rows that g was not fitted on
    label_share: float
    # (n,): weight of each row as a positive: 1 for the labelled, `(1 - c) / c * g / (1 - g)` for the others, at most
    # 1 (section 3 of the paper, eq. 2). One less it is its weight as a negative.
    positive: Floats


def elkan_noto(
    values: Floats, labelled: Flags, weight: Floats | None = None, prior: PriorShare = NO_PRIOR
) -> PositiveWeights:
    """Weigh unlabelled rows by how probably they are positive."""
    # `values` (n, m): Without NaN.
    # `labelled` (n,): Some, and some that are not.
    # `weight` (n,): Of the rows.
    # That the labelled are a random part of the positives cannot be seen in the data alone. Where it is wrong, such as
    # when advisers note the obvious cases, c comes out too high and too few are taken for positives.
    weight = np.ones(len(values)) if weight is None else weight
    chance = np.empty(len(values))
    folds = folds_of(values)
    for fold in range(FOLDS):
        rest, held_out = folds != fold, folds == fold
        scale, coefficients = fit_generic(values[rest], labelled[rest].astype(np.float64), weight[rest])
        chance[held_out] = expit(standardised(values[held_out], scale) @ coefficients[1:] + coefficients[0])
    labels = float(weight[labelled].sum())
    found = float(np.sum(chance[labelled] * weight[labelled]))
    share = (found + prior.share * prior.labels) / (labels + prior.labels)
    chance = np.minimum(chance, 1.0 - 1e-9)
    odds = np.minimum((1.0 - share) / share * chance / (1.0 - chance), 1.0)
    return PositiveWeights(share, np.where(labelled, 1.0, odds))
