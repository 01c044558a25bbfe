"""A process that has imported everything, forks a child per job, and kills it when told.

It reads one JSON object per line and answers with one: what ended the job, and after how many seconds. It never
computes itself: a pool of threads would not live on in the children.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import resource
import signal
import sys
import time
import traceback
from pathlib import Path
from typing import Any

from segment.jobs.build.extract import extract
from segment.jobs.learn.train import train
from segment.jobs.publish.refresh import refresh
from segment.policy import ModelSpec, load_policy
from segment.tracking.registry import Tracking
from segment.workspace import Workspace

QUICK = ModelSpec.model_validate({
    "name": "quick", "train": {"moments": 2}, "future_value": {"max_iter": 10},
    "clustering": {"bootstraps": 2, "sample": 100, "clusters": [4], "guard_margin": [0.25]},
})  # fmt: skip


def work(told: dict[str, Any]) -> None:
    """Do one job."""
    workspace, policy = Workspace(Path(told["workspace"])), load_policy(told["policy"])
    as_of, tracking = dt.date.fromisoformat(told["as_of"]), Tracking(workspace.root, told.get("server"))
    if told["job"] == "extract":
        extract(told["ledger"], as_of, workspace, policy, n_jobs=1)
    elif told["job"] == "train":
        train(told["ledger"], as_of, workspace, policy, tracking, spec=QUICK, n_jobs=1)
    elif told["job"] == "publish":
        refresh(None, as_of, workspace, policy, tracking)
    else:
        refresh(told["ledger"], as_of, workspace, policy, tracking, n_jobs=1)


def child(told: dict[str, Any]) -> None:
    """Do one job and leave, without the parent's clean-up."""
    log = os.open(told["log"], os.O_CREAT | os.O_WRONLY | os.O_TRUNC)
    os.dup2(log, 1)
    os.dup2(log, 2)
    if told.get("most_bytes"):
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (told["most_bytes"], told["most_bytes"]))
    try:
        work(told)
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
        os._exit(1)
    os._exit(0)


def answer(told: dict[str, Any]) -> dict[str, Any]:
    """Fork, wait or kill, and say what became of it."""
    started = time.monotonic()
    pid = os.fork()
    if pid == 0:
        child(told)
    kill_after = told.get("kill_after")
    ended = 0
    while kill_after is not None and not ended and time.monotonic() - started < kill_after:
        ended, status = os.waitpid(pid, os.WNOHANG)
        time.sleep(0.001)
    if not ended:
        if kill_after is not None:
            os.kill(pid, signal.SIGKILL)
        _, status = os.waitpid(pid, 0)
    how = "killed" if os.WIFSIGNALED(status) else "done" if os.WEXITSTATUS(status) == 0 else "failed"
    return {"ended": how, "seconds": time.monotonic() - started}


def main() -> None:
    """Serve until the other side closes."""
    for line in sys.stdin:
        sys.stdout.write(json.dumps(answer(json.loads(line))) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
