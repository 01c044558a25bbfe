"""A session on a Spark cluster, and tasks whose errors carry no row."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from segment.exceptions import ClusterError, InstallationError, SegmentError
from segment.files import make_folder

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

R = TypeVar("R")
T = TypeVar("T")
_QUIET = "PySpark does not yet fully support pandas"
"""We pass Arrow tables and no pandas frame, so its warning of pandas 3 is no concern here."""


@contextmanager
def spark_session(master: str) -> Iterator[SparkSession]:
    """Open a session, or use the one that is open; errors of the cluster become one message without rows."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=_QUIET)
        try:
            from pyspark.errors import PySparkException
            from pyspark.sql import SparkSession
        except ImportError:
            raise InstallationError.of("errors.no_pyspark") from None
        from py4j.protocol import Py4JError

        before = SparkSession.getActiveSession()
        session = before or _opened(SparkSession, master)
        try:
            yield session
        except (PySparkException, Py4JError) as fault:
            raise ClusterError.of("errors.spark_gave_up", name=type(fault).__name__) from None
        finally:
            if before is None:
                session.stop()


def session_for(master: str | None) -> AbstractContextManager[object]:
    """Hold one session open for all steps of a command; None: the command needs no cluster."""
    return nullcontext() if master is None else spark_session(master)


@contextmanager
def staging(workspace: Path, command: str) -> Iterator[str]:
    """A folder for rows on their way, which is gone when the command ends; the next one takes those of killed ones."""
    make_folder(workspace)
    if command != "check":  # the others hold the workspace, so nobody works in another's
        for left in workspace.glob(f".spark-{command}-*"):
            shutil.rmtree(left)
    with tempfile.TemporaryDirectory(prefix=f".spark-{command}-", dir=workspace.resolve()) as folder:
        yield folder


def in_tasks(session: SparkSession, work: Callable[[T], R], items: Sequence[T]) -> list[R]:
    """Do a piece of work a task; what comes back is small. An error that a user can act on comes back as it is."""

    def attempt(item: T) -> R | SegmentError:
        try:
            return work(item)
        except SegmentError as fault:
            return fault

    if not items:
        return []
    done = session.sparkContext.parallelize(items, len(items)).map(without_rows(attempt)).collect()
    for fault in (result for result in done if isinstance(result, SegmentError)):
        raise fault
    return [result for result in done if not isinstance(result, SegmentError)]


def without_rows(work: Callable[[T], R]) -> Callable[[T], R]:
    """Let an error of a task carry its kind and no text: libraries quote cells in theirs."""

    def quiet(given: T) -> R:
        try:
            return work(given)
        except Exception as fault:
            raise RuntimeError(f"task failed: {type(fault).__name__}") from None

    return quiet


def batches_without_rows(work: Callable[[Iterator[Any]], Iterator[Any]]) -> Callable[[Iterator[Any]], Iterator[Any]]:
    """The same for a function of batches."""

    def quiet(batches: Iterator[Any]) -> Iterator[Any]:
        try:
            yield from work(batches)
        except Exception as fault:
            raise RuntimeError(f"task failed: {type(fault).__name__}") from None

    return quiet


def _opened(sessions: Any, master: str) -> SparkSession:
    # workers on other machines have a Python of their own at the same place, or PYSPARK_PYTHON says where
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    settings = {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.parquet.compression.codec": "zstd",
        "spark.sql.execution.arrow.pyspark.enabled": "true",
    }
    if master.startswith("local") or "//127.0.0.1" in master or "//localhost" in master:
        settings |= {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1"}
        os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")  # else it looks for another address, and says so
    builder = sessions.builder.master(master).appName("segment")
    for name, value in settings.items():
        builder = builder.config(name, value)
    try:
        session = builder.getOrCreate()
    except Exception as fault:
        raise ClusterError.of("errors.spark_did_not_start", name=type(fault).__name__) from None
    session.sparkContext.setLogLevel("ERROR")
    return session
