"""Features that stand for an attribute: how well it can be told from what a model reads."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.stats import mannwhitneyu, rankdata
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold, StratifiedGroupKFold

from segment.audit.groups import large_groups
from segment.trees import without_empty_columns

Floats = NDArray[np.float64]

FOLDS, ROUNDS, LEAVES = 3, 20, 8
MOST_ROWS = 20_000
MOST_GROUPS = 12
STRATIFIED_BELOW = 5_000
"""Above, chance alone mixes folds well, and scikit-learn's balanced folds take minutes."""
LOOKED_AT, NAMED = 8, 3
SURPRISING = 0.05


@dataclass(frozen=True)
class Telling:
    """How well one group is told from all others.

    Attributes
    ----------
    attribute, group : str
    customers : int
        Of the group, among those looked at.
    auc : float
        Chance that a customer of the group looks more like it than one of the others does; out of fold.
    p : float
        Chance of such an AUC where the features tell nothing, one-sided (Mann-Whitney).
    features : list of str
        What tells most: without each of them the AUC falls, the first one's absence costing most. Empty where the AUC
        is below the limit and may be chance.
    """

    attribute: str
    group: str
    customers: int
    auc: float
    p: float
    features: list[str]


def proxy_strength(
    features: pl.DataFrame, attributes: pl.DataFrame, households: pl.Series, *, least: int, limit: float, seed: int
) -> list[Telling]:
    """Tell each attribute from the features, by trees that never saw the customer's household.

    Parameters
    ----------
    features : polars.DataFrame, n rows
        Numbers and booleans that a model reads.
    attributes : polars.DataFrame, n rows
        A column of words per attribute; null where it is not known.
    households : polars.Series of str, n rows
        Members stay in one fold: who shares an account shares its figures.
    least : int
        Customers of a group, and customers beside it, so that it is judged.
    limit : float
        AUC from which on features stand for an attribute.
    seed : int
        Of the sample, the folds and the shuffles.

    Returns
    -------
    list of Telling
        A row for each group of enough customers; of an attribute with two of them, for the first alone, since the
        other is told as well. Of more than 20,000 customers as many are drawn; an attribute of more than twelve groups
        is looked at by its twelve largest.
    """
    found: list[Telling] = []
    values = features.cast(pl.Float64).to_numpy()
    names = features.columns
    for attribute in attributes.columns:
        rows, groups = _rows(attributes[attribute], least, seed)
        if len(groups) < 2:
            continue
        answer = np.asarray([groups.index(word) for word in attributes[attribute].gather(rows)], dtype=np.intp)
        found += _told(attribute, groups, values[rows], answer, households.gather(rows), names, limit, seed)
    return found


def _rows(attribute: pl.Series, least: int, seed: int) -> tuple[NDArray[np.intp], list[str]]:
    sizes = dict(attribute.drop_nulls().value_counts(name="n").iter_rows())
    groups = sorted(large_groups(attribute, least), key=lambda word: (-sizes[word], word))[:MOST_GROUPS]
    rows = np.flatnonzero(attribute.is_in(groups).fill_null(False).to_numpy())
    if len(rows) > MOST_ROWS:
        rows = np.sort(np.random.default_rng(seed).choice(rows, MOST_ROWS, replace=False))
        kept = attribute.gather(rows)
        groups = [word for word in groups if (kept == word).sum() >= least]
        rows = rows[kept.is_in(groups).to_numpy()]
    return rows, sorted(groups)


def _told(
    attribute: str,
    groups: list[str],
    values: Floats,
    answer: NDArray[np.intp],
    households: pl.Series,
    names: list[str],
    limit: float,
    seed: int,
) -> list[Telling]:
    models, folds = [], []
    said = np.full((len(answer), len(groups)), np.nan)
    for learn, held in _folds(answer, households, seed):
        if len(np.unique(answer[learn])) < len(groups):
            return []
        model = HistGradientBoostingClassifier(
            max_iter=ROUNDS, max_leaf_nodes=LEAVES, learning_rate=0.15, early_stopping=False, random_state=seed
        ).fit(without_empty_columns(values[learn]), answer[learn])
        said[held] = model.predict_proba(values[held])
        models.append(model)
        folds.append(held)
    found = []
    for place, group in enumerate(groups if len(groups) > 2 else groups[:1]):
        own = answer == place
        auc = float(roc_auc_score(own, said[:, place]))
        p = float(mannwhitneyu(said[own, place], said[~own, place], alternative="greater").pvalue)
        worth = auc > limit or p < SURPRISING
        telling = _most_telling(models, folds, values, own, place, auc, names, seed) if worth else []
        found.append(Telling(attribute, group, int(own.sum()), auc, p, telling))
    return found


def _folds(
    answer: NDArray[np.intp], households: pl.Series, seed: int
) -> list[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    homes = households.rank("dense").to_numpy()
    few = len(answer) < STRATIFIED_BELOW
    kind = StratifiedGroupKFold if few else GroupKFold
    return list(kind(FOLDS, shuffle=True, random_state=seed).split(answer.reshape(-1, 1), answer, homes))


def _most_telling(
    models: list[HistGradientBoostingClassifier],
    folds: list[NDArray[np.intp]],
    values: Floats,
    own: NDArray[np.bool_],
    place: int,
    auc: float,
    names: list[str],
    seed: int,
) -> list[str]:
    """Shuffle one feature at a time among customers that the trees did not see; those likeliest to matter first."""
    alone = np.abs(_auc_alone(values, own) - 0.5)
    shuffle = np.random.default_rng(seed)
    lost: dict[str, float] = {}
    for column in np.argsort(-alone, kind="stable")[:LOOKED_AT]:
        without = np.full(len(own), np.nan)
        for model, held in zip(models, folds, strict=True):
            mixed = values[held].copy()
            mixed[:, column] = shuffle.permutation(mixed[:, column])
            without[held] = model.predict_proba(mixed)[:, place]
        lost[names[column]] = auc - float(roc_auc_score(own, without))
    return [name for name in sorted(lost, key=lambda name: -lost[name])[:NAMED] if lost[name] > 0]


def _auc_alone(values: Floats, own: NDArray[np.bool_]) -> Floats:
    """AUC of each feature by itself; missing counts as least."""
    ranks = rankdata(np.where(np.isnan(values), -np.inf, values), axis=0)
    members, others = int(own.sum()), int((~own).sum())
    found: Floats = (ranks[own].sum(axis=0) - members * (members + 1) / 2) / (members * others)
    return found
