"""Chances of departures are learned with the model, stored with it, published, and shown on its card."""

from __future__ import annotations

import json

import polars as pl

from segment.departures import LEAVING, MOVING
from segment.tracking.models import CARD_FACTS, CHAMPION
from segment.warehouse.tiers_table import read_tiers
from tests.conftest import AS_OF, Bank


def test_published_tiers_have_both_chances_for_three_horizons(trained_bank: Bank) -> None:
    tiers = read_tiers(trained_bank.workspace.tiers, AS_OF)
    assert tiers.select(LEAVING).null_count().sum_horizontal().item() == 0
    here = tiers.filter(pl.col(MOVING[0]).is_not_null())
    assert 0 < here.height < tiers.height
    for three, six, twelve in (LEAVING, MOVING):
        assert here.select(((pl.col(three) < pl.col(six)) & (pl.col(six) < pl.col(twelve))).all()).item()
    assert tiers.select(pl.max_horizontal(*LEAVING, *MOVING).max()).item() < 1.0


def test_the_stored_model_says_how_much_the_prior_counts(trained_bank: Bank) -> None:
    model, version = trained_bank.tracking().load(CHAMPION)
    taught = model.departures_.taught()
    assert taught["departures_left"] > 0
    assert 0.0 < taught["departures_prior"] < 1.0
    assert "limits.departures" in [limit.code for limit in model.limits()]
    facts = json.loads(trained_bank.tracking().read_text(version.run_id, CARD_FACTS) or "")
    assert "limits.departures" in [limit["code"] for limit in facts["limits"]]
