"""Model files: skops, loaded with a fixed list of types and only where the file is the one that was registered.

MLflow would take the types to trust from the file's own folder (GHSA-w582-9x45-8mpx), so it does not load models here.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import skops.io

from segment.exceptions import ModelError

TRUSTED_TYPES = (
    "segment.clustering.tier_clustering.TierClustering",
    "segment.main_bank.classifier.MainBankClassifier",
    "segment.main_bank.free.FreeLearner",
    "segment.model.estimator.SegmentationModel",
    "segment.tiers.odds.OddsCalibration",
    "segment.value.calibration.Calibration",
    "segment.value.calibration.QuantileShift",
    "segment.value.distribution.PredictiveDistribution",
    "segment.value.ensemble.Ensemble",
    "segment.value.learners.CrossFitted",
    "segment.value.nothing.ChanceOfNothing",
    "segment.value.regressor.FutureValueRegressor",
    "segment.value.run_rate.RunRateRegressor",
    "segment.value.scale.ShiftByLevel",
    "segment.value.strata.ShiftByStratum",
    "segment.wallet.credible.CredibleWallet",
    "segment.wallet.regressor.WalletRegressor",
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
)
"""Types of a model file beside those that skops knows to be harmless."""


def file_hash(path: Path) -> str:
    """SHA-256 of a file.

    Parameters
    ----------
    path : Path
        What to read.

    Returns
    -------
    str
    """
    return hashlib.sha256(path.read_bytes()).hexdigest()


def load_model_file(path: Path, expected_hash: str | None, version: str) -> Any:
    """Load a model without pickle.

    Parameters
    ----------
    path : Path
        A skops file.
    expected_hash : str or None
        SHA-256 recorded when it was registered.
    version : str
        For the message.

    Returns
    -------
    estimator

    Raises
    ------
    ModelError
        Where the file is not the one registered, or holds a type that is not trusted.
    """
    if file_hash(path) != expected_hash:
        raise ModelError.with_hint(
            f"The file of version {version} must be the one that was registered. Its SHA-256 differs.",
            "bring the last champion back with segment rollback, or train again",
        )
    untrusted = sorted(set(skops.io.get_untrusted_types(file=path)) - set(TRUSTED_TYPES))
    if untrusted:
        raise ModelError(f"A model must hold trusted types only. Got {', '.join(untrusted)}.")
    return skops.io.load(path, trusted=list(TRUSTED_TYPES))
