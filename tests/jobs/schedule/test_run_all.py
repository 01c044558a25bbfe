"""One command does a month's work, and does nothing twice."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from segment.jobs.lists.draft_lists import list_drafts
from segment.jobs.schedule.run_all import newest_month
from segment.ledger.trial_ledger import write_trial_day
from segment.policy import Policy, load_policy
from segment.working_days import WorkingDays
from tests.conftest import AS_OF, RETAIL, Bank, Said


@pytest.mark.parametrize(
    ("trial", "wanted"),
    [(dt.date(2025, 12, 31), AS_OF), (dt.date(2026, 1, 5), AS_OF), (None, dt.date(2026, 1, 31))],
)
def test_the_newest_month_is_that_of_the_trial_or_the_one_that_is_due(
    tmp_path: Path, trial: dt.date | None, wanted: dt.date
) -> None:
    (tmp_path / "branches.csv").write_text("branch_id,name\n")
    if trial:
        write_trial_day(tmp_path, trial)
    assert newest_month(str(tmp_path), dt.date(2026, 2, 20), WorkingDays(), retail()) == wanted


def retail() -> Policy:
    return load_policy(Path(RETAIL))


@pytest.mark.parametrize(
    ("last", "published", "wanted"),
    [
        ("2025-10-01", [], dt.date(2025, 10, 31)),
        ("2025-10-01", [dt.date(2025, 9, 30)], dt.date(2025, 10, 31)),
        ("2025-10-01", [dt.date(2025, 10, 31)], dt.date(2026, 1, 31)),
        ("2025-10-01", [dt.date(2025, 12, 31)], dt.date(2026, 1, 31)),
        ("2026-02-01", [], dt.date(2026, 1, 31)),
    ],
)
def test_a_ledger_that_ends_before_what_is_due_is_worked_on_as_far_as_it_goes_but_once(
    tmp_path: Path, last: str, published: list[dt.date], wanted: dt.date
) -> None:
    columns = "account_id,month,average_balance,closing_balance,interest_rate_annual"
    (tmp_path / "balances.csv").write_text(f"{columns}\nA1,2025-08-01,1,1,\nA1,{last},1,1,\n")
    assert newest_month(str(tmp_path), dt.date(2026, 2, 20), WorkingDays(), retail(), published) == wanted


@pytest.mark.slow
def test_what_is_done_is_not_done_again_and_the_lists_wait(bank: Bank, segment: Callable[..., Said]) -> None:
    done = segment("run", bank.ledger, "--policy", RETAIL, "--json", workspace=bank.workspace.root)
    assert done.code == 0, done.err
    said = json.loads(done.out)
    assert said["as_of"] == AS_OF.isoformat()
    assert said["trained"] is None
    assert said["published"]["published_before"]
    assert said["drafts"]["list_id"] in set(list_drafts(bank.workspace)["list_id"])
