"""Tell people that a flow failed, by the Prefect block that the settings name."""

from __future__ import annotations

from typing import Any, Protocol, cast

from prefect import Flow, State
from prefect.blocks.core import Block
from prefect.client.schemas.objects import FlowRun
from prefect.logging import get_logger

from segment.exceptions import SegmentError
from segment.settings import Settings


class _Block(Protocol):
    """What Prefect's notification blocks share, called without an event loop."""

    def notify(self, body: str, subject: str | None = None) -> None: ...


def notify_failure(flow: Flow[Any, Any], flow_run: FlowRun, state: State[Any]) -> None:
    """Tell the settings' notification block which run failed and why, without data of customers.

    A block that is away or does not exist leaves a warning in the log: the run's own failure must stay visible.
    """
    name = Settings().notify_block
    if name is None:
        return
    try:
        block = cast(_Block, Block.load(name))
        block.notify(body=_text(flow_run, state), subject=f"segment: {flow.name} failed")
    except Exception as error:  # each block's service has errors of its own, which may quote its address
        get_logger("segment").warning("The notification block did not take the message: %s.", type(error).__name__)


def _text(run: FlowRun, state: State[Any]) -> str:
    error = state.result(raise_on_failure=False)
    message = str(error) if isinstance(error, SegmentError) else f"It ended as {state.name}."
    return f"Run {run.name} of {run.id}. The tiers published last stay in place.\n{message}"
