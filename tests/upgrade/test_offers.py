"""Each customer gets the offer with the largest expected net gain that rules and eligibility allow."""

from __future__ import annotations

import polars as pl
import pytest

from segment.policy.contacts import Upgrade
from segment.upgrade import best_offers
from tests.upgrade.conftest import candidates

NOBODY = pl.DataFrame(schema={"customer_id": pl.String, "channel": pl.String, "code": pl.String})


def kept_out(channel: str | None) -> pl.DataFrame:
    return pl.DataFrame({"customer_id": ["c000"], "channel": [channel], "code": ["opt_out"]}, schema=NOBODY.schema)


def test_the_expected_net_gain_is_the_one_worked_by_hand(upgrade: Upgrade) -> None:
    # adviser: 0.8 * (0.10 - 0.005) * 0.40 * 4000 - 0.10 * 50 = 121.6 - 5 = 116.6; less 60 = 56.6
    # phone:   0.8 * (0.06 - 0.005) * 0.40 * 4000 - 0.06 * 50 =  70.4 - 3 =  67.4; less 12 = 55.4
    (offer,) = best_offers(candidates(), NOBODY, upgrade).to_dicts()
    assert (offer["bundle"], offer["channel"], offer["target_tier"]) == ("salary_account", "adviser", "valuable")
    assert offer["expected_gain_12m"] == pytest.approx(116.6)
    assert offer["expected_net_gain_12m"] == pytest.approx(56.6)


def test_a_channel_that_a_rule_bars_leaves_the_next_best(upgrade: Upgrade) -> None:
    (offer,) = best_offers(candidates(), kept_out("adviser"), upgrade).to_dicts()
    assert offer["channel"] == "phone"
    assert offer["expected_net_gain_12m"] == pytest.approx(55.4)


def test_a_customer_kept_out_everywhere_gets_no_offer(upgrade: Upgrade) -> None:
    assert best_offers(candidates(2), kept_out(None), upgrade)["customer_id"].to_list() == ["c001"]


def test_an_offer_that_costs_more_than_it_brings_is_not_made(upgrade: Upgrade) -> None:
    assert best_offers(candidates(upgrade_potential_12m=10.0), NOBODY, upgrade).is_empty()


def test_a_loan_customer_can_be_offered_the_account_linked_to_the_loan(upgrade: Upgrade) -> None:
    (offer,) = best_offers(candidates(families=["deposit", "loan"]), NOBODY, upgrade).to_dicts()
    assert offer["bundle"] == "mortgage_current_account"


def test_a_customer_who_is_not_flagged_gets_bundles_for_others_only(upgrade: Upgrade) -> None:
    (offer,) = best_offers(candidates(main_bank_elsewhere=False), NOBODY, upgrade).to_dicts()
    assert offer["bundle"] == "everyday_card"
    assert best_offers(candidates(main_bank_elsewhere=False, families=["card"]), NOBODY, upgrade).is_empty()


def test_loss_making_and_high_value_customers_are_not_on_the_list(upgrade: Upgrade) -> None:
    for tier in ("loss_making", "high_value"):
        assert best_offers(candidates(tier=tier), NOBODY, upgrade).is_empty()
