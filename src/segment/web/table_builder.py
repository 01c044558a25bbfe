"""Builds the page's copy of the published tiers beside the requests: at the start, and where it was dropped."""

from __future__ import annotations

import logging
from threading import Lock, Thread

from segment.exceptions import SegmentError
from segment.warehouse.serving_copy import ServingCopy, build_serving_copy, current_copy
from segment.workspace import Workspace

_log = logging.getLogger("segment.web")


class NotReady(Exception):
    """The copy is not there yet."""


class TableBuilder:
    """Builds one copy at a time."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace, self._alone = workspace, Lock()

    def start(self) -> None:
        """Begin to build, unless that goes on already."""
        if self._alone.acquire(blocking=False):
            Thread(target=self._build, daemon=True).start()

    def copy(self) -> ServingCopy:
        """Find the copy that is current."""
        copy = current_copy(self._workspace)
        if copy is None:
            raise NotReady
        return copy

    def _build(self) -> None:
        try:
            build_serving_copy(self._workspace)
        except SegmentError as fault:
            _log.warning("%s", fault)
        finally:
            self._alone.release()
