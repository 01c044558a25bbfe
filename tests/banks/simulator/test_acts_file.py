from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl
import pytest

from segment.banks.simulator.acts_file import WAYS, Acts, read_acts
from segment.banks.simulator.calendar import months_until
from segment.exceptions import UsageError

MONTHS = months_until(dt.date(2025, 12, 31), 3)
OFFER = {
    "customer_id": ["C0000003", "C0000001"],
    "acted_on": [dt.date(2025, 12, 1), dt.date(2025, 11, 30)],
    "kind": "offer",
    "what": ["main_account", "grows"],
    "channel": "phone",
}


def test_an_act_is_done_in_the_month_of_its_day_and_a_programme_stands_for_its_aim() -> None:
    acts = Acts.of_frame(pl.DataFrame(OFFER), 3, MONTHS)
    assert len(acts) == 2
    assert acts.of(0) == {}
    assert [(way, done.who.tolist()) for way, done in acts.of(1).items()] == [(("offer", "grows", "phone"), [0])]
    assert list(acts.of(2)) == [("offer", "main_account_here", "phone")]


def test_what_is_done_twice_in_a_month_in_the_same_way_is_done_once() -> None:
    frame = pl.DataFrame(OFFER).with_columns(customer_id=pl.lit("C0000002"), acted_on=dt.date(2025, 12, 5))
    assert len(Acts.of_frame(pl.concat([frame, frame]), 3, MONTHS)) == 2


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"kind": "visit"}, "1 are not|2 are not"),
        ({"channel": "letter"}, "2 are not"),
        ({"what": "unheard_of"}, "2 are not"),
        ({"customer_id": "C0000004"}, "2 without a customer"),
        ({"acted_on": None}, "2 without a day"),
        ({"acted_on": dt.date(2026, 1, 1)}, "within the months"),
        ({"kind": "fee"}, "2 without an amount"),
    ],
)
def test_an_act_that_the_twin_cannot_do_is_refused(change: dict[str, object], says: str) -> None:
    frame = pl.DataFrame(OFFER).with_columns(pl.lit(value).alias(name) for name, value in change.items())
    with pytest.raises(UsageError, match=says):
        Acts.of_frame(frame, 3, MONTHS)


def test_a_file_of_acts_is_read_alike_from_csv_and_parquet(tmp_path: Path) -> None:
    frame = pl.DataFrame(OFFER)
    frame.write_csv(tmp_path / "acts.csv")
    frame.write_parquet(tmp_path / "acts.parquet")
    assert read_acts(tmp_path / "acts.csv").equals(read_acts(tmp_path / "acts.parquet"))
    with pytest.raises(UsageError, match="must stand in a file"):
        read_acts(tmp_path / "none.csv")
    with pytest.raises(UsageError, match="Missing: kind, what"):
        Acts.of_frame(frame.drop("kind", "what"), 3, MONTHS)


def test_every_way_to_act_stands_once() -> None:
    assert len(set(WAYS)) == len(WAYS) == 16
