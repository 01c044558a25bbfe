"""A tiny bank in the source's own form, and the real one where its folder is there."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl
import pytest

from segment.banks.berka import ImportSummary, import_berka

SHARED = Path(__file__).parents[4] / "shared" / "data" / "berka"
LOAN_RATE = 0.14

needs_shared = pytest.mark.skipif(
    not SHARED.is_dir(), reason="the Berka tables are not shipped: ../shared/data/berka is missing"
)

ASC = {
    "account": """"account_id";"district_id";"frequency";"date"
1;2;"POPLATEK MESICNE";930105
2;1;"POPLATEK TYDNE";930301
""",
    "client": """"client_id";"birth_number";"district_id"
1;"706213";1
2;"450204";2
3;"050901";1
""",
    "disp": """"disp_id";"client_id";"account_id";"type"
1;1;1;"OWNER"
2;2;1;"DISPONENT"
3;3;2;"OWNER"
""",
    "district": """"A1";"A2";"A3";"A4"
1;"Hl.m. Praha";"Prague";1204953
2;"Benesov";"central Bohemia";88884
""",
    "loan": """"loan_id";"account_id";"date";"amount";"duration";"payments";"status"
10;1;930210;2400;2;1200.00;"A"
11;2;930310;1200;12;100.00;"C"
""",
    "order": """"order_id";"account_id";"bank_to";"account_to";"amount";"k_symbol"
1;1;"YZ";"87144583";500.00;" "
""",
    "trans": """"trans_id";"account_id";"date";"type";"operation";"amount";"balance";"k_symbol";"bank";"account"
101;1;930105;"PRIJEM";"VKLAD";1000.00;1000.00;"";"";
102;1;930117;"PRIJEM";"PREVOD Z UCTU";5000.50;6000.50;"DUCHOD";"AB";555
104;1;930120;"VYDAJ";"PREVOD NA UCET";500.00;5400.50;" ";"YZ";87144583
103;1;930120;"VYBER";"VYBER";100.00;5900.50;" ";"";
105;1;930131;"PRIJEM";"";20.20;5406.10;"UROK";"";
106;1;930131;"VYDAJ";"VYBER";14.60;5385.90;"SLUZBY";"";
107;1;930212;"VYDAJ";"PREVOD NA UCET";1200.30;4185.60;"UVER";"ST";89597016
108;1;930312;"VYDAJ";"PREVOD NA UCET";1200.30;2985.30;"UVER";"ST";89597016
109;1;930331;"VYDAJ";"VYBER KARTOU";400.00;2585.30;"";"";
""",
}


def write_asc(folder: Path, **changed: str) -> Path:
    """Write the tiny bank as the source does; `changed` replaces the text of a table."""
    folder.mkdir(parents=True, exist_ok=True)
    for table, text in {**ASC, **changed}.items():
        folder.joinpath(f"{table}.asc").write_text(text, encoding="ascii")
    return folder


def write_parquet(folder: Path) -> Path:
    """Write the tiny bank in the other form: parsed days, nulls, ids as numbers or as text with ".0"."""
    folder.mkdir(parents=True, exist_ok=True)
    source = write_asc(folder.with_name(f"{folder.name}-asc"))
    for table in ASC:
        frame = pl.read_csv(source / f"{table}.asc", separator=";", schema_overrides={"birth_number": pl.String})
        frame = frame.with_columns(pl.col(pl.String).str.strip_chars().replace("", None))
        if "date" in frame.columns:
            day = ("19" + pl.col("date").cast(pl.String)).str.to_datetime("%Y%m%d")
            frame = frame.with_columns(day.alias("date"))
        if table == "trans":
            frame = frame.with_columns(
                pl.col("trans_id").cast(pl.Float64), pl.col("account").cast(pl.Float64).cast(pl.String)
            )
        frame.write_parquet(folder / f"{table}.parquet")
    return folder


def imported(source: Path, out: Path) -> tuple[dict[str, pl.DataFrame], ImportSummary]:
    """Import a source and read the ledger back."""
    summary = import_berka(source, out, loan_rate_annual=LOAN_RATE)
    return {table: pl.read_parquet(out / f"{table}.parquet") for table in summary.rows}, summary


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)
