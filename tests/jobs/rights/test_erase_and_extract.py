"""A person who was erased does not come back with the next extract, and nobody else's month depends on it."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest

from segment.exceptions import WorkspaceError
from segment.jobs.backtest.backtest_history import build_months, read_ledger, without_erased
from segment.jobs.build.extract import extract
from segment.jobs.rights.erase import erase
from segment.progress import no_progress
from segment.store.tombstones import Erased
from segment.workspace import Workspace
from tests.jobs.build.month_files import LAST, lenient, month_ledger, write_ledger
from tests.jobs.rights.planted import places_of

POLICY = lenient()


@dataclass(frozen=True)
class Case:
    ledger: Path
    workspace: Workspace
    person: str

    def extract(self, root: Path | None = None) -> Workspace:
        workspace = self.workspace if root is None else Workspace(root)
        extract(str(self.ledger), LAST, workspace, POLICY, n_jobs=1)
        return workspace


@pytest.fixture
def case(tmp_path: Path) -> Case:
    """A person with a row in quarantine, whose household is named after them."""
    tables = month_ledger()
    named = pl.format("PERSON-{}", pl.col("customer_id")).alias("customer_id")
    tables = {
        name: rows.with_columns(named) if "customer_id" in rows.columns else rows for name, rows in tables.items()
    }
    owners = tables["holdings"].filter(pl.col("share") > 0)["customer_id"]
    events = tables["service_events"].filter(pl.col("customer_id").is_in(owners.implode()))
    person = str(events["customer_id"][0])
    bad = events.head(1).with_columns(channel=pl.lit("pigeon"), event_id=pl.lit("bad"))
    tables["service_events"] = pl.concat([tables["service_events"], bad])
    tables["customers"] = tables["customers"].with_columns(household_id=pl.lit(person))
    write_ledger(tables, tmp_path / "ledger")
    found = Case(tmp_path / "ledger", Workspace(tmp_path / "workspace"), person)
    found.extract()
    return found


def test_the_next_extract_keeps_the_person_out_of_months_quarantine_and_what_is_learned_of_parts(case: Case) -> None:
    before = places_of(case.workspace.root, case.person)
    assert any(place.startswith("ledger_parts/") for place in before)
    assert "quarantine/service_events.parquet" in before
    erase(case.workspace, POLICY, case.person, reason="Asked for.")
    for _ in range(2):
        case.extract()
        assert places_of(case.workspace.root, case.person) == []
    # a new month, a new file: everything else is read from what was kept
    shutil.copyfile(case.ledger / "customers.parquet", case.ledger / "copy")
    pl.read_parquet(case.ledger / "copy").reverse().write_parquet(case.ledger / "customers.parquet")
    (case.ledger / "copy").unlink()
    case.extract()
    assert places_of(case.workspace.root, case.person) == []


def test_erased_and_extracted_again_is_what_an_extract_from_scratch_makes(case: Case, tmp_path: Path) -> None:
    erase(case.workspace, POLICY, case.person, reason="Asked for.")
    case.extract()
    fresh = tmp_path / "fresh"
    fresh.mkdir()
    for name in ("store.db", "subject_secret", "chain_key"):
        shutil.copyfile(case.workspace.root / name, fresh / name)
    again = case.extract(fresh)
    for folder in ("customer_months", "reference", "snapshots"):
        for path in sorted((again.root / folder).glob("*.parquet")):
            assert pl.read_parquet(path).equals(pl.read_parquet(case.workspace.root / folder / path.name)), path.name
    sums = [
        pl.concat([pl.read_parquet(path) for path in sorted(one.reconciliations.glob("*.parquet"))])
        for one in (again, case.workspace)
    ]
    differ = sums[0].select("customers_sum", "erased", "total") - sums[1].select("customers_sum", "erased", "total")
    assert max(differ[name].abs().max() for name in differ.columns) <= 0.011  # type: ignore[type-var]


def test_what_the_person_brought_is_a_line_of_its_own_and_breaks_no_tolerance(case: Case) -> None:
    before = pl.concat([pl.read_parquet(path) for path in sorted(case.workspace.reconciliations.glob("*.parquet"))])
    erase(case.workspace, POLICY, case.person, reason="Asked for.")
    after = pl.concat([pl.read_parquet(path) for path in sorted(case.workspace.reconciliations.glob("*.parquet"))])
    assert after["erased"].abs().sum() > 0
    assert (before["customers_sum"] - after["customers_sum"] - after["erased"]).abs().max() <= 0.011  # type: ignore[operator]
    assert after["total"].equals(before["total"])
    assert after["within_tolerance"].equals(before["within_tolerance"])


def test_who_shares_a_household_named_after_the_person_keeps_it_under_another_name(case: Case) -> None:
    erase(case.workspace, POLICY, case.person, reason="Asked for.")
    case.extract()
    households = pl.read_parquet(case.workspace.reference / "customers.parquet")["household_id"]
    assert (households.n_unique(), households.null_count()) == (1, 0)


def test_a_backtest_learns_from_nobody_who_was_erased_and_brings_nobody_back(case: Case) -> None:
    erase(case.workspace, POLICY, case.person, reason="Asked for.")
    ledger, reach = read_ledger(str(case.ledger), POLICY, LAST)
    erased = Erased.of(case.workspace)
    build_months(ledger, reach, POLICY, case.workspace.customer_months, erased, no_progress)
    assert places_of(case.workspace.root, case.person) == []
    assert case.person in set(ledger.tables["customers"]["customer_id"])
    assert case.person not in set(without_erased(ledger, erased).tables["customers"]["customer_id"])


def test_without_the_secret_of_the_tombstones_an_extract_stops(case: Case) -> None:
    erase(case.workspace, POLICY, case.person, reason="Asked for.")
    case.workspace.subject_secret.unlink()
    with pytest.raises(WorkspaceError, match="must stay out"):
        case.extract()
