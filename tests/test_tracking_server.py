"""Models and runs on a real `mlflow server`, with SQLite and with PostgreSQL behind it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.error import URLError

import polars as pl
import pytest

from segment.gate import Gate
from segment.jobs.learn.promote import candidate, promote, roll_back
from segment.jobs.publish.refresh import refresh
from segment.tracking.models import CHALLENGER, CHAMPION, COPY_TAG, HASH_TAG
from segment.tracking.registry import Tracking
from segment.tracking.runs import FinishedRun
from segment.tracking.scoring_model import ModelInterface
from segment.warehouse.tiers_table import published_runs
from tests.conftest import AS_OF, Bank
from tests.ledger.postgres import find_binaries, postgres_server

pytestmark = pytest.mark.slow
HOLDS = Gate("coverage", True, "80 %")


@pytest.fixture(scope="module")
def postgres() -> Iterator[str]:
    binaries = find_binaries()
    if binaries is None:
        pytest.skip("PostgreSQL is not installed")
    with postgres_server(binaries) as place:
        yield f"{place}/postgres"


@pytest.fixture(params=["sqlite", "postgresql"])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A server process on the loopback."""
    if request.param == "sqlite":
        store = f"sqlite:///{tmp_path / 'server.db'}"
    else:
        store = f"postgresql+psycopg://{request.getfixturevalue('postgres')}"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "mlflow", "server", "--backend-store-uri", store, "--workers", "1"]
    command += ["--artifacts-destination", str(tmp_path / "artifacts"), "--host", "127.0.0.1", "--port", str(port)]
    with (tmp_path / "server.log").open("w") as log:
        environment = {**os.environ, "MLFLOW_DISABLE_TELEMETRY": "true"}
        process = subprocess.Popen(command, stdout=log, stderr=log, env=environment, start_new_session=True)
        try:
            wait_until_it_answers(f"http://127.0.0.1:{port}/health", process, tmp_path / "server.log")
            yield f"http://127.0.0.1:{port}"
        finally:
            os.killpg(process.pid, 15)
            process.wait(30)


def wait_until_it_answers(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(240):
        assert process.poll() is None, log.read_text()
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310
                if answer.status == 200:
                    return
        except (URLError, OSError):
            time.sleep(0.5)
    raise AssertionError(log.read_text())


def test_a_model_goes_through_its_life_on_a_server(bank: Bank, server: str) -> None:
    model, known = bank.tracking().load()
    tracking = Tracking(bank.workspace.root, server)
    figures = bank.tracking().metrics(known)
    tags = {name: value for name, value in known.tags.items() if name != HASH_TAG}
    reads = ModelInterface.of(pl.DataFrame({name: [0.0] for name in model.features_}))
    for number in (1, 2):
        texts = {"spec.json": "{}"}
        made = tracking.register(model, reads, f"train {number}", {"n": number}, figures, texts, tags)
        assert made.version == str(number)
    champion, challenger = tracking.find(CHAMPION), tracking.find(CHALLENGER)
    assert champion is not None
    assert challenger is not None
    assert (champion.version, challenger.version) == ("1", "2")

    promote(candidate(None, tracking), (HOLDS,), tracking, bank.workspace)
    loaded, version = tracking.load()
    assert version.version == "2"
    assert COPY_TAG not in version.tags
    assert type(loaded) is type(model)

    done = refresh(None, AS_OF, bank.workspace, bank.policy, tracking)
    assert done.waiting == 0
    assert published_runs(bank.workspace.tiers)[AS_OF] == done.run_id
    assert tracking.send(FinishedRun("again", {}, {}, {}, done.run_id))
    runs = tracking._client.search_runs(
        [tracking._client.get_experiment_by_name("segment/refresh").experiment_id],
        f"tags.`segment.run_id` = '{done.run_id}'",
    )
    assert [one.data.params["model_version"] for one in runs] == ["2"]

    assert roll_back(tracking, bank.workspace, "worse in March") == "1"
    assert tracking.load()[1].version == "1"
