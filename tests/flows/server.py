"""A Prefect server and the command that serves the schedules, each a process of the test's own."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

PATIENCE = 240  # seconds until a process that does not answer is a failure


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def prefect_environment(home: Path, port: int) -> dict[str, str]:
    return os.environ | {
        "PREFECT_HOME": str(home),
        "PREFECT_API_URL": f"http://127.0.0.1:{port}/api",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_SERVER_SERVICES_SCHEDULER_LOOP_SECONDS": "2",
        "PREFECT_RUNNER_POLL_FREQUENCY": "2",
        "DO_NOT_TRACK": "1",
        "SEGMENT_JOBS": "1",
    }


@contextmanager
def process(command: list[str], environment: Mapping[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run a process in a group of its own, and end the group afterwards."""
    with log.open("wb") as out:
        started = subprocess.Popen(command, env=dict(environment), stdout=out, stderr=out, start_new_session=True)
        try:
            yield started
        finally:
            _end(started)


def _end(started: subprocess.Popen[bytes]) -> None:
    for signalled, patience in ((signal.SIGTERM, 20), (signal.SIGKILL, 20)):
        try:
            os.killpg(started.pid, signalled)
            started.wait(patience)
        except ProcessLookupError:
            return
        except subprocess.TimeoutExpired:
            continue


@contextmanager
def prefect_server(folder: Path) -> Iterator[dict[str, str]]:
    """Start a server on loopback; yield the environment of what talks to it."""
    port = free_port()
    environment = prefect_environment(folder / "prefect", port)
    command = [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port)]
    with process(command, environment, folder / "server.log"):
        until(lambda: _answers(environment), "the server answers")
        yield environment


def ask(environment: Mapping[str, str], path: str, body: dict[str, Any] | None = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    url = environment["PREFECT_API_URL"] + path
    request = urllib.request.Request(url, data, {"content-type": "application/json"})  # noqa: S310
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
        return json.loads(answer.read())


def until(holds: Callable[[], Any], what: str) -> Any:
    """Wait for something to hold; fail loudly where it does not."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if found := holds():
            return found
        time.sleep(1)
    raise AssertionError(f"waited in vain until {what}")


def ended_runs(environment: Mapping[str, str]) -> list[dict[str, Any]]:
    kinds = ["COMPLETED", "FAILED", "CRASHED"]
    wanted = {"flow_runs": {"state": {"type": {"any_": kinds}}}, "sort": "EXPECTED_START_TIME_ASC"}
    return list(ask(environment, "/flow_runs/filter", wanted))


def _answers(environment: Mapping[str, str]) -> bool:
    try:
        return bool(ask(environment, "/health"))
    except OSError:
        return False
