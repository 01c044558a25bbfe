from __future__ import annotations

import pytest

from segment.main_bank import MainBankClassifier
from segment.policy import Policy, load_policy
from tests.main_bank.archetypes import frame


@pytest.fixture(scope="session")
def policy() -> Policy:
    return load_policy("models/retail.toml")


@pytest.fixture(scope="session")
def expert(policy: Policy) -> MainBankClassifier:
    return MainBankClassifier.from_policy(policy.main_bank).fit(frame({}))
