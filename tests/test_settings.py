from __future__ import annotations

from segment.model_folder import find_model_file
from segment.settings import current_user


def test_somebody_runs_this() -> None:
    assert bool(current_user())


def test_the_policy_is_found() -> None:
    assert find_model_file("retail.toml").name == "retail.toml"
