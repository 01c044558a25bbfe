"""Hashes that tie a model to the features and the ledger it learned from."""

from __future__ import annotations

import hashlib

from segment.features import catalogue
from segment.policy import Policy


def features_hash(policy: Policy) -> str:
    """SHA-256 of the catalogue: the same for the same features with the same meaning.

    Parameters
    ----------
    policy : Policy
        Its products name some features.

    Returns
    -------
    str
    """
    listed = [(one.name, one.unit, one.window_months, one.meaning) for one in catalogue(policy)]
    return hashlib.sha256(repr(listed).encode()).hexdigest()


def ledger_hash(hashes: dict[str, str]) -> str:
    """SHA-256 over the hashes of a ledger's tables.

    Parameters
    ----------
    hashes : dict of str to str
        By table.

    Returns
    -------
    str
    """
    return hashlib.sha256(repr(sorted(hashes.items())).encode()).hexdigest()
