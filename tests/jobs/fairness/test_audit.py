"""An audit of the small bank, the whole way."""

from __future__ import annotations

import datetime as dt
import json
import stat
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from segment.audit.customer_groups import groups_at
from segment.audit.kinds import DETECTABLE, PROXY
from segment.audit.measure_groups import find_proxies
from segment.banks.simulator import simulate_bank
from segment.features import catalogue
from segment.files import write_parquet
from segment.jobs.build.extract import extract
from segment.jobs.fairness.audit import AuditReport, audit
from segment.jobs.fairness.audited_decisions import published_decisions
from segment.jobs.fairness.audited_publication import AuditedPublication, read_publication
from segment.jobs.fairness.protected_groups import read_group_records
from segment.pages.audit_page import write_audit
from segment.policy import load_policy
from segment.policy.fairness import Audit
from segment.store.record_kinds import RecordKind
from segment.store.records import read_records
from segment.store.row_store import read_rows, upsert_rows
from segment.store.stored_tables import LIST_ROWS, REVIEWS
from segment.warehouse.protected_columns import FILE
from segment.warehouse.published_tiers import published_tiers
from segment.warehouse.reference_tables import read_reference
from segment.warehouse.tiers_table import read_tiers
from segment.workspace import Workspace
from tests.conftest import AS_OF, RETAIL, Bank, Said

Run = Callable[..., Said]


OWN = (
    "protected",
    "audits",
    "lists",
    "store.db",
    "chain_key",
    "records.head",
    "records.head.lock",
    "lock",
    "lock.json",
)


def copied(trained_bank: Bank, tmp_path: Path) -> Bank:
    """A bank whose protected columns a test may change, without other tests' lists; the rest is the trained bank's."""
    root = tmp_path / "workspace"
    root.mkdir()
    for place in trained_bank.workspace.root.iterdir():
        if place.name not in OWN:
            (root / place.name).symlink_to(place)
    known = pl.read_parquet(trained_bank.workspace.protected / FILE)
    write_parquet(known, root / "protected" / FILE)
    return Bank(trained_bank.ledger, Workspace(root), trained_bank.policy)


def made_by(bank: Bank, limits: Audit | None = None) -> AuditReport:
    policy = bank.policy if limits is None else bank.policy.model_copy(update={"audit": limits})
    return audit(AS_OF, bank.workspace, policy, bank.tracking())


def publication_of(bank: Bank) -> AuditedPublication:
    workspace, tables = bank.workspace, read_reference(bank.workspace)
    return read_publication(
        AS_OF,
        workspace.snapshot(AS_OF),
        read_rows(workspace, LIST_ROWS),
        published_tiers(workspace, AS_OF),
        tables,
        read_group_records(workspace, tables),
        read_rows(workspace, REVIEWS),
        [AS_OF],
        bank.policy,
    )


def as_protected(bank: Bank, **columns: pl.Series) -> None:
    path = bank.workspace.protected / FILE
    write_parquet(pl.read_parquet(path).with_columns(**columns), path)


@pytest.fixture
def own(trained_bank: Bank, tmp_path: Path) -> Bank:
    return copied(trained_bank, tmp_path)


def test_protected_columns_stand_apart_and_only_their_owner_reads_them(trained_bank: Bank) -> None:
    path = trained_bank.workspace.protected / FILE
    assert pl.read_parquet_schema(path).names() == ["customer_id", "birth_date", "sex", "region"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    elsewhere = [trained_bank.workspace.reference / "customers.parquet", trained_bank.workspace.snapshot(AS_OF)]
    assert not {"sex", "region"} & {name for place in elsewhere for name in pl.read_parquet_schema(place).names()}


def test_an_audit_by_hand(own: Bank) -> None:
    tiers = read_tiers(own.workspace.tiers, AS_OF).filter(pl.col("standing") != "excluded")
    people = pl.read_parquet(own.workspace.protected / FILE)
    women = tiers.join(people, on="customer_id").filter(sex="female")
    made = made_by(own, Audit(attributes=("sex",)))
    rows = made.facts["rates"]
    row = next(one for one in rows if (one["decision"], one["group"]) == ("high_value", "female"))
    assert row["customers"] == women.height
    assert row["decided"] == women.filter(tier="high_value").height
    assert made.facts["customers"] == tiers.height
    assert {one["attribute"] for one in rows} == {"sex"}
    assert {"high_value", "loss_making", "fast_lane", "to_machine"} <= set(made.facts["decisions"])
    assert any("No upgrade list" in one for one in made.facts["cannot_say"])
    assert any("policy leaves it out" in one for one in made.facts["cannot_say"])


@pytest.mark.slow
def test_an_audit_names_no_customer_and_stands_in_the_records(own: Bank, tmp_path: Path) -> None:
    made, again = made_by(own), made_by(own)
    for ending in (".html", ".md", ".json", ".csv"):
        write_audit(made.facts, tmp_path / f"audit{ending}")
    kept = read_records(own.workspace, RecordKind.FAIRNESS_AUDITED)
    written = [made.file, *tmp_path.glob("audit.*")]
    texts = [str(made), json.dumps([one.content for one in kept]), *(path.read_text("utf-8") for path in written)]
    ids = pl.read_parquet(own.ledger / "customers.parquet")["customer_id"]
    assert len(written) == 5
    assert not [1 for name in ids for text in texts if name in text]
    assert [one.content["customers"] for one in kept] == [made.facts["customers"]]
    assert again.facts == made.facts
    assert "<script" not in (tmp_path / "audit.html").read_text("utf-8")


def truth_of(ledger: Path, workspace: Workspace, column: str) -> pl.Series:
    """What the simulator alone knows, in the order of the protected rows."""
    truth = pl.read_parquet(ledger.parent / "truth_customers.parquet").select("customer_id", column)
    ids = pl.read_parquet(workspace.protected / FILE).select("customer_id")
    return ids.join(truth, on="customer_id", how="left", maintain_order="left")[column]


def test_an_attribute_that_follows_digital_preference_is_reported_with_the_features_that_tell_it(own: Bank) -> None:
    digital = truth_of(own.ledger, own.workspace, "digital")
    as_protected(own, region=(digital > digital.median()).cast(pl.String))
    made = made_by(own, Audit(attributes=("region", "sex")))
    by = {one["attribute"]: one for one in made.facts["proxies"]}
    assert by["region"]["verdict"] == PROXY
    assert any("digital" in name or "mobile" in name for name in by["region"]["features"])
    assert any("tells region" in one for one in made.facts["findings"])
    assert by["sex"]["verdict"] not in (PROXY, DETECTABLE)


@pytest.mark.slow
def test_an_attribute_correlated_by_three_tenths_with_digital_preference_is_reported_domain_6_6(tmp_path: Path) -> None:
    simulate_bank(tmp_path, customers=1_800, months=15, seed=7)
    workspace, policy, moment = Workspace(tmp_path / "workspace"), load_policy(RETAIL), dt.date(2025, 12, 31)
    extract(str(tmp_path / "ledger"), moment, workspace, policy, n_jobs=1)
    bank = Bank(tmp_path / "ledger", workspace, policy)
    hidden = truth_of(bank.ledger, workspace, "hidden_group")
    as_protected(bank, region=hidden.cast(pl.String))
    rows = pl.read_parquet(workspace.snapshot(moment))
    limits = Audit(attributes=("region", "sex"))
    groups = groups_at(rows["customer_id"], moment, read_group_records(workspace, read_reference(workspace)), limits)
    read = [feature.name for feature in catalogue(policy) if "future_value" in feature.used_by]
    by = {one.attribute: one for one in find_proxies(rows, read, groups, policy.audit, 0)}
    assert by["region"].verdict in (PROXY, DETECTABLE)
    assert by["region"].features
    assert by["sex"].verdict not in (PROXY, DETECTABLE)


@pytest.mark.slow
def test_a_planted_unfair_rule_is_found_and_strict_says_so(own: Bank, segment: Run) -> None:
    tiers = read_tiers(own.workspace.tiers, AS_OF).select("customer_id", "tier")
    ids = pl.read_parquet(own.workspace.protected / FILE).select("customer_id")
    known = ids.join(tiers, on="customer_id", how="left", maintain_order="left")
    lot = pl.int_range(pl.len()) % 4
    favoured = known.select(pl.when(pl.col("tier") == "high_value").then(lot > 0).otherwise(lot > 1)).to_series()
    as_protected(own, sex=pl.select(pl.when(favoured).then(pl.lit("a")).otherwise(pl.lit("b"))).to_series())
    said = segment("audit", "--as-of", AS_OF, "--strict", workspace=own.workspace.root)
    assert said.code == 2
    assert "High-value tier, by sex: b" in said.out
    assert "With --strict" in said.err


@pytest.mark.slow
def test_other_words_for_the_groups_change_no_figure(own: Bank) -> None:
    limits = Audit(attributes=("sex",))
    before = made_by(own, limits).facts
    sex = pl.read_parquet(own.workspace.protected / FILE)["sex"]
    as_protected(own, sex=sex.replace_strict({"female": "x1", "male": "x2"}))
    after = made_by(own, limits).facts
    for part in ("rates", "within_income"):
        shown = [{k: v for k, v in one.items() if k not in ("group", "reference")} for one in before[part]]
        assert shown == [{k: v for k, v in one.items() if k not in ("group", "reference")} for one in after[part]]


@pytest.mark.slow
def test_a_ledger_without_attributes_is_said_and_nothing_fails(own: Bank, segment: Run, tmp_path: Path) -> None:
    (own.workspace.protected / FILE).unlink()
    policy = (Path("models") / "retail.toml").read_text("utf-8")
    policy = policy.replace('"age_band", "sex", "region", "life_stage", "vulnerability"', '"age_band", "sex", "region"')
    (tmp_path / "policy.toml").write_text(policy, encoding="utf-8")
    page = tmp_path / "audit.html"
    said = segment(
        "audit", "--as-of", AS_OF, "--policy", tmp_path / "policy.toml", "--out", page,
        workspace=own.workspace.root,
    )  # fmt: skip
    assert said.code == 0, said.err
    assert "Nothing could be audited" in said.out
    assert "the ledger does not give it" in page.read_text("utf-8")


def test_an_ending_that_nobody_writes_is_refused(trained_bank: Bank, segment: Run) -> None:
    said = segment("audit", "--as-of", AS_OF, "--out", "audit.pdf", workspace=trained_bank.workspace.root)
    assert said.code == 2
    assert "--out must end in .html" in said.err


def test_fees_proposed_or_approved_count_and_refused_ones_do_not_udaap(own: Bank) -> None:
    tiers = read_tiers(own.workspace.tiers, AS_OF).filter(pl.col("standing") != "excluded")
    who = tiers["customer_id"].head(3).to_list()
    rows = pl.DataFrame(
        {"review_id": ["1", "2", "3"], "customer_id": who, "decision": [None, "approved", "refused"]}
    ).with_columns(as_of=pl.lit(AS_OF), item_code=pl.lit("message_service_month"))
    absent = [name for name in REVIEWS.schema if name not in rows.columns]
    upsert_rows(own.workspace, REVIEWS, rows.with_columns(pl.lit(None).alias(name) for name in absent))
    publication = publication_of(own)
    groups = groups_at(publication.tiers["customer_id"], AS_OF, publication.groups, own.policy.audit)
    made = published_decisions(publication, groups.born, own.policy)
    assert publication.tiers.filter(made.table["fee_proposed"])["customer_id"].to_list() == who[:2]


def test_older_customers_are_no_measure_of_who_is_sent_to_machines(own: Bank) -> None:
    """State Council 2020/45: nobody of 60 and over is; so they are not held against the others."""
    publication = publication_of(own)
    groups = groups_at(publication.tiers["customer_id"], AS_OF, publication.groups, own.policy.audit)
    made = published_decisions(publication, groups.born, own.policy).table["to_machine"]
    old = groups.attributes["age_band"] == "60 and over"
    assert made.filter(old).is_null().all()
    assert made.filter(~old).null_count() == 0


def test_an_attribute_that_the_policy_leaves_out_is_looked_at_nowhere(own: Bank) -> None:
    customers = pl.read_parquet(own.workspace.protected / FILE)["customer_id"]
    groups = groups_at(
        customers,
        AS_OF,
        read_group_records(own.workspace, read_reference(own.workspace)),
        Audit(attributes=("region",)),
    )
    assert groups.attributes.columns == ["region"]
    assert set(groups.off) == {"age_band", "sex", "life_stage", "vulnerability"}


@pytest.mark.slow
def test_vulnerable_customers_stand_beside_others_of_their_tier_uk_consumer_duty(own: Bank) -> None:
    rows = made_by(own).facts["outcomes"]
    assert {(one["tier"], one["vulnerability"]) for one in rows} >= {
        ("loss_making", "vulnerable"),
        ("loss_making", "others"),
    }
    few = [one for one in rows if one["customers"] is None]
    assert few
    assert all(one["fast_lane"] is None for one in few)
