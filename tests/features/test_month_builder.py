"""A month that is built group by group of customers is the month that is built at once."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl
import pytest

from segment.banks.simulator import simulate_bank
from segment.dates import month_end
from segment.features import month_builder, write_customer_months
from segment.features.frames import Engine
from segment.features.id_numbers import Codes, Numbers
from segment.features.month_builder import Keep, MonthBuilder
from segment.ledger import check_ledger
from segment.policy import Policy
from tests.features.random_bank import random_bank
from tests.features.small_ledger import policy

GROUPS = 5
AS_OF = dt.date(2024, 3, 31)
Tables = dict[str, pl.DataFrame]


def with_priced_minutes() -> Policy:
    costs = policy().costs
    overhead = costs.overhead.model_copy(update={"branch_minutes_month": 400.0})
    return policy().model_copy(update={"costs": costs.model_copy(update={"overhead": overhead})})


def with_own_peers() -> Policy:
    return policy().model_copy(update={"tiers": policy().tiers.model_copy(update={"winsor_least_customers": 5})})


def without_some(frame: pl.DataFrame) -> pl.DataFrame:
    """As those who were erased are left out."""
    name = "customer_id" if "customer_id" in frame.columns else "account_id"
    return frame.filter(~pl.col(name).str.ends_with("3"))


def with_transfers_between_partners(tables: Tables) -> Tables:
    """Money that leaves an account of one holder of a joint account and arrives at another's, in every month."""
    owned = tables["holdings"].filter(pl.col("share") > 0.0)
    joint = owned.filter(pl.col("share") < 1.0).group_by("account_id", maintain_order=True).agg("customer_id")
    alone = dict(owned.filter(pl.col("share") == 1.0).select("customer_id", "account_id").iter_rows())
    like, rows = tables["transactions"], []
    for number, (account, (_, partner)) in enumerate(joint.iter_rows()):
        for month in (1, 2, 3):
            day, amount = dt.date(2024, month, 5 + number % 20), 100.0 + number
            ends = ((account, -amount, "own_transfer_out"), (alone.get(partner, account), amount, "own_transfer_in"))
            rows += [(f"own-{number}-{month}-{kind}", at, day, moved, kind, "online", None) for at, moved, kind in ends]
    return tables | {"transactions": pl.concat([like, pl.DataFrame(rows, schema=like.schema, orient="row")])}


def written(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def in_groups(monkeypatch: pytest.MonkeyPatch, tables: Tables) -> None:
    monkeypatch.setattr(month_builder, "CUSTOMERS_A_GROUP", -(-len(tables["customers"]) // GROUPS))


@pytest.mark.parametrize("terms", [policy(), with_priced_minutes(), with_own_peers()], ids=["", "minutes", "peers"])
@pytest.mark.parametrize("keep", [None, without_some], ids=["all", "erased"])
def test_groups_write_the_same_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, terms: Policy, keep: Keep | None
) -> None:
    tables = with_transfers_between_partners(random_bank(customers=60, months=3))
    write_customer_months(tables, terms, AS_OF, tmp_path / "one", keep=keep)
    in_groups(monkeypatch, tables)
    write_customer_months(tables, terms, AS_OF, tmp_path / "groups", keep=keep)
    assert written(tmp_path / "groups") == written(tmp_path / "one")


def test_holders_of_an_account_are_in_several_groups_and_each_reads_it(monkeypatch: pytest.MonkeyPatch) -> None:
    tables = random_bank(customers=60, months=3)
    in_groups(monkeypatch, tables)
    builder = MonthBuilder.of(tables, {}, policy(), "polars")
    groups = dict(zip(builder.codes.numbers["customer_id"].ids, builder.groups.tolist(), strict=True))
    assert set(groups.values()) == set(range(GROUPS))
    owned = tables["holdings"].filter(pl.col("share") > 0.0)
    apart = owned.group_by("account_id").agg(pl.col("customer_id").replace_strict(groups).n_unique() > 1)
    assert apart["customer_id"].any()


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["polars", "duckdb"])
def test_groups_of_a_simulated_bank_give_the_same_figures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, engine: Engine
) -> None:
    simulate_bank(tmp_path / "bank", 400, 3, seed=5)
    tables = check_ledger(tmp_path / "bank" / "ledger", tuple(policy().products), 0.0).tables
    as_of = max(month_end(month) for month in tables["balances"]["month"].unique())
    first = as_of.replace(day=1) if engine == "duckdb" else None  # it takes its time
    write_customer_months(tables, policy(), as_of, tmp_path / "one", engine=engine, first=first)
    in_groups(monkeypatch, tables)
    write_customer_months(tables, policy(), as_of, tmp_path / "groups", engine=engine, first=first)
    files = sorted((tmp_path / "one").rglob("*.parquet"))
    assert files
    for file in files:
        other = tmp_path / "groups" / file.relative_to(tmp_path / "one")
        assert pl.read_parquet(other).equals(pl.read_parquet(file))


def test_an_id_has_one_number_and_a_stranger_none() -> None:
    numbers = Numbers.of(pl.Series(["x", "y", "z"]))
    found = numbers.find(pl.Series("who", ["z", "stranger", "x", None, "x"]))
    assert (found.name, found.null_count(), found[2]) == ("who", 2, found[4])
    assert numbers.ids.gather(found.drop_nulls()).to_list() == ["z", "x", "x"]
    assert Numbers.of(pl.Series([], dtype=pl.String)).find(pl.Series(["x"])).to_list() == [None]


def test_rows_that_name_nobody_are_left_out() -> None:
    tables = random_bank(customers=6, months=1)
    strays = tables["transactions"].head(2).with_columns(account_id=pl.lit("elsewhere"))
    codes = Codes.of(tables)
    whole = codes.narrow(tables["transactions"])
    assert codes.narrow(pl.concat([strays, tables["transactions"]])).equals(whole)
    assert whole["counterparty_bank"].null_count() == tables["transactions"]["counterparty_bank"].null_count()
