"""Work that takes longer than a page: it goes on beside the requests, and its page says how far it is."""

from __future__ import annotations

import logging
import time
import traceback
from collections import OrderedDict
from collections.abc import Callable, Sequence
from contextvars import copy_context
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock, Thread
from typing import Final

from segment.exceptions import SegmentError
from segment.messages import Message
from segment.system_errors import as_refusal
from segment.web.passwords import new_secret

MOST_KEPT: Final = 200
MOST_AT_ONCE: Final = 2
_log = logging.getLogger("segment.web")


class TooBusy(Exception):
    """As much goes on as may."""


@dataclass
class Work:
    """Something that goes on, or has ended."""

    owner: str
    started: float = field(default_factory=time.monotonic)
    ended: float | None = None
    said: Sequence[Message | str] = ()  # What came of it
    fault: str | None = None  # Why nothing came of it; empty: it is in the log

    @property
    def seconds(self) -> int:
        """How long it took, or has taken so far."""
        return int((self.ended or time.monotonic()) - self.started)


class Background:
    """Runs a little at a time, and remembers what came of it until the server ends."""

    def __init__(self) -> None:
        self._work: OrderedDict[str, Work] = OrderedDict()
        self._lock = Lock()

    def start(self, owner: str, act: Callable[[], Sequence[Message | str]]) -> str:
        """Begin, and return the name to ask by; whoever acts is who began it."""
        with self._lock:
            if sum(work.ended is None for work in self._work.values()) >= MOST_AT_ONCE:
                raise TooBusy
            name, work = new_secret(), Work(owner)
            self._work[name] = work
            while len(self._work) > MOST_KEPT:
                self._work.popitem(last=False)
        Thread(target=copy_context().run, args=(_run, work, act), daemon=True).start()
        return name

    def find(self, owner: str, name: str) -> Work | None:
        """Find what somebody began; of others there is nothing to find."""
        work = self._work.get(name)
        return work if work is not None and work.owner == owner else None


def _run(work: Work, act: Callable[[], Sequence[Message | str]]) -> None:
    try:
        work.said = list(act())
    except SegmentError as fault:
        work.fault = str(fault)
    except Exception as fault:
        refusal = as_refusal(fault)
        work.fault = str(refusal) if refusal is not None else ""
        if refusal is None:
            log_place(fault)
    finally:
        work.ended = time.monotonic()


def log_place(fault: BaseException) -> None:
    """Log where something went wrong, and nothing of what it was about."""
    place = traceback.extract_tb(fault.__traceback__)[-1]
    _log.error("%s in %s (%s:%s)", type(fault).__name__, place.name, Path(place.filename).name, place.lineno)
