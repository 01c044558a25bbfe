"""Turns the PKDD'99 tables into a ledger that holds the contract."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from pathlib import Path

import polars as pl

from segment.banks.berka.codes import ROLES
from segment.banks.berka.import_summary import ImportSummary
from segment.banks.berka.loans import closing_days, loan_balances, loan_postings, own_payments
from segment.banks.berka.postings import Postings, current_postings
from segment.banks.berka.running_balances import day_ends, in_crowns, monthly_balances
from segment.banks.berka.source_tables import read_source
from segment.dates import month_end, next_month
from segment.files import write_whole
from segment.ledger.trial_ledger import write_trial_day

Tables = dict[str, pl.DataFrame]
_STEP = "Berka to ledger"


def import_berka(
    source: Path,
    out: Path,
    *,
    loan_rate_annual: float,
    trial_day: dt.date | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> ImportSummary:
    """Read the PKDD'99 bank and write it as a ledger of Parquet files.

    Districts become branches, dispositions owners and authorised users, Czech codes the contract's kinds (see
    `segment.banks.berka.codes`), and each loan an account of its own. Ids get a letter: branch ``b1``, customer
    ``c1``, account ``a1``, loan ``l5314``, transaction ``t276514``. Only what the files know is written: an account's
    months end where its postings do, and nobody is said to have left.

    Parameters
    ----------
    source : Path
        Folder with the tables as ``.asc`` or ``.parquet``.
    out : Path
        Folder for the ledger; made if missing, its tables replaced if there.
    loan_rate_annual : float
        Rate assumed for the loans; the source records none.
    trial_day : datetime.date, optional
        The day that it is in workspaces of the ledger; by default the last month's end up to which most accounts are
        followed.
    progress : callable, optional
        Called as ``progress(step, done, total)``.

    Returns
    -------
    ImportSummary
        Counts of what was written and left out.

    Raises
    ------
    LedgerError
        Where the source cannot be used; lists every fault.

    References
    ----------
    P. Berka, M. Sochorova, "Guide to the financial data set", PKDD'99 Discovery Challenge.
    """
    report = progress or (lambda step, done, total: None)
    report(_STEP, 0, 4)
    read = read_source(Path(source))
    report(_STEP, 1, 4)
    posted = current_postings(read)
    observed = _with_postings(read, posted)
    report(_STEP, 2, 4)
    evenings = day_ends(posted.frame.rename({"balance": "balance_cents"}))
    payments = own_payments(posted.frame, observed["loan"])
    loans = closing_days(observed["loan"], payments)
    balances = _balances(evenings, loans, payments, posted.observed_until, loan_rate_annual)
    ledger = {
        **_people(read, observed),
        **_accounts(observed, loans, posted.observed_until),
        "transactions": _transactions(posted.frame, loans, payments),
        "balances": balances,
    }
    report(_STEP, 3, 4)
    _write(ledger, Path(out))
    write_trial_day(Path(out), trial_day or _most_followed(posted.observed_until["observed_until"]))
    report(_STEP, 4, 4)
    return _summary(read, observed, posted, ledger, evenings, loan_rate_annual)


def _most_followed(observed_until: pl.Series) -> dt.date:
    """Find the last month's end up to which most accounts are followed."""
    day: dt.date = observed_until.sort()[(len(observed_until) - 1) // 2]
    return day if day == month_end(day) else month_end(next_month(day, -1))


def _with_postings(read: Mapping[str, pl.DataFrame], posted: Postings) -> Tables:
    """Keep accounts that have postings, with their dispositions, customers and loans."""
    seen = posted.observed_until.select("account_id")
    disp = read["disp"].join(seen, on="account_id", how="semi")
    return {
        "account": read["account"].join(seen, on="account_id", how="semi"),
        "disp": disp,
        "client": read["client"].join(disp, on="client_id", how="semi"),
        "loan": read["loan"].join(seen, on="account_id", how="semi"),
    }


def _people(read: Mapping[str, pl.DataFrame], observed: Mapping[str, pl.DataFrame]) -> Tables:
    branches = read["district"].select(
        ("b" + pl.col("A1")).alias("branch_id"), pl.col("A2").alias("name"), pl.col("A3").alias("region")
    )
    # the home outlet is where the customer's first account is kept; the district of residence is for audits
    first = (
        observed["disp"]
        .join(observed["account"].rename({"district_id": "home"}), on="account_id")
        .sort("client_id", "date", "account_id")
        .unique("client_id", keep="first", maintain_order=True)
        .select("client_id", "home", pl.col("date").alias("joined_on"))
    )
    residence = read["district"].select(pl.col("A1").alias("district_id"), pl.col("A3").alias("region"))
    customers = (
        observed["client"]
        .join(first, on="client_id")
        .join(residence, on="district_id", how="left")
        .select(
            ("c" + pl.col("client_id")).alias("customer_id"),
            ("b" + pl.col("home")).alias("branch_id"),
            "joined_on",
            pl.lit(None, dtype=pl.Date).alias("left_on"),
            "birth_date",
            "sex",
            "region",
        )
    )
    return {"branches": branches.sort("branch_id"), "customers": customers.sort("customer_id")}


def _accounts(observed: Mapping[str, pl.DataFrame], loans: pl.DataFrame, observed_until: pl.DataFrame) -> Tables:
    current = observed["account"].with_columns(
        ("a" + pl.col("account_id")).alias("id"),
        pl.lit("current").alias("product"),
        pl.lit(None, pl.Date).alias("closed_on"),
    )
    lent = loans.join(observed["account"].select("account_id", "district_id"), on="account_id").with_columns(
        ("l" + pl.col("loan_id")).alias("id"), pl.lit("consumer_loan").alias("product")
    )
    columns = ["id", "product", "district_id", "date", "closed_on", "account_id"]
    both = pl.concat([current.select(columns), lent.select(columns)]).join(observed_until, on="account_id")
    accounts = both.select(
        pl.col("id").alias("account_id"),
        "product",
        ("b" + pl.col("district_id")).alias("branch_id"),
        pl.col("date").alias("opened_on"),
        "closed_on",
        "observed_until",
    )
    return {"accounts": accounts.sort("account_id"), "holdings": _holdings(observed["disp"], both)}


def _holdings(disp: pl.DataFrame, accounts: pl.DataFrame) -> pl.DataFrame:
    """Give owners equal shares and authorised users none; a loan belongs to the owners alone."""
    role = pl.col("type").replace_strict(ROLES)
    owner = role == "owner"
    return (
        disp.with_columns(role.alias("role"), (owner / owner.sum().over("account_id")).alias("share"))
        .join(accounts.select("account_id", "id", "product"), on="account_id")
        .filter((pl.col("product") == "current") | (pl.col("role") == "owner"))
        .select(pl.col("id").alias("account_id"), ("c" + pl.col("client_id")).alias("customer_id"), "role", "share")
        .sort("account_id", "customer_id")
    )


def _balances(
    evenings: pl.DataFrame, loans: pl.DataFrame, payments: pl.DataFrame, observed_until: pl.DataFrame, rate: float
) -> pl.DataFrame:
    current = monthly_balances(evenings, observed_until).with_columns(
        ("a" + pl.col("account_id")).alias("account_id"),
        pl.lit(None, dtype=pl.Float64).alias("interest_rate_annual"),
        pl.lit(None, dtype=pl.Int32).alias("days_past_due"),
    )
    return pl.concat([current, loan_balances(loans, payments, observed_until, rate)]).sort("account_id", "month")


def _transactions(frame: pl.DataFrame, loans: pl.DataFrame, payments: pl.DataFrame) -> pl.DataFrame:
    # the bank code of an own loan's payment is left out: the other end is this bank
    own = pl.col("transaction_id").is_in(payments["transaction_id"].implode())
    current = frame.with_columns(
        ("a" + pl.col("account_id")).alias("account_id"),
        pl.when(~own).then("bank").alias("counterparty_bank"),
    )
    columns = ["transaction_id", "account_id", "day", "cents", "kind", "channel", "counterparty_bank"]
    derived = loan_postings(loans, payments).with_columns(pl.lit(None, dtype=pl.String).alias("counterparty_bank"))
    return (
        pl.concat([current.select(columns), derived.select(columns)])
        .select(
            "transaction_id",
            "account_id",
            pl.col("day").alias("booked_on"),
            in_crowns(pl.col("cents")).alias("amount"),
            "kind",
            "channel",
            "counterparty_bank",
        )
        .sort("booked_on", "account_id", "transaction_id")
    )


def _write(ledger: Mapping[str, pl.DataFrame], out: Path) -> None:
    for table, frame in ledger.items():
        write_whole(out / f"{table}.parquet", frame.write_parquet)


def _summary(
    read: Mapping[str, pl.DataFrame],
    observed: Mapping[str, pl.DataFrame],
    posted: Postings,
    ledger: Mapping[str, pl.DataFrame],
    evenings: pl.DataFrame,
    rate: float,
) -> ImportSummary:
    loans = ledger["accounts"].filter(pl.col("product") == "consumer_loan")
    gap = evenings.select((pl.col("gap_cents") / pl.col("postings")).max()).item()
    return ImportSummary(
        rows={table: len(frame) for table, frame in ledger.items()},
        parts=posted.parts,
        repeated_postings=posted.repeated,
        postings_without_id=posted.without_id,
        zero_postings=posted.zero,
        accounts_without_postings=len(read["account"]) - len(observed["account"]),
        customers_without_postings=len(read["client"]) - len(observed["client"]),
        loans_without_postings=len(read["loan"]) - len(observed["loan"]),
        loans_unobserved=len(loans.join(ledger["balances"], on="account_id", how="anti")),
        largest_gap=gap / 100,
        loan_rate_annual=rate,
    )
