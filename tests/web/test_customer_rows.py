"""The copy that the page reads: what is published, whole, in the scope of who asks, by the index that fits."""

from __future__ import annotations

import datetime as dt
import json
import random
import threading
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from segment.exceptions import PublishError, UsageError
from segment.jobs.publish import build_serving_copy as building
from segment.jobs.publish.build_serving_copy import build_serving_copy, renew_serving_copy
from segment.store.tombstones import Erased, Tombstone, subject_key
from segment.warehouse.serving_copy import SORTS, ServingCopy, current_copy, without_serving_copies
from segment.warehouse.tiers_table import publish_tiers
from segment.web.customer_rows import CustomerRows, Filters
from segment.web.rights import NotAllowed, Scope
from segment.workspace import Workspace

DAY = dt.date(2025, 12, 31)
TIERS = ("high_value", "valuable", "break_even", "loss_making", None)


def tiers(customers: int = 400, seed: int = 3, as_of: dt.date = DAY) -> pl.DataFrame:
    draw = random.Random(seed)
    rows = [
        {
            "as_of": as_of,
            "customer_id": f"C{number:05d}",
            "branch_id": f"B{number % 4:03d}",
            "tier": draw.choice(TIERS),
            "previous_tier": draw.choice(TIERS),
            "contribution_12m": float(draw.randint(-5, 5)),  # many are alike
            "future_value_12m": draw.choice([None, 1.0, 2.0]),
            "upgrade_potential_12m": draw.uniform(0, 9),
            "main_bank_elsewhere": draw.random() < 0.2,
            "wallet_elsewhere_12m": draw.choice([None, 100.0]),
            "reasons": ["DORMANT"],
            "run_id": f"run {seed}",
        }
        for number in range(customers)
    ]
    return pl.DataFrame(rows)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    workspace = Workspace(tmp_path)
    publish_tiers(tiers(), workspace.tiers)
    return workspace


def rows_of(workspace: Workspace, *branches: str) -> CustomerRows:
    copy = build_serving_copy(workspace)
    assert copy is not None
    return CustomerRows(copy, Scope(frozenset(branches) if branches else None))


def walk(rows: CustomerRows, filters: Filters, size: int) -> list[str]:
    found, after = [], ""
    while True:
        page = rows.page(filters, after=after, size=size)
        found += [row["customer_id"] for row in page.rows]
        if not page.after:
            return found
        after = page.after


@pytest.mark.parametrize("branches", [(), ("B001",), ("B001", "B003")])
@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize(
    "more", [{}, {"tier": "valuable"}, {"flag": True}, {"ranges": {"least_contribution_12m": 0.0}}]
)
def test_pages_are_the_published_rows_in_order(
    workspace: Workspace, branches: tuple[str, ...], sort: str, more: dict[str, object]
) -> None:
    truth = (
        tiers()
        .with_columns(pl.col("future_value_12m").fill_null(0.0))
        .sort([sort, "customer_id"], descending=[True, False])
    )
    truth = truth.filter(pl.col("branch_id").is_in(branches)) if branches else truth
    truth = truth.filter(pl.col("tier") == more["tier"]) if "tier" in more else truth
    truth = truth.filter("main_bank_elsewhere") if "flag" in more else truth
    truth = truth.filter(pl.col("contribution_12m") >= 0) if "ranges" in more else truth
    rows, filters = rows_of(workspace, *branches), Filters(sort=sort, **more)  # type: ignore[arg-type]
    assert walk(rows, filters, 7) == truth["customer_id"].to_list()
    assert [row["customer_id"] for row in rows.all(filters)] == truth["customer_id"].to_list()


def test_lists_are_asked_once_for_all_parts_of_a_page(workspace: Workspace) -> None:
    asked: list[str] = []

    def listed(programme: str) -> list[str]:
        asked.append(programme)
        return tiers()["customer_id"].to_list()[:9]

    rows = replace(rows_of(workspace), listed=listed)
    page = rows.page(Filters(programme="main_account"))
    assert {row["customer_id"] for row in page.rows} == set(tiers()["customer_id"].to_list()[:9])
    assert asked == ["main_account"]


def test_a_copy_with_the_columns_of_another_release_is_built_anew(workspace: Workspace) -> None:
    build_serving_copy(workspace)
    pointer = workspace.serving / "current.json"
    content = json.loads(pointer.read_text(encoding="utf-8"))
    pointer.write_text(json.dumps({**content, "format": content["format"][:-1]}), encoding="utf-8")
    assert current_copy(workspace) is None
    assert walk(rows_of(workspace), Filters(cluster="1"), 7) == []


def test_back_and_forth_shows_the_same_pages(workspace: Workspace) -> None:
    rows, filters = rows_of(workspace), Filters()
    first = rows.page(filters, size=30)
    second = rows.page(filters, after=first.after, size=30)
    third = rows.page(filters, after=second.after, size=30)
    back = rows.page(filters, before=third.before, size=30)
    assert [row["customer_id"] for row in back.rows] == [row["customer_id"] for row in second.rows]
    assert first.before == "" and rows.page(filters, before=back.before, size=30).before == ""  # noqa: PT018


@pytest.mark.parametrize("filters", [Filters(), Filters(branch="B001"), Filters(tier="valuable", sort=SORTS[2])])
def test_no_question_sorts_or_reads_past_its_index(
    workspace: Workspace, filters: Filters, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, list[object]]] = []
    plain = ServingCopy.rows
    monkeypatch.setattr(ServingCopy, "rows", lambda self, q, v=(): asked.append((q, list(v))) or plain(self, q, v))
    rows = rows_of(workspace)
    rows.page(filters, size=5)
    plans = [
        row["detail"] for q, v in asked if "INDEXED BY" in q for row in plain(rows.copy, f"EXPLAIN QUERY PLAN {q}", v)
    ]
    assert plans
    assert all("USING INDEX" in plan for plan in plans)


def test_rows_of_another_branch_are_neither_shown_nor_counted(workspace: Workspace) -> None:
    rows = rows_of(workspace, "B001")
    assert {row["branch_id"] for row in rows.overview()} == {"B001"} == set(rows.branches())
    with pytest.raises(NotAllowed):
        rows.person("C00000")
    with pytest.raises(NotAllowed):
        rows.page(Filters(branch="B002"))
    assert rows.reasons(["C00000", "C00001"]).keys() == {"C00001"}
    assert walk(CustomerRows(rows.copy, Scope(frozenset())), Filters(), 9) == []


@pytest.mark.parametrize("value", ["1234567.89", "0.1", "-12", "1e15"])
def test_an_address_says_a_filter_again_to_the_last_digit(value: str) -> None:
    filters = Filters.of({"least_contribution_12m": value})
    assert Filters.of(filters.address()) == filters


@pytest.mark.parametrize(
    "given",
    [
        {"sort": "customer_id; --"},
        {"tier": "x"},
        *({"least_contribution_12m": text} for text in ("a", "nan", "-inf")),
        *({"cluster": text} for text in ("x", "9" * 5000, "99999999999999999999", "９")),
    ],
)
def test_what_is_no_filter_is_refused(given: dict[str, str]) -> None:
    with pytest.raises(UsageError, match="must be"):
        Filters.of(given)


@pytest.mark.parametrize("place", ["x", "1~2", "a~b~c", "9999~1.0~C00001", "1~nan~' OR 1=1"])
def test_a_place_that_no_page_gave_shows_nothing(workspace: Workspace, place: str) -> None:
    rows = rows_of(workspace)
    try:
        assert len(rows.page(Filters(), after=place).rows) <= 50
    except UsageError as fault:
        assert "must be" in str(fault)  # noqa: PT017


def test_readers_see_one_version_whole_while_others_are_published(workspace: Workspace) -> None:
    build_serving_copy(workspace)
    sums = {seed: (300 + seed, float(tiers(300 + seed, seed)["contribution_12m"].sum())) for seed in range(4, 9)}
    seen: set[tuple[int, float]] = set()
    stop = threading.Event()

    def read() -> None:
        while not stop.is_set():
            copy = current_copy(workspace)
            if copy is not None:
                seen.add(tuple(copy.rows("SELECT COUNT(*), SUM(contribution_12m) FROM customers")[0]))

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for seed in range(4, 9):
        publish_tiers(tiers(300 + seed, seed), workspace.tiers)
        renew_serving_copy(workspace)
        copy = current_copy(workspace)
        assert copy is not None
        assert tuple(copy.rows("SELECT COUNT(*), SUM(contribution_12m) FROM customers")[0]) == sums[seed]
    stop.set()
    for reader in readers:
        reader.join()
    before = (400, float(tiers()["contribution_12m"].sum()))
    assert seen <= {before, *sums.values()}
    assert len(list(workspace.serving.glob("*.db"))) == 1


def test_whoever_was_erased_is_in_no_copy(workspace: Workspace) -> None:
    build_serving_copy(workspace)
    with without_serving_copies(workspace):
        builder = threading.Thread(target=build_serving_copy, args=[workspace])
        builder.start()
        builder.join(0.2)
        assert builder.is_alive()  # nothing is built from what is being erased
        assert current_copy(workspace) is None
        Erased((Tombstone(subject_key(workspace, "C00007"), (), DAY.isoformat()),), b"").add_to(workspace)
    builder.join()
    assert [path.name for path in workspace.serving.iterdir() if b"C00007" in path.read_bytes()] == []
    assert len(walk(rows_of(workspace), Filters(), 100)) == 399


def test_a_copy_that_is_not_what_is_published_is_never_shown(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = building._write
    monkeypatch.setattr(building, "_write", lambda rows, path: plain(rows.head(399), path))
    with pytest.raises(PublishError, match="must hold what is published"):
        build_serving_copy(workspace)
    assert current_copy(workspace) is None
    assert list(workspace.serving.glob("*.db")) == []


def test_nobody_builds_a_copy_before_the_page_was_served(workspace: Workspace) -> None:
    renew_serving_copy(workspace)
    assert not workspace.serving.exists()
