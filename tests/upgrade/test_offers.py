"""Each customer is in one programme and gets what rules, eligibility and suitability allow."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

from segment.policy import Policy
from segment.policy.tenure_hazards import DeparturePrior
from segment.upgrade.chances import Factor, LearnedChances
from segment.upgrade.offers import best_offers, offer_options, with_programmes, with_value_months
from segment.upgrade.survival import Survival
from tests.upgrade.conftest import candidates, with_rules

NOBODY = pl.DataFrame(schema={"customer_id": pl.String, "channel": pl.String, "code": pl.String})


def kept_out(channel: str | None) -> pl.DataFrame:
    return pl.DataFrame({"customer_id": ["c000"], "channel": [channel], "code": ["opt_out"]}, schema=NOBODY.schema)


def offered(customers: pl.DataFrame, policy: Policy, suppressed: pl.DataFrame = NOBODY) -> pl.DataFrame:
    return best_offers(offer_options(with_programmes(customers, policy), suppressed, policy))


def without_floors(policy: Policy) -> Policy:
    return with_rules(policy, floor_in_costs=0.0)


def test_the_expected_net_value_is_the_one_worked_by_hand(retail: Policy) -> None:
    # a moved main account has odds of its own on top of .005 without a contact: .04 by visit, .02 by phone, of the 0.8
    # who have one elsewhere
    # adviser, a year:  0.8 * 0.04 * 0.40 * 4000 - (0.005 + 0.032) * 50 = 51.2 - 1.85 = 49.35; less 60 = -10.65
    # adviser, 24 months that it lasts: 2 * 51.2 - 1.85 - 60 = 40.55
    (offer,) = offered(candidates(), without_floors(retail)).to_dicts()
    assert (offer["bundle"], offer["channel"], offer["target_tier"]) == ("salary_account", "adviser", "valuable")
    assert offer["expected_gain_12m"] == pytest.approx(49.35)
    assert offer["expected_net_gain_12m"] == pytest.approx(-10.65)
    assert offer["expected_net_value"] == pytest.approx(40.55)
    assert offer["conversion_probability"] == pytest.approx(0.037)
    assert offer["value_horizon_months"] == 36


def test_the_net_value_decides_between_channels_and_whether_an_offer_is_made(retail: Policy) -> None:
    year, years = (offered(candidates(value_months=months), without_floors(retail)) for months in (12.0, 36.0))
    assert (year["channel"].to_list(), years["channel"].to_list()) == (["phone"], ["adviser"])
    assert offered(candidates(upgrade_potential_12m=100.0), retail).is_empty()
    assert offered(candidates(upgrade_potential_12m=900.0, value_months=30.0), retail).height == 1


def test_a_move_is_worth_the_months_of_its_tenure_and_kind(retail: Policy) -> None:
    """DOMAIN.md 3.8: 26.9 months of an old main relation, 22.7 of a new one."""
    chosen = with_programmes(candidates(3).drop("value_months"), retail)
    relations = pl.DataFrame(
        {"customer_id": ["c000", "c001"], "joined_on": [dt.date(2001, 2, 3), dt.date(2025, 12, 31)]}
    )
    priced = with_value_months(chosen, relations, Survival(DeparturePrior().hazards), retail, dt.date(2025, 12, 31))
    assert priced["value_months"].round(1).to_list() == [26.9, 22.7, 26.9]
    kept = with_programmes(candidates(tier="high_value", main_bank_elsewhere=False, chance_of_lower_tier=0.9), retail)
    kept = with_value_months(kept, relations, Survival(DeparturePrior().hazards), retail, dt.date(2025, 12, 31))
    # not main by its probability, and without a ramp: what is kept is there already
    assert kept["value_months"][0] == pytest.approx(sum(0.988**t / 1.08 ** (t / 12) for t in range(1, 37)))


def test_each_channel_has_its_best_bundle_among_the_options(retail: Policy) -> None:
    options = offer_options(with_programmes(candidates(), retail), NOBODY, without_floors(retail))
    assert options["channel"].to_list() == ["adviser", "phone", "mobile"]
    # phone: 2 * 0.8 * 0.02 * 0.40 * 4000 - 0.021 * 50 - 12 = 51.2 - 1.05 - 12
    assert options["expected_net_value"].to_list()[1] == pytest.approx(38.15)


def test_a_channel_that_a_rule_bars_leaves_the_next_best(retail: Policy) -> None:
    (offer,) = offered(candidates(), retail, kept_out("adviser")).to_dicts()
    assert offer["channel"] == "phone"


def test_a_customer_kept_out_everywhere_gets_no_offer(retail: Policy) -> None:
    assert offered(candidates(2), retail, kept_out(None))["customer_id"].to_list() == ["c001"]


def test_credit_is_not_offered_where_the_law_asks_for_a_review_that_nobody_made(retail: Policy) -> None:
    """ECOA/Reg B: no discrimination in any aspect of credit."""
    american = retail.model_copy(update={"jurisdiction": "us"})
    assert american.withheld_bundles == ("everyday_card",)
    assert offered(candidates(main_bank_elsewhere=False), american).is_empty()
    (offer,) = offered(candidates(), american).to_dicts()
    assert offer["bundle"] == "salary_account"


@pytest.mark.parametrize(("late", "bundles"), [(None, 1), (7, 1), (8, 0)])
def test_nobody_who_is_overdue_is_offered_credit(retail: Policy, late: int | None, bundles: int) -> None:
    """DOMAIN.md 3.10: no credit offers from the eighth day on."""
    card = candidates(main_bank_elsewhere=False).with_columns(days_past_due=pl.lit(late, pl.Int64))
    assert offered(card, retail).height == bundles
    (offer,) = offered(candidates().with_columns(days_past_due=pl.lit(late, pl.Int64)), retail).to_dicts()
    assert offer["bundle"] == "salary_account"


def test_an_offer_that_costs_more_than_it_brings_is_not_made(retail: Policy) -> None:
    assert offered(candidates(upgrade_potential_12m=10.0), retail).is_empty()


def test_a_loan_customer_can_be_offered_the_account_linked_to_the_loan(retail: Policy) -> None:
    (offer,) = offered(candidates(families=["deposit", "loan"]), retail).to_dicts()
    assert offer["bundle"] == "mortgage_current_account"


def test_a_customer_who_is_not_flagged_gets_bundles_for_others_only(retail: Policy) -> None:
    (offer,) = offered(candidates(main_bank_elsewhere=False), retail).to_dicts()
    assert (offer["programme"], offer["bundle"]) == ("break_even_growth", "everyday_card")
    assert offered(candidates(main_bank_elsewhere=False, families=["card"]), retail).is_empty()


def test_loss_making_customers_are_on_a_list_for_what_a_lever_or_a_wallet_brings_alone(retail: Policy) -> None:
    loss = {"tier": "loss_making", "main_bank_elsewhere": False, "main_bank_elsewhere_probability": 0.2}
    assert with_programmes(candidates(**loss), retail).is_empty()
    levered = with_programmes(candidates(**loss, lever_cost_12m=900.0, lever_income_12m=300.0), retail)
    assert dict(levered.select("programme", "move_value_12m").rows()) == {"lower_cost": 900.0, "grow_income": 300.0}


@pytest.mark.parametrize(("chance", "value"), [(0.29, None), (0.30, 2400.0)])
def test_without_proof_the_wallet_counts_by_its_odds_from_the_policys_on(
    retail: Policy, chance: float, value: float | None
) -> None:
    unproven = {"main_bank_elsewhere": False, "main_bank_elsewhere_probability": chance, "growth_potential": 0.0}
    found = with_programmes(candidates(**unproven, wallet_elsewhere_mean_12m=8000.0), retail)
    assert found["programme"].to_list() == (["main_account_unproven"] if value else [])
    # what is published as potential is the own growth; the row's is the wallet
    assert found["move_value_12m"].to_list() == ([pytest.approx(value)] if value else [])
    assert found["upgrade_potential_12m"].to_list() == ([8000.0] if value else [])


def test_programmes_compete_for_a_customer_by_net_value(retail: Policy) -> None:
    both = {"main_bank_elsewhere": False, "growth_potential": 0.0, "wallet_elsewhere_mean_12m": 3000.0}
    few, many = (
        offered(candidates(**both, lever_cost_12m=saved), retail)["programme"].to_list() for saved in (100.0, 9000.0)
    )
    assert (few, many) == (["main_account_unproven"], ["lower_cost"])


def test_rivals_stay_among_the_options_where_a_programme_has_room_for_few(retail: Policy) -> None:
    few = retail.programmes["lower_cost"].model_copy(update={"capacity_per_branch": 1})
    limited = retail.model_copy(update={"programmes": {**retail.programmes, "lower_cost": few}})
    both = {"main_bank_elsewhere": False, "wallet_elsewhere_mean_12m": 9000.0, "lever_cost_12m": 9000.0}
    by_phone = pl.col("channel") == "phone"
    for policy, programmes in ((retail, 1), (limited, 2)):
        options = offer_options(with_programmes(candidates(**both), policy), NOBODY, policy)
        assert options.filter(by_phone).height == programmes


def test_an_excluded_customer_is_in_no_programme(retail: Policy) -> None:
    assert with_programmes(candidates(standing="excluded"), retail).is_empty()


@pytest.mark.parametrize(("channel", "floor"), [("mobile", 0.4), ("phone", 24.0), ("adviser", 120.0)])
def test_nobody_is_contacted_below_twice_what_the_contact_costs(retail: Policy, channel: str, floor: float) -> None:
    """DOMAIN.md 3.6: the floor of a contact."""
    rules = retail.upgrade
    assert rules.floor(channel) == pytest.approx(floor)
    own = rules.channels[channel].model_copy(update={"least_net_value": 7.0})  # type: ignore[index]
    named = rules.model_copy(update={"channels": {**rules.channels, channel: own}})
    assert named.floor(channel) == 7.0
    assert named.model_copy(update={"least_net_gain": 500.0}).floor(channel) == 500.0
    options = offer_options(with_programmes(candidates(40), retail), NOBODY, retail)
    worth = options.filter(pl.col("channel") == channel)["expected_net_value"]
    assert worth.is_empty() or worth.min() > floor


def test_a_high_value_customer_is_on_the_list_only_with_an_early_warning(retail: Policy) -> None:
    high = {"tier": "high_value", "main_bank_elsewhere": False, "contribution_12m": 9000.0}
    assert with_programmes(candidates(**high), retail).is_empty()
    (offer,) = offered(candidates(**high, chance_of_lower_tier=0.6), retail).to_dicts()
    # adviser: (0.10 - 0.005) * 0.30 * (0.6 * 9000) = 153.9; less 60 = 93.9.
    # phone: (0.06 - 0.005) * 0.30 * 5400 = 89.1; less 12 = 77.1
    assert (offer["programme"], offer["target_tier"], offer["channel"]) == ("keep_high_value", "high_value", "adviser")
    assert offer["expected_net_gain_12m"] == pytest.approx(93.9)


def test_a_high_value_customer_who_may_leave_or_move_the_main_bank_is_to_be_kept(retail: Policy) -> None:
    high = {"tier": "high_value", "main_bank_elsewhere": False, "contribution_12m": 20_000.0}
    leaves = {"chance_of_leaving_6m": 0.2, "chance_of_leaving_12m": 0.3, "chance_main_bank_leaves_12m": 0.5}
    (kept,) = with_programmes(candidates(**high, **leaves), retail).to_dicts()
    # 1 - (1 - 0.3) * (1 - 0.5) = 0.65 is more than the chance of a lower tier, 0.1
    assert (kept["programme"], kept["move_value_12m"]) == ("keep_high_value", pytest.approx(13_000.0))
    assert with_programmes(candidates(**high, chance_of_leaving_6m=0.02), retail).is_empty()
    assert with_programmes(candidates(**high, chance_main_bank_leaves_6m=None), retail).is_empty()


def test_a_valuable_customer_needs_the_policys_growth_potential(retail: Policy) -> None:
    valuable = {"tier": "valuable", "main_bank_elsewhere": False}
    assert with_programmes(candidates(**valuable), retail)["programme"].to_list() == ["to_high_value"]
    assert with_programmes(candidates(**valuable, growth_potential=0.05), retail).is_empty()


def test_a_bundle_that_needs_suitability_goes_by_the_adviser_or_to_holders_of_wealth_products(retail: Policy) -> None:
    by = {"tier": "valuable", "main_bank_elsewhere": False, "families": ["card"], "upgrade_potential_12m": 12_000.0}
    options = offer_options(with_programmes(candidates(**by), retail), NOBODY, retail)
    assert options.select("bundle", "channel").rows() == [("deposit_ladder", "adviser")]
    by["families"] = ["card", "wealth"]
    options = offer_options(with_programmes(candidates(**by), retail), NOBODY, retail)
    assert set(options["channel"]) == {"adviser", "phone", "mobile"}


def test_learned_chances_take_the_place_of_the_policys(retail: Policy) -> None:
    chosen = with_programmes(candidates().with_columns(cluster=pl.lit(3)), retail)
    factors = {("main_account", "phone"): Factor(5.0)}
    learned = LearnedChances({"main_account": 0.02}, channels=factors)
    rules = without_floors(retail)
    by_channel = {row["channel"]: row for row in offer_options(chosen, NOBODY, rules, chances=learned).to_dicts()}
    # phone: 0.8 * 0.10 * 0.40 * 4000 - (0.02 + 0.08) * 50 = 128 - 5 = 123; less 12 = 111
    assert by_channel["phone"]["expected_net_gain_12m"] == pytest.approx(111.0)
    assert by_channel["phone"]["conversion_probability"] == pytest.approx(0.10)
    # adviser: 0.8 * 0.04 * 0.40 * 4000 - (0.02 + 0.032) * 50 = 51.2 - 2.6 = 48.6; less 60 = -11.4
    assert by_channel["adviser"]["expected_net_gain_12m"] == pytest.approx(-11.4)
    like_others = LearnedChances(learned.without, channels=factors, evidence={("cluster", "3"): Factor(0.5)})
    options = offer_options(chosen, NOBODY, rules, chances=like_others)
    by_phone = options.filter(pl.col("channel") == "phone")
    assert by_phone["conversion_probability"].to_list() == [pytest.approx(0.06)]


def test_a_chance_of_nothing_is_offered_nobody(retail: Policy) -> None:
    nothing = LearnedChances(channels={("main_account", ""): Factor(0.0)})
    assert offer_options(with_programmes(candidates(), retail), NOBODY, retail, chances=nothing).is_empty()


def test_the_spread_of_a_wallet_follows_from_its_mean_and_median(retail: Policy) -> None:
    wallet = candidates(wallet_elsewhere_12m=2000.0, wallet_elsewhere_mean_12m=4000.0)
    main, *_ = with_programmes(wallet, retail).to_dicts()
    # of a log-normal, 1 + variance over mean squared is (mean / median) squared
    assert (main["programme"], main["value_variation"]) == ("main_account", pytest.approx(3.0))
    assert with_programmes(candidates(), retail)["value_variation"].to_list() == [0.0]


def test_a_bundle_that_rests_leaves_the_next_best(retail: Policy) -> None:
    chosen = with_programmes(candidates(families=["deposit", "loan"]), retail)
    resting = pl.DataFrame({"customer_id": ["c000"], "bundle": ["mortgage_current_account"]})
    assert set(offer_options(chosen, NOBODY, retail, resting=resting)["bundle"]) == {"salary_account"}


def test_a_programme_must_use_known_bundles_and_channels(retail: Policy) -> None:
    content = retail.model_dump(mode="json")
    content["programmes"]["main_account"]["bundles"] = ["unheard_of"]
    with pytest.raises(ValueError, match=r"must stand in `upgrade.bundles`; not there: unheard_of"):
        Policy.model_validate(content)
    content = retail.model_dump(mode="json")
    content["programmes"]["main_account"]["channels"] = ["online"]
    with pytest.raises(ValueError, match=r"must stand in `upgrade.channels`; not there: online"):
        Policy.model_validate(content)
    content = retail.model_dump(mode="json")
    content["programmes"]["main_account"]["incremental_probability"] = {"visit": 0.04}
    with pytest.raises(ValueError, match=r"must stand in `upgrade.channels`; not there: visit"):
        Policy.model_validate(content)
