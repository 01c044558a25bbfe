"""Lists wait in the workspace until a person releases them, a branch at a time."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from segment.exceptions import ListError
from segment.jobs.lists.draft_lists import draft_lists, drafted_dates, list_drafts, read_list
from segment.store.lists import write_list
from segment.store.record_kinds import RecordKind
from segment.store.records import append_record, read_records
from segment.store.stored_tables import LIST_ROWS
from segment.workspace import Workspace
from tests.conftest import AS_OF, RETAIL, Bank, Said

LIST_ON = dt.date(2026, 1, 5)
OURS, OLDER = "2026-01-05-0000000001", "2025-12-05-0000000002"


@pytest.fixture
def kept(tmp_path: Path) -> Workspace:
    """A list of two branches, control arm included, and one of a release that kept no date of its tiers."""
    workspace = Workspace(tmp_path / "workspace")
    rows = pl.DataFrame(
        {
            "customer_id": ["c0", "c1", "c2", "c3"],
            "branch_id": ["b0", "b1", "b0", "b1"],
            "rank": [1, 2, 3, 4],
            "arm": ["contact", "contact", "contact", "control"],
            "expected_net_gain_12m": [5.0, 4.0, 3.0, 2.0],
            "expires_on": [LIST_ON + dt.timedelta(days=30)] * 4,
            "list_on": [LIST_ON] * 4,
        }
    )
    for list_id, report in ((OURS, {"as_of": AS_OF.isoformat(), "branch": None}), (OLDER, {})):
        named = rows.with_columns(list_id=pl.lit(list_id))
        write_list(
            workspace, list_id, report, pl.concat([pl.DataFrame(schema=LIST_ROWS.schema), named], how="diagonal")
        )
    return workspace


def released(workspace: Workspace, branch: str | None) -> None:
    content = {"list_id": OURS, "released_on": "2026-01-06", "filter": {"branch": branch}, "rows": 1}
    append_record(workspace, RecordKind.LIST_RELEASED, by="ana", why="contact", content=content)


def test_a_list_is_read_whole_or_a_branch_at_a_time_without_its_control_arm(kept: Workspace) -> None:
    whole, part = read_list(kept, OURS), read_list(kept, OURS, "b0")
    assert (whole.as_of, whole.list_on) == (AS_OF, LIST_ON)
    assert whole.to_contact["customer_id"].to_list() == ["c0", "c1", "c2"]
    assert part.to_contact.select("rank", "customer_id").rows() == [(1, "c0"), (2, "c2")]


@pytest.mark.parametrize(("list_id", "branch"), [("nowhere", None), (OLDER, None), (OURS, "b9")])
def test_what_is_not_kept_is_refused(kept: Workspace, list_id: str, branch: str | None) -> None:
    with pytest.raises(ListError, match="Hint: `lists`"):
        read_list(kept, list_id, branch)


@pytest.mark.parametrize(("branch", "by"), [("b0", ["ana", None]), (None, ["ana", "ana"])])
def test_what_is_kept_is_shown_by_branch_with_what_was_released(
    kept: Workspace, branch: str | None, by: list[str | None]
) -> None:
    assert list_drafts(kept)["released_on"].null_count() == 4
    released(kept, branch)
    shown = list_drafts(kept)
    assert shown["list_id"].to_list() == [OURS, OURS, OLDER, OLDER]
    assert shown["as_of"].to_list() == [AS_OF, AS_OF, None, None]
    assert shown["customers"].to_list() == [2, 1, 2, 1]
    assert shown["released_by"].to_list() == [*by, None, None]


def test_a_date_is_drafted_once_the_whole_bank_has_a_list(kept: Workspace, tmp_path: Path) -> None:
    assert drafted_dates(kept) == {AS_OF}
    one_branch = {"as_of": "2026-01-31", "branch": "b0"}
    write_list(kept, "2026-02-05-0000000003", one_branch, pl.DataFrame(schema=LIST_ROWS.schema))
    assert drafted_dates(kept) == {AS_OF}
    assert drafted_dates(Workspace(tmp_path / "nothing")) == set()
    assert list_drafts(Workspace(tmp_path / "nothing")).is_empty()


@pytest.mark.slow
def test_a_person_releases_a_branch_of_what_was_drafted(
    bank: Bank, segment: Callable[..., Said], tmp_path: Path
) -> None:
    drafts = draft_lists(AS_OF, bank.workspace, bank.policy)
    assert read_records(bank.workspace, RecordKind.LIST_RELEASED) == []
    assert drafts.list_id in drafts.in_words("zh")
    first = drafts.branches.sort("customers").row(-1, named=True)
    of = ("--list-id", drafts.list_id, "--branch", first["branch_id"], "--policy", RETAIL)
    said = segment("upgrade-list", *of, "--out", tmp_path / "list.csv", workspace=bank.workspace.root)
    assert said.code == 0, said.err
    rows = pl.read_csv(tmp_path / "list.csv")
    assert rows["branch_id"].unique().to_list() == [first["branch_id"]]
    assert rows.height == first["customers"]
    [record] = read_records(bank.workspace, RecordKind.LIST_RELEASED)
    assert record.content["filter"]["branch"] == first["branch_id"]
    shown = json.loads(segment("lists", "--json", workspace=bank.workspace.root).out)
    assert [row["branch_id"] for row in shown if row["released_by"]] == [first["branch_id"]]
    refused = segment("upgrade-list", *of, "--capacity", "3", workspace=bank.workspace.root)
    assert refused.code == 2
    assert "--list-id names a list that is made" in refused.err
