"""Builds the page's copy of the published tiers beside the requests: at the start, and where it was dropped."""

from __future__ import annotations

import logging
from threading import Lock, Thread

from segment.exceptions import SegmentError
from segment.jobs.publish.build_serving_copy import build_serving_copy
from segment.warehouse.serving_copy import ServingCopy, current_copy
from segment.warehouse.serving_ledger import ledger_stamp
from segment.workspace import Workspace

_log = logging.getLogger("segment.web")


class NotReady(Exception):
    """The copy is not there yet."""


class TableBuilder:
    """Builds one copy at a time."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace, self._alone = workspace, Lock()
        self._tried = ""  # Stamp of the ledger's tables that a copy was last begun for

    def start(self) -> None:
        """Begin to build, unless that goes on already."""
        if self._alone.acquire(blocking=False):
            Thread(target=self._build, daemon=True).start()

    def copy(self) -> ServingCopy:
        """Find the copy that is current; one whose ledger was extracted anew is built again meanwhile."""
        copy = current_copy(self._workspace)
        if copy is None:
            raise NotReady
        stamp = ledger_stamp(self._workspace)
        if stamp not in (copy.made_of[0], self._tried):
            self._tried = stamp
            self.start()
        return copy

    def _build(self) -> None:
        try:
            build_serving_copy(self._workspace)
        except SegmentError as fault:
            _log.warning("%s", fault)
        finally:
            self._alone.release()
