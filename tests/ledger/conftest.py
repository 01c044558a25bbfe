from __future__ import annotations

import pytest

from tests.ledger.small_ledger import Tables
from tests.ledger.small_ledger import small_ledger as make_small_ledger


@pytest.fixture
def small_ledger() -> Tables:
    """A tiny ledger that breaks no rule."""
    return make_small_ledger()
