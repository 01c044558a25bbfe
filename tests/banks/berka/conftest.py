"""The real bank's ledger, imported once."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import polars as pl
import pytest

from segment.banks.berka import ImportSummary
from tests.banks.berka.bank import SHARED, imported


@pytest.fixture(scope="session")
def real_bank(
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[Path, Mapping[str, pl.DataFrame], ImportSummary]:
    """Folder, tables and summary of the shared PKDD'99 tables as a ledger; takes about a second."""
    out = tmp_path_factory.mktemp("berka") / "ledger"
    tables, summary = imported(SHARED, out)
    return out, tables, summary
