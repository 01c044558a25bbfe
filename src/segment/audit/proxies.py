"""Features that stand for an attribute: how well it can be told from what a model reads."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy.stats import mannwhitneyu
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.model_selection import GroupKFold, StratifiedGroupKFold

from segment.arrays import Flags, Floats, Integers
from segment.audit.groups import large_groups
from segment.metrics import roc_auc
from segment.trees import without_empty_columns

FOLDS, ROUNDS, LEAVES = 3, 20, 8
MOST_ROWS = 20_000
MOST_GROUPS = 12
STRATIFIED_BELOW = 5_000
"""Above, chance alone mixes folds well, and scikit-learn's balanced folds take minutes."""
LOOKED_AT, NAMED = 8, 3
SURPRISING = 0.05


@dataclass(frozen=True)
class ProxyStrength:
    """How well one group is told from all others."""

    attribute: str
    group: str
    customers: int  # Of the group, among those looked at
    auc: float  # Chance that a customer of the group looks more like it than one of the others does; out of fold
    p: float  # Chance of such an AUC where the features tell nothing, one-sided (Mann-Whitney)
    # What tells most: without each of them the AUC falls, the first one's absence costing most. Empty where the AUC
    # is below the limit and may be chance.
    features: list[str]


def proxy_strength(
    features: pl.DataFrame, attributes: pl.DataFrame, households: pl.Series, *, least: int, limit: float, seed: int
) -> list[ProxyStrength]:
    """Tell each attribute from the features, by trees that never saw the customer's household."""
    strengths: list[ProxyStrength] = []
    values = features.cast(pl.Float64).to_numpy()
    names = features.columns
    for attribute in attributes.columns:
        rows, groups = _rows(attributes[attribute], least, seed)
        if len(groups) < 2:
            continue
        answer = np.asarray([groups.index(word) for word in attributes[attribute].gather(rows)], dtype=np.intp)
        strengths += _group_strengths(
            attribute, groups, values[rows], answer, households.gather(rows), names, limit, seed
        )
    return strengths


def _rows(attribute: pl.Series, least: int, seed: int) -> tuple[Integers, list[str]]:
    sizes = dict(attribute.drop_nulls().value_counts(name="n").iter_rows())
    groups = sorted(large_groups(attribute, least), key=lambda word: (-sizes[word], word))[:MOST_GROUPS]
    rows = np.flatnonzero(attribute.is_in(groups).fill_null(False).to_numpy())
    if len(rows) > MOST_ROWS:
        rows = np.sort(np.random.default_rng(seed).choice(rows, MOST_ROWS, replace=False))
        sampled = attribute.gather(rows)
        groups = [word for word in groups if (sampled == word).sum() >= least]
        rows = rows[sampled.is_in(groups).to_numpy()]
    return rows, sorted(groups)


def _group_strengths(
    attribute: str,
    groups: list[str],
    values: Floats,
    answer: Integers,
    households: pl.Series,
    names: list[str],
    limit: float,
    seed: int,
) -> list[ProxyStrength]:
    models, folds = [], []
    chances = np.full((len(answer), len(groups)), np.nan)
    for learn, test in _folds(answer, households, seed):
        if len(np.unique(answer[learn])) < len(groups):
            return []
        model = HistGradientBoostingClassifier(
            max_iter=ROUNDS, max_leaf_nodes=LEAVES, learning_rate=0.15, early_stopping=False, random_state=seed
        ).fit(without_empty_columns(values[learn]), answer[learn])
        chances[test] = model.predict_proba(values[test])
        models.append(model)
        folds.append(test)
    strengths = []
    for place, group in enumerate(groups if len(groups) > 2 else groups[:1]):
        own = answer == place
        auc = roc_auc(own, chances[:, place])
        p = float(mannwhitneyu(chances[own, place], chances[~own, place], alternative="greater").pvalue)
        worth = auc > limit or p < SURPRISING
        features = _strongest_features(models, folds, values, own, place, auc, names, seed) if worth else []
        strengths.append(ProxyStrength(attribute, group, int(own.sum()), auc, p, features))
    return strengths


def _folds(answer: Integers, households: pl.Series, seed: int) -> list[tuple[Integers, Integers]]:
    homes = households.rank("dense").to_numpy()
    few = len(answer) < STRATIFIED_BELOW
    kind = StratifiedGroupKFold if few else GroupKFold
    return list(kind(FOLDS, shuffle=True, random_state=seed).split(answer.reshape(-1, 1), answer, homes))


def _strongest_features(
    models: list[HistGradientBoostingClassifier],
    folds: list[Integers],
    values: Floats,
    own: Flags,
    place: int,
    auc: float,
    names: list[str],
    seed: int,
) -> list[str]:
    """Shuffle one feature at a time among customers that the trees did not see; those likeliest to matter first."""
    ranked = np.where(np.isnan(values), -np.inf, values)  # missing counts as least
    alone = np.abs(np.array([roc_auc(own, column) for column in ranked.T]) - 0.5)
    shuffle = np.random.default_rng(seed)
    lost: dict[str, float] = {}
    for column in np.argsort(-alone, kind="stable")[:LOOKED_AT]:
        without = np.full(len(own), np.nan)
        for model, test in zip(models, folds, strict=True):
            mixed = values[test].copy()
            mixed[:, column] = shuffle.permutation(mixed[:, column])
            without[test] = model.predict_proba(mixed)[:, place]
        lost[names[column]] = auc - roc_auc(own, without)
    return [name for name in sorted(lost, key=lambda name: -lost[name])[:NAMED] if lost[name] > 0]
