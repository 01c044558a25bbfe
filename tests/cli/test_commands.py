"""Each command does one job, says one thing on success, and one message with exit code 2 on bad input."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import openpyxl
import polars as pl
import pytest
from typer.main import get_command_name

from segment.cli import app
from segment.model.model_columns import FURTHER, PUBLISHED
from segment.tiers.stability.tier_state import STATE
from segment.upgrade.ranking import LIST_COLUMNS
from segment.warehouse.published_tiers import published_tiers
from segment.warehouse.workspace_clock import TRIAL_SHEET
from segment.workspace import Workspace
from tests.conftest import AS_OF, Bank, Said

Run = Callable[..., Said]


def test_every_command_has_help_with_an_example(segment: Run) -> None:
    for command in app.registered_commands:
        name = command.name or get_command_name(command.callback.__name__)  # type: ignore[union-attr]
        said = segment(name, "--help")
        assert said.code == 0
        assert "Example: segment" in " ".join(said.out.split()), name
        assert "--workspace" in said.out, name


def test_a_bank_lives_on_with_what_was_done_to_its_customers(segment: Run, tmp_path: Path) -> None:
    acts = tmp_path / "acts.csv"
    rows = [f"C{number:07},2026-01-05,fee,paper,,40" for number in range(1, 31)]
    acts.write_text("\n".join(["customer_id,acted_on,kind,what,channel,amount", *rows]), encoding="utf-8")
    given = ("--customers", 60, "--months", 2, "--run-on", 2)
    assert segment("simulate", tmp_path / "plain", *given).code == 0
    assert segment("simulate", tmp_path / "acted", *given, "--acts", acts, "--effect", "half").code == 0
    names = ("truth_contribution.parquet", "ledger/branches.parquet")
    alike = [pl.read_parquet(tmp_path / "plain" / n).equals(pl.read_parquet(tmp_path / "acted" / n)) for n in names]
    assert alike == [False, True]
    refused = segment("simulate", tmp_path / "short", "--customers", 60, "--months", 2, "--acts", acts)
    assert (refused.code, "--run-on" in refused.err) == (2, True)


def test_a_bank_is_simulated_and_checked(segment: Run, tmp_path: Path) -> None:
    made = segment("simulate", tmp_path / "bank", "--customers", 120, "--months", 4, "--json")
    assert made.code == 0
    assert json.loads(made.out)["customers"] == 120
    assert not list((tmp_path / "bank" / "ledger").glob("*truth*"))

    checked = segment("check", tmp_path / "bank" / "ledger")
    assert checked.code == 0
    assert "Passed" in checked.out


def test_a_setting_of_the_simulator_is_named_and_another_word_refused(segment: Run, tmp_path: Path) -> None:
    cheap = segment("simulate", tmp_path / "cn", "--customers", 60, "--months", 2, "--setting", "cn")
    assert cheap.code == 0
    refused = segment("simulate", tmp_path / "rich", "--setting", "rich")
    assert refused.code == 2
    assert {"base", "cn", "thin"} <= set(re.findall(r"'(\w+)'", refused.err))  # wherever a line of the frame ends


def test_a_ledger_that_is_not_there_is_one_message_and_exit_code_2(segment: Run, tmp_path: Path) -> None:
    said = segment("check", tmp_path / "nowhere")
    assert said.code == 2
    assert "Traceback" not in said.err
    assert "Hint:" in said.err


def test_a_moment_that_is_no_month_end_names_the_one_before(segment: Run, tmp_path: Path) -> None:
    said = segment("tiers", "--as-of", "2025-12-30", workspace=tmp_path)
    assert said.code == 2
    assert "--as-of 2025-11-30" in said.err


def test_bad_usage_is_exit_code_2(segment: Run) -> None:
    assert segment("tiers").code == 2
    assert segment("tiers", "--as-of", "yesterday").code == 2


def test_tiers_before_any_refresh_say_what_to_run(segment: Run, tmp_path: Path) -> None:
    said = segment("tiers", "--as-of", "2025-12-31", workspace=tmp_path)
    assert said.code == 2
    assert "segment refresh LEDGER --as-of 2025-12-31" in said.err


def test_an_unexpected_error_tells_its_place_and_not_its_text(
    segment: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ValueError("customer C123 owes 4711")

    monkeypatch.setattr("segment.warehouse.published_tiers.published_tiers", fail)
    said = segment("tiers", "--as-of", "2025-12-31", workspace=tmp_path)
    assert said.code == 1
    assert "ValueError" in said.err
    assert "4711" not in said.err
    assert "C123" not in said.err


def test_the_tier_table_of_the_bank_and_of_a_branch(segment: Run, trained_bank: Bank) -> None:
    whole = segment("tiers", "--as-of", "2025-12-31", workspace=trained_bank.workspace.root)
    assert whole.code == 0
    assert all(tier in whole.out for tier in ("high-value", "valuable", "break-even", "loss-making"))

    branch = segment("tiers", "--as-of", "2025-12-31", "--branch", "B001", workspace=trained_bank.workspace.root)
    assert branch.code == 0
    unknown = segment("tiers", "--as-of", "2025-12-31", "--branch", "nowhere", workspace=trained_bank.workspace.root)
    assert unknown.code == 2
    assert "B001" in unknown.err


@pytest.mark.parametrize("ending", [".csv", ".parquet", ".xlsx"])
def test_tiers_are_written_in_every_format(segment: Run, trained_bank: Bank, tmp_path: Path, ending: str) -> None:
    out = tmp_path / f"tiers{ending}"
    said = segment("tiers", "--as-of", "2025-12-31", "--out", out, workspace=trained_bank.workspace.root)
    assert said.code == 0
    if ending == ".xlsx":
        columns = [cell.value for cell in next(openpyxl.load_workbook(out)[TRIAL_SHEET].iter_rows())]
    else:
        columns = (pl.read_csv(out) if ending == ".csv" else pl.read_parquet(out)).columns
    assert columns == [*PUBLISHED, *FURTHER, *STATE]


def test_a_table_in_no_known_format_is_refused(segment: Run, trained_bank: Bank, tmp_path: Path) -> None:
    said = segment("tiers", "--as-of", "2025-12-31", "--out", tmp_path / "t.doc", workspace=trained_bank.workspace.root)
    assert said.code == 2
    assert ".csv, .parquet, .xlsx" in said.err


def test_the_upgrade_list_is_written_without_its_control_arm(segment: Run, bank: Bank, tmp_path: Path) -> None:
    out = tmp_path / "list.csv"
    said = segment(
        "upgrade-list", "--as-of", "2025-12-31", "--capacity", 15, "--out", out, workspace=bank.workspace.root
    )
    assert said.code == 0
    rows = pl.read_csv(out)
    assert rows.columns == [*LIST_COLUMNS, "watermark"]
    assert rows.height <= 15
    assert rows["arm"].unique().to_list() == ["contact"]


def test_features_are_printed_with_their_meaning(segment: Run) -> None:
    listed = json.loads(segment("features", "--json").out)
    assert {"name", "unit", "window_months", "meaning", "used_by"} == set(listed[0])
    assert len(listed) > 100


@pytest.mark.slow
def test_training_on_a_short_history_says_which_horizon_works(segment: Run, tmp_path: Path) -> None:
    segment("simulate", tmp_path / "bank", "--customers", 120, "--months", 8)
    said = segment("train", tmp_path / "bank" / "ledger", "--as-of", "2025-12-31", workspace=tmp_path / "workspace")
    assert said.code == 2
    assert "--horizon-months 3 works" in said.err
    assert len(said.err.strip().splitlines()[-1]) < 300


def test_a_forced_promotion_needs_a_reason(segment: Run, trained_bank: Bank) -> None:
    said = segment("promote", "--force", workspace=trained_bank.workspace.root)
    assert said.code == 2
    assert "--reason" in said.err


def test_rollback_without_an_earlier_champion_says_so(segment: Run, trained_bank: Bank) -> None:
    said = segment("rollback", workspace=trained_bank.workspace.root)
    assert said.code == 2
    assert "earlier champion" in said.err


def test_an_extract_of_a_broken_ledger_leaves_its_bad_rows_in_quarantine(
    segment: Run, small_bank: Path, tmp_path: Path
) -> None:
    ledger = tmp_path / "ledger"
    ledger.mkdir()
    for file in small_bank.glob("*.parquet"):
        frame = pl.read_parquet(file)
        if file.stem == "balances":
            frame = frame.with_columns(
                pl.when(pl.int_range(pl.len()) % 20 > 0).then("average_balance").alias("average_balance")
            )
        frame.write_parquet(ledger / file.name)
    said = segment("extract", ledger, "--as-of", "2025-12-31", workspace=tmp_path / "workspace")
    assert said.code == 2
    assert "balances" in said.err
    assert pl.read_parquet(Workspace(tmp_path / "workspace").quarantine / "balances.parquet").height > 0


@pytest.mark.slow
def test_what_a_customer_may_ask_needs_no_day_and_no_further_word(segment: Run, bank: Bank) -> None:
    root = bank.workspace.root
    customer = published_tiers(bank.workspace, AS_OF)["customer_id"][0]
    told = segment("explain", customer, "--json", workspace=root)
    assert told.code == 0, told.err
    assert AS_OF.isoformat() in told.out
    objected = segment("object", customer, workspace=root)
    assert "objection to profiling is in force" in objected.out
    erased = segment("erase", customer, "--json", workspace=root)
    assert erased.code == 0, erased.err
    assert segment("explain", customer, workspace=root).code == 2


def test_without_a_day_the_newest_published_moment_is_meant_and_without_one_it_is_said(
    segment: Run, trained_bank: Bank, tmp_path: Path
) -> None:
    said = segment("levers", workspace=trained_bank.workspace.root)
    assert f"as of {AS_OF}" in " ".join(said.out.split())
    assert "Tiers must be published first. None are." in segment("levers", workspace=tmp_path).err


def test_an_erasure_does_nothing_before_it_knows_where_the_certificate_goes(
    tmp_path: Path, segment: Callable[..., Said]
) -> None:
    ended = segment("erase", "c1", "--out", tmp_path, workspace=tmp_path / "w")
    assert ended.code == 2
    assert "`--out` must name a file. It names a folder." in ended.err
    assert not (tmp_path / "w").exists()
