"""What an extract costs beside a hand-written roll-up of the same rows: processor, peak memory, bytes on disk.

    python benchmarks/scale.py --customers 4000 --months 24
    python benchmarks/scale.py --customers 20000 --copies 5 --layout shuffled --commands
    python benchmarks/scale.py --customers 2000 --copies 4 --format csv.gz

The simulator makes the bank once; `--copies` repeats it under new ids and amounts. Each step is a process of its own.
Seconds depend on the machine; the ratios are measured within one run.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
import polars.selectors as cs
import psycopg
import pyarrow as pa
import pyarrow.parquet as pq

from segment.banks.simulator import simulate_bank
from segment.dates import last_months, month_end
from segment.features.point_in_time import MARGIN_DAYS
from segment.ledger.vocabulary import CHANNELS, KINDS, SERVICE_CHANNELS
from segment.policy import load_policy

sys.path.append(str(Path(__file__).parents[1]))
from tests.ledger.postgres import find_binaries, postgres_server  # noqa: E402

POLICY = Path(__file__).parents[1] / "models" / "retail.toml"
LAST = dt.date(2025, 12, 31)
LONG = {"transactions": "booked_on", "balances": "month", "service_events": "occurred_on"}
OWN_IDS = ("transaction_id", "account_id", "customer_id", "event_id", "household_id")
MARGIN = dt.timedelta(days=MARGIN_DAYS)
AMOUNTS = ("amount", "average_balance", "closing_balance")
COMMANDS = (
    ("train", "LEDGER", "--as-of", "DATE"),
    ("refresh", "LEDGER", "--as-of", "DATE"),
    ("tiers", "--as-of", "DATE"),
    ("tiers", "--as-of", "DATE", "--out", "tiers.parquet"),
    ("upgrade-list", "--as-of", "DATE", "--out", "list.csv"),
    ("verify", "LEDGER", "--as-of", "DATE"),
)
FORMATS = ("parquet", "csv", "csv.gz", "csv.zst", "sqlite", "postgres")
SQL_TYPES = {"Date": "date", "Float64": "double precision", "Int64": "bigint", "Boolean": "boolean"}
TEMPORARY = "segment-scale-"
WITH_PEAK = """
import sys
try:
    {call}
finally:
    print(*(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""
"""Runs something and prints the process's own peak; what `wait4` says of a child counts its parent's as well."""
COMMAND = "from segment.cli import main; main()"
STEP = "import runpy; runpy.run_path({itself!r}, run_name='__main__')"


@dataclass(frozen=True)
class Cost:
    """What a process took."""

    processor: float  # seconds
    peak: float  # MB
    printed: str


def make_ledger(folder: Path, arguments: argparse.Namespace) -> Path:
    """Simulate a bank, repeat it, and lay its long tables out as asked."""
    months, copies, layout = arguments.months, arguments.copies, arguments.layout
    simulate_bank(folder / "bank", arguments.customers, months, seed=3)
    if arguments.keep < 1:
        thin(folder / "bank" / "ledger" / "transactions.parquet", arguments.keep)
    made, ledger = folder / "bank" / "ledger", folder / "ledger"
    ledger.mkdir()
    for file in sorted(made.iterdir()):
        table = file.stem
        if table == "ledger_totals" and (copies > 1 or arguments.keep < 1):
            continue  # they are of the bank that was simulated
        if file.suffix != ".parquet":
            (ledger / file.name).write_bytes(file.read_bytes())
        elif table in LONG and layout == "months":
            (ledger / table).mkdir()
            for month in last_months(LAST.replace(day=1), months):
                rows = copied(pl.scan_parquet(file).filter(in_month(table, month)), table, copies)
                rows.sink_parquet(ledger / table / f"{month:%Y-%m}.parquet")
        elif table in LONG and layout == "file":
            write_by_month(file, ledger / file.name, table, copies, last_months(LAST.replace(day=1), months))
        else:
            whole = copied(pl.scan_parquet(file), table, copies).collect()
            shuffled = whole.sample(fraction=1.0, shuffle=True, seed=1) if table in LONG else whole
            shuffled.write_parquet(ledger / file.name)
    return ledger


def thin(bookings: Path, share: float) -> None:
    """Leave a share of the bookings, chosen by their ids."""
    kept = pl.col("transaction_id").hash(seed=1) % 1_000_000 < round(share * 1_000_000)
    rows = pl.read_parquet(bookings).filter(kept)
    rows.write_parquet(bookings)


def in_month(table: str, month: dt.date) -> pl.Expr:
    """Rows of a month."""
    return pl.col(LONG[table]).is_between(month, month_end(month))


def write_by_month(source: Path, to: Path, table: str, copies: int, months: list[dt.date]) -> None:
    """One file in the order of its days, written a month at a time."""
    writer: pq.ParquetWriter | None = None
    for month in months:
        rows = copied(pl.scan_parquet(source).filter(in_month(table, month)), table, copies).collect().to_arrow()
        writer = writer or pq.ParquetWriter(to, rows.schema, compression="zstd", compression_level=1)
        writer.write_table(rows, row_group_size=500_000)
    if writer is not None:
        writer.close()


def copied(rows: pl.LazyFrame, table: str, copies: int) -> pl.LazyFrame:
    """The same customers so many times, each copy under new ids and other amounts."""
    columns = rows.collect_schema().names()
    ids = [name for name in OWN_IDS if name in columns]
    if not ids:  # branches and what they hold are not more
        return rows
    amounts = [name for name in AMOUNTS if name in columns]
    renamed = [
        rows.with_columns(
            pl.col(ids) + f"-{copy}",
            pl.col(amounts) * (1.0 + copy / 1000.0),
        )
        for copy in range(1, copies)
    ]
    return pl.concat([rows, *renamed])


def roll_up(ledger: Path, months: int, out: Path) -> None:
    """The yardstick: what a user would write by hand, sums by customer and month, balances by product."""
    scans = {name: scan(ledger, name) for name in ("accounts", "holdings", *LONG)}
    owned = scans["holdings"].filter(pl.col("share") > 0).select("account_id", "customer_id", "share")
    of_products = owned.join(scans["accounts"].select("account_id", "product"), on="account_id")
    owned, of_products = owned.collect().lazy(), of_products.collect().lazy()
    products = sorted(load_policy(POLICY).products)
    value, elsewhere = pl.col("amount") * pl.col("share"), pl.col("counterparty_bank").is_not_null()
    sums = {f"flow_{kind}": value.filter(pl.col("kind") == kind).sum() for kind in KINDS}
    sums |= {f"count_{channel}": pl.col("share").filter(pl.col("channel") == channel).sum() for channel in CHANNELS}
    for sign, side in (("in", pl.col("amount") > 0), ("out", pl.col("amount") < 0)):
        sums |= {f"all_{sign}": value.filter(side).sum(), f"elsewhere_{sign}": value.filter(side & elsewhere).sum()}
        sums |= {f"largest_{sign}": value.filter(side).max(), f"bookings_{sign}": side.sum()}
        sums[f"days_{sign}"] = pl.col("booked_on").filter(side).n_unique()
    held = {
        f"{figure}_{product}": (pl.col(figure) * pl.col("share")).filter(pl.col("product") == product).sum()
        for figure in ("average_balance", "closing_balance")
        for product in products
    }
    visits = {f"visits_{name}": (pl.col("channel") == name).sum() for name in SERVICE_CHANNELS}
    for month in last_months(LAST.replace(day=1), months):
        rows = {name: scans[name].filter(in_month(name, month)) for name in LONG}
        flows = rows["transactions"].join(owned, on="account_id").group_by("customer_id").agg(**sums)
        balances = rows["balances"].join(of_products, on="account_id").group_by("customer_id").agg(**held)
        events = rows["service_events"].group_by("customer_id").agg(**visits)
        whole = flows.join(balances, on="customer_id", how="full", coalesce=True)
        whole = whole.join(events, on="customer_id", how="left")
        whole.collect(engine="in-memory").write_parquet(out / f"{month:%Y-%m}.parquet")


def least(ledger: Path, months: int) -> None:
    """What a check and a month of bookings cannot do without: print the seconds of processor of either."""
    begun = time.process_time()
    for table in LONG:
        rows = scan(ledger, table)
        for start in range(0, rows.select(pl.len()).collect().item(), 500_000):
            part = rows.slice(start, 500_000).collect()
            part.hash_rows(1), part.hash_rows(2)  # two of each row tell what a month was built from
            np.sort(part.select(pl.nth(0)).hash_rows(3).to_numpy())  # and one of its key who stands twice
    checked = time.process_time()
    owned = scan(ledger, "holdings").filter(pl.col("share") > 0).select("account_id", "customer_id", "share").collect()
    for month in last_months(LAST.replace(day=1), months):
        rows = scan(ledger, "transactions").filter(pl.col("booked_on").is_between(month - MARGIN, month_end(month)))
        rows.join(owned.lazy(), on="account_id").sort("customer_id").collect(engine="in-memory")
    print(json.dumps({"read and hash": checked - begun, "months' bookings": time.process_time() - checked}))


def scan(ledger: Path, table: str) -> pl.LazyFrame:
    """A table, a file or a folder."""
    folder = ledger / table
    return pl.scan_parquet(folder / "*.parquet" if folder.is_dir() else ledger / f"{table}.parquet")


@contextmanager
def in_format(ledger: Path, wanted: str, folder: Path) -> Iterator[str]:
    """The same ledger in another format, written a batch of rows at a time; yields where it lies."""
    files = sorted(ledger.glob("*.parquet"))
    if wanted == "parquet":
        yield str(ledger)
    elif wanted.startswith("csv"):
        (folder / "text").mkdir()
        for file in files:
            compression = {"csv.gz": "gzip", "csv.zst": "zstd"}.get(wanted)
            with pa.output_stream(folder / "text" / f"{file.stem}.{wanted}", compression=compression) as out:
                for number, rows in enumerate(batches(file)):
                    rows.write_csv(out, include_header=number == 0)
        yield str(folder / "text")
    elif wanted == "sqlite":
        with closing(sqlite3.connect(folder / "ledger.db")) as opened:
            for file in files:
                columns = pl.read_parquet_schema(file)
                opened.execute(f"CREATE TABLE {file.stem} ({', '.join(columns)})")
                cells = ", ".join("?" * len(columns))
                for rows in batches(file):
                    text = rows.with_columns(cs.temporal().cast(pl.String), cs.decimal().cast(pl.Float64))
                    opened.executemany(f"INSERT INTO {file.stem} VALUES ({cells})", text.iter_rows())  # noqa: S608
            opened.commit()
        yield f"sqlite:///{folder / 'ledger.db'}"
    else:
        with postgres_server(find_binaries() or Path()) as address, psycopg.connect(address_of(address)) as opened:
            for file in files:
                columns = pl.read_parquet_schema(file)
                typed = ", ".join(f"{name} {SQL_TYPES.get(str(kind), 'text')}" for name, kind in columns.items())
                opened.execute(f"CREATE TABLE {file.stem} ({typed})".encode())
                with opened.cursor().copy(f"COPY {file.stem} FROM STDIN (FORMAT csv)".encode()) as copy:
                    for rows in batches(file):
                        copy.write(rows.write_csv(include_header=False))
            opened.commit()
            yield address_of(address)


def address_of(server: str) -> str:
    """URL of a server's first database."""
    return f"postgresql://{server}/postgres"


def batches(file: Path) -> Iterator[pl.DataFrame]:
    """Rows of a Parquet file, some at a time."""
    return (pl.DataFrame(batch) for batch in pq.ParquetFile(file).iter_batches(100_000))


def extract_in_steps(ledger: str, workspace: Path) -> None:
    """Extract; print the process's peak by the end of each step, and the seconds of processor that each took."""
    from segment.jobs.build.extract import extract
    from segment.workspace import Workspace

    ends: dict[str, float] = {}
    peaks: dict[str, float] = {}
    begun = time.process_time()

    def progress(step: str, done: int, of: int) -> None:
        ends[step] = time.process_time()
        lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
        peaks[step] = next(float(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))

    extract(ledger, LAST, Workspace(workspace), load_policy(POLICY), n_jobs=1, progress=progress)
    progress("reconciliation", 1, 1)
    spent, before = {}, begun
    for step, end in ends.items():
        spent[step], before = end - before, end
    print(json.dumps(peaks))
    print(json.dumps(spent))


def measure(call: str, *arguments: str, cwd: Path, workspace: Path) -> Cost:
    """Run a process and wait for what it took."""
    code = WITH_PEAK.format(call=call)
    env = {**os.environ, "SEGMENT_WORKSPACE": str(workspace), "SEGMENT_POLICY": str(POLICY), "SEGMENT_USER": "bench"}
    env |= {"SEGMENT_USER_FROM_ENVIRONMENT": "1", "SEGMENT_JOBS": "1"}
    env["PYTHONPATH"] = str(Path(__file__).resolve().parents[1] / "src")  # this checkout, wherever the process runs
    with (cwd / "printed.txt").open("w+", encoding="utf-8") as out:
        process = subprocess.Popen([sys.executable, "-c", code, *arguments], cwd=cwd, env=env, stdout=out, stderr=out)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        printed = out.read()
    if process.returncode:
        print(f"{' '.join(arguments[-4:])} ended with {process.returncode}:\n{printed[-800:]}")
    *lines, peak = printed.splitlines()
    return Cost(used.ru_utime + used.ru_stime, float(peak) / 1024, "\n".join(lines))


def run(folder: Path, arguments: argparse.Namespace) -> None:
    """Measure each step and print the table."""
    ledger = make_ledger(folder, arguments)
    rows = {name: scan(ledger, name).select(pl.len()).collect().item() for name in LONG}
    print(
        f"{arguments.customers * arguments.copies:,} customers x {arguments.months} months, layout {arguments.layout}, "
        f"format {arguments.format}:"
    )
    print(", ".join(f"{count:,} {name}" for name, count in rows.items()) + f"; {size_of(ledger):,.0f} MB")
    workspace, itself = folder / "workspace", STEP.format(itself=str(Path(__file__).resolve()))
    (folder / "out").mkdir()

    def step(*of: str) -> Cost:
        return measure(*of, cwd=folder, workspace=workspace)

    yardstick = step(itself, "--step", "roll-up", str(ledger), str(arguments.months), str(folder / "out"))
    say("hand-written roll-up", yardstick, yardstick)
    say_steps(step(itself, "--step", "least", str(ledger), str(arguments.months)), yardstick)
    with in_format(ledger, arguments.format, folder) as location:
        say("segment check", step(COMMAND, "check", location), yardstick)
        whole = step(itself, "--step", "extract", location, str(workspace))
        say("extract", whole, yardstick)
        say_steps(whole, yardstick)
        for command in COMMANDS if arguments.commands else ():
            words = [{"LEDGER": location, "DATE": LAST.isoformat()}.get(word, word) for word in command]
            say(" ".join(word for word in command if word not in ("LEDGER", "DATE")), step(COMMAND, *words), yardstick)
    print(f"workspace {size_of(workspace):,.0f} MB")


def say(name: str, cost: Cost, yardstick: Cost) -> None:
    """Print a line of the table: seconds of processor, peak memory, ratio to the yardstick's processor."""
    ratio = cost.processor / yardstick.processor
    print(f"{name:<32}{cost.processor:>9.1f} s{cost.peak:>8,.0f} MB{ratio:>9.2f}", flush=True)


def say_steps(cost: Cost, yardstick: Cost) -> None:
    """Print the steps of a process, with its peak memory up to the end of each where it was told."""
    *before, spent = cost.printed.splitlines()
    peaks = json.loads(before[-1]) if before else {}
    for name, seconds in json.loads(spent).items():
        peak = f"{peaks[name]:>8,.0f} MB" if name in peaks else " " * 11
        print(f"  {name:<30}{seconds:>9.1f} s{peak}{seconds / yardstick.processor:>9.2f}")


def size_of(folder: Path) -> float:
    """MB on disk."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 2**20


def main() -> None:
    """Run the benchmark, or one of its steps."""
    if sys.argv[1:2] == ["--step"]:
        name, ledger, *more = sys.argv[2:]
        if name == "roll-up":
            roll_up(Path(ledger), int(more[0]), Path(more[1]))
        elif name == "least":
            least(Path(ledger), int(more[0]))
        else:
            extract_in_steps(ledger, Path(more[0]))
        return
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, default=4_000, help="of the simulated bank")
    parser.add_argument("--copies", type=int, default=1, help="of it, each under new ids and amounts")
    parser.add_argument("--months", type=int, default=24)
    parser.add_argument("--keep", type=float, default=1.0, help="this share of the simulated bookings")
    parser.add_argument("--layout", choices=("file", "months", "shuffled"), default="file", help="of the long tables")
    parser.add_argument("--format", choices=FORMATS, default="parquet", help="what the commands read; not with months")
    parser.add_argument("--commands", action="store_true", help="the commands after the extract as well")
    with tempfile.TemporaryDirectory(prefix=TEMPORARY) as work:
        run(Path(work), parser.parse_args())


if __name__ == "__main__":
    main()
