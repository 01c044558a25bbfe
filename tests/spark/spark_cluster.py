"""A standalone cluster of Spark on this machine: a master and two workers, each a process of its own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyspark

HOST = "127.0.0.1"
_CLASSES = "org.apache.spark.deploy"


@dataclass(frozen=True)
class Cluster:
    """Processes of a cluster."""

    master: str
    workers: tuple[subprocess.Popen[bytes], ...]
    folder: Path  # Of its logs and of what its workers write

    def kill_a_worker(self) -> None:
        """End a worker and its executor as a machine does that loses power."""
        os.killpg(self.workers[0].pid, signal.SIGKILL)


@contextmanager
def cluster(folder: Path) -> Iterator[Cluster]:
    """Start a cluster from what the pip package brings, and end it."""
    port = _free_port()
    master = f"spark://{HOST}:{port}"
    processes = [_start(folder, "master", "master.Master", "--port", str(port))]
    try:
        _wait(folder / "master.log", "Starting Spark master")
        for number in (1, 2):
            options = ("--cores", "1", "--memory", "1g", "-d", str(folder / f"work-{number}"), master)
            processes.append(_start(folder, f"worker-{number}", "worker.Worker", *options))
        for number in (1, 2):
            _wait(folder / f"worker-{number}.log", "Successfully registered with master")
        yield Cluster(master, tuple(processes[1:]), folder)
    finally:
        for process in processes:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)
        for process in processes:
            process.wait(30)


def _start(folder: Path, name: str, kind: str, *options: str) -> subprocess.Popen[bytes]:
    program = Path(pyspark.__file__).parent / "bin" / "spark-class"
    command = [str(program), f"{_CLASSES}.{kind}", "--host", HOST, "--webui-port", "0", *options]
    environment = {**os.environ, "SPARK_LOCAL_IP": HOST, "SPARK_LOCAL_DIRS": str(folder / "local")}
    with (folder / f"{name}.log").open("wb") as log:
        return subprocess.Popen(
            command, stdout=log, stderr=subprocess.STDOUT, env=environment, cwd=folder, start_new_session=True
        )


def _wait(log: Path, words: str) -> None:
    until = time.monotonic() + 240
    while words not in log.read_text(errors="replace"):
        assert time.monotonic() < until, f"{log.name} never said: {words}"
        time.sleep(0.5)


def _free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
