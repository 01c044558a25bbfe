"""Customer tiering and differentiated service for retail banks.

The public names below are loaded when they are first used, so that the command line starts quickly.
"""

from __future__ import annotations

import os
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from segment.lazy_names import load_when_used
from segment.login import find_home

if TYPE_CHECKING:
    from segment.clustering import TierClustering
    from segment.features import window_features
    from segment.main_bank import MainBankClassifier
    from segment.model import SegmentationModel
    from segment.opened import open_workspace as open
    from segment.policy import Policy, load_policy
    from segment.value import FutureValueRegressor
    from segment.value.purchases import PurchaseForecast
    from segment.wallet import WalletRegressor

find_home()  # before any library looks for one
# Polars may add up parts of a column on their own, one a thread, where a sample of the rows lets it expect few groups:
# the last bit of a sum would differ from run to run and from machine to machine. It reads this at each query.
os.environ.setdefault("POLARS_NO_PARTITION", "1")

__all__ = [
    "FutureValueRegressor",
    "MainBankClassifier",
    "Policy",
    "PurchaseForecast",
    "SegmentationModel",
    "TierClustering",
    "WalletRegressor",
    "load_policy",
    "open",
    "window_features",
]


_named, __dir__ = load_when_used(
    __name__,
    {
        "FutureValueRegressor": "value",
        "MainBankClassifier": "main_bank",
        "Policy": "policy",
        "PurchaseForecast": "value.purchases",
        "SegmentationModel": "model",
        "TierClustering": "clustering",
        "WalletRegressor": "wallet",
        "load_policy": "policy",
        "open": "opened:open_workspace",
        "window_features": "features",
    },
)


def __getattr__(name: str) -> Any:
    return version("segment") if name == "__version__" else _named(name)
