"""A model spec is an experiment as a file: frozen, closed to unknown keys, and not a policy."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from segment.exceptions import PolicyError
from segment.policy import ModelSpec, Policy, load_policy, load_spec
from segment.policy.spec import Range
from segment.policy.toml import kind_of

MODELS = Path(__file__).parents[2] / "models"
SPECS = [
    path for path in sorted(MODELS.glob("*.toml")) if kind_of(tomllib.loads(path.read_text(encoding="utf-8"))) == "spec"
]


def written(folder: Path, text: str) -> Path:
    path = folder / "tried.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_every_spec_under_version_control_loads_and_is_named_after_its_file(path: Path) -> None:
    spec = load_spec(path)
    assert spec.name == path.stem
    assert load_policy(MODELS / str(spec.policy)).currency == "CNY"


def test_there_are_experiments_to_begin_with() -> None:
    assert {"retail-default", "deeper-trees", "few-features"} <= {path.stem for path in SPECS}


def test_a_spec_with_nothing_in_it_changes_nothing() -> None:
    policy = load_policy(MODELS / "retail.toml")
    assert ModelSpec().applied_to(policy) is policy
    assert ModelSpec().future_value.parameters == {}


def test_the_default_spec_trains_what_no_spec_trains() -> None:
    assert load_spec(MODELS / "retail-default.toml").hash == ModelSpec().hash


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('description = "x"\n[future_value]\ndepth = 3', "future_value.depth: Extra inputs are not permitted"),
        ('description = "x"\n[tiers]\nown_weight = 1', "It is a policy"),
        ('description = "x"\n[main_bank]\nelsewhere_from = 0.9', "main_bank.elsewhere_from"),
        ('description = "x"\n[train]\nhorizon_months = 13', "train.horizon_months"),
        ('name = "Two words"\ndescription = "x"', "name: String should match"),
        ('description = "x"\n[search.future_value]\nmax_iter = {low = 9, high = 3}', "`low` must be below `high`"),
    ],
)
def test_what_does_not_belong_is_named_with_its_place(tmp_path: Path, text: str, place: str) -> None:
    with pytest.raises(PolicyError) as found:
        load_spec(written(tmp_path, text))
    assert place in str(found.value)
    assert "Hint:" in str(found.value)


def test_the_wrong_kind_of_file_is_told_apart() -> None:
    with pytest.raises(PolicyError, match="must be a model spec. It is a policy"):
        load_spec(MODELS / "retail.toml")
    with pytest.raises(PolicyError, match=r"must be a policy. It is a model spec(?s:.*)`spec`"):
        load_policy(MODELS / "retail-default.toml")


def test_a_spec_that_is_not_there_says_how_to_give_one(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match=r"give `spec`"):
        load_spec(tmp_path / "nowhere.toml")


def test_the_hash_minds_what_decides_the_training_and_nothing_else(tmp_path: Path) -> None:
    plain = load_spec(written(tmp_path, 'description = "a"\n[train]\nmoments = 3'))
    told = load_spec(written(tmp_path, 'name = "b"\ndescription = "c"\n[train]\nmoments = 3 # few\nseed = 0'))
    assert plain.hash == told.hash
    assert plain.hash != load_spec(written(tmp_path, 'description = "a"\n[train]\nmoments = 4')).hash


def test_figures_of_a_spec_stand_in_place_of_the_policys() -> None:
    policy = load_policy(MODELS / "retail.toml")
    changed = ModelSpec(clustering={"clusters": [6]}, wallet={"main_here_up_to": 0.1}).applied_to(policy)  # type: ignore[arg-type]
    assert changed.clustering.clusters == (6,)
    assert changed.wallet.main_here_up_to == 0.1
    assert changed.model_copy(update={"clustering": policy.clustering, "wallet": policy.wallet}) == policy


def test_a_trial_sets_keys_and_is_checked_like_a_file() -> None:
    tried = ModelSpec().changed({("future_value", "max_leaf_nodes"): 9}, name="tried")
    assert (tried.name, tried.future_value.parameters) == ("tried", {"max_leaf_nodes": 9})
    assert ModelSpec(search={"future_value": {"max_iter": {"low": 5, "high": 9}}}).search.space == {  # type: ignore[arg-type]
        ("future_value", "max_iter"): Range(low=5, high=9)
    }


def test_keys_that_decide_nothing_any_more_are_read_over() -> None:
    policy = load_policy(MODELS / "retail.toml")
    content = policy.model_dump(mode="json")
    content["wallet"]["least_main_here"] = 500
    content["clustering"]["least_customers"] = 200
    assert Policy.model_validate(content) == policy
    spec = ModelSpec.model_validate({"name": "old", "wallet": {"least_main_here": 30}})
    assert spec.applied_to(policy) is policy
