"""Customer tiering and differentiated service for retail banks.

The public names below are loaded when they are first used, so that the command line starts quickly.
"""

from __future__ import annotations

import os
from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from segment.login import find_home

if TYPE_CHECKING:
    from segment.clustering import TierClustering
    from segment.features import window_features
    from segment.main_bank import MainBankClassifier
    from segment.model import SegmentationModel
    from segment.opened import open_workspace as open
    from segment.policy import Policy, load_policy
    from segment.value import FutureValueRegressor
    from segment.wallet import WalletRegressor

find_home()  # before any library looks for one
# Polars may add up parts of a column on their own, one a thread, where a sample of the rows lets it expect few groups:
# the last bit of a sum would differ from run to run and from machine to machine. It reads this at each query.
os.environ.setdefault("POLARS_NO_PARTITION", "1")

_HOMES = {
    "FutureValueRegressor": "segment.value",
    "MainBankClassifier": "segment.main_bank",
    "Policy": "segment.policy",
    "SegmentationModel": "segment.model",
    "TierClustering": "segment.clustering",
    "WalletRegressor": "segment.wallet",
    "load_policy": "segment.policy",
    "open": "segment.opened",
    "window_features": "segment.features",
}

__all__ = [
    "FutureValueRegressor",
    "MainBankClassifier",
    "Policy",
    "SegmentationModel",
    "TierClustering",
    "WalletRegressor",
    "load_policy",
    "open",
    "window_features",
]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        return version("segment")
    if name not in _HOMES:
        raise AttributeError(f"module 'segment' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), "open_workspace" if name == "open" else name)


def __dir__() -> list[str]:
    return __all__
