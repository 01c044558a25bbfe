"""A forecast learned from a small simulated bank: strictly point in time, without a protected column."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from segment.banks.simulator import simulate_bank
from segment.dates import month_end, next_month
from segment.departures import LEAVING, MOVING, DepartureForecast, Landmarks, read_landmarks
from segment.departures.departure_forecast import with_departures
from segment.departures.signs import SIGNS, signs_of
from segment.features import catalogue, snapshot, write_customer_months
from segment.ledger import check_ledger
from segment.policy import Policy, load_policy

AS_OF = dt.date(2025, 6, 30)
LAST = dt.date(2025, 12, 31)


@pytest.fixture(scope="module")
def policy() -> Policy:
    return load_policy("models/retail.toml")


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory, policy: Policy) -> Mapping[str, pl.DataFrame]:
    out = tmp_path_factory.mktemp("departing")
    simulate_bank(out, customers=150, months=20, seed=8)
    return check_ledger(out / "ledger", tuple(policy.products), policy.ledger.tolerated_bad_row_share).tables


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, tables: Mapping[str, pl.DataFrame], policy: Policy) -> Path:
    folder = tmp_path_factory.mktemp("months")
    write_customer_months(tables, policy, LAST, folder)
    return folder


@pytest.fixture(scope="module")
def landmarks(tables: Mapping[str, pl.DataFrame], folder: Path, policy: Policy) -> Landmarks:
    return read_landmarks(tables, folder, policy, AS_OF)


@pytest.fixture(scope="module")
def forecast(landmarks: Landmarks) -> DepartureForecast:
    return DepartureForecast().fit(landmarks)


def shuffled_after(tables: Mapping[str, pl.DataFrame], as_of: dt.date) -> dict[str, pl.DataFrame]:
    """Give everything that is dated after a day to somebody else, and take later ends and deaths away."""
    changed = dict(tables)
    for name, dated, whose in (
        ("transactions", "booked_on", "account_id"),
        ("balances", "month", "account_id"),
        ("service_events", "occurred_on", "customer_id"),
    ):
        later = tables[name].filter(pl.col(dated) > as_of)
        mixed = later.with_columns(later[whose].shuffle(seed=1))
        if name == "balances":
            mixed = later.with_columns(
                later["average_balance"].shuffle(seed=1), later["closing_balance"].shuffle(seed=2)
            )
        changed[name] = pl.concat([tables[name].filter(pl.col(dated) <= as_of), mixed])
    for name, dated in (("customers", "left_on"), ("accounts", "closed_on")):
        changed[name] = tables[name].with_columns(pl.when(pl.col(dated) <= as_of).then(dated).alias(dated))
    rules = tables["contact_rules"]
    changed["contact_rules"] = rules.filter(pl.col("starts_on") <= as_of)
    return changed


@pytest.mark.slow
def test_whatever_comes_after_the_date_the_forecast_is_the_same(
    tables: Mapping[str, pl.DataFrame], landmarks: Landmarks, folder: Path, policy: Policy, tmp_path: Path
) -> None:
    other = shuffled_after(tables, AS_OF)
    assert not other["transactions"].equals(tables["transactions"])
    write_customer_months(other, policy, LAST, tmp_path)
    changed = read_landmarks(other, tmp_path, policy, AS_OF)
    for name in ("signs", "leaves", "moves", "weight", "customer"):
        np.testing.assert_array_equal(getattr(changed, name), getattr(landmarks, name))
    shown = [
        with_departures(
            snapshot(of, where, policy, [AS_OF], known_until=LAST)[AS_OF], DepartureForecast().fit(learned)
        ).select(*LEAVING, *MOVING)
        for of, where, learned in ((tables, folder, landmarks), (other, tmp_path, changed))
    ]
    assert shown[0].equals(shown[1])


def test_signs_learned_from_are_those_of_the_snapshot_of_the_date(
    tables: Mapping[str, pl.DataFrame], landmarks: Landmarks, folder: Path, policy: Policy
) -> None:
    date = month_end(next_month(AS_OF.replace(day=1), -2))
    taken = snapshot(tables, folder, policy, [date])[date]
    known = {tuple(row) for row in np.nan_to_num(landmarks.signs, nan=-1.0).round(6)}
    rows = np.nan_to_num(signs_of(taken), nan=-1.0).round(6)
    assert np.mean([tuple(row) in known for row in rows]) > 0.9


def test_no_departure_is_later_than_the_date_and_none_is_certain(
    landmarks: Landmarks, forecast: DepartureForecast
) -> None:
    assert landmarks.leaves.max() <= 12
    assert (landmarks.leaves > 0).sum() > 0
    chances = forecast.predict(landmarks.signs)
    assert ((chances > 0.0) & (chances < 1.0)).all()


def test_horizons_rise_and_who_banks_elsewhere_cannot_move_away(
    tables: Mapping[str, pl.DataFrame], forecast: DepartureForecast, folder: Path, policy: Policy
) -> None:
    shown = with_departures(snapshot(tables, folder, policy, [AS_OF])[AS_OF], forecast)
    for three, six, twelve in (LEAVING, MOVING):
        assert (shown[three] <= shown[six]).all()
        assert (shown[six] <= shown[twelve]).all()
    assert shown["chance_of_leaving_3m"].null_count() == 0
    elsewhere = shown["main_account_months_12m"] < 7
    assert shown.filter(elsewhere)["chance_main_bank_leaves_3m"].null_count() == elsewhere.sum() > 0
    assert shown.filter(~elsewhere)["chance_main_bank_leaves_3m"].null_count() == 0


def test_without_a_forecast_nothing_is_claimed() -> None:
    shown = with_departures(pl.DataFrame({"customer_id": ["x"]}), None)
    assert shown.select(*LEAVING, *MOVING).null_count().sum_horizontal().item() == 6


def test_every_sign_is_a_feature_of_the_catalogue_and_none_is_protected(policy: Policy) -> None:
    assert set(SIGNS) <= {feature.name for feature in catalogue(policy)}
    assert not set(SIGNS) & {"birth_date", "sex", "region", "life_stage", "occupation", "household_size", "age"}
