from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def _one_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same draw in every run."""
    monkeypatch.setenv("SEGMENT_CONTROL_SALT", "salt of the tests")
