"""Does each pair of acts at the same moment, again and again; says where that ended as no order of the two would."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from segment.exceptions import SegmentError
from tests.faults.acts import TOGETHER, before_both
from tests.faults.every_step import forked, state


def main(tries: int, folder: Path) -> dict[str, object]:
    at, kept = folder / "at", folder / "kept"
    at.mkdir(parents=True)
    ended, said = forked(partial(before_both, at))
    assert ended == "done", said
    shutil.copytree(at, kept)

    def back() -> None:
        shutil.rmtree(at)
        shutil.copytree(kept, at)

    def after(*names: str) -> list[str]:
        back()
        ended, said = forked(lambda: [*(refused(TOGETHER[name], at) for name in names), state(at)])
        assert ended == "done", said
        return list(json.loads(said)[-1])

    wrong, pairs = [], list(itertools.combinations_with_replacement(TOGETHER, 2))
    for one, other in pairs:
        expected = [after(one, other), after(other, one), after(one), after(other)]
        for number in range(tries):
            back()
            said = both(TOGETHER[one], TOGETHER[other], at, folder / "go")
            ended, held = forked(partial(state, at))
            whole = expected[:2] if not any(said) else expected
            if ended != "done" or json.loads(held) not in whole:
                wrong.append([one, other, number, said, held[-600:]])
    return {"pairs": len(pairs), "tries": tries * len(pairs), "wrong": wrong}


def refused(act: Callable[[Path], object], folder: Path) -> str:
    """Do an act; say why it was refused, if it was."""
    try:
        act(folder)
    except SegmentError as fault:
        return str(fault)
    return ""


def both(one: Callable[[Path], object], other: Callable[[Path], object], folder: Path, gate: Path) -> list[str]:
    """Start both, let them go at the same moment, and wait for both."""
    gate.unlink(missing_ok=True)

    def wait_and_do(act: Callable[[Path], object], answer: Path) -> None:
        while not gate.exists():
            time.sleep(0.0005)
        answer.write_text(refused(act, folder))

    answers = [gate.with_name(f"answer-{number}") for number in range(2)]
    pids = []
    for act, answer in zip((one, other), answers, strict=True):
        answer.unlink(missing_ok=True)
        pid = os.fork()
        if pid == 0:
            wait_and_do(act, answer)
            os._exit(0)
        pids.append(pid)
    gate.touch()
    for pid in pids:
        os.waitpid(pid, 0)
    return [answer.read_text() if answer.exists() else "died" for answer in answers]


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(int(sys.argv[1]), Path(sys.argv[2]))))
