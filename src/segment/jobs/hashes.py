"""Hashes that tie a model to the features and the ledger it learned from."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from segment.features import catalogue
from segment.policy import Policy


@cache
def code_hash() -> str:
    """SHA-256 of the package's source files and of the law in them: figures of other code are made anew.

    Returns
    -------
    str

    Examples
    --------
    >>> len(code_hash())
    64
    """
    root = Path(__file__).parents[1]
    digest = hashlib.sha256()
    for file in sorted([*root.rglob("*.py"), *root.rglob("*.toml")]):
        digest.update(file.relative_to(root).as_posix().encode())
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


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
