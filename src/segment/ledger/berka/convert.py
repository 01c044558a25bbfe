"""Turns the PKDD'99 tables into a ledger that holds the contract."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import polars as pl

from segment.ledger.berka.balances import day_ends, in_crowns, monthly_balances
from segment.ledger.berka.codes import ROLES
from segment.ledger.berka.loans import closing_days, loan_balances, loan_postings, own_payments
from segment.ledger.berka.postings import Postings, current_postings
from segment.ledger.berka.reading import read_source
from segment.ledger.berka.summary import ImportSummary

Tables = dict[str, pl.DataFrame]
_STEP = "Berka to ledger"


def import_berka(
    source: Path, out: Path, *, loan_rate_annual: float, progress: Callable[[str, int, int], None] | None = None
) -> ImportSummary:
    """Read the PKDD'99 bank and write it as a ledger of Parquet files.

    Districts become branches, dispositions owners and authorised users, Czech codes the contract's kinds (see
    `segment.ledger.berka.codes`), and each loan an account of its own. Ids get a letter: branch ``b1``, customer
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
    say = progress or (lambda step, done, total: None)
    say(_STEP, 0, 4)
    read = read_source(Path(source))
    say(_STEP, 1, 4)
    posted = current_postings(read)
    known = _with_postings(read, posted)
    say(_STEP, 2, 4)
    evenings = day_ends(posted.frame.rename({"balance": "balance_cents"}))
    payments = own_payments(posted.frame, known["loan"])
    loans = closing_days(known["loan"], payments)
    balances = _balances(evenings, loans, payments, posted.observed_until, loan_rate_annual)
    ledger = {
        **_people(read, known),
        **_accounts(known, loans, posted.observed_until),
        "transactions": _transactions(posted.frame, loans, payments),
        "balances": balances,
    }
    say(_STEP, 3, 4)
    _write(ledger, Path(out))
    say(_STEP, 4, 4)
    return _summary(read, known, posted, ledger, evenings, loan_rate_annual)


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


def _people(read: Mapping[str, pl.DataFrame], known: Mapping[str, pl.DataFrame]) -> Tables:
    branches = read["district"].select(
        ("b" + pl.col("A1")).alias("branch_id"), pl.col("A2").alias("name"), pl.col("A3").alias("region")
    )
    # the home outlet is where the customer's first account is kept; the district of residence is for audits
    first = (
        known["disp"]
        .join(known["account"].rename({"district_id": "home"}), on="account_id")
        .sort("client_id", "date", "account_id")
        .unique("client_id", keep="first", maintain_order=True)
        .select("client_id", "home", pl.col("date").alias("joined_on"))
    )
    residence = read["district"].select(pl.col("A1").alias("district_id"), pl.col("A3").alias("region"))
    customers = (
        known["client"]
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


def _accounts(known: Mapping[str, pl.DataFrame], loans: pl.DataFrame, observed_until: pl.DataFrame) -> Tables:
    current = known["account"].with_columns(
        ("a" + pl.col("account_id")).alias("id"),
        pl.lit("current").alias("product"),
        pl.lit(None, pl.Date).alias("closed_on"),
    )
    lent = loans.join(known["account"].select("account_id", "district_id"), on="account_id").with_columns(
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
    return {"accounts": accounts.sort("account_id"), "holdings": _holdings(known["disp"], both)}


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
    """Write each table beside its place and rename it, so that a reader never sees half a file."""
    out.mkdir(parents=True, exist_ok=True)
    for table, frame in ledger.items():
        unfinished = out / f".{table}.parquet.unfinished"
        frame.write_parquet(unfinished)
        unfinished.replace(out / f"{table}.parquet")


def _summary(
    read: Mapping[str, pl.DataFrame],
    known: Mapping[str, pl.DataFrame],
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
        accounts_without_postings=len(read["account"]) - len(known["account"]),
        customers_without_postings=len(read["client"]) - len(known["client"]),
        loans_without_postings=len(read["loan"]) - len(known["loan"]),
        loans_unobserved=len(loans.join(ledger["balances"], on="account_id", how="anti")),
        largest_gap=gap / 100,
        loan_rate_annual=rate,
    )
