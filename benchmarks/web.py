"""The page under load on this machine: p50 and p95 by page, start, memory, and the time its copy takes to build.

    python benchmarks/web.py                          # 20,000 customers, 20 users with a second's thought, 30 seconds
    python benchmarks/web.py --customers 1000000
    python benchmarks/web.py --workspace demo/workspace      # pages of customers and of a week too

A bare FastAPI page under the same load is the yardstick: milliseconds depend on the machine. The tiers are random,
published as a refresh publishes them; the pages of one customer and of a week read more than that, so they are tried on
a workspace of one's own alone, to whose records each look is added. Nothing but the loopback is asked.
"""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import os
import resource
import secrets
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

import httpx2
import numpy as np
import polars as pl

from segment.store.web_sessions import start_session
from segment.store.web_users import WebUser
from segment.tiers.tier_columns import TIERS
from segment.warehouse.serving_copy import SORTS, current_copy
from segment.warehouse.tiers_table import publish_tiers
from segment.web.access_pages import invite
from segment.web.passwords import key_of
from segment.workspace import Workspace

THOUGHT_SECONDS = 1.0
PAGES = (
    "/overview", "/customers", "/customers?branch=B001&tier=break_even", "/customers?branch=B001&flag=1",
    "/customers?sort=upgrade_potential_12m", "/lists", "/tokens",
)  # fmt: skip
BUILD = """
import sys
from pathlib import Path
from segment.warehouse.serving_copy import build_serving_copy
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


def random_tiers(customers: int, seed: int = 7) -> pl.DataFrame:
    """Tiers of nobody, as many as are asked for."""
    dice = np.random.default_rng(seed)
    branches = max(4, customers // 5_000)
    tier = dice.choice(len(TIERS), customers, p=(0.1, 0.3, 0.48, 0.12))
    value = np.array([8_000.0, 900.0, 20.0, -700.0])[tier] * dice.gamma(2.0, 0.5, customers)
    figures = (
        *SORTS, "income_12m", "cost_12m", "blended_contribution_12m", "border_low", "border_break_even", "border_high",
        "future_value_p10", "future_value_p90", "growth_potential", "chance_of_lower_tier", "chance_of_leaving_6m",
        "branch_multiple", "main_bank_elsewhere_probability", "wallet_elsewhere_12m",
    )  # fmt: skip
    codes = np.array([["COST_HIGH", "MARGIN_LOW"], ["MOST_LIKELY_NEXT_YEAR"]], dtype=object)
    return pl.DataFrame(
        {
            "as_of": pl.repeat(dt.date(2025, 12, 31), customers, eager=True),
            "customer_id": [f"C{number:08d}" for number in range(customers)],
            "branch_id": [f"B{number:03d}" for number in dice.integers(1, branches + 1, customers)],
            "tier": np.array(TIERS)[tier],
            "standing": ["full"] * customers,
            "previous_tier": np.array(TIERS)[np.where(dice.random(customers) < 0.9, tier, (tier + 1) % len(TIERS))],
            "run_id": ["random"] * customers,
            "tier_since": pl.repeat(dt.date(2025, 9, 30), customers, eager=True),
            "main_bank_elsewhere": (tier == TIERS.index("break_even")) & (dice.random(customers) < 0.3),
            "months_observed": dice.integers(3, 60, customers),
            "reasons": [list(codes[0] if odd else codes[1]) for odd in dice.random(customers) < 0.5],
            **{name: np.round(value * dice.uniform(0.5, 1.5, customers), 2) for name in figures},
        }
    )


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
    paths = list(PAGES)
    if arguments.workspace:
        names = [row[0] for row in copy.rows("SELECT customer_id FROM customers WHERE tier <> 'excluded' LIMIT 3")]
        paths += ["/week", *(f"/customers/{name}" for name in names)]
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
    parser.add_argument("--customers", type=int, default=20_000)
    parser.add_argument("--users", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--workspace", type=Path)
    parser.add_argument("--policy", type=Path, default=Path(__file__).parents[1] / "models" / "retail.toml")
    arguments = parser.parse_args()
    if arguments.workspace:
        measure(Workspace(arguments.workspace.resolve()), arguments.policy.resolve(), arguments)
        return
    with tempfile.TemporaryDirectory() as folder:
        workspace = Workspace(Path(folder) / "workspace")
        print(f"{arguments.customers:,} customers, {arguments.users} users, {os.cpu_count()} cores")
        publish_tiers(random_tiers(arguments.customers), workspace.tiers)
        measure(workspace, arguments.policy.resolve(), arguments)


if __name__ == "__main__":
    main()
