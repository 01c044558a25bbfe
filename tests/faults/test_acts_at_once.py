"""Two acts at the same moment end as if one had come after the other: no row, record, arm or secret is lost."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
from pathlib import Path

import polars as pl
import pytest

from segment.store.records import check_chain
from segment.store.row_store import read_rows
from segment.store.stored_tables import DRAWS, LIST_ROWS
from tests.conftest import AS_OF, RETAIL, Bank
from tests.faults.acts import TOGETHER
from tests.faults.killing import child

TRIES = 5 if "EVERY_STEP" in os.environ else 1
COMMAND = "import sys; from segment.cli import main; sys.argv.insert(1, 'upgrade-list'); main()"

pytestmark = pytest.mark.slow


def test_each_pair_of_acts_ends_as_one_after_the_other(tmp_path: Path) -> None:
    run = child("-m", "tests.faults.at_once", str(TRIES), str(tmp_path), stderr=subprocess.PIPE)
    out, err = run.communicate(timeout=1500)
    assert run.returncode == 0, err[-2000:]
    found = json.loads(out.splitlines()[-1])
    assert found["pairs"] == len(list(itertools.combinations_with_replacement(TOGETHER, 2)))
    assert found["wrong"] == []


def test_lists_made_at_once_draw_each_household_once(bank: Bank) -> None:
    root, day = str(bank.workspace.root), AS_OF.isoformat()
    for capacity in ("40", "60"):
        runs = [
            child(
                "-c",
                COMMAND,
                "--as-of",
                day,
                "--capacity",
                more,
                "--workspace",
                root,
                "--policy",
                str(RETAIL),
                stderr=subprocess.PIPE,
            )
            for more in (capacity, str(int(capacity) + 5))
        ]
        for run in runs:
            _, err = run.communicate(timeout=900)
            assert run.returncode == 0, err[-2000:]
    rows, draws = read_rows(bank.workspace, LIST_ROWS), read_rows(bank.workspace, DRAWS)
    assert rows["list_id"].n_unique() == 4
    assert rows.group_by("household").agg(pl.col("arm").n_unique())["arm"].max() == 1
    assert set(rows["customer_id"]) <= set(draws["customer_id"])
    check_chain(bank.workspace)
