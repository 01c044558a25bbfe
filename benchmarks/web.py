"""The page under load on this machine: p50 and p95 by page, start, memory, and the time its copy takes to build.

    make demo && python benchmarks/web.py             # the demo bank, 20 users with a second's thought, 30 seconds
    python benchmarks/web.py --copies 268             # a million customers
    python benchmarks/web.py --workspace WORKSPACE

A bare FastAPI page under the same load is the yardstick: milliseconds depend on the machine. The bank is a workspace of
one's own, copied to a temporary folder; with `--copies` each of its customers stands there so many times, under new ids
and in new branches: in the published tiers, the months, the snapshot and the ledger's small tables. A list is made and
approved there, so that a branch has a week. Nothing but the loopback is asked.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import resource
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from urllib.parse import quote

import httpx2
import numpy as np
import polars as pl

from segment.contribution import LINE_NAMES
from segment.features.slots import row_group_size, slot_of
from segment.features.store import month_file, months_written
from segment.files import write_parquet
from segment.jobs.lists.approve_list import approve_list
from segment.jobs.lists.customer_levers import lever_columns
from segment.jobs.lists.upgrade_list import upgrade_list
from segment.jobs.publish.customer_drawers import MONTHS
from segment.login import acting_as
from segment.policy import Policy, load_policy
from segment.store.row_store import read_rows
from segment.store.stored_tables import LIST_ROWS
from segment.store.web_sessions import start_session
from segment.store.web_users import WebUser
from segment.warehouse.published_tiers import newest_published, published_tiers
from segment.warehouse.reference_tables import read_reference
from segment.warehouse.serving_copy import current_copy
from segment.warehouse.tiers_table import publish_tiers
from segment.web.access_pages import invite
from segment.web.passwords import key_of
from segment.workspace import Workspace

THOUGHT_SECONDS = 1.0
PAGES = (
    "/overview", "/customers", "/customers?branch=B001&tier=break_even", "/customers?branch=B001&flag=1",
    "/customers?sort=upgrade_potential_12m", "/week", "/plan", "/lists", "/effects", "/outcomes", "/reviews",
    "/objections", "/tokens",
)  # fmt: skip
"""Pages of a marketing person, beside those of some customers."""
BUILD = """
import sys
from pathlib import Path
from segment.jobs.publish.build_serving_copy import build_serving_copy
from segment.workspace import Workspace
build_serving_copy(Workspace(Path(sys.argv[1])))
print(*(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""
"""It says itself what memory it came to: what the system says of a child begins with its parent's."""
BARE = """
import sys
import uvicorn
from fastapi import FastAPI
from fastapi.responses import HTMLResponse
app = FastAPI()
@app.get("/sign-in")
def page() -> HTMLResponse:
    return HTMLResponse("<p>one of many lines of a page</p>" * 600)
uvicorn.run(app, port=int(sys.argv[1]), log_level="warning", access_log=False)
"""


def multiplied(rows: pl.DataFrame, copies: int) -> pl.DataFrame:
    """Each row so many times: the first as it is, the others under new ids."""
    renamed = [name for name in ("customer_id", "account_id", "household_id") if name in rows.columns]

    def copied(number: int) -> pl.DataFrame:
        if not number:
            return rows
        branches = [] if "branch_id" not in rows.columns else [pl.format("{}-{}", "branch_id", pl.lit(number // 20))]
        named = [pl.format("{}-{}", name, pl.lit(number)).alias(name) for name in renamed]
        # no two amounts are equal, which would pack better than a bank's do
        amounts = [pl.col(name) * (1.0 + number / 10_000) for name in LINE_NAMES if name in rows.columns]
        return rows.with_columns(*named, *amounts, *(branch.alias("branch_id") for branch in branches))

    return pl.concat(copied(number) for number in range(copies))


def multiply(workspace: Workspace, policy: Policy, copies: int) -> None:
    """Make a bank of so many times as many customers of a workspace, in what the page reads of each."""
    as_of = newest_published(workspace)
    for name, rows in read_reference(workspace).items():
        if {"customer_id", "account_id"} & set(rows.columns):
            write_parquet(multiplied(rows, copies), workspace.reference / f"{name}.parquet")
    for month in months_written(workspace.customer_months, as_of)[-MONTHS:]:
        file = month_file(workspace.customer_months, month)
        rows = multiplied(pl.read_parquet(file, glob=False), copies)
        rows = rows.with_columns(slot_of(rows["customer_id"])).sort("slot", "customer_id")
        write_parquet(rows, file, row_group_size=row_group_size(rows.height))
    columns = {*lever_columns(policy), *(f"{name}_12m" for name in LINE_NAMES)}
    write_parquet(
        multiplied(pl.read_parquet(workspace.snapshot(as_of), columns=sorted(columns), glob=False), copies),
        workspace.snapshot(as_of),
    )
    publish_tiers(multiplied(published_tiers(workspace, as_of), copies), workspace.tiers)


def list_of_a_branch(workspace: Workspace, policy: Policy) -> None:
    """Make a list, and approve it for the branch with the most rows on it, as its manager."""
    with acting_as("marketing of the benchmark"):
        made = upgrade_list(newest_published(workspace), workspace, policy, anyway=True)
    with acting_as("manager of the benchmark"):
        approve_list(workspace, made.list_id, made.to_contact["branch_id"].mode().sort()[0])


def build_copy(workspace: Workspace) -> None:
    """Build the copy in a process of its own, as the page does at its start, and print what it took."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begun = time.perf_counter()
    built = subprocess.run([sys.executable, "-c", BUILD, str(workspace.root)], check=True, stdout=subprocess.PIPE)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    megabytes = sum(path.stat().st_size for path in workspace.serving.glob("*.db")) / 1e6
    print(f"copy: {time.perf_counter() - begun:.1f} s ({cpu:.1f} s of processor), {megabytes:.0f} MB, "
          f"peak memory {int(built.stdout) // 1024} MB")  # fmt: skip


@contextmanager
def server(command: Sequence[str], port: int, environment: dict[str, str], name: str) -> Iterator[str]:
    """Run a server until the block ends; print how long it took to answer and the memory that it came to."""
    begun = time.perf_counter()
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    try:
        while True:
            try:
                if httpx2.get(f"{address}/sign-in", timeout=2).status_code == 200:
                    break
            except httpx2.HTTPError:
                time.sleep(0.05)
            if process.poll() is not None or time.perf_counter() - begun > 120:
                raise SystemExit(f"{name} does not start")
        started = processor_seconds(process.pid)
        print(f"{name}: answers after {time.perf_counter() - begun:.1f} s ({started:.1f} s of processor)")
        yield address
        status = Path(f"/proc/{process.pid}/status").read_text(encoding="utf-8").splitlines()
        memory = {
            line.split(":")[0]: int(line.split()[1]) // 1024 for line in status if line.startswith(("VmRSS", "VmHWM"))
        }
        spent = processor_seconds(process.pid)
        print(f"{name}: memory {memory['VmRSS']} MB, at most {memory['VmHWM']} MB; {spent:.1f} s of processor in all")
    finally:
        process.terminate()
        process.wait(30)


def processor_seconds(pid: int) -> float:
    """Seconds of processor that a process took so far."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()
    return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")


def free_port() -> int:
    """Find a port that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


async def load(address: str, paths: Sequence[str], cookies: Sequence[str], seconds: float) -> dict[str, list[float]]:
    """Let each user open a page, think, and open the next; return milliseconds by page."""
    taken: dict[str, list[float]] = defaultdict(list)
    until = time.perf_counter() + seconds

    async def user(number: int, cookie: str) -> None:
        await asyncio.sleep(THOUGHT_SECONDS * number / len(cookies))
        async with httpx2.AsyncClient(base_url=address, cookies={"segment_session": cookie}, timeout=60) as client:
            for turn in count(number):
                if time.perf_counter() > until:
                    return
                path = paths[turn % len(paths)]
                begun = time.perf_counter()
                status = (await client.get(path)).status_code
                if status != 200:
                    raise SystemExit(f"{path} answers {status}")
                taken[path].append(1000 * (time.perf_counter() - begun))
                await asyncio.sleep(THOUGHT_SECONDS)

    await asyncio.gather(*(user(number, cookie) for number, cookie in enumerate(cookies)))
    return taken


def report(taken: dict[str, list[float]], bare: list[float]) -> None:
    """Print milliseconds by page, and how many times those of a bare page they are."""
    yardstick = float(np.quantile(bare, 0.5))
    print(f"{'page':42}{'looks':>7}{'p50 ms':>9}{'p95 ms':>9}{'times bare':>12}")
    for path, times in [*sorted(taken.items()), ("bare FastAPI page", bare)]:
        middle, high = (float(np.quantile(times, part)) for part in (0.5, 0.95))
        print(f"{path:42}{len(times):>7}{middle:>9.1f}{high:>9.1f}{middle / yardstick:>12.1f}")


def users_of(workspace: Workspace, users: int) -> list[str]:
    """Sign in as many; their cookies."""
    cookies = []
    for number in range(users):
        cookie = secrets.token_urlsafe(32)
        name = f"user of the benchmark {'abcdefghijklmnopqrstuvwxyz'[number % 26] * (1 + number // 26)}"
        invite(workspace, WebUser(name, "marketing"), by="benchmark")
        start_session(workspace, key_of(cookie), name, secrets.token_urlsafe(32), "")
        cookies.append(cookie)
    return cookies


def measure(workspace: Workspace, policy: Path, arguments: argparse.Namespace) -> None:
    """Build the copy, serve it under load, and a bare page after it."""
    build_copy(workspace)
    cookies = users_of(workspace, arguments.users)
    copy = current_copy(workspace)
    if copy is None:
        raise SystemExit("nothing is published there")
    total, listed = copy.rows("SELECT COUNT(*) FROM customers")[0][0], read_rows(workspace, LIST_ROWS)["customer_id"]
    print(f"{total:,} customers, {arguments.users} users, {os.cpu_count()} cores")
    names = [row[0] for row in copy.rows("SELECT customer_id FROM customers WHERE tier <> 'excluded' LIMIT 7")]
    paths = [*PAGES, *(f"/customers/{quote(name)}" for name in [*names, *listed.head(3)])]
    environment = {**os.environ, "SEGMENT_WORKSPACE": str(workspace.root)}
    port, other = free_port(), free_port()
    segment = [str(Path(sys.executable).parent / "segment"), "serve", "--port", str(port), "--policy", str(policy)]
    with server(segment, port, environment, "segment serve") as address:
        asyncio.run(load(address, paths, cookies, 3))
        taken = asyncio.run(load(address, paths, cookies, arguments.seconds))
    with server([sys.executable, "-c", BARE, str(other)], other, environment, "bare page") as address:
        bare = asyncio.run(load(address, ["/sign-in"], cookies, min(arguments.seconds, 10)))["/sign-in"]
    opened = [
        (path if not path.startswith("/customers/") else "/customers/{customer_id}", times)
        for path, times in taken.items()
    ]
    by_route: dict[str, list[float]] = defaultdict(list)
    for path, times in opened:
        by_route[path] += times
    report(by_route, bare)


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workspace", type=Path, default=Path("demo/workspace"))
    parser.add_argument("--copies", type=int, default=1)
    parser.add_argument("--users", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--policy", type=Path, default=Path(__file__).parents[1] / "models" / "retail.toml")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root, policy = Path(folder) / "workspace", load_policy(arguments.policy)
        shutil.copytree(arguments.workspace, root, ignore=shutil.ignore_patterns("serving", "lock*"))
        workspace = Workspace(root)
        list_of_a_branch(workspace, policy)
        if arguments.copies > 1:
            multiply(workspace, policy, arguments.copies)
        measure(workspace, arguments.policy.resolve(), arguments)


if __name__ == "__main__":
    main()
