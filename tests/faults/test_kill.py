"""Kill a run anywhere: the last published tiers stay, and the next run ends where an undisturbed one does.

Fifty moments in all with `EVERY_STEP=1`, else ten, drawn once and for all.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import numpy as np
import pytest
from polars.testing import assert_frame_equal

from segment.banks.simulator import simulate_bank
from segment.warehouse.tiers_table import published_dates, read_tiers
from tests.faults.killing import BEFORE, CUSTOMERS, MONTHS, NOW, SEED, Jobs, assert_same_state, state

pytestmark = pytest.mark.slow
EVERY = "EVERY_STEP" in os.environ
MOMENTS = {"extract": 12 if EVERY else 2, "train": 8 if EVERY else 2}
MOMENTS |= dict.fromkeys(("refresh", "publish"), 15 if EVERY else 3)


@pytest.fixture(scope="module")
def jobs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Jobs]:
    """A bank with tiers of November, and December to come."""
    folder = tmp_path_factory.mktemp("killed")
    simulate_bank(folder / "bank", customers=CUSTOMERS, months=MONTHS, seed=SEED)
    made = Jobs(folder, folder / "bank" / "ledger")
    made.finish("train", BEFORE)
    made.finish("refresh", BEFORE)
    made.keep("november")
    yield made
    made.close()


def before(job: str, jobs: Jobs) -> None:
    """Bring the workspace to where a job begins."""
    jobs.back_to("november")
    if job == "extract":  # all months anew, so that there is much to be killed in
        for folder in (jobs.workspace.customer_months, jobs.workspace.ledger_parts, jobs.workspace.reconciliations):
            shutil.rmtree(folder)
    if job == "publish":
        if not (jobs.folder / "extracted").is_dir():
            jobs.finish("extract")
            jobs.keep("extracted")
        jobs.back_to("extracted")


@pytest.mark.parametrize("job", sorted(MOMENTS))
def test_a_run_killed_at_any_moment_leaves_the_last_tiers_and_is_finished_by_the_next(job: str, jobs: Jobs) -> None:
    before(job, jobs)
    published = read_tiers(jobs.workspace.tiers, BEFORE)
    seconds = jobs.finish(job)
    expected = state(jobs.workspace)
    rng = np.random.default_rng([SEED, *job.encode()])
    killed = 0
    while killed < MOMENTS[job]:
        before(job, jobs)
        ended = jobs.run(job, kill_after=float(rng.uniform(0, seconds)))
        assert ended["ended"] != "failed", jobs.said
        killed += ended["ended"] == "killed"
        assert_frame_equal(read_tiers(jobs.workspace.tiers, BEFORE), published)
        for moment in published_dates(jobs.workspace.tiers):  # December's, if they are there, are whole
            assert_frame_equal(read_tiers(jobs.workspace.tiers, moment), expected["tiers"][str(moment)])
        jobs.finish(job)
        assert_same_state(state(jobs.workspace), expected)


def test_a_run_killed_again_and_again_gets_there(jobs: Jobs) -> None:
    before("refresh", jobs)
    seconds = jobs.finish("refresh")
    expected = state(jobs.workspace)
    before("refresh", jobs)
    for share in (0.2, 0.5, 0.7, 0.9, 0.95):
        jobs.run("refresh", kill_after=share * seconds)
    jobs.finish("refresh")
    assert_same_state(state(jobs.workspace), expected)
    assert NOW in published_dates(jobs.workspace.tiers)
