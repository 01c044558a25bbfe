"""Model files: skops, loaded with a fixed list of types and only where the file is the one that was registered.

MLflow would take the types to trust from the file's own folder (GHSA-w582-9x45-8mpx), so it does not load models here.
"""

from __future__ import annotations

import hashlib
import json
from io import BytesIO
from pathlib import Path
from typing import Any, Final
from zipfile import ZipFile

import skops.io

from segment.exceptions import ModelError

TRUSTED_TYPES = (
    "segment.boosted_trees.BoostedClassifier",
    "segment.boosted_trees.BoostedRegressor",
    "segment.clustering.tier_clustering.TierClustering",
    "segment.departures.departure_forecast.DepartureForecast",
    "segment.departures.hazards.DepartureHazards",
    "segment.main_bank.classifier.MainBankClassifier",
    "segment.main_bank.boosted.BoostedLearner",
    "segment.main_bank.boosted.SubaggedLearner",
    "segment.model.estimator.SegmentationModel",
    "segment.tiers.odds.OddsCalibration",
    "segment.value.calibration.Calibration",
    "segment.value.calibration.QuantileShift",
    "segment.value.distribution.PredictiveDistribution",
    "segment.value.ensemble.Ensemble",
    "segment.value.learners.CrossFitted",
    "segment.value.regressor.FutureValueRegressor",
    "segment.value.run_rate.RunRateRegressor",
    "segment.value.scale.ShiftByLevel",
    "segment.value.scale.ShiftByStratum",
    "segment.value.zero_inflation.ZeroInflation",
    "segment.wallet.credible.CredibleWallet",
    "segment.wallet.one_bank.OneBankWallet",
    "segment.wallet.regressor.WalletRegressor",
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
)
"""Types of a model file beside those that skops knows to be harmless."""

MOVED_TYPES: Final = {
    "segment.main_bank.boosted.FreeLearner": "segment.main_bank.boosted.BoostedLearner",
    "segment.main_bank.free.FreeLearner": "segment.main_bank.boosted.BoostedLearner",
    "segment.value.nothing.ChanceOfNothing": "segment.value.zero_inflation.ZeroInflation",
    "segment.value.strata.ShiftByStratum": "segment.value.scale.ShiftByStratum",
    "segment.value.zero_inflation.ChanceOfNothing": "segment.value.zero_inflation.ZeroInflation",
}
"""Where a class stood when a file was written, and where it stands now: champions outlive a class's name."""

SCHEMA: Final = "schema.json"


def load_model_file(path: Path, expected_hash: str | None, version: str) -> Any:
    """Load a model without pickle."""
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != expected_hash:
        raise ModelError.of("errors.model_file_changed", version=version)
    current = with_moved_types(content)
    untrusted = sorted(set(skops.io.get_untrusted_types(data=current)) - set(TRUSTED_TYPES))
    if untrusted:
        raise ModelError.of("errors.untrusted_types", untrusted=untrusted)
    return skops.io.loads(current, trusted=list(TRUSTED_TYPES))


def with_moved_types(content: bytes) -> bytes:
    """Name the classes of a skops file by where they stand now; a file that does so already stays as it is."""
    with ZipFile(BytesIO(content)) as stored:
        schema = stored.read(SCHEMA)
        if not any(all(f'"{part}"'.encode() in schema for part in path.rsplit(".", 1)) for path in MOVED_TYPES):
            return content
        moved = json.loads(schema, object_hook=_with_moved_type)
        rewritten = BytesIO()
        with ZipFile(rewritten, "w") as current:
            for name in dict.fromkeys(stored.namelist()):
                current.writestr(name, json.dumps(moved) if name == SCHEMA else stored.read(name))
    return rewritten.getvalue()


def _with_moved_type(node: dict[str, Any]) -> dict[str, Any]:
    path = MOVED_TYPES.get(f"{node.get('__module__')}.{node.get('__class__')}")
    if path is None:
        return node
    module, _, name = path.rpartition(".")
    return node | {"__module__": module, "__class__": name}
