"""The flows do what the commands do, against one throw-away Prefect server for all tests."""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from flows.setting import no_customer_data
from segment.exceptions import SegmentError, SourceError, UsageError
from segment.warehouse.published_tiers import published_tiers
from segment.warehouse.tiers_table import published_runs
from segment.workspace import Workspace
from tests.conftest import AS_OF, Bank

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::DeprecationWarning:prefect", "ignore::DeprecationWarning:websockets"),
]


@pytest.fixture(scope="module")
def prefect(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PREFECT_HOME", str(tmp_path_factory.mktemp("prefect")))
        from prefect.testing.utilities import prefect_test_harness

        with prefect_test_harness(server_startup_timeout=120):
            yield


@pytest.mark.usefixtures("prefect")
def test_extract_train_and_refresh_run_as_flows(trained_bank: Bank, tmp_path: Path) -> None:
    from flows.extract import extract_flow
    from flows.refresh import refresh_flow
    from flows.train import train_flow

    workspace, ledger = str(tmp_path / "workspace"), str(trained_bank.ledger)
    assert extract_flow(ledger, AS_OF, workspace)["months_built"] > 0
    trained = train_flow(ledger, AS_OF, workspace, horizon_months=3)
    assert trained["champion"]
    done = refresh_flow(ledger, AS_OF, workspace)
    tiers = published_tiers(Workspace(tmp_path / "workspace"), AS_OF)
    assert done["customers"] == tiers.height


@pytest.mark.usefixtures("prefect")
def test_a_backfill_refreshes_the_months_of_a_span_oldest_first(bank: Bank) -> None:
    from flows.refresh import backfill_flow

    first = dt.date(2025, 10, 31)
    runs = backfill_flow(first, AS_OF, str(bank.ledger), str(bank.workspace.root))
    published = published_runs(bank.workspace.tiers)
    assert list(published.values()) == runs
    assert list(published) == [first, dt.date(2025, 11, 30), AS_OF]


@pytest.mark.usefixtures("prefect")
def test_a_flow_that_wakes_late_catches_up_what_was_missed_and_then_has_nothing_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import flows.refresh as job

    published, said = [dt.date(2025, 10, 31)], list[str]()
    monkeypatch.setattr(job, "today", lambda: dt.date(2026, 1, 20))
    monkeypatch.setattr(job, "published_dates", lambda _: published)
    monkeypatch.setattr(job, "log_result", lambda due, **_: said.append(due.in_words()))
    monkeypatch.setattr(job, "_refresh", lambda _ledger, day, *_: published.append(day) or {"as_of": day.isoformat()})
    monkeypatch.setenv("SEGMENT_DRAFT_LISTS", "false")
    late = job.refresh_flow(None, None, str(tmp_path / "workspace"))
    assert late == {"as_of": "2025-12-31", "caught_up": ["2025-11-30"], "draft_list": None}
    assert job.refresh_flow(None, None, str(tmp_path / "workspace")) == {
        "as_of": "2025-12-31",
        "published_before": True,
        "draft_list": None,
    }
    assert published == [dt.date(2025, 10, 31), dt.date(2025, 11, 30), AS_OF]
    assert "Missed and caught up: 2025-11-30" in said[0]
    assert "falls due on 2026-02-03" in said[1]


@pytest.mark.usefixtures("prefect")
def test_a_training_is_due_once_a_quarter(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    import flows.train as job

    assert bank.tracking().trained_dates() == [AS_OF]
    monkeypatch.setattr(job, "today", lambda: dt.date(2026, 1, 20))
    given = str(bank.ledger), None, str(bank.workspace.root)
    assert job.train_flow(*given) == {"trained_before": True}


@pytest.mark.usefixtures("prefect")
def test_a_refresh_that_takes_longer_than_its_limit_is_ended(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    import flows.refresh as job

    monkeypatch.setattr(job, "_refresh", lambda *_: time.sleep(30))
    ended = job.refresh_flow.with_options(timeout_seconds=1)(
        str(bank.ledger), AS_OF, str(bank.workspace.root), return_state=True
    )
    assert ended.name == "TimedOut"


@pytest.mark.usefixtures("prefect")
def test_a_flow_fails_with_the_message_that_the_command_would_show(tmp_path: Path) -> None:
    from flows.extract import extract_flow

    with pytest.raises(SegmentError, match="Hint:"):
        extract_flow(str(tmp_path / "nowhere"), AS_OF, str(tmp_path / "workspace"))


@pytest.fixture
def heard() -> Iterator[tuple[str, list[str]]]:
    """A service that is told of failures: its address and what it heard."""
    bodies: list[str] = []

    class Listener(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            bodies.append(self.rfile.read(int(self.headers["content-length"])).decode())
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    server = HTTPServer(("127.0.0.1", 0), Listener)
    listening = threading.Thread(target=server.serve_forever)
    listening.start()
    yield f"http://127.0.0.1:{server.server_port}/", bodies
    server.shutdown()
    listening.join()
    server.server_close()


@pytest.mark.usefixtures("prefect")
def test_a_failure_is_told_to_the_block_that_the_settings_name(
    heard: tuple[str, list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from prefect.blocks.notifications import CustomWebhookNotificationBlock

    from flows.extract import extract_flow

    url, bodies = heard
    block = CustomWebhookNotificationBlock(name="operations", url=url, json_data={"text": "{{subject}}: {{body}}"})
    block.save("operations")
    monkeypatch.setenv("SEGMENT_NOTIFY_BLOCK", "custom-webhook/operations")
    with pytest.raises(SegmentError):
        extract_flow(str(tmp_path / "nowhere"), AS_OF, str(tmp_path / "workspace"))
    assert len(bodies) == 1
    assert "segment: extract failed" in bodies[0]
    assert "does not exist" in bodies[0]


@pytest.mark.usefixtures("prefect")
def test_a_block_that_does_not_exist_does_not_hide_the_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from flows.extract import extract_flow

    monkeypatch.setenv("SEGMENT_NOTIFY_BLOCK", "custom-webhook/nobody")
    with pytest.raises(SourceError, match="does not exist"):
        extract_flow(str(tmp_path / "nowhere"), AS_OF, str(tmp_path / "workspace"))


@pytest.mark.usefixtures("prefect")
def test_a_ledger_may_be_named_by_a_secret_block() -> None:
    from prefect.blocks.system import Secret

    from flows.setting import find_ledger

    Secret(value="postgresql://segment:s3cret@db/bank").save("ledger")
    assert find_ledger("secret:ledger") == "postgresql://segment:s3cret@db/bank"
    with pytest.raises(UsageError, match="no such block"):
        find_ledger("secret:nobody")


def test_no_text_of_an_unexpected_error_leaves_a_task() -> None:
    with pytest.raises(SegmentError, match="KeyError") as found, no_customer_data():
        raise KeyError("C0001 owes 4711")
    assert "4711" not in str(found.value)
    assert found.value.__cause__ is None
    assert found.value.__suppress_context__
