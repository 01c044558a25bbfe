"""A policy is frozen, typed and closed to unknown keys."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from pydantic import ValidationError

from segment.exceptions import PolicyError
from segment.files import json_hash
from segment.policy import Policy, load_policy
from segment.policy.ledger_mapping import LedgerMapping
from segment.policy.ledger_signals import LedgerSignals
from segment.policy.tenure_hazards import DeparturePrior
from segment.policy.toml import kind_of
from segment.policy.trigger_rules import Triggers

MODELS = sorted(Path(__file__).parents[2].joinpath("models").glob("*.toml"))
POLICIES = [path for path in MODELS if kind_of(tomllib.loads(path.read_text(encoding="utf-8"))) == "policy"]
RETAIL = Path(__file__).parents[2] / "models" / "retail.toml"


def rewritten(tmp_path: Path, old: str, new: str) -> Path:
    text = RETAIL.read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "changed.toml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path


@pytest.mark.parametrize("path", POLICIES, ids=lambda path: path.stem)
def test_every_policy_under_version_control_loads(path: Path) -> None:
    assert isinstance(load_policy(path), Policy)


def test_a_policy_is_frozen() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        load_policy(RETAIL).tiers.own_weight = 0.9


def test_comments_and_layout_do_not_change_the_hash(tmp_path: Path) -> None:
    path = rewritten(tmp_path, "own_weight = 0.5", "own_weight   = 0.50  # same")
    assert load_policy(path).hash == load_policy(RETAIL).hash


LATER: dict[tuple[str, str], object] = {
    ("ledger", "timezone"): "Asia/Shanghai",
    ("tiers", "winsor_least_customers"): 300,
    ("tiers", "notable_of_mean_cost"): 0.5,
    ("tiers", "household_floor"): True,
    ("tiers", "credit_share_of_loss"): 0.4,
    ("main_bank", "expert_labels"): 30.0,
    ("main_bank", "flag_beta"): 1.0,
    ("main_bank", "survey_elsewhere"): 2.0,
    ("main_bank", "signals"): LedgerSignals(sweep_days=5),
    ("upgrade", "ramp_months"): 9,
    ("upgrade", "unknown_tenure_years"): 5,
    ("upgrade", "triggers"): Triggers(good_for_days=50),
    ("main_bank", "label_months"): 6,
    ("risk", "technical_days_past_due"): 5,
    ("risk", "arrears_days_past_due"): 31,
    ("risk", "material_debt"): 1.0,
    ("risk", "cure_months"): 3,
    ("risk", "write_off_days_past_due"): {"credit_card": 180},
    ("risk", "written_off_months"): 12,
    ("promotion", "total_gap"): 0.03,
    ("promotion", "decile_gap"): 0.2,
    ("outcomes", "evidence_spread"): 0.3,
    ("outcomes", "evidence_cap"): 1.0,
}


@pytest.mark.parametrize(("section", "key"), LATER)
def test_a_key_that_was_added_later_changes_the_hashes_only_where_it_says_something_else(
    section: str, key: str
) -> None:
    policy = load_policy(RETAIL)
    part = getattr(policy, section).model_copy(update={key: LATER[section, key]})
    changed = policy.model_copy(update={section: part})
    assert changed.hash != policy.hash
    # no model follows from what it must pass to be promoted, nor from what lists go by
    assert (changed.model_hash == policy.model_hash) == (section in ("promotion", "outcomes", "upgrade"))


def test_a_later_key_inside_a_section_changes_the_hash_where_it_says_something_else() -> None:
    policy = load_policy(RETAIL)
    rules = policy.upgrade.contact_rules.model_copy(update={"approved_by_another": True})
    changed = policy.model_copy(update={"upgrade": policy.upgrade.model_copy(update={"contact_rules": rules})})
    assert changed.hash != policy.hash
    assert changed.model_hash == policy.model_hash


def test_a_section_that_was_added_later_changes_both_hashes_where_it_says_something_else() -> None:
    policy = load_policy(RETAIL)
    changed = policy.model_copy(update={"departures": DeparturePrior(main=0.006)})
    assert changed.hash != policy.hash
    assert changed.model_hash != policy.model_hash


def test_a_policy_without_a_service_plan_has_a_hash_too() -> None:
    policy = load_policy(RETAIL).model_copy(update={"service": None, "trial": None})
    assert policy.hash != load_policy(RETAIL).hash
    assert policy.model_hash == load_policy(RETAIL).model_hash


def test_how_a_database_says_what_is_new_is_no_part_of_what_models_follow_from() -> None:
    policy = load_policy(RETAIL)
    ledger = policy.ledger.model_copy(update={"stamps": {"transactions": "changed_at"}})
    changed = policy.model_copy(update={"ledger": ledger})
    assert changed.hash != policy.hash
    assert changed.model_hash == policy.model_hash
    assert changed.reading.stamps == {"transactions": "changed_at"}


def test_the_hash_of_a_policy_is_that_of_its_content_before_keys_were_added() -> None:
    retail = load_policy(RETAIL)
    policy = retail.model_copy(update={"risk": retail.risk.model_copy(update={"material_debt": 0.0})})
    content = policy.model_dump(mode="json")
    assert content.pop("asset_grades") is None
    assert content.pop("departures") == DeparturePrior().model_dump(mode="json")
    assert content.pop("mapping") == LedgerMapping().model_dump(mode="json")
    del content["law"]["protections_elsewhere"]
    assert content["law"].pop("collections") is None
    assert content["ledger"].pop("stamps") == {}
    assert content["upgrade"]["contact_rules"].pop("approved_by_another") is False
    assert content["service"]["waiting"].pop("profile_visits") == 200.0
    for section, key in LATER:
        del content[section][key]
    assert json_hash(content) == policy.hash
    assert Policy.model_validate(content).hash == policy.hash


def test_a_changed_figure_changes_the_hash(tmp_path: Path) -> None:
    path = rewritten(tmp_path, "own_weight = 0.5", "own_weight = 0.6")
    assert load_policy(path).hash != load_policy(RETAIL).hash


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("own_weight = 0.5", "own_wait = 0.5", r"(?s)tiers\.own_wait.*not permitted"),
        ("own_weight = 0.5", "own_weight = 1.5", r"tiers\.own_weight: .*less than or equal to 1"),
        ('currency = "CNY"', 'currency = "yuan"', "currency"),
        ("tenor_months = [0, 3,", "tenor_months = [3, 0,", "must ascend"),
        ("rate_annual = [0.0145, ", "rate_annual = [", "same length"),
        ("elsewhere_from = 0.60", "elsewhere_from = 0.20", "must be below"),
        ("vat_rate = 0.06", "vat_rate = nan", "finite"),
    ],
)
def test_a_fault_is_named_with_its_place(tmp_path: Path, old: str, new: str, message: str) -> None:
    with pytest.raises(PolicyError, match=message):
        load_policy(rewritten(tmp_path, old, new))


def test_every_fault_is_listed_at_once(tmp_path: Path) -> None:
    path = rewritten(tmp_path, "own_weight = 0.5", "own_weight = 7\nsurprise = 1")
    with pytest.raises(PolicyError, match="2 faults"):
        load_policy(path)


def test_a_missing_file_says_where_it_was_looked_for(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match="must be a file"):
        load_policy(tmp_path / "none.toml")


def test_a_file_that_is_no_toml_says_so(tmp_path: Path) -> None:
    path = tmp_path / "broken.toml"
    path.write_text("name = ", encoding="utf-8")
    with pytest.raises(PolicyError, match="must be TOML"):
        load_policy(path)


def test_products_can_be_asked_for_by_family() -> None:
    assert load_policy(RETAIL).products_of("loan", "card") == ("mortgage", "consumer_loan", "credit_card")
