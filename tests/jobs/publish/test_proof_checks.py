"""What a verification found is a code with figures, said alike in both languages."""

from __future__ import annotations

import datetime as dt

import polars as pl

from segment.jobs.build.hashes import code_hash
from segment.jobs.publish import proof_checks
from segment.jobs.publish.input_hashes import InputHashes, RunInputs
from segment.jobs.publish.proof import Proof
from segment.jobs.publish.proof_checks import ProofCheck, ProofVerification
from segment.policy import load_policy
from segment.sentences import Sentences
from segment.store.record_kinds import RecordKind
from segment.store.records import Record

POLICY = load_policy("models/retail.toml")
AS_OF = dt.date(2025, 12, 31)
TIERS = pl.DataFrame({"customer_id": ["a", "b"], "tier": ["valuable", "break_even"]})
LINE = {"unheld": 1.0, "erased": -2.0, "total": 1234.5}


def proof(value: float = 1.0, policy: str = POLICY.hash, model: str = "m", code: str | None = None) -> Proof:
    hashes = InputHashes(AS_OF, "ledger", policy, model, "features", code or code_hash(), "overrides", "")
    inputs = RunInputs(hashes, {"fees": "f"}, "3", "0.1.0")
    rows = pl.DataFrame({"customers_sum": [value], "erased": [0.0]})
    ledger, bridge = {"fees": LINE, "net_interest": LINE}, {"value": value}
    return Proof(AS_OF.isoformat(), "run", inputs, (), ledger, bridge, (), rows, sha256=f"of {value}")


def record(sha256: str) -> Record:
    content = {"run_id": "run", "sha256": sha256}
    return Record(1, "2026-01-01", RecordKind.PUBLICATION_PROVED, "Ann", "published", content, "", "")


def every_check() -> list[ProofCheck]:
    given, other = proof(), proof(2.0, policy="x", model="x", code="x")
    checks = [
        proof_checks.unbroken_chain(7, key_outside=True),
        *(proof_checks.recorded_hash(given, records) for records in ([], [record(given.sha256)], [record("")])),
        *(proof_checks.same_policy(one, POLICY) for one in (given, other)),
        *(proof_checks.same_tables(name, given, {"fees": value}) for name in ("ledger", "source") for value in "fx"),
        *(proof_checks.same_model(one, "m") for one in (given, other)),
        *(proof_checks.same_code(one) for one in (given, other)),
        *(proof_checks.same_rebuild(given, one) for one in (given, other)),
        *(proof_checks.same_tiers(TIERS, TIERS, erased) for erased in (0, 1)),
        proof_checks.same_tiers(TIERS, TIERS.reverse().with_columns(tier=pl.lit("valuable")), 0),
    ]
    for replayed, erased in ((given, 0), (given, 2), (other, 0)):
        checks += proof_checks.same_sums(given, replayed, erased)
    return checks


def test_checks_say_what_they_found() -> None:
    messages = [(check.name, check.holds, check.message) for check in every_check()]
    assert messages[:12] == [
        ("records", True, "7 records, each in its place"),
        ("proof", False, "no record holds its hash"),
        ("proof", True, "is the one whose hash was recorded (2026-01-01)"),
        ("proof", False, "was changed after its hash was recorded (2026-01-01)"),
        ("policy", True, f"`{POLICY.name} {POLICY.version}`"),
        ("policy", False, "another than it was"),
        ("ledger", True, "1 tables as extracted"),
        ("ledger", False, "extracted anew since: fees"),
        ("source", True, "the ledger's tables hash to the same"),
        ("source", False, "changed: fees"),
        ("model", True, "version 3"),
        ("model", False, "version 3 is another file than it was"),
    ]
    assert messages[12:] == [
        ("code", True, "segment 0.1.0"),
        ("code", True, "segment 0.1.0 then; the code that verifies is another"),
        ("rebuild", True, "built from the ledger again, all sums are the same"),
        ("rebuild", False, "sums from the ledger differ"),
        ("tiers", True, "2 customers come out the same"),
        ("tiers", True, "2 customers come out the same; 1 were erased since"),
        ("tiers", False, "scored again from the ledger, the tiers are others"),
        ("sums", True, "customers and named lines add up to 2,469.00; 6.00 of it unallocated, by name"),
        ("replay", True, "1 sums by line, branch and month come out the same"),
        ("sums", True, "customers and named lines add up to 2,469.00; 6.00 of it unallocated, by name"),
        ("replay", True, "1 sums by line, branch and month come out the same, what 2 customers brought who were erased "
                         "since by that name"),
        ("sums", True, "customers and named lines add up to 2,469.00; 6.00 of it unallocated, by name"),
        ("replay", False, "sums of the workspace are not those of the proof"),
    ]  # fmt: skip


def test_every_check_is_said_in_chinese_too() -> None:
    t = Sentences("zh")
    assert all(t.figure(check.finding) for check in every_check())


def test_a_verification_prints_a_line_for_each_check() -> None:
    checks = (ProofCheck("proof", False, "An error's words."), proof_checks.unbroken_chain(7, key_outside=True))
    verified = ProofVerification("2025-12-31", "run", 4, checks)
    assert str(verified) == (
        "Run run (version 4 of the table):\n"
        "FAILS  proof: An error's words.\n"
        "holds  records: 7 records, each in its place"
    )
    assert verified.to_dict()["checks"] == [
        {"name": "proof", "holds": False, "said": "An error's words."},
        {"name": "records", "holds": True, "said": "7 records, each in its place",
         "finding": {"code": "verify.records", "figures": {"records": 7}}},
    ]  # fmt: skip


def test_a_household_s_sum_that_an_erasure_emptied_is_no_difference_and_a_changed_one_is() -> None:
    scored = TIERS.with_columns(household_contribution_12m=pl.Series([90.0, 15.0]))
    emptied = TIERS.with_columns(household_contribution_12m=pl.Series([None, 15.0]))
    changed = TIERS.with_columns(household_contribution_12m=pl.Series([None, 16.0]))
    assert proof_checks.same_tiers(emptied, scored, 1).holds
    assert not proof_checks.same_tiers(emptied, scored, 0).holds
    assert not proof_checks.same_tiers(changed, scored, 1).holds
