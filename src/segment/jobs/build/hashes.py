"""Hashes that tie a model to the features and the ledger it learned from."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from segment.features import catalogue
from segment.files import repr_hash
from segment.policy import Policy


@cache
def code_hash() -> str:
    """SHA-256 of the package's source files and of the law in them: figures of other code are made anew.

    Examples
    --------
    >>> len(code_hash())
    64
    """
    root = Path(__file__).parents[2]
    digest = hashlib.sha256()
    for file in sorted([*root.rglob("*.py"), *root.rglob("*.toml")]):
        digest.update(file.relative_to(root).as_posix().encode())
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def features_hash(policy: Policy) -> str:
    """SHA-256 of the catalogue: the same for the same features with the same meaning."""
    listed = [(feature.name, feature.unit, feature.window_months, feature.meaning) for feature in catalogue(policy)]
    return repr_hash(listed)


def ledger_hash(hashes: dict[str, str]) -> str:
    """SHA-256 over the hashes of a ledger's tables."""
    return repr_hash(sorted(hashes.items()))
