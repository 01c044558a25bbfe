"""An erasure that was cut off anywhere is ended by the next call, and proves the same."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from segment.exceptions import BusyError
from segment.jobs.build.extract import extract
from segment.jobs.rights import erase as run
from segment.jobs.rights.erase import erase
from segment.lock import workspace_lock
from segment.store.records import check_chain, read_records
from tests.conftest import AS_OF, Bank
from tests.jobs.rights.conftest import REASON
from tests.jobs.rights.planted import Planted, places_of

STEPS = (
    "_accounts_alone",
    "_with_tombstone",
    "measure",
    "_left",
    "erase_from_tiers",
    "delete_customers",
    "take_out",
    "move_to_erased",
    "clear_parts",
    "compact",
    "sha256_of",
)


class KilledError(Exception):
    """Stands for a power cut."""


def killed(*_: object, **__: object) -> None:
    raise KilledError


@pytest.mark.slow
def test_an_erasure_cut_off_at_every_step_in_turn_ends_and_proves_everybody_else(
    planted: Planted, copy_of: Callable[[Bank], Bank], monkeypatch: pytest.MonkeyPatch
) -> None:
    bank = copy_of(planted.bank)
    for step in STEPS:
        with monkeypatch.context() as patched:
            patched.setattr(run, step, killed)
            with pytest.raises(KilledError):
                erase(bank.workspace, bank.policy, planted.customer, reason=REASON)
    done = erase(bank.workspace, bank.policy, planted.customer, reason=REASON)
    assert places_of(bank.workspace.root, planted.customer) == []
    assert done.certificate.rows["customer_months"] > 0
    assert done.certificate.rows["tiers"] == 2
    assert [one.file for one in done.certificate.released] == ["list.csv"]
    assert [one.kind for one in read_records(bank.workspace)].count("customer_erased") == 1
    check_chain(bank.workspace)


@pytest.mark.slow
def test_an_extract_between_a_cut_and_the_next_call_brings_nobody_back(
    planted: Planted, copy_of: Callable[[Bank], Bank], monkeypatch: pytest.MonkeyPatch
) -> None:
    bank = copy_of(planted.bank)
    with monkeypatch.context() as patched:
        patched.setattr(run, "erase_from_tiers", killed)
        with pytest.raises(KilledError):
            erase(bank.workspace, bank.policy, planted.customer, reason=REASON)
    assert extract(str(bank.ledger), AS_OF, bank.workspace, bank.policy, n_jobs=1).erased == 1
    assert "reference/customers.parquet" not in places_of(bank.workspace.root, planted.customer)


def test_one_run_at_a_time(planted: Planted, copy_of: Callable[[Bank], Bank]) -> None:
    bank = copy_of(planted.bank)
    with workspace_lock(bank.workspace.root, "refresh"), pytest.raises(BusyError, match="`refresh`"):
        erase(bank.workspace, bank.policy, planted.customer, reason=REASON)
