"""A search sees no outcome that judges a training, and writes what it found as a spec."""

from __future__ import annotations

import builtins
import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from mlflow import MlflowClient

from segment.evaluation.holdout import outcome_end, trial_splits
from segment.evaluation.search_space import place_values, write_spec
from segment.exceptions import HistoryError, InstallationError
from segment.jobs.learn.search_spec import _optuna, search
from segment.jobs.learn.training_data import read_search_data
from segment.policy import ModelSpec, load_spec
from segment.policy.spec import Choices, Range
from segment.progress import no_progress
from segment.tracking.locations import database_uri
from tests.conftest import AS_OF, Bank, Said

Run = Callable[..., Said]
THREE_MONTHS = {"horizon_months": 3, "moments": 2}


def small_spec(**future_value: Any) -> ModelSpec:
    space = {"max_iter": {"low": 3, "high": 12}, "max_leaf_nodes": {"choices": [4, 8]}}
    content = {
        "name": "small",
        "train": THREE_MONTHS,
        "search": {"future_value": space, "features": {"leave_out": {"choices": [["flows"], ["signal_*"]]}}},
        "future_value": future_value,
    }
    return ModelSpec.model_validate(content)


def test_no_outcome_of_a_search_reaches_into_those_that_judge_a_training(trained_bank: Bank) -> None:
    frame = read_search_data(
        AS_OF, trained_bank.snapshot_source(), trained_bank.policy, small_spec(), 1, no_progress
    ).frame
    judges = dt.date(2025, 9, 30)  # the newest moment whose three months had passed
    assert max(outcome_end(moment, 3) for moment in frame["as_of"].unique()) <= judges
    tests, out_of_time = trial_splits(frame, 3)
    assert out_of_time
    for train, test in tests:
        learned, scored = frame.filter(pl.Series(train)), frame.filter(pl.Series(test))
        assert outcome_end(learned["as_of"].max(), 3) <= scored["as_of"].min()  # type: ignore[arg-type]


def test_without_earlier_outcomes_customers_are_held_out() -> None:
    people = pl.DataFrame(
        {"customer_id": [f"c{place}" for place in range(300)], "as_of": [dt.date(2024, 12, 31)] * 300}
    )
    tests, out_of_time = trial_splits(people, 12)
    assert not out_of_time
    assert np.sum([test for _, test in tests], axis=0).tolist() == [1] * 300
    assert not [1 for train, test in tests if (train & test).any()]


def test_a_history_too_short_for_a_search_says_so(trained_bank: Bank) -> None:
    with pytest.raises(HistoryError, match="feed 36 months"):
        read_search_data(AS_OF, trained_bank.snapshot_source(), trained_bank.policy, ModelSpec(), 1, no_progress)


@pytest.mark.slow
def test_the_same_search_finds_the_same_and_its_spec_trains(trained_bank: Bank, tmp_path: Path) -> None:
    # so weak a spec that any trial beats it
    spec, out = small_spec(max_iter=1, learners=["mean_level"]), tmp_path / "found.toml"
    found = [
        search(
            None, AS_OF, trained_bank.workspace, trained_bank.policy, trained_bank.tracking(), spec,
            trials=3, out=out, n_jobs=1,
        )
        for _ in range(2)
    ]  # fmt: skip
    assert (found[0].best, found[0].figures) == (found[1].best, found[1].figures)
    assert found[0].best > found[0].as_it_stands
    written = load_spec(out)
    assert written.name == "found"
    assert written.future_value.max_iter == found[0].figures["future_value.max_iter"]
    assert out.read_text(encoding="utf-8").startswith("# Found by `segment search` as of 2025-12-31: best of 3 trials")
    client = MlflowClient(database_uri(trained_bank.workspace.root))
    searches = client.get_experiment_by_name("segment/search")
    trials = client.search_runs([searches.experiment_id], f"tags.`mlflow.parentRunId` = '{found[0].run_id}'")
    assert sorted(trial.info.run_name for trial in trials) == ["trial 0", "trial 1", "trial 2"]
    assert max(trial.data.metrics["score"] for trial in trials) == pytest.approx(found[0].best)


def test_a_spec_without_a_space_is_refused(segment: Run, trained_bank: Bank, tmp_path: Path) -> None:
    spec = tmp_path / "none.toml"
    spec.write_text('description = "no space"', encoding="utf-8")
    said = segment("search", "--spec", spec, "--as-of", AS_OF, workspace=trained_bank.workspace.root)
    assert said.code == 2
    assert "must declare a space" in said.err


def test_without_optuna_the_message_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def missing(name: str, *rest: Any) -> Any:
        if name == "optuna":
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(InstallationError, match=r"segment\[search\]"):
        _optuna()


def test_places_become_choices_and_whole_numbers_stay_whole() -> None:
    only = {("future_value", "max_iter"): Choices(choices=(50, 100))}
    assert place_values(only, {"future_value.max_iter": 1}) == {("future_value", "max_iter"): 100}  # type: ignore[arg-type]
    space = {
        ("future_value", "learners"): Choices(choices=(("mean_change",), ("mean_level", "median_level"))),
        ("future_value", "max_iter"): Choices(choices=(50, 100)),
        ("future_value", "learning_rate"): Range(low=0.1, high=0.2),
    }
    params = {"future_value.learners": 1, "future_value.max_iter": 0, "future_value.learning_rate": 0.15}
    found = place_values(space, params)  # type: ignore[arg-type]
    assert list(found.values()) == [["mean_level", "median_level"], 50, 0.15]
    assert isinstance(found["future_value", "max_iter"], int)


def test_a_written_spec_reads_back_the_same(tmp_path: Path) -> None:
    spec = ModelSpec.model_validate(
        {"name": "x", "description": 'says "hi"\\n', "features": {"leave_out": ["flow_*"]},
         "future_value": {"max_features": 0.3, "learners": ["mean_change"]}}
    )  # fmt: skip
    write_spec(spec, tmp_path / "x.toml", ["why"])
    assert load_spec(tmp_path / "x.toml") == spec
