"""What a customer month is built from, and whether it is the same as before."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping

import numpy as np
import polars as pl

from segment.features.known import DATED_BY, windows
from segment.ledger.increments import LongTable, WholeTable
from segment.policy import Policy

FORMAT = 3
"""Raised whenever the same input gives other figures than before."""


def apart(
    tables: Mapping[str, pl.DataFrame | LongTable],
) -> tuple[dict[str, pl.DataFrame], dict[str, LongTable]]:
    """Tell the short tables from those that are asked for by span of days.

    Parameters
    ----------
    tables : mapping of str to polars.DataFrame or LongTable
        The checked ledger.

    Returns
    -------
    tuple of dict
        Short tables, and long ones.
    """
    short = {name: rows for name, rows in tables.items() if isinstance(rows, pl.DataFrame) and name not in DATED_BY}
    long: dict[str, LongTable] = {}
    for name, dated_by in DATED_BY.items():
        rows = tables[name]
        long[name] = WholeTable(rows, dated_by) if isinstance(rows, pl.DataFrame) else rows
    return short, long


def fingerprint(
    known: Mapping[str, pl.DataFrame], long: Mapping[str, LongTable], policy: Policy, month: dt.date
) -> str:
    """Hash what a month is built from: the rows that it may see, whatever their order and their files.

    Parameters
    ----------
    known : mapping of str to polars.DataFrame
        The short tables, cut to the month.
    long : mapping of str to LongTable
        The long tables, asked for the month's windows.
    policy : Policy
        Rates and costs.
    month : datetime.date
        First day of the month.

    Returns
    -------
    str
        Hex digits.
    """
    digest = hashlib.sha256(f"{FORMAT} {policy.model_hash} {pl.__version__}".encode())
    for name in sorted(known):
        frame = known[name]
        digest.update(f"{name} {frame.schema} {len(frame)}".encode())
        # sums do not mind the order of the rows, which is no part of what a ledger says
        for seed in (1, 2):
            digest.update(np.add.reduce(frame.hash_rows(seed).to_numpy()).tobytes())
    for name, window in sorted(windows(month).items()):
        digest.update(f"{name} {long[name].digest(*window)}".encode())
    return digest.hexdigest()
