"""The flows do what the commands do, against one throw-away Prefect server for all tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.setting import no_customer_data
from segment.exceptions import SegmentError
from segment.jobs.published import published_tiers
from segment.warehouse import Workspace
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
def test_a_flow_fails_with_the_message_that_the_command_would_show(tmp_path: Path) -> None:
    from flows.extract import extract_flow

    with pytest.raises(SegmentError, match="Hint:"):
        extract_flow(str(tmp_path / "nowhere"), AS_OF, str(tmp_path / "workspace"))


def test_no_text_of_an_unexpected_error_leaves_a_task() -> None:
    with pytest.raises(SegmentError, match="KeyError") as found, no_customer_data():
        raise KeyError("C0001 owes 4711")
    assert "4711" not in str(found.value)
    assert found.value.__cause__ is None
    assert found.value.__suppress_context__
